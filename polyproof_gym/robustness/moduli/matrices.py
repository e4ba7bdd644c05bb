"""Matrices of exact numbers, and exact bounds of their norms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.arguments import exact, shown
from polyproof_gym.errors import BadInput
from polyproof_gym.robustness.rounding import root_above

Exact = NDArray[np.object_]
"""Numbers of class ``int`` or ``Fraction``."""

MAX_ENTRIES = 2_000_000
"""Most entries of an array of exact numbers."""

CONSTANT_BITS = 30
"""Binary digits of a norm that is guessed in floats and then proved: 9 decimal ones."""


def read_exact(value: Any, what: str, dimensions: int) -> Exact:
    """An array of exact numbers; decimals, also those in floats, mean what they print as.

    Args:
        value: Nested lists or an array.
        what: What it is, for the message.
        dimensions: The number of its dimensions.

    Raises:
        BadInput: If it has another number of dimensions, no or too many entries, or entries that are no numbers.
    """
    try:
        given = np.asarray(value)
        given = given if given.dtype.kind in "iuf" else np.array(value, object)
    except Exception:  # ragged, or what a class of the caller's raises
        given = np.array(None)
    if given.ndim != dimensions or not 0 < given.size <= MAX_ENTRIES:
        wanted = f"an array of {dimensions} dimensions with 1 to {MAX_ENTRIES} numbers"
        raise BadInput(f"expected {wanted} as {what}, got {shown(value)}")
    entries = np.empty(given.shape, object)
    flat = entries.reshape(-1)
    for k, entry in enumerate(given.ravel().tolist()):
        flat[k] = exact(entry, f"an entry of {what}")
    return entries


def to_integers(*arrays: Exact) -> tuple[list[Exact], int]:
    """Arrays times their common denominator, which is returned as well."""
    numbers = [number for array in arrays for number in array.ravel().tolist()]
    common = math.lcm(*{number.denominator for number in numbers})
    return [array * common // 1 for array in arrays], common


def flint_matrix(rows: Exact) -> Any:
    """A matrix of whole numbers as one of FLINT, whose arithmetic is exact."""
    from flint import fmpz_mat

    return fmpz_mat([[int(entry) for entry in row] for row in rows.tolist()])


def has_norm_at_most(gram: Any, norm: Fraction) -> bool:
    """Whether a matrix ``M`` of whole numbers with ``M'M = gram`` has at most a spectral norm, which is not negative.

    So it is if ``norm^2 I - M'M`` is positive semidefinite: if its characteristic polynomial, whose roots are real, has
    no negative ones. These there are none of exactly if the signs of its coefficients alternate.

    Args:
        gram: The matrix ``M'M``, of FLINT.
        norm: The norm.
    """
    size = gram.nrows()
    difference = gram * -(norm.denominator**2)
    for i in range(size):
        difference[i, i] += norm.numerator**2
    coefficients = difference.charpoly().coeffs()  # from the constant one on; the leading one is 1
    return all((-1) ** (size - k) * int(coefficient) >= 0 for k, coefficient in enumerate(coefficients))


def least_norm(grams: Sequence[Any], guess: float, denominator: int) -> tuple[Fraction, bool] | None:
    """A proved bound of spectral norms, about a float; ``None`` if twice the float is none, or the float tells nothing.

    Args:
        grams: The matrices ``M'M`` for matrices ``M`` of whole numbers.
        guess: The largest norm of the ``M / denominator``, in floats.
        denominator: What the ``M`` are divided by.

    Returns:
        The bound, and whether it is proved as well that one smaller by 8 units in its last place is none.
    """

    def is_bound(number: Fraction) -> bool:
        return all(has_norm_at_most(gram, number * denominator) for gram in grams)

    if not math.isfinite(guess):
        return None
    if is_bound(Fraction(0)):
        return Fraction(0), True
    if not guess:  # below the range of floats
        return None
    unit = Fraction(2) ** (math.frexp(guess)[1] - CONSTANT_BITS)
    step = 1
    while step <= 2**CONSTANT_BITS:
        constant = (math.floor(Fraction(guess) / unit) + step) * unit
        if is_bound(constant):
            return constant, not is_bound(max(constant - 8 * unit, Fraction(0)))
        step *= 2
    return None


def frobenius_norm(array: Exact) -> Fraction:
    """The root of the sum of all squares, rounded up."""
    return root_above(sum(entry * entry for entry in array.ravel().tolist()))


def largest_row_norm(rows: Exact) -> Fraction:
    """The largest Euclidean norm of a row, rounded up: the norm from the Euclidean to the maximum norm."""
    return root_above(max(sum(entry * entry for entry in row) for row in rows.tolist()))
