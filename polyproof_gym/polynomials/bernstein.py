"""Polynomials on the unit box in the Bernstein basis, in floats.

A polynomial is a weighted mean of its coefficients in this basis, of which those at the corners are its values there:
no value is below the least coefficient, nor above the largest. Halves of the box have coefficients of their own, which
come closer to the values (Garloff, "Convergent bounds for the range of multivariate polynomials", 1986).
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def bernstein_coefficients(powers: Floats) -> Floats:
    """The coefficients in the Bernstein basis.

    Args:
        powers: The coefficients of the powers, with one axis for every variable; likewise the result.
    """
    coefficients = powers
    for axis, length in enumerate(powers.shape):
        coefficients = _along(_to_bernstein(length - 1), coefficients, axis)
    return coefficients


def bernstein_halves(coefficients: Floats) -> tuple[int, Floats, Floats]:
    """The coefficients on both halves of the box, which is halved where they vary most.

    Returns:
        The variable that is halved, and the coefficients on the lower and on the upper half.
    """
    variation = [np.abs(np.diff(coefficients, axis=i)).sum() for i in range(coefficients.ndim)]
    axis = int(np.argmax(variation))
    return axis, *bernstein_halves_along(coefficients, axis)


def bernstein_halves_along(coefficients: Floats, axis: int) -> tuple[Floats, Floats]:
    """The coefficients on both halves of the box in one variable."""
    lower, upper = (_along(matrix, coefficients, axis) for matrix in _halves(coefficients.shape[axis] - 1))
    return lower, upper


def _along(matrix: Floats, coefficients: Floats, axis: int) -> Floats:
    """A linear map of the coefficients along one axis."""
    image: Floats = np.moveaxis(np.tensordot(matrix, coefficients, (1, axis)), 0, axis)
    return image


@cache
def _to_bernstein(degree: int) -> Floats:
    """From the coefficients of powers to those in the Bernstein basis."""
    numbers = range(degree + 1)
    return np.array([[math.comb(k, power) / math.comb(degree, power) for power in numbers] for k in numbers])


@cache
def _halves(degree: int) -> tuple[Floats, Floats]:
    """From Bernstein coefficients on an interval to those on its lower and on its upper half (de Casteljau)."""
    numbers = range(degree + 1)
    lower = np.array([[math.comb(k, j) / 2**k for j in numbers] for k in numbers])
    return lower, lower[::-1, ::-1].copy()
