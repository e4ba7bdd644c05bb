import numpy as np
import pytest

from polyproof_gym.polynomials import Ring, parse_polynomial
from polyproof_gym.problems.feasible_point.descent import coordinate_descent, newton
from polyproof_gym.problems.feasible_point.float_view import FloatView

RING = Ring(["x", "y"])
STARTS = np.array([[0.9, 0.1, 0.5], [0.2, 0.7, 0.5]])


def view(*texts: str) -> FloatView:
    return FloatView.of([parse_polynomial(text, RING) for text in texts])


@pytest.mark.parametrize(
    "text",
    [
        "(x - 1/3)^2 + (y - 1/4)^2",
        "(x - 1/3)^4 + (y - 1/4)^2",
        "(x - 1/3)^2*(x + 2) + (y - 1/4)^6",
        "(x - 1/3)^2 + (y - 1/4)^2 + x^2*(y - 1/4)^2",
    ],
)
def test_coordinates_find_separate_minima(text: str) -> None:
    ends = coordinate_descent(view(text), [None, None], STARTS, max_sweeps=20, penalty=1.0)
    np.testing.assert_allclose(ends, np.tile([[1 / 3], [1 / 4]], 3), atol=1e-3)


def test_coordinates_keep_their_domains_and_constraints() -> None:
    functions = view("-x - y", "3/4 - y")
    starts = np.array([[0.0, 0.25, 0.5], [0.2, 0.7, 1.0]])
    ends = coordinate_descent(functions, [np.array([0.0, 0.25, 0.5]), None], starts, max_sweeps=5, penalty=100.0)
    np.testing.assert_allclose(ends, np.tile([[0.5], [0.75]], 3))


def test_newton_follows_a_narrow_valley_to_the_minimum() -> None:
    valley = view("100*(y - x^2)^2 + (x - 3/5)^2")
    ends = newton(valley, STARTS, np.zeros(2, np.bool_), max_steps=60)
    np.testing.assert_allclose(ends, np.tile([[0.6], [0.36]], 3), atol=1e-6)


def test_newton_leaves_saddle_points_for_the_boundary() -> None:
    ends = newton(view("y^2 - x^2 + x"), np.array([[0.500001], [0.3]]), np.zeros(2, np.bool_), max_steps=60)
    np.testing.assert_allclose(ends, [[1.0], [0.0]], atol=1e-6)


def test_newton_keeps_what_is_fixed_and_never_goes_up() -> None:
    function = view("x^3*y - 2 x*y^2 + (x - y)^4 - x")
    ends = newton(function, STARTS, np.array([False, True]), max_steps=30)
    np.testing.assert_array_equal(ends[1], STARTS[1])
    assert (function.at(ends) <= function.at(STARTS)).all()
    assert ((ends >= 0) & (ends <= 1)).all()
