import numpy as np
import pytest

from polyproof_gym.polynomials import Polynomial, Ring, parse_polynomial
from polyproof_gym.robustness.box_relaxation import BoxRelaxation, is_small, products_of

RING = Ring(("x", "y"))


def _poly(text: str) -> Polynomial:
    return parse_polynomial(text, RING)


def test_products_are_all_multisets_of_factors() -> None:
    assert products_of(1, 2) == ((0, 0), (0, 1), (1, 1))
    assert len(products_of(3, 4)) == 126
    assert is_small(8, 4)
    assert not is_small(40, 4)


@pytest.mark.parametrize(
    ("text", "radius", "level", "value"),
    [
        ("1 + 2*x - y", 0.5, 1, -0.5),
        ("3 + x*y", 2, 2, -1),
        ("1 - x^2 - y^2", 3, 2, -17),
        ("x^2", 1, 2, -1),  # products do not see a minimum inside
        ("x^2", 1, 4, -1 / 3),
    ],
)
def test_bound_is_that_of_the_products(text: str, radius: float, level: int, value: float) -> None:
    relaxation = BoxRelaxation(2, level)
    found = relaxation.solve(relaxation.coefficients(_poly(text).terms), radius)
    assert found is not None
    assert found.value == pytest.approx(value, abs=1e-8)
    assert found.moments[0] == pytest.approx(1)
    assert (found.multipliers >= 0).all()


def test_moments_are_the_minimiser_where_there_is_one_at_a_vertex() -> None:
    relaxation = BoxRelaxation(2, 2)
    found = relaxation.solve(relaxation.coefficients(_poly("1 + x - 2*y + x*y").terms), 0.5)
    assert found is not None
    np.testing.assert_allclose(found.moments[1:3], [-1, 1], atol=1e-8)


@pytest.mark.parametrize(
    ("text", "radius"),
    [("1 - x - y", 0.5), ("1 - x^2 - y^2", 0.5**0.5), ("1 + x*y", 1), ("1 - x^2*y^2", 1), ("2 + x", 2), ("5", 4)],
)
def test_largest_radius_is_where_the_bound_is_zero(text: str, radius: float) -> None:
    relaxation = BoxRelaxation(2, max(1, _poly(text).degree))
    found = relaxation.largest_radius(relaxation.coefficients(_poly(text).terms), 4)
    assert found is not None
    assert found[0] == pytest.approx(radius, rel=1e-6)
    assert (found[1] is None) == (radius == 4)


def test_one_program_serves_polynomials_and_radii_in_any_order() -> None:
    rng = np.random.default_rng(0)
    relaxation = BoxRelaxation(3, 2)
    queries = [(rng.normal(size=10), float(rng.uniform(0.01, 3))) for _ in range(20)]
    for coefficients, radius in queries:
        found, afresh = relaxation.solve(coefficients, radius), BoxRelaxation(3, 2).solve(coefficients, radius)
        assert found is not None
        assert afresh is not None
        assert found.value == pytest.approx(afresh.value, abs=1e-7)


@pytest.mark.parametrize(("text", "box", "ball"), [("1 - x^2 - y^2", 0.5**0.5, 1), ("1 - x", 1, 1)])
def test_the_ball_in_a_box_is_a_further_factor(text: str, box: float, ball: float) -> None:
    for is_ball, radius in ((False, box), (True, ball)):
        relaxation = BoxRelaxation(2, 2, is_ball)
        found = relaxation.largest_radius(relaxation.coefficients(_poly(text).terms), 4)
        assert found is not None
        assert found[0] == pytest.approx(radius, rel=1e-6)


@pytest.mark.parametrize(("powers", "value"), [(2, -3), (3, -1), (4, -1), (9, -1 / 3)])
def test_powers_of_one_variable_see_more_of_a_minimum_inside(powers: int, value: float) -> None:
    """Of ``x^2`` on [-1, 1], ``k`` factors prove ``-1/k`` for odd ``k``, and one more does not help."""
    relaxation = BoxRelaxation(2, 2, powers=powers)
    assert len(relaxation.products) == 10 + (2 * (powers + 1) if powers > 2 else 0)
    found = relaxation.solve(relaxation.coefficients(_poly("x^2 + 2*y^2").terms), 1)
    assert found is not None
    assert found.value == pytest.approx(value, abs=1e-8)
