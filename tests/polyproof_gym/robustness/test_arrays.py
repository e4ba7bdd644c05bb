from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from polyproof_gym.robustness.arrays import real_array


@pytest.mark.parametrize(
    "value", [1, 0.5, [1, 2], [[1.5, float("nan")], [float("inf"), 2]], np.float16(0.1), np.array([])]
)
def test_numbers_become_floats(value: Any) -> None:
    found = real_array(value)
    assert found is not None
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, np.asarray(value))


@pytest.mark.parametrize(
    "value",
    [None, "1", True, [True], [[1], [1, 2]], 1j, [None], 2**63 - 1, np.longdouble(1) / 3, np.longdouble("1e400"), {}],
)
def test_what_is_no_float_makes_none(value: Any) -> None:
    assert real_array(value) is None
