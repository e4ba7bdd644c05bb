"""A first-order method for the bound LP."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

_SMALL = 1e-6
"""In place of sums of coefficients that are smaller, which step lengths are divided by."""


@njit(
    "void(int32[::1], int32[::1], float64[::1], float64[::1], float64[::1], float64[::1], int64, float64[:, ::1],"
    " float64[::1], float64[::1], float64[::1])",
    nogil=True,
    error_model="numpy",
)
def primal_dual_steps(
    starts: NDArray[np.int32],
    rows: NDArray[np.int32],
    values: NDArray[np.float64],
    objective: NDArray[np.float64],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    rounds: int,
    by_row: NDArray[np.float64],
    growth: NDArray[np.float64],
    moments: NDArray[np.float64],
    multipliers: NDArray[np.float64],
) -> None:
    """Let moments and multipliers answer each other (Chambolle and Pock 2011, step lengths of Pock and Chambolle 2011).

    Every moment follows the multipliers of its inequalities against the objective, and every multiplier grows with the
    violation of its inequality by twice the new moments minus the old ones. Moments begin in the middle between their
    limits, multipliers at 0.

    Args:
        starts: Where the entries of each inequality begin, and the last end, shape ``(inequalities + 1,)``.
        rows: Rows of all entries.
        values: Values of all entries.
        objective: What is minimised, by rows, shape ``(monomials,)``.
        lower: The least that each moment may be, shape ``(monomials,)``.
        upper: The most; where that is the same, the moment stays there.
        rounds: How often all are changed.
        by_row: Room for three numbers for every row, shape ``(3, monomials)``.
        growth: Room for a number for every inequality, shape ``(inequalities,)``.
        moments: Gets the last moments, shape ``(monomials,)``.
        multipliers: Gets the last multipliers, none below 0, shape ``(inequalities,)``.
    """
    count, size = len(starts) - 1, len(objective)
    reach, pull, ahead = by_row[0], by_row[1], by_row[2]
    for row in range(size):
        moments[row] = (lower[row] + upper[row]) / 2
        reach[row] = pull[row] = 0.0
    for j in range(count):
        multipliers[j] = growth[j] = 0.0
    for j in range(count):
        for entry in range(starts[j], starts[j + 1]):
            at, value = np.uint32(rows[entry]), values[entry]  # unsigned, as no index counts from the end
            reach[at] += abs(value)
            if lower[at] < upper[at]:
                growth[j] += abs(value)
    for row in range(size):
        reach[row] = 1.0 / max(reach[row], _SMALL)
    for j in range(count):
        growth[j] = 1.0 / max(growth[j], _SMALL)
    for _ in range(rounds):
        for row in range(size):
            moved = min(max(moments[row] + reach[row] * (pull[row] - objective[row]), lower[row]), upper[row])
            ahead[row] = 2.0 * moved - moments[row]
            moments[row] = moved
            pull[row] = 0.0
        for j in range(count):
            expectation = 0.0
            for entry in range(starts[j], starts[j + 1]):
                expectation += values[entry] * ahead[np.uint32(rows[entry])]
            multiplier = max(multipliers[j] - growth[j] * expectation, 0.0)
            multipliers[j] = multiplier
            if multiplier > 0.0:
                for entry in range(starts[j], starts[j + 1]):
                    pull[np.uint32(rows[entry])] += values[entry] * multiplier
