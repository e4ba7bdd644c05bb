"""Where a polynomial is smallest on its box: all rational points with the least value that a fast search comes upon."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from polyproof_gym.polynomials import Rational, rational
from polyproof_gym.problems.feasible_point.descent import newton
from polyproof_gym.problems.feasible_point.float_view import FloatView
from polyproof_gym.problems.problem import Problem

DENOMINATOR = 64
"""Largest denominator of a coordinate, in the problem's own coordinates."""

MAX_WORK = 2e7
"""Multiplications, roughly, that one Newton step from all starts may cost."""

MOST_STARTS = 128
"""Most points that the search starts from, half of them the best among eight times as many."""

MAX_STEPS = 60
"""Most Newton steps; at a minimum that is not a strict one, each comes nearer by a constant factor only."""

CLOSE = 1e-6
"""Difference, relative to the size of the objective on the box, up to which an end counts as lowest."""

Point = tuple[Rational, ...]


def rational_minimisers(problem: Problem) -> list[Point]:
    """Points of the unit box with the same, least known value of the minimised objective, all rational.

    The points depend on nothing but the problem. On problems with constraints, and with Boolean or integer variables,
    which the search knows nothing of, the point is the one that the problem comes with.

    Returns:
        The points; none if the least values that were found are not at rational points with small denominators.
    """
    known = problem.feasible_point
    if known is None:
        return []
    is_plain = problem.ring.is_free and not problem.integer and len(problem.axioms) == 2 * problem.num_variables
    if not is_plain or not problem.objective.degree:
        return [known] if has_simple_point(problem) else []
    objective = problem.minimised
    view = FloatView.of([objective - objective.constant_term])
    with np.errstate(all="ignore"):
        ends = _ends(view, problem.num_variables)
        values = view.at(ends)[0]
    lowest = values.min(initial=np.inf)
    points = {_rounded(problem, end) for end in ends.T[values <= lowest + CLOSE]}
    points.add(_rounded(problem, np.array([float(u) for u in known])))
    exact = {point: objective.evaluate(point) for point in points}
    least = min(exact.values())
    if least > objective.evaluate(known):
        return []
    return sorted(point for point, value in exact.items() if value == least)


def has_simple_point(problem: Problem) -> bool:
    """Whether the point that a problem comes with has small denominators, in the problem's own coordinates."""
    point = problem.feasible_point
    own = () if point is None else problem.to_own_coordinates(point)
    return point is not None and all(Fraction(x).denominator <= DENOMINATOR for x in own)


def _ends(view: FloatView, num_variables: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Where Newton's method leads from random points and the best of more of them, one point per column."""
    rng = np.random.default_rng(0)
    cost = view.size * view.width**2 + num_variables**3
    count = int(np.clip(MAX_WORK // (8 * cost), 8, MOST_STARTS))
    random = rng.random((num_variables, 4 * count))
    best = random[:, np.argsort(view.at(random)[0])[: count // 2]]
    starts = np.column_stack([best, random[:, : count - count // 2]])
    return newton(view, starts, np.zeros(num_variables, np.bool_), MAX_STEPS)


def _rounded(problem: Problem, end: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Point:
    """The point with small denominators in the problem's own coordinates next to one in floats, in unit coordinates."""
    point = []
    for u, (low, high) in zip(end.tolist(), problem.box, strict=True):
        own = (low + (high - low) * Fraction(u)).limit_denominator(DENOMINATOR)
        point.append(rational(Fraction(min(max(own, low), high) - low) / (high - low)))
    return tuple(point)
