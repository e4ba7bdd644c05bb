from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym.polynomials import Polynomial, Ring, parse_polynomial
from polyproof_gym.problems.feasible_point.float_view import FloatView
from tests.polyproof_gym.polynomials.strategies import polynomials

RING = Ring(["x", "y", "z"])
POINTS = np.array([[0.25, 0.0, 1.0], [0.5, 1.0, 0.75], [0.125, 1.0, 0.0]])


def scale(polynomial: Polynomial) -> float:
    return max((abs(float(c)) for c in polynomial.terms.values()), default=1.0)


@settings(deadline=None, max_examples=40)
@given(st.lists(polynomials(RING), min_size=1, max_size=3))
def test_values_are_those_of_the_polynomials_over_their_largest_coefficients(several: list[Polynomial]) -> None:
    values = FloatView.of(several).at(POINTS)
    assert values.shape == (len(several), 3)
    for row, polynomial in zip(values, several, strict=True):
        for value, point in zip(row, POINTS.T.tolist(), strict=True):
            exact = polynomial.evaluate([Fraction(u) for u in point])
            assert value == pytest.approx(float(exact) / scale(polynomial), abs=1e-12)


def test_derivatives() -> None:
    view = FloatView.of([parse_polynomial("x^3*y - y*z + 1", RING), parse_polynomial("z^2", RING)])
    x, y, z = POINTS
    zero = np.zeros(3)
    expected = [3 * x**2 * y, x**3 - z, -y, zero, zero, 2 * z]
    np.testing.assert_allclose(view.derivative().at(POINTS), expected, atol=1e-15)
    second = view.derivative().derivative().at(POINTS)
    np.testing.assert_allclose(second[:3], [6 * x * y, 3 * x**2, zero], atol=1e-15)


def test_along_one_variable() -> None:
    view = FloatView.of([parse_polynomial("x^3*y - x*z + x + y", RING), parse_polynomial("y*z - 1", RING)])
    along = view.along(0)
    assert along.functions.tolist() == [0]
    assert along.degrees.tolist() == [3]
    _, y, z = POINTS
    zero = np.zeros(3)
    np.testing.assert_allclose(along.at(view.table(POINTS)), [[zero, 1 - z, zero, y]])


def test_zero_and_constants() -> None:
    view = FloatView.of([Polynomial(RING, {}), Polynomial.constant(RING, 3)])
    np.testing.assert_array_equal(view.at(POINTS), [[0, 0, 0], [1, 1, 1]])
    assert not view.derivative().at(POINTS).any()


@pytest.mark.parametrize("factor", [10**400, 10**250])
def test_coefficients_beyond_the_range_of_floats(factor: int) -> None:
    view = FloatView.of([parse_polynomial("x - 2y", RING) * factor])
    np.testing.assert_allclose(view.at(POINTS), [POINTS[0] / 2 - POINTS[1]])
