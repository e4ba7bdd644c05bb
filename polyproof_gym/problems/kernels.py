"""The inner loop of a heuristic for stable sets, compiled on import (Numba keeps the machine code on disk)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit("boolean[:, ::1](boolean[:, ::1], float64[::1], int64)", cache=True, nogil=True)
def greedy_stable_sets(is_adjacent: NDArray[np.bool_], values: NDArray[np.float64], num_sets: int) -> NDArray[np.bool_]:
    """Stable sets grown from several first vertices, always by the one of largest value over remaining degree + 1.

    Args:
        is_adjacent: The adjacency matrix, shape ``(vertices, vertices)``.
        values: A nonnegative value of every vertex, shape ``(vertices,)``.
        num_sets: The first vertices are ``0`` to ``num_sets - 1``.

    Returns:
        Which vertices each set contains, shape ``(num_sets, vertices)``.
    """
    n = len(values)
    chosen = np.zeros((num_sets, n), np.bool_)
    degrees = np.empty(n, np.int64)  # among the vertices that are still free
    is_free = np.empty(n, np.bool_)
    for first in range(num_sets):
        is_free[:] = True
        for i in range(n):
            degrees[i] = np.sum(is_adjacent[i])
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
    return chosen
