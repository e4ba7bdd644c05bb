"""The modulus of a quadratic generator that is clipped to a box."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, get_args

import numpy as np

from polyproof_gym.arguments import one_of, shown
from polyproof_gym.errors import BadInput
from polyproof_gym.robustness.moduli.boxes import Box, read_box
from polyproof_gym.robustness.moduli.linear import spectral_norm, to_floats
from polyproof_gym.robustness.moduli.matrices import (
    Exact,
    flint_matrix,
    frobenius_norm,
    largest_row_norm,
    least_norm,
    read_exact,
    to_integers,
)
from polyproof_gym.robustness.modulus import Modulus, Norm
from polyproof_gym.robustness.rounding import root_above
from polyproof_gym.robustness.status import Status

MAX_VERTEX_DIMENSION = 12
"""Most latent variables for which all vertices of the box are looked at."""


def quadratic_modulus(linear: Any, quadratic: Any, box: Any, norm: Norm = "2") -> Modulus:
    """The modulus of ``g(z) = m + W z + (z' Q_k z)_k``, clipped to a box: the largest norm of its derivative there.

    The norm of the derivative ``W + ((Q_k + Q_k') z)_k`` is convex in ``z``, and so largest at a vertex of the box. Up
    to 12 latent variables one number is proved to be a bound at all of them, in exact arithmetic. Beyond, it is the
    norm at the centre plus the half diagonal times the norm of the second derivative, flattened to a matrix.

    Args:
        linear: The matrix ``W``, shape ``(image entries, latent variables)``; decimals are exact.
        quadratic: The ``Q_k``, shape ``(image entries, latent variables, latent variables)``.
        box: One interval ``(low, high)`` for each latent variable, or a number ``R`` for ``[-R, R]`` everywhere.
        norm: The norm of images.

    Raises:
        BadInput: If something is no array of finite numbers, or of another shape; or the norm is none that is known.
    """
    norm = one_of(norm, "norm", get_args(Norm))
    matrix = read_exact(linear, "the linear part", 2)
    second = read_exact(quadratic, "the quadratic part", 3)
    outputs, dimension = matrix.shape
    if second.shape != (outputs, dimension, dimension):
        raise BadInput(
            f"expected a quadratic part of shape {(outputs, dimension, dimension)}, got {shown(second.shape)}"
        )
    intervals = read_box(box, dimension)
    slopes = np.moveaxis(second + second.transpose(0, 2, 1), 2, 0)  # the derivative's own derivatives, one a variable
    centre = matrix + sum(Fraction(low + high, 2) * slope for (low, high), slope in zip(intervals, slopes, strict=True))
    if dimension <= MAX_VERTEX_DIMENSION:
        constant = _at_vertices(centre, slopes, intervals, norm)
        source = "derivative of a quadratic generator at the vertices of its box"
    else:
        constant = _by_flattening(centre, slopes, intervals, norm)
        source = "derivative of a quadratic generator on its box, by flattening"
    return Modulus(constant, Status.CERTIFIED, source, norm=norm)


def _at_vertices(centre: Exact, slopes: Exact, box: Box, norm: Norm) -> Fraction:
    """At least the norm of ``centre + sum_i s_i h_i slopes_i`` for all signs ``s`` and the half widths ``h``."""
    steps = slopes * np.array([Fraction(high - low, 2) for low, high in box], object)[:, None, None]
    (whole, *whole_steps), denominator = to_integers(centre, *steps)
    derivatives = _signed_sums(flint_matrix(whole), [flint_matrix(step) for step in whole_steps])
    if norm == "inf":
        square = max(sum(int(entry) ** 2 for entry in row) for matrix in derivatives for row in matrix.tolist())
        return root_above(Fraction(square, denominator**2))
    grams = [matrix.transpose() * matrix for matrix in derivatives]
    at_centre, by_step = to_floats(centre), to_floats(steps)
    if np.isfinite(at_centre).all() and np.isfinite(by_step).all():
        guess = max(float(np.linalg.norm(at_centre + np.tensordot(signs, by_step, 1), 2)) for signs in _signs(len(box)))
        proved = least_norm(grams, guess, denominator)
        if proved is not None:
            return proved[0]
    return _by_flattening(centre, slopes, box, norm)


def _by_flattening(centre: Exact, slopes: Exact, box: Box, norm: Norm) -> Fraction:
    """The norm at the centre plus the half diagonal of the box times that of the second derivative."""
    diagonal = root_above(sum(Fraction(high - low, 2) ** 2 for low, high in box))
    outputs, dimension = centre.shape
    by_output = np.moveaxis(slopes, 1, 0)  # (outputs, variables, variables)
    if norm == "inf":
        rows = (frobenius_norm(matrix) for matrix in by_output)
        return largest_row_norm(centre) + diagonal * max(rows)
    flattened = [by_output.reshape(outputs, dimension * dimension), by_output.reshape(outputs * dimension, dimension)]
    return spectral_norm(centre)[0] + diagonal * min(spectral_norm(matrix)[0] for matrix in flattened)


def _signs(count: int) -> Iterator[tuple[int, ...]]:
    """All signs of so many numbers."""
    return itertools.product((-1, 1), repeat=count)


def _signed_sums(centre: Any, steps: list[Any]) -> Iterator[Any]:
    """The centre plus the sum of the steps, with all signs of these; matrices of FLINT."""
    if not steps:
        yield centre
        return
    for part in _signed_sums(centre, steps[1:]):
        yield part - steps[0]
        yield part + steps[0]
