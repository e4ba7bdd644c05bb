# ruff: noqa: RUF001  (characters that look like others are what the language is tested with)
import math
from collections import OrderedDict
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import (
    Polynomial,
    Rational,
    Ring,
    canonical_name,
    names_in,
    read_constraint,
    read_number,
    read_polynomial,
)
from tests.polyproof_gym.polynomials.strategies import any_text, polynomials, value_or_line

RING = Ring(["x", "y"])
X, Y = (Polynomial.variable(RING, i) for i in range(2))
SX, SY = sympy.symbols("x y")


class Rude:
    """An object that cannot even be printed."""

    def __repr__(self) -> str:
        raise RuntimeError("not today")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x^2 - y/2", X**2 - Y * Fraction(1, 2)),
        (np.str_("x*y"), X * Y),
        (SX**2 - SY / 2, X**2 - Y * Fraction(1, 2)),
        (sympy.Poly(SX * SY, SX), X * Y),
        (X - Y, X - Y),
        ({(2, 0): 1, (0, 1): "-1/2"}, X**2 - Y * Fraction(1, 2)),
        (OrderedDict({(1, 1): 0.1}), X * Y * Fraction(1, 10)),
        ({(np.int64(1), 0): np.float64(0.5), (0, 0): Decimal("0.1")}, X * Fraction(1, 2) + Fraction(1, 10)),
        ({(1, 0): sympy.Rational(1, 3), (0, 1): np.int64(-2)}, X * Fraction(1, 3) - 2 * Y),
        (sympy.Poly(SX**2 + 3 * SY, SX, SY).as_dict(), X**2 + 3 * Y),
        ({(1, 0): 0}, Polynomial(RING, {})),
        ({}, Polynomial(RING, {})),
    ],
)
def test_a_polynomial_may_be_given_in_many_ways(value: Any, expected: Polynomial) -> None:
    assert read_polynomial(value, RING) == expected


NUMBERS: list[tuple[Any, Rational]] = [
    (3, 3),
    (-0.1, Fraction(-1, 10)),
    (Fraction(1, 3), Fraction(1, 3)),
    (Decimal("0.1"), Fraction(1, 10)),
    (np.int64(2**62), 2**62),
    (np.float64(0.1), Fraction(1, 10)),
    (np.float32(0.1), Fraction(1, 10)),
    (sympy.Rational(1, 3), Fraction(1, 3)),
    (sympy.Float(0.1), Fraction(1, 10)),
    ("−1/3", Fraction(-1, 3)),
    ("1e-3", Fraction(1, 1000)),
    ("2^10 - 1", 1023),
    ("½", Fraction(1, 2)),
    (10**1000 - 1, 10**1000 - 1),
]


@pytest.mark.parametrize(("value", "expected"), NUMBERS)
def test_numbers(value: Any, expected: Rational) -> None:
    assert read_number(value) == expected
    assert type(read_number(value)) is type(expected)
    assert read_polynomial(value, RING) == Polynomial.constant(RING, expected)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (math.nan, "a finite number"),
        (-math.inf, "a finite number"),
        (Decimal("sNaN"), "a finite number"),
        (np.float64("inf"), "a finite number"),
        (1j, "expected a number, got a value of type complex"),
        (True, "got a value of type bool"),
        (np.bool_(False), "got a value of type bool"),
        (np.timedelta64(1), "got a value of type timedelta64"),
        (np.array([1.0]), "got a value of type ndarray"),
        (None, "expected a number, got None"),
        ([1], "got a value of type list"),
        (b"1", "got a value of type bytes"),
        (Rude(), "got a value of type Rude"),
        (10**1001, "1000 digits"),
        (Fraction(1, 10**1001), "1000 digits"),
        (Decimal("1e100000"), "1000 digits"),
        (sympy.pi, "pi is not a rational number"),
        (SX, "expected a number, got 'x'"),
        ("x", "column 1: expected a number, got 'x'"),
        ("pi", "column 1: pi is neither"),
        ("", "column 1: expected a number"),
        ("1 <= 2", "column 3: "),
    ],
)
def test_what_is_no_rational_number_is_refused(value: Any, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        read_number(value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "expected a polynomial as text, .* got None"),
        ([1, 2], "got a value of type list"),
        (True, "got a value of type bool"),
        (Rude(), "got a value of type Rude"),
        (b"x", "got a value of type bytes"),
        (RING, "got a value of type Ring"),
        (str, "got a value of type type"),
        (1j, "got a value of type complex"),
        (Polynomial.variable(Ring(["x"]), 0), "one of a different ring"),
        (Polynomial.variable(Ring(["x", "y"], idempotent=[0]), 0), "one of a different ring"),
        ({(1,): 1}, r"expected 2 exponents, one for each variable, as the key of a term, got \(1,\)"),
        ({1: 1}, "expected 2 exponents"),
        ({"x": 1}, "got a value of type str"),
        ({SX: 1}, "got a value of type Symbol"),
        ({(1.0, 0): 1}, r"got \(1.0, 0\)"),
        ({(True, 0): 1}, "got a value of type tuple"),
        ({(1, Rude()): 1}, "got a value of type tuple"),
        ({(10**5000, 0, 1): 1}, "got a value of type tuple"),
        ({(-1, 0): 1}, "negative powers"),
        ({(60, 1): 1}, "above degree 60"),
        ({(10**5000, 0): 1}, "above degree 60"),
        ({(1, 0): "y"}, r"the coefficient of \(1, 0\): column 1: expected a number, got 'y'"),
        ({(1, 0): None}, r"the coefficient of \(1, 0\): expected a number, got None"),
        ({(1, 0): math.nan}, "a finite number"),
        ({(1, 0): sympy.pi}, "pi is not a rational number"),
        (dict.fromkeys(range(100_001)), "100000 terms"),
    ],
)
def test_what_is_no_polynomial_is_refused(value: Any, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        read_polynomial(value, RING)


def test_one_variable_needs_no_tuples() -> None:
    ring = Ring(["x"])
    x = Polynomial.variable(ring, 0)
    assert read_polynomial({2: 1, np.int64(1): 3, 0: -1}, ring) == x**2 + 3 * x - 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0 <= x + y <= 1", [X + Y, 1 - X - Y]),
        (SX >= SY, [X - Y]),
        (sympy.Eq(SX, 1), [X - 1, 1 - X]),
        (sympy.true, []),
        (sympy.false, [Polynomial.constant(RING, -1)]),
        ({(1, 0): 1, (0, 0): -1}, [X - 1]),
        (X - Y, [X - Y]),
    ],
)
def test_a_constraint_may_be_given_in_many_ways(value: Any, expected: list[Polynomial]) -> None:
    assert read_constraint(value, RING) == expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (SX == 1, "Python has compared the two sides itself; write sympy.Eq"),
        (np.bool_(True), "Python has compared"),
        ("x", "expected '>=', '<=' or '=='"),
        (SX, "expected a relation"),
        (SX < 1, "a set without its boundary"),
        (3, "got a value of type int"),
        (None, "got None"),
        ([SX >= 1], "got a value of type list"),
        ({(1,): 1}, "expected 2 exponents"),
        (Rude(), "got a value of type Rude"),
    ],
)
def test_what_is_no_constraint_is_refused(value: Any, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        read_constraint(value, RING)


@pytest.mark.parametrize(
    ("value", "name"),
    [("x[1]", "x_1"), ("x₁", "x_1"), (sympy.Symbol("x_{1}"), "x_1"), (sympy.IndexedBase("x")[1], "x_1"), (SX, "x")],
)
def test_canonical_names(value: Any, name: str) -> None:
    assert canonical_name(value) == name


@pytest.mark.parametrize("value", ["x + y", "", 1, None, sympy.pi, SX + 1, Rude(), ("x",), b"x"])
def test_what_names_no_variable_is_refused(value: Any) -> None:
    with pytest.raises(BadInput, match=r"^expected "):
        canonical_name(value)


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("x10*x2 <= x[1]", ["x2", "x10", "x_1"]),
        (sympy.Symbol("x10") * sympy.Symbol("x2") >= SY, ["x2", "x10", "y"]),
        (Polynomial.variable(Ring(["b", "a"]), 0), ["b", "a"]),
        ({(1, 0): 1}, []),
        (3, []),
        ("pi*e", ["e", "pi"]),
    ],
)
def test_names_in_values(value: Any, names: list[str]) -> None:
    assert names_in(value) == names


@pytest.mark.parametrize("value", [None, [1], Rude(), "exp(x)", "x $ y", sympy.Symbol("a b")])
def test_what_cannot_be_read_has_no_names(value: Any) -> None:
    with pytest.raises(BadInput, match=r"expected|is a function"):
        names_in(value)


def any_value() -> st.SearchStrategy[Any]:
    """Values of many types: some polynomials and constraints among them."""
    numbers = st.one_of(
        st.integers(),
        st.floats(),
        st.fractions(),
        st.decimals(),
        st.booleans(),
        st.complex_numbers(),
        st.sampled_from([np.int8(3), np.uint64(2**64 - 1), np.float16(0.1), np.longdouble("0.1"), np.bool_(True)]),
        st.fractions(1, 3).map(lambda number: number * 10**5000),
        st.sampled_from([np.datetime64(1, "s"), np.timedelta64(1, "s"), np.complex64(1)]),
    )
    exponents = st.one_of(
        st.tuples(st.integers(-1, 40), st.integers(0, 40)), st.integers(-1, 70), any_text(), st.floats()
    )
    leaves = st.one_of(
        numbers,
        any_text(),
        st.none(),
        st.binary(max_size=3),
        polynomials(RING),
        st.sampled_from([Rude(), Rude, SX, SX >= 1, SX**SY, np.zeros(2), np.array(1), RING, len, ..., NotImplemented]),
    )
    keys = st.one_of(exponents, st.sampled_from([SX, None, (), (SX, SY)]))
    dictionaries = st.dictionaries(keys, leaves, max_size=3)
    return st.one_of(leaves, dictionaries, st.lists(leaves, max_size=2), st.sets(st.integers(), max_size=2))


def check_any_value(value: Any) -> None:
    for ring in (RING, Ring(["x"]), Ring(())):
        read = value_or_line(read_polynomial, value, ring)
        assert isinstance(read, str) or (isinstance(read, Polynomial) and read.ring == ring)
        value_or_line(read_constraint, value, ring)
    for read in (read_number, names_in, canonical_name):
        value_or_line(read, value)


@settings(deadline=None, max_examples=200)
@given(any_value())
def test_any_value_is_read_or_bad_input(value: Any) -> None:
    check_any_value(value)


@pytest.mark.slow
@settings(deadline=None, max_examples=20_000)
@given(any_value())
def test_any_value_is_read_or_bad_input_in_many_cases(value: Any) -> None:
    check_any_value(value)
