"""Named arrays in memory that several processes see."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Mapping
from multiprocessing.context import BaseContext
from typing import Any

import numpy as np
from numpy.typing import NDArray

Layout = Mapping[str, tuple[tuple[int, ...], np.dtype[Any]]]
"""Shape and type of every array of a collection."""

_ALIGNMENT = 64  # bytes; a cache line


class SharedArrays:
    """Arrays, zero at first, that a process shares with those it starts.

    They can be handed to a process that is being started, whichever way. The memory has no name that could outlive
    the processes, and is freed when the last array is.

    Attributes:
        arrays: The arrays by name.
    """

    def __init__(self, layout: Layout, context: BaseContext) -> None:
        """Allocate the memory.

        Args:
            layout: Shape and type of every array.
            context: How processes are started.
        """
        self._layout = dict(layout)
        self._memory = context.RawArray(ctypes.c_byte, max(1, self._place(None)))
        self.arrays: dict[str, NDArray[Any]] = {}
        self._place(self._memory)

    def _place(self, memory: Any) -> int:
        """Lay the arrays out in memory, if there is some already; the bytes needed."""
        end = 0
        for name, (shape, dtype) in self._layout.items():
            count = math.prod(shape)
            if memory is not None:
                self.arrays[name] = np.frombuffer(memory, dtype, count, end).reshape(shape)
            end += -(-count * dtype.itemsize // _ALIGNMENT) * _ALIGNMENT
        return end

    def __getstate__(self) -> tuple[dict[str, Any], Any]:
        """What another process needs to see the same arrays."""
        return self._layout, self._memory

    def __setstate__(self, state: tuple[dict[str, Any], Any]) -> None:
        """See the arrays of another process."""
        self._layout, self._memory = state
        self.arrays = {}
        self._place(self._memory)
