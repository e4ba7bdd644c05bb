"""A heuristic for stable sets."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit("void(boolean[:, ::1], float64[::1], int64[::1], boolean[::1], boolean[:, ::1])", nogil=True, error_model="numpy")
def greedy_stable_sets(
    is_adjacent: NDArray[np.bool_],
    values: NDArray[np.float64],
    degrees: NDArray[np.int64],
    is_free: NDArray[np.bool_],
    chosen: NDArray[np.bool_],
) -> None:
    """Stable sets grown from several first vertices, always by the one of largest value over remaining degree + 1.

    Args:
        is_adjacent: The adjacency matrix, shape ``(vertices, vertices)``.
        values: A nonnegative value of every vertex, shape ``(vertices,)``.
        degrees: Room for the degree of every vertex among those that are still free, shape ``(vertices,)``.
        is_free: Room for which these are, shape ``(vertices,)``.
        chosen: Filled with the vertices of every set; the first ones are ``0`` to ``sets - 1``. Shape
            ``(sets, vertices)``.
    """
    n = len(values)
    chosen[:] = False
    for first in range(len(chosen)):
        is_free[:] = True
        for i in range(n):
            degrees[i] = 0
            for j in range(n):
                degrees[i] += is_adjacent[i, j]
        pick = first
        while pick >= 0:
            chosen[first, pick] = True
            for i in range(n):
                if is_free[i] and (i == pick or is_adjacent[pick, i]):
                    is_free[i] = False
                    for j in range(n):
                        degrees[j] -= is_adjacent[i, j]
            pick = -1
            for i in range(n):
                if is_free[i] and (pick < 0 or values[i] / (degrees[i] + 1) > values[pick] / (degrees[pick] + 1)):
                    pick = i
