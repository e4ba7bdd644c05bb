"""The bound LP where it falls apart into one for every monomial."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(
    "boolean(float64[::1], int32[::1], int32[::1], float64[::1], float64, float64, int32[::1], float64[::1],"
    " float64[::1])",
    nogil=True,
    error_model="numpy",
)
def bound_separately(
    objective: NDArray[np.float64],
    starts: NDArray[np.int32],
    rows: NDArray[np.int32],
    values: NDArray[np.float64],
    pivot: float,
    tolerance: float,
    bounded_by: NDArray[np.int32],
    multipliers: NDArray[np.float64],
    moments: NDArray[np.float64],
) -> bool:
    """Solve the bound LP by bounding each monomial of the objective with the best inequality that has no other.

    Args:
        objective: Coefficient of the objective in each of the first rows, 0 in that of the monomial 1.
        starts: Where the entries of each inequality begin, and the last end.
        rows: The row of every entry.
        values: Its coefficient.
        pivot: Smallest coefficient that a bound is divided by.
        tolerance: How far an expectation may be below 0.
        bounded_by: Room for a number for every row of the objective.
        multipliers: Array for the multiplier of every inequality, all 0.
        moments: Array for the moment of every row, all 0.

    Returns:
        Whether that is an optimal solution: every monomial has a bound, and no inequality is violated by the moments.
    """
    moments[0] = 1.0
    bounded_by[:] = -1
    count = len(starts) - 1
    for j in range(count):
        constant, value, row, others = 0.0, 0.0, 0, 0
        for k in range(starts[j], starts[j + 1]):
            if rows[k] == 0:
                constant = values[k]
            else:
                value, row, others = values[k], rows[k], others + 1
        if others == 1 and row < len(objective) and objective[row] * value > 0 and abs(value) >= pivot:
            moment, best = -constant / value, bounded_by[row]
            if best < 0 or objective[row] * (moment - moments[row]) > 0:
                if best >= 0:
                    multipliers[best] = 0.0
                bounded_by[row], moments[row], multipliers[j] = j, moment, objective[row] / value
    for row in range(1, len(objective)):
        if objective[row] != 0 and bounded_by[row] < 0:
            return False
    for j in range(count):
        expectation = 0.0
        for k in range(starts[j], starts[j + 1]):
            expectation += values[k] * moments[rows[k]]
        if expectation < -tolerance:
            return False
    return True
