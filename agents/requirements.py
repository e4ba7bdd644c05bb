"""Checks that the settings of several trainings share."""

from __future__ import annotations

import math
from collections.abc import Mapping

from polyproof_gym.arguments import is_finite_number, shown, whole
from polyproof_gym.errors import BadInput


def require_whole_numbers(settings: object, least: Mapping[str, int]) -> None:
    """Check attributes that must be whole numbers, and make them those of Python.

    Args:
        settings: What has the attributes.
        least: Their names, with the smallest value of each.

    Raises:
        BadInput: If one is something else.
    """
    for name, minimum in least.items():
        object.__setattr__(settings, name, whole(getattr(settings, name), name, minimum))


def require_numbers(settings: object, *names: str, most: float = math.inf, positive: bool = False) -> None:
    """Check attributes that must be finite numbers from 0 to ``most``, and not 0 if they must be positive.

    Raises:
        BadInput: If one is something else.
    """
    for name in names:
        value = getattr(settings, name)
        if not (is_finite_number(value) and 0 <= value <= most and not (positive and value == 0)):
            lower = "above 0" if positive else "of at least 0"
            expected = lower if most == math.inf else f"{lower} and at most {most:g}"
            raise BadInput(f"expected a number {expected} as {name}, got {shown(value)}")


def require_range(settings: object, name: str) -> None:
    """Check an attribute that must be a range ``(low, high)`` of finite positive numbers.

    Raises:
        BadInput: If it is something else.
    """
    value = getattr(settings, name)
    if not (isinstance(value, tuple) and is_range(value)):
        raise BadInput(f"expected a range of positive numbers as {name}, got {shown(value)}")


def is_range(value: object) -> bool:
    """Whether a value consists of two finite positive numbers, the smaller one first."""
    is_pair = isinstance(value, tuple | list) and len(value) == 2 and all(map(is_finite_number, value))
    return is_pair and 0 < value[0] <= value[1]  # type: ignore[index]
