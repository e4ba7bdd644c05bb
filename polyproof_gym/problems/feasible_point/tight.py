"""Exact points near one where constraints are tight: on these constraints, or just inside of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from polyproof_gym.polynomials import Polynomial, Rational, variables_of
from polyproof_gym.problems.feasible_point.constrained import Bools, ConstrainedSearch, pivots
from polyproof_gym.problems.feasible_point.exact import ExactSet
from polyproof_gym.problems.feasible_point.float_view import Floats

TIGHT = 1e-6
"""Distance up to which a constraint counts as tight."""

SHIFTS = (1e-9, 1e-7, 1e-5, 1e-3)
"""How far inside of tight constraints exact points are looked for."""

MAX_CORRECTIONS = 10
"""Most steps towards the constraints."""


def points_near(
    end: Floats, search: ConstrainedSearch, exact_set: ExactSet, is_free: Bools
) -> Iterator[list[tuple[Rational, ...]]]:
    """Exact points of a set near the end of a local search.

    Args:
        end: Where the search has ended.
        search: The search, which has the constraints in floats.
        exact_set: The set.
        is_free: The variables that may change, shape ``(n,)``.

    Yields:
        One group of points, often empty, for every way of looking for them: the nearest to the end come first.
    """
    equations = [*range(search.num_equations)]
    slacks = search.slacks(end)[search.num_equations :]
    inequalities = [search.num_equations + k for k in np.flatnonzero(slacks <= TIGHT).tolist()]
    linear = [k for k in inequalities if search.constraints[k].degree == 1]
    at_ends = bool((np.minimum(end, 1 - end)[is_free] < SHIFTS[0]).any())
    ways = [([*equations, *inequalities], 0.0, 0.0)]
    for shift in SHIFTS:
        ways += [([*equations, *linear], shift, 0.0), (equations, shift, 0.0)] if linear else [(equations, shift, 0.0)]
        if at_ends:
            ways.append((equations, shift, shift))
    for kept, shift, margin in ways:
        inside = [k for k in inequalities if k not in kept]
        if shift and not inside and not margin:
            continue
        point = _moved(end, search, kept, inside, shift, margin, is_free) if shift else end
        rows = np.array(kept, np.intp) + 1
        jacobian = (search.jacobian(point) / search.steepness(point)[:, None])[rows]
        polynomials = [search.constraints[k] for k in kept]
        choices = [frozenset(pivots(jacobian, weights)[1]) for weights in _weights(point, polynomials, is_free)]
        yield [
            exact
            for dependent in dict.fromkeys(choices)
            for exact in exact_set.near(point.tolist(), polynomials, dependent)
        ]


def _moved(
    point: Floats,
    search: ConstrainedSearch,
    kept: Sequence[int],
    inside: Sequence[int],
    shift: float,
    margin: float,
    is_free: Bools,
) -> Floats:
    """A point nearby where some constraints are zero and others at least ``shift``, by Gauss-Newton steps.

    The variables that may change keep the distance ``margin`` from the ends of the unit interval.
    """
    rows = np.array([*kept, *inside], np.intp) + 1
    low, high = np.where(is_free, margin, 0.0), np.where(is_free, 1.0 - margin, 1.0)
    point = np.clip(point, low, high)
    for _ in range(MAX_CORRECTIONS):
        steepness = search.steepness(point)[rows]
        missing = -search.values(point)[rows] / steepness
        missing[len(kept) :] = np.maximum(missing[len(kept) :] + shift, 0.0)
        if np.abs(missing).max(initial=0.0) <= shift / 100:
            break
        jacobian = search.jacobian(point)[rows] / steepness[:, None]
        movable = is_free
        for _ in range(3):  # variables that would leave the box stay
            step = np.where(movable, np.linalg.lstsq(jacobian * movable, 1.01 * missing, rcond=None)[0], 0.0)
            leaving = ((point <= low) & (step < 0)) | ((point >= high) & (step > 0))
            if not leaving.any():
                break
            movable = movable & ~leaving
        point = np.clip(point + step, low, high)
    return point


def _weights(point: Floats, equations: Sequence[Polynomial], is_free: Bools) -> Iterator[Floats]:
    """How well every variable is suited for solving every equation: best are those inside that occur linearly.

    The answers differ in what they think of variables that come into an equation by elimination only.
    """
    inside = np.where(np.minimum(point, 1 - point) > 1e-9, 1.0, 1e-4) * is_free
    for absent in (0.01, 1.0):
        weights = np.full((len(equations), len(point)), absent)
        for row, equation in zip(weights, equations, strict=True):
            products = [monomial for monomial in equation.terms if len(monomial) > 1]
            row[[*variables_of(equation.terms)]] = 1.0
            row[[*variables_of(products)]] = 0.1
            row[[i for monomial in products for i in monomial if monomial.count(i) > 1]] = 0.001
        yield weights * weights.min(axis=0, initial=1.0) * inside
