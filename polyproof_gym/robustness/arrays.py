"""Arrays of floats from whatever callers give."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGEST_WHOLE = 2.0**53 - 1
"""Whole numbers up to this are floats, and no larger ones are rounded to these."""


def real_array(value: Any) -> NDArray[np.float64] | None:
    """Numbers in any shape as floats; ``None`` if they are none, or (whole numbers, long floats) would be rounded."""
    try:
        array = np.asarray(value)
    except Exception:  # ragged, or what a class of the caller's raises
        return None
    if array.dtype.kind not in "iuf":
        return None
    with np.errstate(over="ignore"):
        floats = array.astype(np.float64)
    is_same = (floats == array) | np.isnan(array) if array.dtype.kind == "f" else abs(floats) <= LARGEST_WHOLE
    return floats if is_same.all() else None
