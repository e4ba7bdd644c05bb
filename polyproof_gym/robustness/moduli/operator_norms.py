"""Upper bounds of spectral norms of matrices of floats, in floats, with all rounding accounted for.

Power iteration approaches the norm from below and proves nothing. The Gram iteration (Delattre and others 2023) is as
quick and approaches it from above: ``|M|^2 = |M'M|``, again and again, and in the end the Frobenius norm.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GRAM_STEPS = 8
"""How often a matrix is squared: in the end the Frobenius norm is too large by the 512th root of the rank at most."""

UNIT = 2.0**-53
"""Relative rounding error of one operation."""


def spectral_norm_above(matrix: Floats, steps: int = GRAM_STEPS) -> float:
    """At least the largest singular value of a matrix of finite floats.

    The least of three bounds: the Gram iteration, the root of the largest column sum times the largest row sum, and
    the Frobenius norm.

    Args:
        matrix: The matrix, of two dimensions.
        steps: How often it is squared.
    """
    largest = float(np.abs(matrix).max(initial=0.0))
    if not largest:
        return 0.0
    scaled, exponent = _scaled(matrix)
    bound = min(_by_sums(scaled), _by_gram_iteration(scaled, steps))
    return _unscaled(bound, exponent)


def _unscaled(bound: float, exponent: int) -> float:
    """A bound times a power of two, rounded up."""
    try:
        return _raised(math.ldexp(bound, exponent), 1)
    except OverflowError:
        return math.inf


def _scaled(array: Floats) -> tuple[Floats, int]:
    """An array divided by a power of two, so that the largest entry is from 1/2 to 1, and its exponent."""
    _, exponent = math.frexp(float(np.abs(array).max()))
    return np.ldexp(array, -exponent), exponent


def _raised(number: float, operations: int) -> float:
    """A float that makes up for the rounding of so many operations on numbers that are not negative.

    That is at most gamma_n = n u / (1 - n u), relative (Higham 2002); twice as much covers underflow as well, which
    loses less than 2**-1000 beside a result of at least 1/4.
    """
    return math.nextafter(number * (1 + 2 * (operations + 4) * UNIT), math.inf)


def _frobenius(scaled: Floats) -> float:
    return math.sqrt(_raised(float((scaled * scaled).sum()), 2 * scaled.size)) * (1 + 4 * UNIT)


def _by_sums(scaled: Floats) -> float:
    sizes = np.abs(scaled)
    columns = _raised(float(sizes.sum(axis=0).max()), scaled.shape[0])
    rows = _raised(float(sizes.sum(axis=1).max()), scaled.shape[1])
    return math.sqrt(columns * rows) * (1 + 4 * UNIT)


def _by_gram_iteration(scaled: Floats, steps: int) -> float:
    """A bound for a matrix whose largest entry is from 1/2 to 1."""
    frobenius = _frobenius(scaled)
    if not steps:
        return frobenius
    tall = scaled if scaled.shape[0] >= scaled.shape[1] else scaled.T
    gram = tall.T @ tall
    # In floats every inner product of n terms is wrong by at most gamma_n times that of the absolute values, in any
    # order of summation; together these have at most the Frobenius norm that is the square of the matrix's.
    error = 2 * (tall.shape[0] + 4) * UNIT * frobenius * frobenius
    smaller, exponent = _scaled(gram)
    square = math.ldexp(_by_gram_iteration(smaller, steps - 1), exponent)
    return min(frobenius, math.sqrt(_raised(square + error, 4)) * (1 + 4 * UNIT))
