from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from polyproof_gym.polynomials.bernstein import (
    Floats,
    bernstein_coefficients,
    bernstein_halves,
    bernstein_halves_along,
)

powers_of_two_variables = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.integers(-9, 9).map(float))
)


def value(powers: Floats, x: float, y: float) -> float:
    return float(np.polynomial.polynomial.polyval2d(x, y, powers))


@given(powers_of_two_variables, st.floats(0, 1), st.floats(0, 1))
def test_values_are_between_the_coefficients_and_those_at_corners_among_them(
    powers: Floats, x: float, y: float
) -> None:
    coefficients = bernstein_coefficients(powers)
    assert coefficients.shape == powers.shape
    assert coefficients.min() - 1e-9 <= value(powers, x, y) <= coefficients.max() + 1e-9
    for i in (0, 1):
        for j in (0, 1):
            assert coefficients[-i, -j] == pytest.approx(value(powers, i, j))


@given(powers_of_two_variables, st.sampled_from([0, 1]))
def test_halves_have_the_values_of_the_whole(powers: Floats, axis: int) -> None:
    lower, upper = bernstein_halves_along(bernstein_coefficients(powers), axis)
    middle = (0.5, 1.0) if axis == 0 else (1.0, 0.5)
    first, last = ((0, -1), (-1, -1)) if axis == 0 else ((-1, 0), (-1, -1))
    assert lower[last] == pytest.approx(value(powers, *middle))
    assert upper[first] == pytest.approx(value(powers, *middle))
    assert lower[0, 0] == pytest.approx(value(powers, 0, 0))
    assert upper[-1, -1] == pytest.approx(value(powers, 1, 1))


def test_the_box_is_halved_where_the_coefficients_vary_most() -> None:
    coefficients = bernstein_coefficients(np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [-9.0, 0.0, 0.0]]))
    axis, lower, upper = bernstein_halves(coefficients)
    assert axis == 0
    expected = bernstein_halves_along(coefficients, 0)
    assert np.array_equal(lower, expected[0])
    assert np.array_equal(upper, expected[1])
