"""The search for a feasible point: many starts, local search in floats, and exact points near the best ends."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property

import numpy as np

from polyproof_gym.polynomials import ONE, Polynomial, Rational, Ring
from polyproof_gym.problems.feasible_point.constrained import ConstrainedSearch
from polyproof_gym.problems.feasible_point.descent import coordinate_descent, newton
from polyproof_gym.problems.feasible_point.equations import variables_of
from polyproof_gym.problems.feasible_point.exact import ExactSet
from polyproof_gym.problems.feasible_point.float_view import Floats, FloatView

MAX_SWEEPS = 60
"""Most times that coordinate descent goes over all variables."""

MAX_STEPS = 40
"""Most steps of a local search that uses derivatives."""

MAX_ENUMERATED = 4096
"""Most points that are tried one and all."""

MAX_WORK = 4e8
"""Multiplications that a part of the search may cost, which limits its starts."""

TOLERANCE = 1e-6
"""Violation, with coefficients up to 1, up to which an exact point is looked for nearby."""

SHIFTS = (1e-9, 1e-7, 1e-5, 1e-3)
"""How far inside tight constraints exact points are looked for."""

FEW_SWEEPS = 10
"""Most times where methods with derivatives go on from there."""

CLOSE = 1e-4
"""How much worse an exact point may be than the end it stands for, relatively, with no better one being looked for."""

MAX_STARTS = 12
"""Most points that the local solver for constraints starts from."""


def find_feasible_point(objective: Polynomial, constraints: Sequence[Polynomial] = ()) -> tuple[Rational, ...] | None:
    """A good point of the unit box: coordinate descent and local solvers from the centre, corners and random points.

    The search is in floats; the point returned is rational and satisfies every constraint exactly. It depends on
    nothing but the arguments: the search is limited by counted work, not by time.

    Args:
        objective: The polynomial to make small.
        constraints: Polynomials that must be nonnegative at the point. An equation is a polynomial and its negative.

    Returns:
        The best point found, or ``None`` where none was feasible.
    """
    # The search is only a help: numbers beyond the range of floats must not stop anyone.
    with np.errstate(all="ignore"):
        return _Search(objective, constraints).run()


class _Search:
    """One search, with the best exact point so far."""

    def __init__(self, objective: Polynomial, constraints: Sequence[Polynomial]) -> None:
        """Prepare the functions in floats."""
        ring = objective.ring
        self.objective = objective - objective.constant_term
        largest = max((abs(c) for c in self.objective.terms.values()), default=1)
        self.offset = float(objective.constant_term / Fraction(largest)) if objective.constant_term else 0.0
        self.set = ExactSet(ring, constraints)
        self.n = ring.num_variables
        self.best: tuple[Rational, ...] | None = None
        self.best_value: Rational = 0
        self.best_merit = math.inf
        self.rng = np.random.default_rng(0)
        self.domains = self.set.domains()
        self.is_free = np.array([domain is None for domain in self.domains])
        # Equations that their variable's domain keeps need no penalty.
        self.equations = [e for e in self.set.equations if len(variables_of(e.terms)) > 1]
        self.inequalities = [*self.set.inequalities, *_exclusions(ring)]
        opposite = [-e for e in self.equations]
        self.view = FloatView.of([self.objective, *self.equations, *opposite, *self.inequalities])

    @property
    def is_constrained(self) -> bool:
        """Whether anything but the variables' domains limits the points."""
        return self.view.num_functions > 1

    @cached_property
    def penalty(self) -> float:
        """What a violation costs per unit: more than the objective can gain."""
        return 10.0 * float(np.abs(self.view.coefficients[self.view.functions == 0]).sum())

    @cached_property
    def noise(self) -> float:
        """The error that floats make in values of the objective."""
        return 1e-16 * self.penalty

    def run(self) -> tuple[Rational, ...] | None:
        """Search, from what is cheap to what is not."""
        if any(domain is not None and not domain for domain in self.domains):
            return None
        if math.prod(math.inf if d is None else len(d) for d in self.domains) <= MAX_ENUMERATED:
            self._offer(np.array([*itertools.product(*(d or () for d in self.domains))], float).T, tries=100)
            return self.best
        starts = self._starts()
        ends = self._descend(starts)
        if not self.is_free.all():
            ends = self._exchange(ends)
        if self.is_free.any() and not self.is_constrained:
            ends = self._polish(ends)
        # Starts are plain: at some, exact values are better than those of floats that cancel.
        self._offer(np.column_stack([self._best_first(ends), starts[:, :3]]), tries=12)
        if self.is_free.any() and self.is_constrained and not self._is_optimal():
            self._solve(ends)
        return self.best

    def _is_optimal(self) -> bool:
        return self.best is not None and self.best_value <= self.objective.lower_bound_on_unit_box()

    def _starts(self) -> Floats:
        """The centre, two corners, random corners and random points, with values from the domains; as columns."""
        n, num_starts = self.n, max(4, min(24, 240 // self.n))
        starts = [np.full(n, 0.5), np.zeros(n), np.ones(n)]
        starts += [self.rng.integers(0, 2, n).astype(float) for _ in range(num_starts // 2)]
        starts += [self.rng.random(n) for _ in range(num_starts - len(starts))]
        points = np.stack(starts, axis=1)
        for i, domain in enumerate(self.domains):
            if domain is not None:
                values = np.array([float(u) for u in domain])
                points[i] = values[np.abs(values[:, None] - points[i]).argmin(axis=0)]
        return points

    def _descend(self, starts: Floats, most_sweeps: int = MAX_SWEEPS) -> Floats:
        domains = [None if domain is None else np.array([float(u) for u in domain]) for domain in self.domains]
        cost = self.view.size * starts.shape[1] * self.view.variables.shape[1]
        sweeps = int(min(most_sweeps, max(2, MAX_WORK // cost)))
        return coordinate_descent(self.view, domains, starts, sweeps, self.penalty)

    def _merits(self, points: Floats) -> tuple[Floats, Floats]:
        """The objective and the largest violation at every point."""
        values = self.view.at(points)
        return values[0], np.maximum(-values[1:].min(axis=0, initial=0.0), 0.0)

    def _best_first(self, points: Floats) -> Floats:
        """The points in the order of the objective with violations as a penalty, equal ones once."""
        merits, violations = self._merits(points)
        total = np.nan_to_num(merits + self.penalty * violations, nan=np.inf)
        points = points[:, np.argsort(total, kind="stable")]
        _, first = np.unique(np.round(points, 7), axis=1, return_index=True)
        return points[:, np.sort(first)]

    def _exchange(self, ends: Floats) -> Floats:
        """Change one or two of the variables with two values at a time, from the best ends, while that helps."""
        others = {i: float(sum(d)) for i, d in enumerate(self.domains) if d is not None and len(d) == 2}
        pairs = [*itertools.combinations(others, 2)]
        if not pairs or len(pairs) * self.view.size > MAX_WORK / 40:
            return ends
        sums = np.zeros(self.n)
        sums[[*others]] = [*others.values()]
        changed = np.zeros((self.n, len(pairs)), np.bool_)
        changed[np.array(pairs).T, np.arange(len(pairs))] = True
        improved = []
        for x in self._best_first(ends)[:, :3].T:
            for _ in range(20):
                tried = np.column_stack([x, np.where(changed, sums[:, None] - x[:, None], x[:, None])])
                merits, violations = self._merits(tried)
                best = int(np.argmin(np.nan_to_num(merits + self.penalty * violations, nan=np.inf)))
                if not best:
                    break
                x = tried[:, best]
            improved.append(x)
        return np.column_stack([ends, self._descend(np.stack(improved, axis=1))])

    def _polish(self, ends: Floats) -> Floats:
        """Go on by Newton steps from the best ends and from the best of many random points."""
        width = self.view.variables.shape[1]
        cost = self.view.size * width**2 + self.n**3
        count = int(min(8, MAX_WORK // (1000 * cost)))
        if count < 2:
            return ends
        best = self._best_first(ends)[:, :count]
        random = self.rng.random((self.n, 32 * count))
        values = [
            random[i] if domain is None else best[i, :1].repeat(random.shape[1])
            for i, domain in enumerate(self.domains)
        ]
        sample = self._best_first(np.stack(values))[:, :count]
        return newton(self.view, np.column_stack([best, sample]), ~self.is_free, MAX_STEPS)

    def _offer(self, points: Floats, tries: int) -> None:
        """Take exact points near the best of some points, by rounding."""
        merits, violations = self._merits(points)
        for column in np.argsort(np.nan_to_num(merits, nan=np.inf), kind="stable").tolist():
            if not tries or merits[column] >= self.best_merit + self.noise:
                break
            if violations[column] <= TOLERANCE:
                tries -= 1
                for point in self.set.near(points[:, column].tolist()):
                    self._keep(point)

    def _keep(self, point: tuple[Rational, ...]) -> None:
        value = self.objective.evaluate(point)
        if self.best is None or value < self.best_value:
            self.best, self.best_value = point, value
            self.best_merit = float(self.view.at(np.array([[float(u)] for u in point]))[0, 0])

    def _solve(self, ends: Floats) -> None:
        """Take exact points near the minima that a local solver reaches from the ends and from random points."""
        view = FloatView.of([self.objective, *self.equations, *self.inequalities])
        search = ConstrainedSearch(view, len(self.equations))
        num_starts = int(min(MAX_STARTS, MAX_WORK // (search.cost * 20)))
        ends = self._best_first(ends)[:, : (num_starts + 1) // 2]
        others = ends[:, np.arange(num_starts - ends.shape[1]) % ends.shape[1]]
        random = np.where(self.is_free[:, None], self.rng.random(others.shape), others)
        found: list[tuple[float, bytes]] = []
        for start in np.column_stack([ends, random]).T:
            lower, upper = np.where(self.is_free, 0.0, start), np.where(self.is_free, 1.0, start)
            end = search.minimum(start, lower, upper, MAX_STEPS)
            if search.violation(end) <= TOLERANCE:
                found.append((float(search.values(end)[0]), end.tobytes()))
        for merit, data in sorted(found):
            if merit >= self.best_merit - self.noise:
                break
            self._settle(search, np.frombuffer(data), merit)

    def _settle(self, search: ConstrainedSearch, end: Floats, merit: float) -> None:
        """Take exact points near one end: on its tight constraints, or else just inside of them."""
        num_equations = search.num_equations
        functions = [*self.equations, *self.inequalities]
        tight = [k for k, slack in enumerate(search.slacks(end)) if k < num_equations or slack <= TOLERANCE]
        linear = [k for k in tight if k < num_equations or functions[k].degree == 1]
        for kept, shift in [(tight, 0.0), *((kept, s) for s in SHIFTS for kept in (linear, tight[:num_equations]))]:
            inside = [k for k in tight if k not in kept]
            if shift and not inside:
                continue
            point = search.moved(end, kept, inside, shift, self.is_free) if shift else end
            equations = [functions[k] for k in kept]
            dependent = search.dependent(point, kept, self._weights(point, equations))
            for exact in self.set.near(point.tolist(), equations, dependent):
                self._keep(exact)
            if self.best_merit - merit <= CLOSE * abs(merit + self.offset) + self.noise:
                return

    def _weights(self, point: Floats, equations: Sequence[Polynomial]) -> Floats:
        """How well every variable is suited for solving every equation: best are those inside that occur linearly."""
        weights = np.ones((len(equations), self.n))
        for row, equation in zip(weights, equations, strict=True):
            products = [m for m in equation.terms if len(m) > 1]
            row[[*{i for m in products for i in m}]] *= 0.1
            row[[*{i for m in products for i in m if m.count(i) > 1}]] *= 1e-2
        inside = np.where(np.minimum(point, 1 - point) > 1e-9, 1.0, 1e-4) * self.is_free
        return weights * weights.min(axis=0, initial=1.0) * inside


def _exclusions(ring: Ring) -> list[Polynomial]:
    """The rules that two variables have the product zero, as inequalities that whole values keep exactly then."""
    return [Polynomial(ring, {ONE: 1, (i,): -1, (j,): -1}) for i, j in sorted(ring.exclusive)]
