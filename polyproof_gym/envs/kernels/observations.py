"""Writing observations.

One call of these costs less than half of what the same assignments cost in NumPy, which converts types piece by piece.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numpy.typing import NDArray


def _read_only(number: types.Number) -> types.Array:
    """Arrays that a kernel only reads, writable or not."""
    return types.Array(number, 1, "C", readonly=True)


@njit(
    [
        types.boolean(
            types.int64,
            _read_only(types.int32),
            _read_only(types.int32),
            _read_only(types.float64),
            types.int64,
            index[::1],
            types.float32[::1],
        )
        for index in (types.int16, types.int32)
    ],
    nogil=True,
    error_model="numpy",
)
def write_inequalities(
    first: int,
    starts: NDArray[np.int32],
    rows: NDArray[np.int32],
    values: NDArray[np.float64],
    max_terms: int,
    monomials: NDArray[np.signedinteger[Any]],
    coefficients: NDArray[np.float32],
) -> bool:
    """Write the terms of inequality ``first`` and all that follow, or nothing if one has more than ``max_terms``.

    Args:
        first: Number of the first inequality that is written.
        starts: Where the entries of every inequality begin, and the last end, shape ``(inequalities + 1,)``.
        rows: Rows of all entries.
        values: Values of all entries.
        max_terms: The room for every inequality.
        monomials: Gets the rows, shape ``(at least inequalities * max_terms,)``.
        coefficients: Gets the values, of the same shape.

    Returns:
        Whether all had room.
    """
    for j in range(first, len(starts) - 1):
        if starts[j + 1] - starts[j] > max_terms:
            return False
    for j in range(first, len(starts) - 1):
        shift = j * max_terms - starts[j]
        for entry in range(starts[j], starts[j + 1]):
            monomials[shift + entry] = rows[entry]
            coefficients[shift + entry] = values[entry]
    return True


@njit(
    types.void(
        _read_only(types.float64),
        _read_only(types.float64),
        types.float64,
        types.float32[::1],
        types.float32[::1],
    ),
    nogil=True,
    error_model="numpy",
)
def write_solution(
    multipliers: NDArray[np.float64],
    moments: NDArray[np.float64],
    limit: float,
    multipliers_out: NDArray[np.float32],
    moments_out: NDArray[np.float32],
) -> None:
    """Write an LP's multipliers and pseudo-moments, clipped to a size; the arrays written may be longer."""
    for j in range(len(multipliers)):
        multipliers_out[j] = min(multipliers[j], limit)
    for row in range(len(moments)):
        moments_out[row] = max(-limit, min(moments[row], limit))
