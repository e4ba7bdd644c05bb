"""Bernstein branch and bound in floats: the least coefficient bounds a polynomial on a box; the worst box is halved.

See :mod:`polyproof_gym.polynomials.bernstein`. Boxes in which a constraint has negative coefficients only are left out.
Nothing remains that could be checked, and rounding errors are not accounted for.
"""

from __future__ import annotations

import heapq
import math
import time
from itertools import count
from typing import NamedTuple

import numpy as np

from polyproof_gym.polynomials import Polynomial
from polyproof_gym.polynomials.bernstein import (
    Floats,
    bernstein_coefficients,
    bernstein_halves,
    bernstein_halves_along,
)
from polyproof_gym.problems import Problem

MAX_COEFFICIENTS = 1_000_000
"""The most coefficients of a polynomial."""


class Subdivision(NamedTuple):
    """How a box was subdivided.

    Attributes:
        bound: The least coefficient of the minimised objective on the boxes that are not left out, infinite if all are;
            ``None`` where there would be too many coefficients.
        leaves: The number of boxes, those left out included.
        seconds: The time.
    """

    bound: float | None
    leaves: int
    seconds: float


def subdivided(problem: Problem, goal: float, limit: float) -> Subdivision:
    """Halve the box with the least coefficient until no coefficient is below a goal, or the time is over.

    Args:
        problem: The problem, on a box, with constraints or without.
        goal: The bound on the minimised objective that is enough.
        limit: The time, in seconds.
    """
    started = time.perf_counter()
    polynomials = [problem.minimised, *(problem.axioms[k] for k in problem.constraints)]
    if any(math.prod(_shape(polynomial)) > MAX_COEFFICIENTS for polynomial in polynomials):
        return Subdivision(None, 1, time.perf_counter() - started)
    whole = [bernstein_coefficients(_powers(polynomial)) for polynomial in polynomials]
    numbers = count()
    boxes: list[tuple[float, int, list[Floats]]] = [(float(whole[0].min()), next(numbers), whole)]
    leaves = 1
    while boxes and boxes[0][0] < goal and time.perf_counter() - started < limit:
        _, _, (objective, *constraints) = heapq.heappop(boxes)
        axis, *halves = bernstein_halves(objective)
        sides = zip(*(bernstein_halves_along(constraint, axis) for constraint in constraints), strict=True)
        for half, side in zip(halves, sides if constraints else ((), ()), strict=True):
            if all(constraint.max() >= 0 for constraint in side):
                heapq.heappush(boxes, (float(half.min()), next(numbers), [half, *side]))
        leaves += 1
    bound = boxes[0][0] if boxes else math.inf
    return Subdivision(bound, leaves, time.perf_counter() - started)


def _shape(polynomial: Polynomial) -> list[int]:
    """One more than the degree in every variable."""
    degrees = [0] * polynomial.ring.num_variables
    for monomial in polynomial.terms:
        for i in set(monomial):
            degrees[i] = max(degrees[i], monomial.count(i))
    return [degree + 1 for degree in degrees]


def _powers(polynomial: Polynomial) -> Floats:
    """The coefficients of the powers, with one axis for every variable."""
    powers = np.zeros(_shape(polynomial))
    for monomial, coefficient in polynomial.terms.items():
        powers[tuple(monomial.count(i) for i in range(powers.ndim))] = float(coefficient)
    return powers
