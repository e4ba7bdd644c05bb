from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym import BadInput, polynomial
from polyproof_gym.polynomials import Polynomial, Ring, parse_polynomial
from polyproof_gym.problems.progression import Progression, values_at_whole_numbers


@pytest.mark.parametrize(
    ("text", "offset", "step"),
    [
        ("a^2 + b^2 - 18*a - 6*b + 90", 90, 1),
        ("6*a - 4*b + 3", 3, 2),
        ("a^2 + a", 0, 2),
        ("a^3 - a + 1/2", Fraction(1, 2), 6),
        ("a*(a - 1)*b/2", 0, 1),
        ("(a + b)^2 + a + b", 0, 2),
        ("2*a*b/3 - 4*a*c + 1/5", Fraction(1, 5), Fraction(2, 3)),
        ("c^2 + c", 0, 2),
        ("7/3", Fraction(7, 3), 1),
    ],
)
def test_what_values_have_in_common(text: str, offset: Fraction, step: Fraction) -> None:
    ring = Ring(["a", "b", "c", "t"], idempotent=[2])
    assert values_at_whole_numbers(parse_polynomial(text, ring), {0, 1}) == (offset, step)


def test_other_variables_have_values_in_between() -> None:
    ring = Ring(["a", "b", "c", "t"], idempotent=[2])
    assert values_at_whole_numbers(parse_polynomial("a + t", ring), {0, 1}) is None
    assert values_at_whole_numbers(parse_polynomial("a*b", ring), {0}) is None


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(st.integers(0, 2), max_size=4), st.fractions(-9, 9, max_denominator=6)),
        min_size=1,
        max_size=5,
    )
)
def test_the_step_is_the_largest(terms: list[tuple[list[int], Fraction]]) -> None:
    """It is what all differences between values have in common, of two integer variables and one that is 0 or 1."""
    ring = Ring(["a", "b", "c"], idempotent=[2])
    poly = Polynomial.of(ring, terms)
    found = values_at_whole_numbers(poly, {0, 1})
    assert found is not None
    values = [Fraction(poly.evaluate(point)) for point in product(range(-3, 6), range(-3, 6), (0, 1))]
    steps = [(value - found.offset) / found.step for value in values]
    assert all(step.denominator == 1 for step in steps)
    assert math.gcd(*(int(step - steps[0]) for step in steps)) in (0, 1)


def test_the_first_value_from_a_bound_on() -> None:
    values = Progression(Fraction(1, 5), Fraction(2, 3))
    assert values.first_from(Fraction(1, 5)) == Fraction(1, 5)
    assert values.first_from(Fraction(1, 5) + Fraction(1, 10**9)) == Fraction(13, 15)
    assert values.first_from(-1) == Fraction(-7, 15)
    assert not values.is_whole
    assert Progression(Fraction(-7), Fraction(1)).is_whole


def test_a_problem_knows_the_values_of_its_minimised_objective() -> None:
    problem = polynomial("6*a + 1/3", box={"a": (-2, 3), "t": (0, 1)}, integer="a", sense="max")
    assert problem.values == Progression(Fraction(-1, 3), Fraction(6))
    with pytest.raises(BadInput, match="Boolean variables and integer ones only in the objective, to round its bound"):
        _ = polynomial("a + t", box={"a": (-2, 3), "t": (0, 1)}, integer="a").values
