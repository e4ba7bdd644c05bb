"""The search for a feasible point: many starts, local search in floats, and exact points near the best ends."""

from __future__ import annotations

import contextlib
import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.polynomials import ONE, Monomial, Polynomial, Rational, Ring, rational, variables_of
from polyproof_gym.problems.feasible_point.constrained import ConstrainedSearch, on_one_thread
from polyproof_gym.problems.feasible_point.descent import coordinate_descent, newton
from polyproof_gym.problems.feasible_point.enclosure import enclosed_minimiser
from polyproof_gym.problems.feasible_point.exact import ExactSet
from polyproof_gym.problems.feasible_point.float_view import Floats, FloatView
from polyproof_gym.problems.feasible_point.tight import points_near
from polyproof_gym.problems.feasible_point.whole_values import WholeValues

MAX_WORK = 4e8
"""Multiplications, roughly, that a part of the search may cost."""

MAX_ENUMERATED = 2_000_000
"""Factors of terms, over all points, up to which all points of a finite set are tried."""

FEWEST_STARTS, MOST_STARTS = 8, 24
"""How many points coordinate descent starts from."""

FEW_SWEEPS, MAX_SWEEPS = 3, 60
"""How often coordinate descent goes over all variables, where other methods go on and where none does."""

MAX_POLISHED = 8
"""Most ends, and most random points, from which Newton's method goes on."""

MAX_SOLVED = 12
"""Most points from which the local solver for constraints starts."""

ENOUGH_EQUAL = 4
"""How often the local solver must reach its best value, to be stopped."""

MAX_STEPS = 60
"""Most steps of a method that uses derivatives."""

MAX_EXCHANGED = 8
"""Most ends that are improved by exchanging values between variables with two values or whole ones."""

MAX_EXCHANGES = 20
"""Most exchanges from one of them."""

WINDOW = 16
"""How many values on either side of one are tried, of integer variables with more values than can be tried."""

MAX_WINDOWS = 4
"""How often the values that are tried are chosen anew, around the best point so far."""

MAX_RELAXED = 5
"""How often values of the whole variables are looked for with which the constraints may hold."""

TOLERANCE = 1e-6
"""Violation up to which an exact point is looked for nearby."""

CLOSE = 1e-4
"""Relative difference of values that are as good as equal."""


def find_feasible_point(
    objective: Polynomial, constraints: Sequence[Polynomial] = (), steps: Mapping[int, int] = MappingProxyType({})
) -> tuple[Rational, ...] | None:
    """A good point of the unit box, by local search from the centre, corners and random points.

    The search is in floats; the point returned is rational and satisfies every constraint exactly. It depends on
    nothing but the arguments: what limits the search is counted work, not time.

    Args:
        objective: The polynomial to make small.
        constraints: Polynomials that must be nonnegative at the point. An equation is a polynomial and its negative.
        steps: Of variables that have only the values ``k / steps``, how many steps there are.

    Returns:
        The best point found, or ``None`` where none was feasible.
    """
    # The search is only a help: numbers beyond the range of floats must not stop anyone.
    with np.errstate(all="ignore"):
        search = _Search(objective, constraints, steps)
        with contextlib.suppress(np.linalg.LinAlgError):
            search.run()
    return search.best


class _Search:
    """One search, with the best exact point so far.

    Points in floats are columns. The objective is without its constant term, and all polynomials are scaled.
    """

    def __init__(self, objective: Polynomial, constraints: Sequence[Polynomial], steps: Mapping[int, int]) -> None:
        self.n = objective.ring.num_variables
        self.objective = objective - objective.constant_term
        self.largest = max((abs(Fraction(c)) for c in self.objective.terms.values()), default=Fraction(1))
        self.offset = _quotient(objective.constant_term, self.largest)
        self.best: tuple[Rational, ...] | None = None
        self.best_value: Rational = 0
        self.set = ExactSet(objective.ring, constraints, steps)
        self.domains = [None if domain is None else _floats(domain) for domain in self.set.domains()]
        self.is_free = np.array([domain is None for domain in self.domains])
        self.wide = [i for i in self.set.steps if self.domains[i] is None]  # whole numbers, too many to try
        self.lowest: tuple[float, Floats] = math.inf, np.full(self.n, 0.5)  # of all ends, with violations as a penalty
        # Equations in one variable are kept by its domain.
        self.equations = [e for e in self.set.equations if len(variables_of(e.terms)) > 1]
        self.inequalities = [*self.set.inequalities, *_exclusions(objective.ring)]
        self.view = FloatView.of([self.objective, *self.equations, *(-e for e in self.equations), *self.inequalities])
        self.is_constrained = self.view.num_functions > 1
        # More than the objective can gain.
        self.penalty = 100.0 * float(np.abs(self.view.coefficients[self.view.functions == 0]).sum())
        self.noise = 1e-17 * self.penalty  # the error that floats make in values of the objective
        self.rng = np.random.default_rng(0)

    def run(self) -> None:
        """Search; integer variables with many values are continuous at first, and then have those nearby."""
        self._search()
        if self.wide and not self._is_optimal():
            self._search_near(self.lowest[1])
        for _ in range(MAX_WINDOWS if self.wide else 0):
            before = self.best
            if before is None or self._is_optimal():
                break
            self._search_near(_floats(before))
            if self.best == before:
                break
        if self.best is None and self.set.steps and self.is_constrained:
            self._search_at_whole_values()
        if self.best is not None and not self._is_optimal():
            self._walk(self.best)

    def _walk(self, point: tuple[Rational, ...]) -> None:
        """Change one integer variable at a time, by large steps first, which floats may not tell from each other."""
        for i in self.wide:
            steps = self.set.steps[i]
            stride = 1 << steps.bit_length()
            while stride := stride >> 1:
                for change in (Fraction(stride, steps), Fraction(-stride, steps)):
                    moved = (*point[:i], rational(point[i] + change), *point[i + 1 :])
                    if self.set.contains(moved):
                        self._keep(moved)
                point = self.best or point

    def _search_at_whole_values(self) -> None:
        """Give the whole variables values with which a relaxation of the constraints has points, and search there."""
        relaxation = WholeValues(self.n, self.set.equations, self.inequalities, self.set.steps)
        for objective in (self.objective, *self._directions(MAX_RELAXED - 1)):
            point = relaxation.point(objective)
            if point is None:
                return
            fixed = copy.copy(self)
            fixed.domains = [*self.domains]
            for i, steps in self.set.steps.items():
                fixed.domains[i] = np.array([round(float(point[i]) * steps) / steps])
            fixed.is_free = np.array([domain is None for domain in fixed.domains])
            fixed.lowest = math.inf, point
            fixed._search()
            if fixed.best is not None:
                self.best, self.best_value = fixed.best, fixed.best_value
                return

    def _directions(self, count: int) -> Iterator[Polynomial]:
        """Random sums of the whole variables."""
        for _ in range(count):
            weights = self.rng.integers(-100, 101, len(self.set.steps)).tolist()
            pairs = zip(self.set.steps, weights, strict=True)
            terms: dict[Monomial, Rational] = {(i,): weight for i, weight in pairs if weight}
            yield Polynomial(self.objective.ring, terms)

    def _search_near(self, center: Floats) -> None:
        narrow = self._within(center)
        narrow._search()
        self.best, self.best_value = narrow.best, narrow.best_value

    def _within(self, center: Floats) -> _Search:
        """The search among few values of the integer variables, around those of a point."""
        narrow = copy.copy(self)
        narrow.domains = [*self.domains]
        for i in self.wide:
            steps = self.set.steps[i]
            middle = round(float(center[i]) * steps)
            values = range(max(middle - WINDOW, 0), min(middle + WINDOW, steps) + 1)
            narrow.domains[i] = np.array([k / steps for k in values])
        narrow.is_free = np.array([domain is None for domain in narrow.domains])
        return narrow

    def _search(self) -> None:
        """Search, from what is cheap to what is not."""
        domains = [domain for domain in self.domains if domain is not None]
        if not all(map(len, domains)) or not all(inequality.degree for inequality in self.set.inequalities):
            return  # no point satisfies an equation, or a constraint that is a negative constant
        if len(domains) == self.n and math.prod(map(len, domains)) <= MAX_ENUMERATED // self.view.size:
            self._offer(np.stack(np.meshgrid(*domains, copy=False)).reshape(self.n, -1), tries=100)
            return
        starts = self._starts()
        # At plain points exact values may be better than any where floats cancel; and often they are optimal.
        for start in starts[:, :3].T:
            self._offer(start[:, None], tries=1)
        if self._is_optimal():
            return
        minimiser = None if domains or self.is_constrained else enclosed_minimiser(self.view)
        if minimiser is not None:
            self._offer(minimiser[:, None], tries=1)
            return
        if domains and self.is_constrained and self.num_solved:
            with on_one_thread():
                relaxed = self.local.minimum(starts[:, 0], np.ones(self.n, np.bool_), MAX_STEPS)
            starts = np.column_stack([starts, self._on_domains(relaxed[:, None])])
        ends = self._descend(starts)
        if domains:
            ends = self._exchange(ends)
        if self.is_free.any() and not self.is_constrained and self.num_polished:
            ends = self._polish(ends)
        self._offer(self._best_first(ends), tries=MOST_STARTS)
        if self.is_free.any() and self.is_constrained and self.num_solved and not self._is_optimal():
            with on_one_thread():
                self._solve(ends)
        if self.best is None:  # one sweep leads from plain points to plain ones, of curves that have few others
            self._offer(self._descend(starts, most_sweeps=1), tries=MOST_STARTS)

    def _is_optimal(self) -> bool:
        return self.best is not None and self.best_value <= self.objective.lower_bound_on_unit_box()

    def _is_close(self, merit: float, better: float) -> bool:
        return merit - better <= CLOSE * abs(better + self.offset) + self.noise

    @property
    def best_merit(self) -> float:
        """The value of the best exact point, as floats have it."""
        return math.inf if self.best is None else _quotient(self.best_value, self.largest)

    @cached_property
    def local(self) -> ConstrainedSearch:
        """The local solver for constraints."""
        return ConstrainedSearch(self.objective, self.equations, self.inequalities)

    @cached_property
    def num_solved(self) -> int:
        """How many starts of the local solver the work allows."""
        return int(min(MAX_SOLVED, MAX_WORK // (20 * self.local.cost)))

    @cached_property
    def num_polished(self) -> int:
        """From how many ends Newton's method may go on."""
        cost = self.view.size * self.view.width**2 + self.n**3
        return int(min(MAX_POLISHED, MAX_WORK // (4000 * cost)))

    def _starts(self) -> Floats:
        """The centre, two corners, random corners and random points."""
        n = self.n
        count = int(np.clip(MAX_WORK // (200 * self.view.size), FEWEST_STARTS, MOST_STARTS))
        corners = self.rng.integers(0, 2, (n, count // 2))
        random = self.rng.random((n, count - 3 - count // 2))
        points = np.column_stack([np.full(n, 0.5), np.zeros(n), np.ones(n), corners, random])
        if math.isfinite(self.lowest[0]):  # from a search before
            points = np.column_stack([points, self.lowest[1]])
        return self._on_domains(points)

    def _on_domains(self, points: Floats) -> Floats:
        """The points with the nearest values that the variables can have."""
        nearest = points.copy()
        for i, domain in enumerate(self.domains):
            if domain is not None:
                nearest[i] = domain[np.abs(domain[:, None] - points[i]).argmin(axis=0)]
        return nearest

    def _descend(self, starts: Floats, most_sweeps: int = MAX_SWEEPS) -> Floats:
        goes_on = self.is_free.all() and (self.num_solved if self.is_constrained else self.num_polished)
        affordable = int(max(2, MAX_WORK // (self.view.size * self.view.width * starts.shape[1])))
        sweeps = min(most_sweeps, affordable, FEW_SWEEPS if goes_on else MAX_SWEEPS)
        return coordinate_descent(self.view, self.domains, starts, sweeps, self.penalty)

    def _merits(self, points: Floats) -> tuple[Floats, Floats]:
        """The objective, and the same with violations as a penalty."""
        values = self.view.at(points)
        violations = np.maximum(-values[1:], 0.0).max(axis=0, initial=0.0)
        penalised = values[0] + self.penalty * np.where(violations > TOLERANCE, violations, 0.0)
        merits, penalised = (np.where(np.isnan(array), np.inf, array) for array in (values[0], penalised))
        return merits, penalised

    def _best_first(self, points: Floats) -> Floats:
        """The points in the order of their penalised merits, equal ones once."""
        points = points[:, np.argsort(self._merits(points)[1], kind="stable")]
        _, first = np.unique(np.round(points, 7), axis=1, return_index=True)
        return points[:, np.sort(first)]

    def _exchange(self, ends: Floats) -> Floats:
        """Change one or two variables with two values at a time, from the best ends, while that helps."""
        num_moves = len(self._moves(ends[:, 0])[0])
        count = int(min(MAX_EXCHANGED, MAX_WORK // (100 * max(num_moves, 1) ** 2 * self.view.size)))
        if not num_moves or not count:
            return ends
        improved = self._best_first(ends)[:, :count].copy()
        for x in improved.T:
            for _ in range(MAX_EXCHANGES):
                variables, changes = self._moves(x)
                pairs = np.array(np.triu_indices(len(variables)))
                pairs = pairs[:, (variables[pairs[0]] != variables[pairs[1]]) | (pairs[0] == pairs[1])]
                moved = np.zeros((self.n, pairs.shape[1]))
                moved[variables[pairs], np.arange(pairs.shape[1])] = changes[pairs]
                tried = np.column_stack([x, x[:, None] + moved])
                best = int(np.argmin(self._merits(tried)[1]))
                if not best:
                    break
                x[:] = tried[:, best]
        return np.column_stack([ends, self._descend(improved)])

    def _moves(self, x: Floats) -> tuple[NDArray[np.intp], Floats]:
        """To which values single variables may change: to the other of two, or to the next whole number.

        Returns:
            The variables, and by how much they change, both of shape ``(moves,)``.
        """
        moves: list[tuple[int, float]] = []
        for i, domain in enumerate(self.domains):
            if domain is not None and len(domain) == 2:
                moves.append((i, float(domain.sum() - 2 * x[i])))
            elif domain is not None and i in self.set.steps:
                step = 1 / self.set.steps[i]
                moves += [
                    (i, change)
                    for change in (step, -step)
                    if domain[0] - step / 2 < x[i] + change < domain[-1] + step / 2
                ]
        return np.array([i for i, _ in moves], np.intp), np.array([change for _, change in moves])

    def _polish(self, ends: Floats) -> Floats:
        """Go on by Newton's method from the best ends and from the best of many random points."""
        best = self._best_first(ends)[:, : self.num_polished]
        random = self.rng.random((self.n, 32 * self.num_polished))
        sample = self._best_first(np.where(self.is_free[:, None], random, best[:, :1]))[:, : self.num_polished]
        return newton(self.view, np.column_stack([best, sample]), ~self.is_free, MAX_STEPS)

    def _solve(self, ends: Floats) -> None:
        """Take exact points near the minima that the local solver reaches from the ends and from random points."""
        ends = self._best_first(ends)[:, : max(1, self.num_solved // 3)]
        others = ends[:, np.arange(self.num_solved - ends.shape[1]) % ends.shape[1]]
        random = np.where(self.is_free[:, None], self.rng.random(others.shape), others)
        minima: list[tuple[float, Floats]] = []
        for start in np.column_stack([ends, random]).T:
            end = self.local.minimum(start, self.is_free, MAX_STEPS)
            if self.local.violation(end) <= TOLERANCE:
                minima.append((float(self.local.values(end)[0]), end))
                best = min(merit for merit, _ in minima)
                self._note(end[:, None], np.array([minima[-1][0]]))
                if sum(self._is_close(merit, best) for merit, _ in minima) == ENOUGH_EQUAL:
                    break
        distinct = {np.round(end, 6).tobytes(): (merit, end) for merit, end in minima}
        for merit, end in sorted(distinct.values(), key=lambda minimum: minimum[0]):
            if merit >= self.best_merit - self.noise:
                break
            for points in points_near(end, self.local, self.set, self.is_free):
                for point in points:
                    self._keep(point)
                if self._is_close(self.best_merit, merit):
                    break

    def _offer(self, points: Floats, tries: int) -> None:
        """Take exact points near some of the points, the best first, by rounding."""
        merits, penalised = self._merits(points)
        self._note(points, penalised)
        order = np.argsort(penalised, kind="stable")  # a small violation may cost less than it gains
        for column in order[penalised[order] <= merits[order]].tolist():
            if not tries or merits[column] >= self.best_merit + self.noise:
                break
            tries -= 1
            for point in self.set.near(points[:, column].tolist()):
                self._keep(point)

    def _note(self, points: Floats, penalised: Floats) -> None:
        """Remember the lowest of some points."""
        best = int(np.argmin(penalised))
        if penalised[best] < self.lowest[0]:
            self.lowest = float(penalised[best]), points[:, best].copy()

    def _keep(self, point: tuple[Rational, ...]) -> None:
        value = self.objective.evaluate(point)
        if self.best is None or value < self.best_value:
            self.best, self.best_value = point, value


def _exclusions(ring: Ring) -> list[Polynomial]:
    """The rules that two variables have the product zero, as inequalities that whole values keep exactly then.

    One inequality serves all pairs of a clique: at most one of its variables is one. Cliques are found greedily until
    they cover all pairs; a set of variables is an integer with a bit for each.
    """
    rows = np.packbits(ring.exclusion_matrix, axis=1, bitorder="little")
    excluded = [int.from_bytes(row.tobytes(), "little") for row in rows]
    left = list(excluded)
    exclusions = []
    for i in range(ring.num_variables):
        while left[i]:
            clique, common = [i], left[i]
            while common:
                j = (common & -common).bit_length() - 1
                common &= excluded[j]
                clique.append(j)
            members = sum(1 << j for j in clique)
            for j in clique:
                left[j] &= ~members
            exclusions.append(Polynomial(ring, {ONE: 1, **{(j,): -1 for j in clique}}))
    return exclusions


def _floats(values: Sequence[Rational]) -> Floats:
    return np.array([float(u) for u in values])


def _quotient(a: Rational, b: Fraction) -> float:
    """The quotient as a float, infinite where it is beyond their range."""
    try:
        return float(a / b)
    except OverflowError:
        return math.inf if a > 0 else -math.inf
