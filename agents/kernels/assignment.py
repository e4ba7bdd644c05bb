"""Changing some entries of an array."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(
    ["void(uint16[::1], uint16[::1], uint16[::1])", "void(uint16[::1], uint32[::1], uint16[::1])"],
    nogil=True,
    error_model="numpy",
)
def assign_in_turn(
    row: NDArray[np.uint16], positions: NDArray[np.unsignedinteger[Any]], values: NDArray[np.uint16]
) -> None:
    """Assign values one after the other; NumPy does not promise an order, and a position may occur several times.

    Args:
        row: The array that is changed.
        positions: Where each value goes.
        values: The values, one for every position.
    """
    for k in range(len(positions)):
        row[positions[k]] = values[k]
