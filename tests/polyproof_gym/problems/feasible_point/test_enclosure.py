from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym.polynomials import Polynomial, Ring, parse_polynomial
from polyproof_gym.problems.feasible_point.enclosure import enclosed_minimiser
from polyproof_gym.problems.feasible_point.float_view import FloatView

RING = Ring(("x", "y", "z"))


def minimiser(polynomial: Polynomial) -> list[float] | None:
    found = enclosed_minimiser(FloatView.of([polynomial]))
    return None if found is None else found.tolist()


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("x - 2*y + x*y*z", [0.0, 1.0, 0.0]),
        ("-x^2 - y^2 - z^2", [1.0, 1.0, 1.0]),  # concave
        ("x*y - x*z - y^3", [0.0, 1.0, 0.0]),
        ("(2*x - 1)^2 + y + z", [0.5, 0.0, 0.0]),  # in the middle, where the box is split
        ("y^2 + x^2*z", [0.0, 0.0, 0.0]),
    ],
)
def test_minimisers_at_corners_of_parts(text: str, point: list[float]) -> None:
    assert minimiser(parse_polynomial(text, RING)) == point


@pytest.mark.parametrize("text", ["(3*x - 1)^2", "(3*x - y - 1)^2 + (y - z^2)^2"])
def test_minimisers_elsewhere_are_for_others_to_find(text: str) -> None:
    assert minimiser(parse_polynomial(text, RING)) is None


def test_there_is_a_limit_on_the_work() -> None:
    ring = Ring([f"x{i}" for i in range(13)])
    assert minimiser(Polynomial.of(ring, [([i], 1) for i in range(12)])) == [0.0] * 13
    assert minimiser(Polynomial.of(ring, [([i], 1) for i in range(13)])) is None


@given(
    st.lists(st.tuples(st.lists(st.integers(0, 2), max_size=4), st.integers(-9, 9)), min_size=1, max_size=12),
)
@settings(deadline=None, max_examples=60)
def test_no_point_of_a_grid_is_lower(terms: list[tuple[list[int], int]]) -> None:
    polynomial = Polynomial.of(RING, terms)
    found = enclosed_minimiser(FloatView.of([polynomial]))
    if found is not None:
        grid = np.array([*itertools.product(np.linspace(0, 1, 9), repeat=3)]).T
        view = FloatView.of([polynomial])
        assert view.at(found[:, None])[0, 0] <= view.at(grid)[0].min() + 1e-12
