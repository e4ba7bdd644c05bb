"""Where a polynomial is smallest on its box: all rational points with the least value that a fast search comes upon."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from polyproof_gym.polynomials import Polynomial, Rational, rational
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

PARTS = 6
"""Into how many parts a line between two points is divided whose middle is as low: squares vanish on it whole, then."""

MOST_LINES = 100
"""Most lines between two points that are looked at."""

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
    lowest_points = sorted(point for point, value in exact.items() if value == least)
    return sorted({*lowest_points, *_between(objective, lowest_points, least)})


def has_simple_point(problem: Problem) -> bool:
    """Whether the point that a problem comes with has small denominators, in the problem's own coordinates."""
    point = problem.feasible_point
    own = () if point is None else problem.to_own_coordinates(point)
    return point is not None and all(Fraction(x).denominator <= DENOMINATOR for x in own)


def _between(objective: Polynomial, points: list[Point], least: Rational) -> Iterator[Point]:
    """Points on lines between lowest points that are as low: of such lines the search comes upon a few points only."""
    for first, last in itertools.islice(itertools.combinations(points, 2), MOST_LINES):
        line = [_at(first, last, rational(Fraction(part, PARTS))) for part in range(1, PARTS)]
        if objective.evaluate(line[PARTS // 2 - 1]) == least:
            yield from (point for point in line if objective.evaluate(point) == least)


def _at(first: Point, last: Point, share: Rational) -> Point:
    """The point that is a share of the way from one to another."""
    return tuple(u + share * (v - u) for u, v in zip(first, last, strict=True))


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
