import re
from fractions import Fraction
from typing import Any

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import (
    Polynomial,
    Rational,
    Ring,
    from_sympy,
    parse_constraint,
    parse_polynomial,
    variable_names,
)
from tests.polyproof_gym.polynomials.strategies import free_rings, polynomials, polynomials_of_one_ring

RING = Ring(["x1", "x2", "x10"])
X1, X2, X10 = (Polynomial.variable(RING, i) for i in range(3))
S1, S2, S10 = sympy.symbols("x1 x2 x10")


def parse(text: str) -> Polynomial:
    return parse_polynomial(text, RING)


@settings(deadline=None, max_examples=150)
@given(polynomials_of_one_ring(1))
def test_a_printed_polynomial_reads_back(case: tuple[Polynomial, ...]) -> None:
    (p,) = case
    assert parse_polynomial(str(p), p.ring) == p


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.835634534", Fraction(835634534, 10**9)),
        ("0.1", Fraction(1, 10)),
        (".5", Fraction(1, 2)),
        ("2.", 2),
        ("1e-3", Fraction(1, 1000)),
        ("2.5E+2", 250),
        ("1/3", Fraction(1, 3)),
        ("-2^2", -4),
        ("(-2)^2", 4),
        ("2*3^2", 18),
        ("2**3", 8),
        ("2^0", 1),
        ("1 - 2 - 3", -4),
        ("2 - 3*4", -10),
        ("12/2/3", 2),
        ("1/2^2", Fraction(1, 4)),
        ("1/2*4", 2),
        ("1/-4", Fraction(-1, 4)),
        ("6/(1+2)", 2),
        ("2(3+4)", 14),
        ("--3", 3),
        ("-+-+-3", -3),
        ("2*-3", -6),
        ("1 - -1", 2),
        ("((((7))))", 7),
        ("0" * 400 + "9" * 400, 10**400 - 1),
    ],
)
def test_numbers_and_precedence(text: str, value: Rational) -> None:
    assert parse(text) == Polynomial.constant(RING, value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 x1 x2", 2 * X1 * X2),
        ("2x1(x2 + 1)", 2 * X1 * X2 + 2 * X1),
        ("(x1 + 1)(x1 - 1)", X1**2 - 1),
        ("x1 2", 2 * X1),
        ("x1 -x2", X1 - X2),
        ("-x1^2", -(X1**2)),
        ("x1**2 - x1^2", Polynomial(RING, {})),
        ("x1/3 + 4*x2/3", X1 * Fraction(1, 3) + X2 * Fraction(4, 3)),
        ("1/2 x1", X1 * Fraction(1, 2)),
        ("x10", X10),
        ("3e2x1", 300 * X1),
        ("x1^2 + 2 x1 x2 - 0.5*(x2 - 1/3)**3", X1**2 + 2 * X1 * X2 - Fraction(1, 2) * (X2 - Fraction(1, 3)) ** 3),
        ("\tx1\n + x2 ", X1 + X2),
        ("x1^60", X1**60),
        ("(" * 50 + "x1" + ")" * 50, X1),
    ],
)
def test_polynomials_are_read_as_people_write_them(text: str, expected: Polynomial) -> None:
    assert parse(text) == expected


def test_many_signs_and_long_sums_are_no_trouble() -> None:
    assert parse("-" * 20_001 + "x1") == -X1
    assert parse("+".join(["x1"] * 5000)) == 5000 * X1


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("x1 + y", 6, "one of the variables x1, x2, x10, got 'y'"),
        ("x1²", 1, "one of the variables"),
        ("x1 +", 5, "got the end of the text"),
        ("x1 * * x2", 6, "got '*'"),
        ("", 1, "got the end of the text"),
        ("  ", 1, "got the end of the text"),
        ("x1 $ x2", 4, "got '$'"),
        ("x1, x2", 3, "got ','"),
        ("x1 + é", 6, "got 'é'"),
        ("x1\0", 3, "got '\\x00'"),
        ("1 / x1", 5, "nonzero number"),
        ("x1 / 0", 6, "nonzero number"),
        ("x1 / (x2 - x2)", 6, "nonzero number"),
        ("x1^61", 4, "exponents above 60"),
        ("x1^99999999999999999999", 4, "whole number as exponent"),
        ("x1^2^2", 5, "an operator or the end"),
        ("x1^-1", 4, "whole number as exponent"),
        ("x1^0.5", 4, "whole number as exponent"),
        ("x1^x2", 4, "whole number as exponent"),
        ("x1^²", 4, "got '²'"),
        ("(x1", 4, "')'"),
        ("x1)", 3, "got ')'"),
        ("x1 <= 1", 4, "got '<='"),
        ("1" * 1001, 1, "1000 digits"),
        ("1e1001", 1, "1000 digits"),
        ("1e-99999999999", 1, "1000 digits"),
    ],
)
def test_errors_are_one_line_with_the_column(text: str, column: int, expected: str) -> None:
    with pytest.raises(BadInput, match=re.escape(expected)) as error:
        parse(text)
    assert str(error.value).startswith(f"column {column}: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["(x1 + x2 + x10 + 1)^60", "(x1 + 1)^40 (x2 + 1)^40", "(((x1^9)^9)^9)^9"])
def test_polynomials_too_large_to_work_with_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"column \d+: polynomials above degree 60 or 100000 terms"):
        parse(text)


@pytest.mark.parametrize("text", ["((9^60)^60)^60", "(1e1000)^60", "((1/9^60)^60)^60"])
def test_powers_cannot_make_numbers_of_unlimited_size(text: str) -> None:
    """The limit on the digits of a number would be worth nothing, and such a polynomial cannot be printed."""
    with pytest.raises(BadInput):
        parse(text)


@pytest.mark.parametrize("text", ["1.2.3", "x1 + 1..5"])
def test_a_misprinted_decimal_is_no_product(text: str) -> None:
    with pytest.raises(BadInput, match="column"):
        parse(text)


@pytest.mark.parametrize("text", ["(" * 100_000, "(" * 20_000 + "x1" + ")" * 20_000, "-(" * 20_000])
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="nested"):
        parse(text)


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet="x12 0.9e+-*/^()<=>$²_y\n", max_size=12))
def test_any_text_is_a_polynomial_or_bad_input(text: str) -> None:
    try:
        result: object = parse(text)
    except BadInput as error:
        result = str(error)
        assert "\n" not in result
    assert isinstance(result, Polynomial | str)


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (["x10 + x2 + x1"], ["x1", "x2", "x10"]),
        (["b*a", "a + c >= 1"], ["a", "b", "c"]),
        (["x2y10 + x2y9 + x10y1"], ["x2y9", "x2y10", "x10y1"]),
        (["1 + 2"], []),
        (["2e3x"], ["x"]),
        (["x_1 + x_10 + x_9"], ["x_1", "x_9", "x_10"]),
    ],
)
def test_names_come_in_natural_order(texts: list[str], names: list[str]) -> None:
    assert variable_names(*texts) == names


@pytest.mark.parametrize("name", ["x1²", "x²", "x" + "1" * 5000])
def test_names_with_unusual_digits_have_an_order(name: str) -> None:
    assert sorted(variable_names(f"{name} + a")) == sorted(["a", name])


def test_order_of_names_with_leading_zeros_does_not_depend_on_hashes() -> None:
    """Text hashes differ from run to run, and with them the order of a set."""
    order = [variable_names(f"{letter}1 + {letter}01")[0][1:] for letter in "abcdefghijklmnopqrstuvwxyz"]
    assert len(set(order)) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x1 + x2 >= 1", [X1 + X2 - 1]),
        ("x1 + x2 <= 1", [1 - X1 - X2]),
        ("x1*x2 == 1/4", [X1 * X2 - Fraction(1, 4), Fraction(1, 4) - X1 * X2]),
        ("x1 = x2", [X1 - X2, X2 - X1]),
        ("1 <= 0", [Polynomial.constant(RING, -1)]),
    ],
)
def test_constraints(text: str, expected: list[Polynomial]) -> None:
    assert parse_constraint(text, RING) == expected


@pytest.mark.parametrize(
    ("text", "column"),
    [("x1 + x2", 8), ("x1 < 1", 4), ("0 <= x1 <= 1", 9), ("x1 >=", 6), (">= 1", 1), ("x1 >= y", 7), ("", 1)],
)
def test_bad_constraints(text: str, column: int) -> None:
    with pytest.raises(BadInput, match=f"^column {column}: expected"):
        parse_constraint(text, RING)


@settings(deadline=None, max_examples=40)
@given(free_rings().flatmap(polynomials))
def test_sympy_reads_a_printed_polynomial_to_the_same(p: Polynomial) -> None:
    expression = sympy.sympify(str(p).replace("^", "**"), rational=True)
    assert from_sympy(expression, p.ring) == p


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (S1**2 + S2 * S1 - S10, "x1^2 + x1 x2 - x10"),
        ((S1 + S2) ** 3, "(x1 + x2)^3"),
        (sympy.Integer(3), "3"),
        (sympy.Rational(1, 3) * S1, "x1/3"),
        (0.1 * S1 + 0.835634534 * S2, "0.1 x1 + 0.835634534 x2"),
        (0.1 * S1 + sympy.Rational(1, 3) * S2, "0.1 x1 + x2/3"),
        ((S1 + 0.1) ** 2, "(x1 + 0.1)^2"),
        ((S1 + 0.1) * (S2 - 0.7), "(x1 + 0.1) (x2 - 0.7)"),
        (sympy.sympify("0.12345678901234567890123*x1"), "0.12345678901234567890123 x1"),
        (sympy.Symbol("x1", positive=True) + S2, "x1 + x2"),
        (sympy.Poly(S1**2 + 1), "x1^2 + 1"),
    ],
)
def test_sympy_input_equals_text_input(expression: Any, text: str) -> None:
    assert from_sympy(expression, RING) == parse(text)


@pytest.mark.parametrize(
    "expression",
    [
        sympy.pi * S1,
        S1 + sympy.E,
        sympy.sin(S1),
        sympy.exp(S1),
        sympy.Abs(S1),
        sympy.sqrt(2) * S1,
        sympy.sqrt(S1),
        sympy.I * S1,
        1 / S1,
        S1**S2,
        S1 + sympy.oo,
        sympy.nan,
        S1 > 1,
        sympy.Eq(S1, 1),
    ],
    ids=str,
)
def test_sympy_expressions_that_are_no_rational_polynomials_are_refused(expression: Any) -> None:
    with pytest.raises(BadInput, match="expected a polynomial with rational coefficients"):
        from_sympy(expression, RING)


def test_unknown_sympy_symbol_is_named() -> None:
    with pytest.raises(BadInput, match=r"in x1, x2, x10, got the symbol 'z'"):
        from_sympy(S1 + sympy.Symbol("z"), RING)
