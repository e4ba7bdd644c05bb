"""Rewards: what an improvement of the bound is worth."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from polyproof_gym.arguments import one_of
from polyproof_gym.problems import Problem

Reward = Callable[[float, float], float]
"""From the bounds before and after a step, of which the second is never worse, to the reward."""

NEARLY_CLOSED = 0.005
"""The share of the gap that ``"log"`` takes for closed, more or less: it is added to the share that is open."""


def initial_gap(problem: Problem, initial_bound: float) -> float:
    """Distance between the bound at reset and the incumbent, or a substitute where that says nothing.

    Where no feasible point is known, or the bound is tight from the start, it is ``max(1, |initial bound|)``.
    """
    if problem.incumbent is not None:
        gap = abs(float(problem.incumbent) - initial_bound)
        if gap > 1e-9 * (1.0 + abs(initial_bound)):
            return gap
    return max(1.0, abs(initial_bound))


def _improvement(unit: float, before: float, after: float) -> float:
    return abs(after - before) / unit


def share_of_gap(problem: Problem, initial_bound: float) -> Reward:
    """The improvement as a share of the initial gap: the return is at most 1, and 1 if the incumbent is optimal."""
    return partial(_improvement, initial_gap(problem, initial_bound))


def raw(problem: Problem, initial_bound: float) -> Reward:
    """The improvement itself."""
    return partial(_improvement, 1.0)


def _log_shrinkage(initial_bound: float, gap: float, before: float, after: float) -> float:
    was_open, is_open = (max(0.0, 1.0 - abs(bound - initial_bound) / gap) for bound in (before, after))
    return math.log((was_open + NEARLY_CLOSED) / (is_open + NEARLY_CLOSED))


def log_gap(problem: Problem, initial_bound: float) -> Reward:
    """The logarithm of the factor by which the open gap shrinks.

    So halving it is worth as much at the end as at the beginning, until hardly more than :data:`NEARLY_CLOSED` is open.
    Where no incumbent is known and the bound passes what :func:`initial_gap` puts in its place, nothing more is earned.
    """
    return partial(_log_shrinkage, initial_bound, initial_gap(problem, initial_bound))


def share_of_value(problem: Problem, initial_bound: float) -> Reward:
    """The improvement as a share of the size of the incumbent's value: what the ratio of the two falls by.

    Where no feasible point is known, or its value is 0, it is the share of the gap.
    """
    value = abs(float(problem.incumbent or 0))
    return partial(_improvement, value or initial_gap(problem, initial_bound))


REWARDS: dict[str, Callable[[Problem, float], Reward]] = {
    "gap": share_of_gap,
    "raw": raw,
    "log": log_gap,
    "ratio": share_of_value,
}
"""The rewards that can be chosen by name: functions of the problem and its initial bound."""


def make_reward(name: str) -> Callable[[Problem, float], Reward]:
    """The reward of a name.

    Raises:
        BadInput: If there is none.
    """
    return REWARDS[one_of(name, "reward", REWARDS)]
