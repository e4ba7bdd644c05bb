"""Bounds by alkahest, a computer algebra system that finds exact certificates of claims, and encloses ranges.

Its calls cannot be stopped, so that each is made in a process of its own, after a first one that does not count.
"""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any

from experiments.benchmark.own_process import in_own_process
from experiments.benchmark.peers.answer import Answer
from polyproof_gym.problems import Problem

MODULE = "experiments.benchmark.peers.alkahest_calls"

SLACKS = ("1/1000", "1/1000000", "0")
"""How far below the best feasible value known the claims are, relative to its size from 1 on."""

STARTING = 3.0
"""Seconds that a process may take until it has loaded the package."""


def claimed(problem: Problem, limit: float) -> Answer:
    """The strongest of a few claims that gets a certificate, checked exactly; they are told the best value known."""
    if problem.incumbent is None:
        return Answer(None, 0.0)
    value = Fraction(problem.sign * problem.incumbent)
    best, started = Answer(None, limit), time.perf_counter()
    for slack in SLACKS:
        bound = value - Fraction(slack) * max(Fraction(1), abs(value))
        left = limit - (time.perf_counter() - started)
        found = _call("claim", left, **_stated(problem), bound=str(bound))
        if found is None or found[0] > left:
            break
        best = Answer(bound, *found)
    return best


def enclosed(problem: Problem, limit: float) -> Answer:
    """The lower end of an enclosure of the range by Taylor models and subdivision, which is rigorous."""
    found = _call("enclosure", limit, **_stated(problem), limit=limit)
    return Answer(None, limit) if found is None or found[1] > limit else Answer(*found)


def _stated(problem: Problem) -> dict[str, Any]:
    objective = problem.in_own_coordinates(problem.minimised)
    return {
        "terms": [[str(Fraction(coefficient)), list(monomial)] for monomial, coefficient in objective.terms.items()],
        "box": [[str(Fraction(end)) for end in interval] for interval in problem.box],
    }


def _call(function: str, limit: float, /, **arguments: Any) -> list[Any] | None:
    """What a call returned; ``None`` where it has no answer, or none in time."""
    try:
        found: list[Any] | None = in_own_process(MODULE, function, max(limit, 0.1) + STARTING, **arguments)
    except (TimeoutError, RuntimeError):
        return None
    return found
