"""Boxes of latent points, to which generators are clipped."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from polyproof_gym.arguments import exact, is_finite_number, members
from polyproof_gym.errors import BadInput
from polyproof_gym.robustness.rounding import float_above, float_below

Box = list[tuple[Fraction, Fraction]]


def read_box(box: Any, dimension: int) -> Box:
    """The intervals of a box, exactly.

    Args:
        box: One interval ``(low, high)`` for each latent variable, or a number ``R`` for ``[-R, R]`` everywhere.
        dimension: The number of latent variables.

    Raises:
        BadInput: If it is anything else, or an interval is empty or a point.
    """
    if is_finite_number(box) or isinstance(box, Fraction | str):
        half_width = Fraction(exact(box, "the half width of the box"))
        intervals = [(-half_width, half_width)] * dimension
    else:
        intervals = [_read_interval(interval) for interval in members(box, "intervals", dimension)]
    if len(intervals) != dimension:
        raise BadInput(f"expected {dimension} intervals as box, one for each latent variable, got {len(intervals)}")
    for low, high in intervals:
        if low >= high:
            raise BadInput(
                f"expected intervals with low < high as box, got ({float_below(low):g}, {float_above(high):g})"
            )
    return intervals


def _read_interval(interval: Any) -> tuple[Fraction, Fraction]:
    ends = [Fraction(exact(end, "an end of an interval")) for end in members(interval, "ends of an interval", 2)]
    if len(ends) != 2:
        raise BadInput(f"expected an interval (low, high), got {len(ends)} ends")
    return ends[0], ends[1]
