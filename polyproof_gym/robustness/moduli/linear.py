"""The modulus of a linear generator."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, get_args

import numpy as np

from polyproof_gym.arguments import one_of
from polyproof_gym.robustness.moduli.matrices import (
    Exact,
    flint_matrix,
    frobenius_norm,
    largest_row_norm,
    least_norm,
    read_exact,
    to_integers,
)
from polyproof_gym.robustness.moduli.operator_norms import spectral_norm_above
from polyproof_gym.robustness.modulus import Modulus, Norm
from polyproof_gym.robustness.status import Status

MAX_EXACT_SIZE = 64
"""Most rows or columns, whichever are fewer, of a matrix whose norm is found exactly."""


def linear_modulus(matrix: Any, norm: Norm = "2") -> Modulus:
    """The modulus of ``g(z) = m + W z``: the norm of ``W``.

    It is exact (but for rounding up by less than two parts in 10^8) in the maximum norm, where it is the largest norm
    of a row, and in the Euclidean norm up to 64 latent variables or image entries. Beyond, or below the range of
    floats, it is a bound.

    Args:
        matrix: The matrix ``W``, shape ``(image entries, latent variables)``; decimals are exact.
        norm: The norm of images.

    Raises:
        BadInput: If it is no matrix of finite numbers, or the norm is none that is known.
    """
    norm = one_of(norm, "norm", get_args(Norm))
    entries = read_exact(matrix, "the matrix", 2)
    if norm == "inf":
        return Modulus(largest_row_norm(entries), Status.EXACT, "largest row norm of a matrix", norm="inf")
    constant, status = spectral_norm(entries)
    return Modulus(constant, status, "spectral norm of a matrix")


def spectral_norm(matrix: Exact) -> tuple[Fraction, Status]:
    """The spectral norm of an exact matrix, rounded up: exact for small matrices, and otherwise certified."""
    if not matrix.any():
        return Fraction(0), Status.EXACT
    frobenius, floats = frobenius_norm(matrix), to_floats(matrix)
    if not np.isfinite(floats).all():
        return frobenius, Status.CERTIFIED
    if min(matrix.shape) <= MAX_EXACT_SIZE:
        (whole,), denominator = to_integers(matrix if matrix.shape[0] >= matrix.shape[1] else matrix.T)
        tall = flint_matrix(whole)
        proved = least_norm([tall.transpose() * tall], float(np.linalg.norm(floats, 2)), denominator)
        if proved is not None:
            constant, is_least = proved
            return constant, Status.EXACT if is_least else Status.CERTIFIED
    # Every entry was rounded by less than one part in 2**52, or 2**-1000: so was the matrix, in the Frobenius norm.
    lost = frobenius * Fraction(1, 2**52) + Fraction(matrix.size, 2**1000)
    bound = spectral_norm_above(floats)
    return min(Fraction(bound) + lost, frobenius) if np.isfinite(bound) else frobenius, Status.CERTIFIED


def to_floats(array: Exact) -> Any:
    """The nearest floats; infinite where there are none."""
    found = np.empty(array.shape)
    flat = found.reshape(-1)
    for k, entry in enumerate(array.ravel().tolist()):
        try:
            flat[k] = float(entry)
        except OverflowError:
            flat[k] = np.inf
    return found
