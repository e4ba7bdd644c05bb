"""The inner loops of writing observations, compiled on import (Numba keeps the machine code on disk from then on).

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
        types.void(types.int64, _read_only(types.int32), _read_only(types.float64), index[::1], types.float32[::1])
        for index in (types.int16, types.int32)
    ],
    cache=True,
    nogil=True,
)
def write_terms(
    begin: int,
    rows: NDArray[np.int32],
    values: NDArray[np.float64],
    terms: NDArray[np.signedinteger[Any]],
    coefficients: NDArray[np.float32],
) -> None:
    """Write the terms of an inequality, their monomials and their coefficients, from position ``begin`` on.

    Nothing checks here that there is room for them.
    """
    for term in range(len(rows)):
        terms[begin + term] = rows[term]
        coefficients[begin + term] = values[term]


@njit(
    types.void(
        _read_only(types.float64),
        _read_only(types.float64),
        types.float64,
        types.float32[::1],
        types.float32[::1],
    ),
    cache=True,
    nogil=True,
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
