import numpy as np
import pytest

from polyproof_gym import BadInput
from polyproof_gym.polynomials import Ring, parse_polynomial
from polyproof_gym.robustness.float_scores import MOST_AT_ONCE, CallableScores, PolynomialScores, checked_points

RING = Ring(("x", "y", "z"))
SCORES = [parse_polynomial(text, RING) for text in ("x^3*y - 2*z", "x*y*z + y^2 - 1/3", "7/2")]


def _expected(points: np.ndarray) -> np.ndarray:
    x, y, z = points.T
    return np.stack([x**3 * y - 2 * z, x * y * z + y**2 - 1 / 3, np.full(len(x), 3.5)], axis=1)


def test_values_are_those_of_the_polynomials() -> None:
    points = np.random.default_rng(0).normal(size=(20, 3))
    np.testing.assert_allclose(PolynomialScores(SCORES).at(points), _expected(points))


def test_gradients_are_those_of_the_polynomials() -> None:
    points = np.random.default_rng(1).normal(size=(20, 3))
    x, y, z = points.T
    slopes = [3 * x**2 * y, x**3, np.full(20, -2.0), y * z, x * z + 2 * y, x * y, *np.zeros((3, 20))]
    expected = np.stack(slopes, axis=1).reshape(20, 3, 3)
    np.testing.assert_allclose(PolynomialScores(SCORES).gradients(points), expected)


@pytest.mark.parametrize("count", [1, 20, MOST_AT_ONCE])  # the last of which moves one coordinate at a time
def test_gradients_of_a_function_are_about_the_same(count: int) -> None:
    points = np.random.default_rng(2).normal(size=(count, 3))
    by_differences = CallableScores(_expected, 3)
    np.testing.assert_allclose(by_differences.at(points), _expected(points))
    exact = PolynomialScores(SCORES).gradients(points)
    np.testing.assert_allclose(by_differences.gradients(points), exact, rtol=1e-6, atol=1e-6)


def test_constants_have_no_gradient() -> None:
    scores = PolynomialScores([parse_polynomial("2", RING)])
    assert not scores.gradients(np.ones((4, 3))).any()


def test_bad_input_is_told() -> None:
    with pytest.raises(BadInput, match=r"^expected a function"):
        CallableScores(3, 2)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match=r"^expected scores of shape \(2, classes\), got shape \(2,\)$"):
        CallableScores(lambda points: points[:, 0], 2).at(np.zeros((2, 2)))
    with pytest.raises(BadInput, match=r"^expected points of shape \(points, 3\)"):
        checked_points([[1, 2]], PolynomialScores(SCORES))
    with pytest.raises(BadInput, match=r"^expected points with finite coordinates$"):
        checked_points([[1, 2, float("nan")]], PolynomialScores(SCORES))
    with pytest.raises(BadInput, match=r"^expected scores that are numbers, got NaN$"):
        CallableScores(lambda points: points * np.nan, 2).at(np.zeros((2, 2)))
    with pytest.raises(BadInput, match=r"^expected scores whose coefficients are within the range of floats$"):
        PolynomialScores([10**400 * SCORES[0]])
