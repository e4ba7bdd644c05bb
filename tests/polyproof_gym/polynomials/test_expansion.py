import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym.polynomials import Polynomial, Rational, Ring
from polyproof_gym.polynomials.expansion import (
    MAX_EXPONENT,
    MAX_TERMS,
    Expansion,
    Refusal,
    Terms,
    check_digits,
    substituted,
)
from tests.polyproof_gym.polynomials.strategies import polynomials_of_one_ring

RING = Ring([f"x{i}" for i in range(60)])
X, Y = (Polynomial.variable(RING, i) for i in range(2))


@settings(deadline=None, max_examples=100)
@given(polynomials_of_one_ring(2), st.integers(0, 4))
def test_the_arithmetic_is_that_of_polynomials(case: tuple[Polynomial, ...], exponent: int) -> None:
    p, q = case
    expansion = Expansion(p.ring)
    total = dict(p.terms)
    expansion.add(total, q.terms, -1)
    assert expansion.polynomial(total) == p - q
    assert expansion.polynomial(expansion.negative(p.terms)) == -p
    assert expansion.polynomial(expansion.multiply(p.terms, q.terms)) == p * q
    assert expansion.polynomial(expansion.power(p.terms, exponent)) == p**exponent
    assert expansion.polynomial(expansion.divide(p.terms, expansion.constant(Fraction(-2, 3)))) == p * Fraction(-3, 2)


def test_numbers_of_many_denominators_stay_exact() -> None:
    """Common denominators are a shortcut that is not taken where they would be long."""
    p = Polynomial(RING, {(i,): Fraction(1, 10**40 + 2 * i + 1) for i in range(30)})
    expansion = Expansion(RING)
    square = expansion.polynomial(expansion.power(p.terms, 2))
    assert square == p * p == expansion.polynomial(expansion.multiply(p.terms, p.terms))
    assert square.terms[0, 1] == Fraction(2, (10**40 + 1) * (10**40 + 3))


@pytest.mark.parametrize(
    ("base", "exponent", "reason"),
    [
        (X, -1, "negative powers"),
        (Polynomial(RING, {}), -1, "negative powers"),
        (X + Y, -1, "negative powers"),
        (X, Fraction(1, 2), "roots"),
        (Polynomial.constant(RING, 4), Fraction(1, 2), "roots"),
        (X, MAX_EXPONENT + 1, "degree 60"),
        (X, 10**900, "degree 60"),
        (X * X + 1, MAX_EXPONENT // 2 + 1, "degree 60"),
        (Polynomial.constant(RING, 2), 10**900, "1000 digits"),
        (Polynomial.constant(RING, Fraction(1, 3)), 10**900, "1000 digits"),
        (sum((Polynomial.variable(RING, i) for i in range(60)), X), 6, "100000 terms"),
        (X + Y + Polynomial.variable(RING, 2) + 1, 60, "products of terms"),
        (X + 10**999, 60, "1000 digits"),
    ],
)
def test_powers_that_are_refused(base: Polynomial, exponent: Rational, reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        Expansion(RING).power(base.terms, exponent)


@pytest.mark.parametrize(
    ("base", "exponent", "power"),
    [
        ({(): 2}, -3, {(): Fraction(1, 8)}),
        ({(): -1}, 10**900, {(): 1}),
        ({}, 0, {(): 1}),
        ({}, 10**900, {}),
        ({(0,): 3}, 2, {(0, 0): 9}),
        ({(0,): 1, (1,): -1}, 1, {(0,): 1, (1,): -1}),
    ],
)
def test_special_powers(base: Terms, exponent: Rational, power: Terms) -> None:
    assert Expansion(RING).power(base, exponent) == power


@pytest.mark.parametrize("divisor", [{}, {(0,): 1}, {(): 1, (0,): 1}])
def test_division_is_by_nonzero_numbers_only(divisor: Terms) -> None:
    with pytest.raises(Refusal, match="expected a nonzero number as divisor"):
        Expansion(RING).divide({(0,): 1}, divisor)


def test_work_adds_up() -> None:
    expansion = Expansion(RING)
    terms: Terms = {(i, j): 1 for i in range(24) for j in range(i, 24)}
    square = expansion.multiply(terms, terms)
    assert len(square) == math.comb(27, 4)
    with pytest.raises(Refusal, match="products of terms"):
        expansion.multiply(square, terms)


def test_long_numbers_are_refused() -> None:
    assert check_digits(10**1000 - 1) == 10**1000 - 1
    for number in (10**1001, Fraction(1, 10**1001)):
        with pytest.raises(Refusal, match="1000 digits"):
            check_digits(number)


def test_substitution_within_the_limits() -> None:
    images = [2 * x - 1 for x in (Polynomial.variable(RING, i) for i in range(60))]
    p = (X + Y + 1) ** 20
    assert substituted(p, images) == (2 * X + 2 * Y - 1) ** 20
    assert substituted(p, [Polynomial(RING, {}), *images[1:]]) == (2 * Y) ** 20
    with pytest.raises(Refusal, match="100000 terms"):
        substituted(Polynomial(RING, {tuple(range(math.ceil(math.log2(MAX_TERMS)))): 1}), images)
    with pytest.raises(Refusal, match="products of terms"):
        substituted(Polynomial(RING, {tuple(range(60)): 1}), images)
    with pytest.raises(Refusal, match="digits"):
        substituted(X**60, [x * Fraction(1, 10**999) for x in images])
