from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest

from agents.requirements import require_numbers, require_range, require_whole_numbers
from polyproof_gym import BadInput


def having(value: Any) -> SimpleNamespace:
    return SimpleNamespace(x=value)


def test_what_fits_is_accepted() -> None:
    whole, least, most, narrow = having(2), having(0), having(1.0), having((0.5, 0.5))
    require_whole_numbers(whole, {"x": 2})
    require_numbers(least, "x")
    require_numbers(most, "x", most=1.0)
    require_range(narrow, "x")
    assert (whole.x, least.x, most.x, narrow.x) == (2, 0, 1.0, (0.5, 0.5))


@pytest.mark.parametrize("value", [1, 2.0, True, "2", None])
def test_whole_numbers(value: Any) -> None:
    with pytest.raises(BadInput, match="expected a whole number of at least 2 as x"):
        require_whole_numbers(having(value), {"x": 2})


@pytest.mark.parametrize("value", [-1, 10**400, math.inf, math.nan, True, "1", None])
def test_numbers(value: Any) -> None:
    with pytest.raises(BadInput, match="expected a number of at least 0 as x"):
        require_numbers(having(value), "x")


def test_numbers_with_limits() -> None:
    with pytest.raises(BadInput, match="of at least 0 and at most 1 as x, got 2"):
        require_numbers(having(2), "x", most=1.0)
    with pytest.raises(BadInput, match="above 0 as x, got 0"):
        require_numbers(having(0), "x", positive=True)


@pytest.mark.parametrize("value", [(1,), (2, 1), (0, 1), (1, math.inf), [1, 2], (True, 2), None])
def test_ranges(value: Any) -> None:
    with pytest.raises(BadInput, match="expected a range of positive numbers as x"):
        require_range(having(value), "x")
