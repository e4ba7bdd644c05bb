from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import fmpz_mat
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from polyproof_gym import BadInput
from polyproof_gym.robustness import Status, linear_modulus, quadratic_modulus
from polyproof_gym.robustness.moduli.linear import spectral_norm
from polyproof_gym.robustness.moduli.matrices import has_norm_at_most, to_integers


def is_bound(matrix: np.ndarray, constant: Fraction) -> bool:
    """By elimination in rationals: whether ``c^2 I - M'M`` has no negative pivots, and only zeros beside those of 0."""
    rows = np.array([[Fraction(entry) for entry in row] for row in matrix.tolist()], object)
    left = constant**2 * np.array(np.eye(rows.shape[1], dtype=int), object) - rows.T @ rows
    size = len(left)
    for k in range(size):
        if left[k, k] < 0 or (left[k, k] == 0 and left[k, k:].any()):
            return False
        for i in range(k + 1, size) if left[k, k] else ():
            left[i] = left[i] - left[k] * (left[i, k] / left[k, k])
    return True


MATRICES = arrays.arrays(np.int64, st.tuples(st.integers(1, 5), st.integers(1, 5)), elements=st.integers(-1000, 1000))


@settings(deadline=None)
@given(matrix=MATRICES.filter(np.any))
def test_it_is_the_largest_singular_value(matrix: np.ndarray) -> None:
    modulus = linear_modulus(matrix)
    assert modulus.status is Status.EXACT
    assert is_bound(matrix, modulus.constant)
    assert float(modulus.constant) == pytest.approx(np.linalg.norm(matrix, 2), rel=1e-8)
    assert not is_bound(matrix, modulus.constant * (1 - Fraction(1, 10**7)))


def test_decimals_are_exact() -> None:
    assert linear_modulus([[0.1, 0], [0, "1/3"]], "inf").constant == pytest.approx(Fraction(1, 3))
    modulus = linear_modulus(np.array([[0.3]]))
    assert Fraction(3, 10) <= modulus.constant <= Fraction(3, 10) * (1 + Fraction(1, 10**8))


@pytest.mark.parametrize(
    "matrix", [[[1, 2], [2, 4]], [[1, 1, 1]], [[1], [1], [1]], [[0, 0], [0, 5]], [[1, 0, 0], [1, 0, 0]]]
)
def test_deficient_rank_is_no_trouble(matrix: list[list[int]]) -> None:
    modulus = linear_modulus(matrix)
    assert modulus.status is Status.EXACT
    assert float(modulus.constant) == pytest.approx(np.linalg.norm(matrix, 2), rel=1e-8)
    assert is_bound(np.array(matrix), modulus.constant)


def test_a_constant_generator() -> None:
    assert linear_modulus(np.zeros((3, 2))).constant == 0
    assert linear_modulus(np.zeros((3, 2)), "inf").constant == 0


@settings(deadline=None)
@given(matrix=MATRICES)
def test_in_the_maximum_norm_it_is_the_largest_row(matrix: np.ndarray) -> None:
    modulus = linear_modulus(matrix, "inf")
    assert (modulus.status, modulus.norm) == (Status.EXACT, "inf")
    assert modulus.constant**2 >= max(sum(int(entry) ** 2 for entry in row) for row in matrix)
    assert float(modulus.constant) == pytest.approx(np.linalg.norm(matrix, axis=1).max())


def test_large_matrices_are_bounded() -> None:
    matrix = np.random.default_rng(0).integers(-9, 10, (80, 70))
    modulus = linear_modulus(matrix)
    assert modulus.status is Status.CERTIFIED
    whole = fmpz_mat(matrix.tolist())
    assert has_norm_at_most(whole.transpose() * whole, modulus.constant)
    assert float(modulus.constant) == pytest.approx(np.linalg.norm(matrix, 2), rel=1e-2)


def test_numbers_beyond_the_range_of_floats() -> None:
    huge, status = spectral_norm(np.array([[10**400, 0], [0, 1]], object))
    assert huge >= 10**400
    assert status is Status.CERTIFIED


def test_what_is_below_the_range_of_floats_is_not_called_exact() -> None:
    least = Fraction(1, 10**400)
    small, status = spectral_norm(np.array([[least, 0]], object))
    assert least <= small <= least * (1 + Fraction(1, 10**8))
    assert status is Status.CERTIFIED
    assert quadratic_modulus([[least]], [[[0]]], 1).constant <= least * (1 + Fraction(1, 10**8))


@settings(deadline=None)
@given(matrix=MATRICES, norm=st.fractions(0, 10**4, max_denominator=10**6))
def test_the_norm_is_decided_exactly(matrix: np.ndarray, norm: Fraction) -> None:
    whole = fmpz_mat(matrix.tolist())
    gram = whole.transpose() * whole
    largest = float(np.linalg.norm(matrix, 2))
    if abs(largest - float(norm)) > 1e-6 * (1 + norm):
        assert has_norm_at_most(gram, norm) == (largest < norm)


@pytest.mark.parametrize("norm", [0, 1, 7, 10**20])
def test_the_norm_itself_is_enough_and_nothing_less(norm: int) -> None:
    gram = fmpz_mat([[norm**2, 0], [0, 0]])
    assert has_norm_at_most(gram, Fraction(norm))
    assert not norm or not has_norm_at_most(gram, norm - Fraction(1, 10**30))


def test_a_common_denominator() -> None:
    (one, other), denominator = to_integers(np.array([Fraction(1, 2), 3], object), np.array([[Fraction(1, 3)]], object))
    assert (one.tolist(), other.tolist(), denominator) == ([3, 18], [[2]], 6)


@pytest.mark.parametrize(
    "matrix", [[], [[]], [1, 2], [[1], [1, 2]], [[float("nan")]], [["a"]], None, [[[1]]], [[1e400]]]
)
def test_what_is_no_matrix_is_refused(matrix: object) -> None:
    with pytest.raises(BadInput, match="the matrix") as raised:
        linear_modulus(matrix)
    assert "\n" not in str(raised.value)
