"""Rewards: what an improvement of the bound is worth."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from polyproof_gym.errors import BadInput
from polyproof_gym.problems import Problem

Reward = Callable[[float], float]
"""From the improvement of the bound in one step (never negative) to the reward."""


def initial_gap(problem: Problem, initial_bound: float) -> float:
    """Distance between the bound at reset and the incumbent, or a substitute where that says nothing.

    Where no feasible point is known, or the bound is tight from the start, it is ``max(1, |initial bound|)``.
    """
    if problem.incumbent is not None:
        gap = abs(float(problem.incumbent) - initial_bound)
        if gap > 1e-9 * (1.0 + abs(initial_bound)):
            return gap
    return max(1.0, abs(initial_bound))


def _divided(divisor: float, improvement: float) -> float:
    return improvement / divisor


def share_of_gap(problem: Problem, initial_bound: float) -> Reward:
    """The improvement as a share of the initial gap: the return is at most 1, and 1 if the incumbent is optimal."""
    return partial(_divided, initial_gap(problem, initial_bound))


def raw(problem: Problem, initial_bound: float) -> Reward:
    """The improvement itself."""
    return float


REWARDS: dict[str, Callable[[Problem, float], Reward]] = {"gap": share_of_gap, "raw": raw}
"""The rewards that can be chosen by name: functions of the problem and its initial bound."""


def make_reward(name: str) -> Callable[[Problem, float], Reward]:
    """The reward of a name.

    Raises:
        BadInput: If there is none.
    """
    try:
        return REWARDS[name]
    except KeyError:
        raise BadInput(f"expected one of the rewards {', '.join(map(repr, REWARDS))}, got {name!r}") from None
