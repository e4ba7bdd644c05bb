import copy
import math
import pickle
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym.polynomials import Polynomial, Rational, Ring, parse_polynomial, rational
from tests.polyproof_gym.polynomials.strategies import (
    ANYWHERE,
    COEFFICIENTS,
    IN_UNIT_INTERVAL,
    points,
    polynomials,
    polynomials_of_one_ring,
)

FREE = Ring(["x1", "x2", "x3"])
BOOLEAN = Ring(["x1", "x2", "x3"], idempotent=range(3), exclusive=[(0, 1)])


def free(text: str) -> Polynomial:
    return parse_polynomial(text, FREE)


@settings(deadline=None, max_examples=100)
@given(polynomials_of_one_ring(3))
def test_polynomials_form_a_commutative_ring(case: tuple[Polynomial, ...]) -> None:
    a, b, c = case
    zero, one = Polynomial(a.ring, {}), Polynomial.constant(a.ring, 1)
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a * b == b * a
    assert (a * b) * c == a * (b * c)
    assert a * (b + c) == a * b + a * c
    assert a + zero == a * one == a
    assert a - a == a * zero == zero
    assert a - b == -(b - a)


@settings(deadline=None, max_examples=60)
@given(polynomials_of_one_ring(1), COEFFICIENTS, st.integers(0, 3))
def test_numbers_and_powers_agree_with_polynomials(
    case: tuple[Polynomial, ...], number: Rational, exponent: int
) -> None:
    (p,) = case
    constant = Polynomial.constant(p.ring, number)
    assert p + number == number + p == p + constant
    assert p * number == number * p == p * constant
    assert p - number == -(number - p) == p - constant
    assert p ** (exponent + 1) == p**exponent * p


@settings(deadline=None, max_examples=100)
@given(polynomials_of_one_ring(1), st.data())
def test_times_variable_and_times_complement_split_a_polynomial(
    case: tuple[Polynomial, ...], data: st.DataObject
) -> None:
    (p,) = case
    i = data.draw(st.integers(0, p.ring.num_variables - 1))
    x = Polynomial.variable(p.ring, i)
    assert p.times_variable(i) == p * x
    assert p.times_complement(i) == p * (1 - x)
    assert p.times_variable(i) + p.times_complement(i) == p


@settings(deadline=None, max_examples=100)
@given(polynomials_of_one_ring(2), st.data())
def test_evaluation_at_points_of_the_ring_is_a_homomorphism(case: tuple[Polynomial, ...], data: st.DataObject) -> None:
    p, q = case
    point = data.draw(points(p.ring, ANYWHERE))
    assert (p + q).evaluate(point) == p.evaluate(point) + q.evaluate(point)
    assert (p * q).evaluate(point) == p.evaluate(point) * q.evaluate(point)
    assert Polynomial.variable(p.ring, 0).evaluate(point) == point[0]
    assert Polynomial.constant(p.ring, 7).evaluate(point) == 7


@settings(deadline=None, max_examples=100)
@given(polynomials_of_one_ring(1), st.data())
def test_bound_from_signs_is_below_every_value_on_the_unit_box(
    case: tuple[Polynomial, ...], data: st.DataObject
) -> None:
    (p,) = case
    point = data.draw(points(p.ring, IN_UNIT_INTERVAL))
    assert p.lower_bound_on_unit_box() <= p.evaluate(point)


@settings(deadline=None, max_examples=60)
@given(polynomials_of_one_ring(4), st.data())
def test_substitution_replaces_every_variable(case: tuple[Polynomial, ...], data: st.DataObject) -> None:
    """Whatever ring the polynomial is of, its terms are sums of products of the images."""
    images = list(case[:-1])
    source = Ring(["a", "b", "c"])
    p = data.draw(polynomials(source))
    expected = Polynomial(images[0].ring, {})
    for monomial, coefficient in p.terms.items():
        expected += math.prod((images[i] for i in monomial), start=Polynomial.constant(expected.ring, coefficient))
    assert p.substitute(images) == expected


def test_substitution_keeps_the_order_of_the_terms() -> None:
    """Linear programs have many best solutions, and which one is found depends on the order of rows and columns."""
    identity = [Polynomial.variable(FREE, i) for i in range(3)]
    p = free("x3 + x1*x2 - 2*x2^2 + 1 + x1")
    assert [*p.substitute(identity).terms] == [*p.terms] == [(2,), (0, 1), (1, 1), (), (0,)]
    moved = [2 * x - 1 for x in identity]
    assert [*free("x2 + 2 x1*x2").substitute(moved).terms] == [(1,), (), (0, 1), (0,)]


@pytest.mark.parametrize(
    ("text", "bound"), [("3", 3), ("-1/2", Fraction(-1, 2)), ("1 - x1 - 2*x2 + x3", -2), ("x1^2 + x2", 0), ("0", 0)]
)
def test_bound_from_signs(text: str, bound: Rational) -> None:
    assert free(text).lower_bound_on_unit_box() == bound


@settings(deadline=None, max_examples=100)
@given(polynomials_of_one_ring(1), st.fractions(min_value="1/9", max_value=9, max_denominator=9))
def test_primitive_is_the_coprime_integer_multiple(case: tuple[Polynomial, ...], factor: Fraction) -> None:
    (p,) = case
    primitive = p.primitive()
    assert (p * factor).primitive() == primitive == primitive.primitive()
    assert all(type(c) is int for c in primitive.terms.values())
    assert primitive.terms.keys() == p.terms.keys()
    if p:
        assert math.gcd(*(int(c) for c in primitive.terms.values())) == 1
        ratios = {Fraction(c) / Fraction(p.terms[m]) for m, c in primitive.terms.items()}
        assert len(ratios) == 1
        assert ratios.pop() > 0


@settings(deadline=None, max_examples=60)
@given(polynomials_of_one_ring(2))
def test_copies_are_equal_and_hash_equal(case: tuple[Polynomial, ...]) -> None:
    p, q = case
    for other in (copy.copy(p), copy.deepcopy(p), pickle.loads(pickle.dumps(p)), p + q - q):
        assert other == p
        assert hash(other) == hash(p)
        assert other.ring == p.ring


@settings(deadline=None, max_examples=60)
@given(polynomials_of_one_ring(2))
def test_degree_and_size_of_sums_and_products(case: tuple[Polynomial, ...]) -> None:
    p, q = case
    assert (p + q).degree <= max(p.degree, q.degree)
    assert (p * q).degree <= p.degree + q.degree
    assert bool(p) == (len(p) > 0) == (p != Polynomial(p.ring, {}))
    assert dict(p.sorted_terms()) == p.terms
    assert 0 not in p.terms.values()


def test_rewriting_rules_simplify() -> None:
    x1, x2, x3 = (Polynomial.variable(BOOLEAN, i) for i in range(3))
    assert x1 * x1 == x1
    assert not x1 * x2
    assert (x1 + x2) ** 2 == x1 + x2
    assert (1 - x1) * (1 - x2) == 1 - x1 - x2
    assert (1 - x1 - x2) * (1 - x3) == 1 - x1 - x2 - x3 + x1 * x3 + x2 * x3


def test_of_adds_equal_monomials_and_drops_zeros() -> None:
    assert Polynomial.of(FREE, [((1, 0), 2), ((0, 1), -2), ((), 3)]) == Polynomial.constant(FREE, 3)
    assert Polynomial.of(BOOLEAN, [((0, 1), 5), ((2, 2), 1), ((2,), 1)]) == 2 * Polynomial.variable(BOOLEAN, 2)


def test_constant_term_and_degree() -> None:
    p = free("x1^2*x2 - 7/2")
    assert p.degree == 3
    assert p.constant_term == Fraction(-7, 2)
    assert Polynomial(FREE, {}).degree == Polynomial(FREE, {}).constant_term == 0


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("0", "0"),
        ("1 - x1 - x2", "1 - x1 - x2"),
        ("x2 + x1", "x1 + x2"),
        ("x1^2 - 1/2*x2 + 1", "x1^2 - 1/2*x2 + 1"),
        ("-x1", "-x1"),
        ("x1 x1 x3 * 2", "2*x1^2*x3"),
        ("-1", "-1"),
    ],
)
def test_text_form(text: str, printed: str) -> None:
    assert str(free(text)) == printed


def test_polynomials_of_different_rings_do_not_mix() -> None:
    p, q = Polynomial.variable(FREE, 0), Polynomial.variable(BOOLEAN, 0)
    assert p != q
    with pytest.raises(ValueError, match="different rings"):
        p + q
    with pytest.raises(ValueError, match="different rings"):
        p * q


def test_negative_powers_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        free("x1") ** -1


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        (0.1, Fraction(1, 10)),
        ("0.835634534", Fraction(835634534, 10**9)),
        ("1e-3", Fraction(1, 1000)),
        ("-2159/1500", Fraction(-2159, 1500)),
        (Decimal("0.3"), Fraction(3, 10)),
        (np.float64(0.7), Fraction(7, 10)),
        (np.float32(0.7), Fraction(7, 10)),
        (1e22, 10**22),
        (Fraction(4, 2), 2),
        (True, 1),
        (np.int64(3), 3),
    ],
)
def test_numbers_are_read_exactly(value: Any, exact: Rational) -> None:
    assert rational(value) == exact
    assert type(rational(value)) is type(exact)


def test_numbers_of_fixed_width_do_not_overflow_later() -> None:
    assert rational(np.int64(2**62)) * 4 == 2**64  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value", ["nan", "inf", float("inf"), float("nan"), "1/0", "", "two", "1e", "e5", None, [1], 1j, np.float32("inf")]
)
def test_what_is_no_finite_number_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="expected a finite number"):
        rational(value)
