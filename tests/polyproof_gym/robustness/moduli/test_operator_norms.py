from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from polyproof_gym.robustness.moduli.linear import spectral_norm
from polyproof_gym.robustness.moduli.operator_norms import spectral_norm_above

FLOATS = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    elements=st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1e300, -1e300, 5e-324, 1e-200]),
)


@settings(deadline=None)
@given(matrix=FLOATS)
def test_it_is_above_the_exact_norm(matrix: np.ndarray) -> None:
    bound = spectral_norm_above(matrix)
    exact = np.array([[Fraction(entry) for entry in row] for row in matrix.tolist()], object)
    # The exact bound is too large by less than one part in 10^8 itself.
    assert bound >= float(spectral_norm(exact)[0]) * (1 - 1e-8)


@pytest.mark.parametrize("shape", [(1, 1), (10, 10), (200, 30), (30, 200)])
def test_it_is_near(shape: tuple[int, int]) -> None:
    matrix = np.random.default_rng(0).standard_normal(shape)
    norm = np.linalg.norm(matrix, 2)
    assert norm <= spectral_norm_above(matrix) <= 1.01 * norm


def test_it_is_attained() -> None:
    # Norms that are known exactly, of matrices whose products are rounded.
    for size in (3, 10, 100):
        assert spectral_norm_above(np.full((size, size), 0.1)) >= Fraction(0.1) * size
        assert spectral_norm_above(np.diag(np.full(size, 1 / 3))) >= Fraction(1 / 3)
        assert spectral_norm_above(np.full((size, size), 0.1)) == pytest.approx(0.1 * size, rel=1e-9)


def test_extremes() -> None:
    assert spectral_norm_above(np.zeros((3, 2))) == 0
    assert spectral_norm_above(np.full((1000, 1000), 1e308)) == np.inf
    assert spectral_norm_above(np.full((2, 2), 5e-324)) >= 1e-323
