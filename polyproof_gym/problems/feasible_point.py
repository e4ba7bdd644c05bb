"""A cheap good point of a polynomial problem: the incumbent that stands beside every bound."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.polynomial import polynomial as univariate
from numpy.typing import NDArray

from polyproof_gym.polynomials import Polynomial, Rational, Ring, rational

Point = NDArray[np.float64]

MAX_SWEEPS = 60
"""Most times that the search goes over all variables."""

GRID = np.linspace(0.0, 1.0, 13)
"""Values that are tried for every free variable beside the stationary ones."""


def find_feasible_point(
    objective: Polynomial, constraints: Sequence[Polynomial] = (), num_starts: int | None = None
) -> tuple[Rational, ...] | None:
    """A good point of the unit box by coordinate descent from the centre, corners and random points.

    The search is in floats; the point returned is rational and satisfies every constraint exactly.

    Args:
        objective: The polynomial to make small.
        constraints: Polynomials that must be nonnegative at the point.
        num_starts: Number of points to start from, by default 24, and fewer for more than ten variables.

    Returns:
        The best point found, or ``None`` where none was feasible.
    """
    ring = objective.ring
    n = ring.num_variables
    num_starts = num_starts or max(4, min(24, 240 // n))
    rng = np.random.default_rng(0)
    starts = [np.full(n, 0.5), np.zeros(n), np.ones(n)]
    starts += [rng.integers(0, 2, n).astype(float) for _ in range(num_starts // 2)]
    starts += [rng.random(n) for _ in range(num_starts - len(starts))]
    best: tuple[Rational, ...] | None = None
    best_value: Rational = 0
    for start in starts:
        ends = [start]
        # The search is only a help: numbers beyond the range of floats must not stop anyone.
        with contextlib.suppress(OverflowError, np.linalg.LinAlgError), np.errstate(all="ignore"):
            ends.append(_descend(objective, constraints, start))
        for end, denominator in itertools.product(ends, (1, 60, 10**6)):
            point = _rounded(ring, end, denominator)
            if not _is_feasible(ring, constraints, point):
                continue
            value = objective.evaluate(point)
            if best is None or value < best_value:
                best, best_value = point, value
    return best


def _rounded(ring: Ring, point: Point, denominator: int) -> tuple[Rational, ...]:
    return tuple(
        round(u) if i in ring.idempotent else rational(Fraction(u).limit_denominator(denominator))
        for i, u in enumerate(point.tolist())
    )


def _is_feasible(ring: Ring, constraints: Sequence[Polynomial], point: Sequence[Rational]) -> bool:
    if any(point[i] and point[j] for i, j in ring.exclusive):
        return False
    return all(constraint.evaluate(point) >= 0 for constraint in constraints)


class _FloatPolynomial:
    """A polynomial in floats, prepared for being looked at along one variable at a time."""

    def __init__(self, polynomial: Polynomial) -> None:
        n = polynomial.ring.num_variables
        self._degree = polynomial.degree
        self._coefficients = np.array([float(c) for c in polynomial.terms.values()])
        # Variables of every term, padded by the index n, at which the extended point is 1.
        self._factors = np.full((len(polynomial), max(self._degree, 1)), n)
        self._powers = np.zeros((n, len(polynomial)), np.intp)
        for row, monomial in enumerate(polynomial.terms):
            self._factors[row, : len(monomial)] = monomial
            for i in monomial:
                self._powers[i, row] += 1

    def along(self, point: Point, i: int) -> Point:
        """Coefficients, by ascending power, of the polynomial as a function of ``x_i`` alone."""
        extended = np.append(point, 1.0)
        extended[i] = 1.0
        values = self._coefficients * extended[self._factors].prod(axis=1)
        slice_: Point = np.bincount(self._powers[i], weights=values, minlength=self._degree + 1).astype(np.float64)
        return slice_


def _descend(objective: Polynomial, constraints: Sequence[Polynomial], start: Point) -> Point:
    """Minimise along one variable after another, exactly up to float error, with violations as a penalty."""
    ring = objective.ring
    polynomials = [_FloatPolynomial(p) for p in (objective, *constraints)]
    penalty = 10.0 * sum(abs(float(c)) for c in objective.terms.values())
    point = start.copy()
    for _ in range(MAX_SWEEPS):
        before = point.copy()
        for i in range(ring.num_variables):
            slices = [p.along(point, i) for p in polynomials]
            candidates = np.array([0.0, 1.0]) if i in ring.idempotent else _stationary_points(slices)
            values = univariate.polyval(candidates, slices[0])
            for constraint in slices[1:]:
                values = values + penalty * np.maximum(-univariate.polyval(candidates, constraint), 0.0)
            point[i] = candidates[int(np.argmin(values))]
        if np.abs(point - before).max() < 1e-9:
            break
    return point


def _stationary_points(slices: Sequence[Point]) -> Point:
    """The grid, and where the objective is stationary or a constraint is tight, within ``[0, 1]``."""
    functions = [univariate.polyder(slices[0]), *slices[1:]]
    roots = [univariate.polyroots(np.trim_zeros(f, "b")) for f in functions if f[1:].any()]
    found = np.concatenate([np.empty(0), *roots])
    real = found[np.abs(found.imag) < 1e-9].real
    return np.concatenate([GRID, real[(real > 0) & (real < 1)]])
