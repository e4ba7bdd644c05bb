"""The linear program that finds the best bound a memory proves, grown column by column from its last basis.

For the objective ``f`` (to be minimised) and the inequalities ``m_j >= 0`` it solves

    max gamma   such that   f - gamma = sum_j lambda_j * m_j  as polynomials,   lambda >= 0.

There is one row per monomial and one column per inequality. The row duals are a linear functional ``L`` on
polynomials with ``L(1) = 1`` and ``L(m_j) >= 0`` (a pseudo-expectation); its values on the monomials are the
pseudo-moments. As long as no ``gamma`` is feasible, the program minimises what is missing instead, and ``L``, then
with ``L(1) = 0``, tells which inequalities would reduce it. Where some combination is ``-1`` there is no largest
``gamma``: every bound follows, as no point satisfies what is known. Then ``gamma`` is kept below a value that no
objective on the unit box can reach, and the solution says that it was found there.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, TypeVar

import highspy
import numpy as np
from numpy.typing import NDArray

from polyproof_gym import stopping
from polyproof_gym.compiled import kernels
from polyproof_gym.proofs.estimates import estimated_solution
from polyproof_gym.proofs.memory import Column, Memory
from polyproof_gym.solver import LIMITS, Solver

FEASIBILITY = 1e-9
"""Missing amount, relative to the objective's largest nonconstant coefficient, below which a bound counts as found."""

DOUBT = 1e-6
"""Size of a violated optimality condition above which a solution is not believed."""

PIVOT = 1e-6
"""Size of a coefficient from which the moment of its monomial may be chosen so that an expectation is 0."""

_INFINITY = highspy.kHighsInf
_OPTIMAL = highspy.HighsModelStatus.kOptimal
_UNBOUNDED = highspy.HighsModelStatus.kUnbounded

_BASIC, _AT_BOUND = int(highspy.HighsBasisStatus.kBasic), int(highspy.HighsBasisStatus.kLower)

_T = TypeVar("_T", bound=np.generic)

Statuses = tuple[list[int], list[int]]
"""A basis, as the statuses of columns and of rows."""

_NO_ROWS, _NO_VALUES = np.empty(0, np.int32), np.empty(0)

SOLVER_OPTIONS: dict[str, Any] = {
    "presolve": "off",
    "small_matrix_value": 1e-12,
    "simplex_scale_strategy": 0,
}
"""Options of HiGHS for all solves, from the last basis as from scratch.

Coefficients below the small value are taken for zero. Scaling is off because the columns come scaled, and because scale
factors found for a smaller LP would stay with the solver that grows it, but not with a copy.
"""

MAX_HOT_ITERATIONS = 10_000
"""The most iterations of the simplex from the last basis; a solve that needs more is repeated from scratch."""

HOT_START: dict[str, Any] = {
    "simplex_strategy": 4,
    "primal_simplex_bound_perturbation_multiplier": 0.0,
    "simplex_iteration_limit": MAX_HOT_ITERATIONS,
}
"""Options for going on from the last basis.

A new column leaves it primal feasible, so the primal simplex goes on where it stopped. Perturbing the bounds, which
guards against cycling, would cost more than the few pivots themselves; a solve that cycles meets the limit instead,
and is repeated from scratch.
"""

COLD_START: dict[str, Any] = {
    "simplex_strategy": 0,
    "primal_simplex_bound_perturbation_multiplier": 1.0,
}
"""Options for solving from scratch: those of HiGHS."""

LAST_START: dict[str, Any] = {
    **COLD_START,
    "presolve": "on",
    "simplex_scale_strategy": 2,
}
"""Options for solving from scratch what these do not solve: it may cycle, or end in a singular basis, without."""


class LPStatus(enum.Enum):
    """What the last solution is worth."""

    OPTIMAL = "optimal"
    """The bound is the best the memory proves."""
    INFEASIBLE = "infeasible"
    """The memory proves no bound yet."""
    CONTRADICTORY = "contradictory"
    """The memory proves that no point satisfies it, and with that every bound; the one given is beyond all values."""
    FAILED = "failed"
    """The solver gave nothing believable, also from scratch; the values are those of the step before."""


class LPSolution(NamedTuple):
    """One solution of the bound LP.

    Attributes:
        status: What it is worth.
        bound: The lower bound on the minimised objective; ``-inf`` unless one was found.
        multipliers: ``lambda``, one per inequality, for the memory's scaled columns and the objective divided by its
            largest nonconstant coefficient. Shape ``(inequalities,)``.
        moments: Pseudo-moments, one per row of the memory, shape ``(monomials,)``.
    """

    status: LPStatus
    bound: float
    multipliers: NDArray[np.float64]
    moments: NDArray[np.float64]


@dataclass
class SolverCounts:
    """What the solver had trouble with.

    Attributes:
        cold_solves: How often a solution was doubted and the LP solved from scratch.
        limits: How often a run of the solver met a limit on its iterations or its time.
        failures: How often no run gave anything believable, and the last solution was carried over.
    """

    cold_solves: int = 0
    limits: int = 0
    failures: int = 0


class BoundLP:
    """The LP over the columns of a memory, which it follows as the memory grows.

    The objective enters the LP without its constant, which would drown small coefficients, and divided by the largest.

    Attributes:
        memory: The inequalities.
        given: The objective and the ceiling, as given.
        scale: The largest nonconstant coefficient of the objective, by which it is divided in the LP.
        counts: What the solver had trouble with.
    """

    _options: ClassVar[dict[str, Any]] = SOLVER_OPTIONS

    def __init__(
        self,
        memory: Memory,
        objective: NDArray[np.float64],
        ceiling: float = math.inf,
        counts: SolverCounts | None = None,
    ) -> None:
        """Set up the LP; nothing is solved yet.

        Args:
            memory: The inequalities; may grow later.
            objective: Coefficient of the minimised objective for each of its rows, which are the memory's first.
            ceiling: A value that no correct bound exceeds (that of a feasible point).
            counts: Where troubles of the solver are counted, by default from 0.
        """
        self.memory = memory
        self.counts = SolverCounts() if counts is None else counts
        self.given = objective, ceiling
        self.scale = float(np.abs(objective[1:]).max(initial=0.0)) or 1.0
        self._objective = objective / self.scale
        self._objective[0] = 0.0
        self._constant = float(objective[0])
        self._ceiling = (ceiling - self._constant) / self.scale
        self._rounding = 4.0 * math.ulp(self._constant) / self.scale  # of bounds, in which the constant is included
        self._beyond = float(np.maximum(self._objective, 0.0).sum()) + 1.0  # a gamma that only a contradiction allows
        self._feasible = False
        self._last: LPSolution | None = None
        self._rows_passed = self._columns_passed = 0  # to a solver that is made when it is first needed
        self._statuses: Statuses | None = None  # the basis it starts from

    @property
    def num_rows(self) -> int:
        """Rows of the LP: monomials."""
        return len(self.memory.monomials)

    @property
    def num_columns(self) -> int:
        """Columns of the LP that stand for inequalities."""
        return len(self.memory)

    # Column 0 is gamma. As long as no bound is feasible there follow the *shortfall* columns, one per nonconstant
    # monomial of the objective, which make up for what is missing. Then come the inequalities.

    @property
    def _first_column(self) -> int:
        return 1 if self._feasible else len(self._objective)

    def _of_inequalities(self, columns: NDArray[_T]) -> NDArray[_T]:
        """Of values for all columns of the solver, those for the columns of inequalities."""
        return columns[self._first_column :]

    def _build(self) -> None:
        self._highs = highs = Solver({**HOT_START, **self._options})
        self._pass_rows()
        highs.addCol(-1.0 if self._feasible else 0.0, -_INFINITY, _INFINITY, 1, np.zeros(1, np.int32), np.ones(1))
        shortfalls = np.arange(1, self._first_column, dtype=np.int32)
        self._add_columns(np.arange(len(shortfalls), dtype=np.int32), shortfalls, np.sign(self._objective[1:]), 1.0)

    def _maximise_gamma(self) -> None:
        """Go over to the LP proper, once nothing is missing."""
        count = self._first_column - 1
        self._highs.deleteCols(count, np.arange(1, count + 1, dtype=np.int32))
        self._highs.changeColCost(0, -1.0)
        self._feasible = True

    def _pass_rows(self) -> None:
        count = self.num_rows - self._rows_passed
        if count:
            sides = np.zeros(count)
            wanted = self._objective[self._rows_passed :]
            sides[: len(wanted)] = wanted
            self._highs.addRows(count, sides, sides, 0, np.zeros(count, np.int32), _NO_ROWS, _NO_VALUES)
            self._rows_passed = self.num_rows

    def _pass_columns(self) -> None:
        is_new = not self._rows_passed
        if is_new:
            self._build()
        self._pass_rows()
        self._pass_inequalities(self.num_columns)
        if is_new and self._statuses is not None:
            self._set_basis(*self._statuses)

    def _pass_inequalities(self, end: int) -> None:
        memory, passed = self.memory, self._columns_passed
        if end == passed + 1:  # as nearly always; this call costs less
            rows, values = memory.column(passed)
            self._highs.addCol(0.0, 0.0, _INFINITY, len(rows), rows, values)
        elif end > passed:
            starts = memory.starts
            entries = slice(starts[passed], starts[end])
            self._add_columns(starts[passed:end] - starts[passed], memory.rows[entries], memory.values[entries], 0.0)
        self._columns_passed = end

    def _add_columns(
        self, starts: NDArray[np.int32], rows: NDArray[np.int32], values: NDArray[np.float64], cost: float
    ) -> None:
        count = len(starts)
        costs, lower, upper = (np.full(count, value) for value in (cost, 0.0, _INFINITY))
        self._highs.addCols(count, costs, lower, upper, len(rows), starts, rows, values)

    def solve(self) -> LPSolution:
        """The best bound of the memory as it is now, found from the basis of the last solution."""
        last = self._last
        if last is not None:
            if len(last.multipliers) == self.num_columns:
                return last
            extended = self._extended(last)
            if extended is not None:
                self._last = extended
                return extended
        else:
            self._last = self._first_solution()
            if self._last is not None:
                return self._last
        self._pass_columns()
        solution = self._solve_phase()
        if solution is not None and not self._feasible and self._shortfall() <= FEASIBILITY:
            self._maximise_gamma()
            solution = self._solve_phase()
        if solution is None:
            solution = self._carried_over(LPStatus.FAILED)
        self._last = solution
        return solution

    def adopt(self, multipliers: NDArray[np.float64], moments: NDArray[np.float64]) -> bool:
        """Take over a solution that was found elsewhere, which the solver then need not look for.

        Args:
            multipliers: As those of an :class:`LPSolution`.
            moments: The same.

        Returns:
            Whether it is optimal; otherwise it is left.
        """
        memory, objective = self.memory, self._objective
        shares = np.repeat(multipliers, np.diff(memory.starts)) * memory.values
        left = -np.bincount(memory.rows, shares, self.num_rows).astype(np.float64)
        left[: len(objective)] += objective
        gamma = float(left[0])
        expectations = np.add.reduceat(memory.values * moments[memory.rows], memory.starts[:-1])
        tolerance = FEASIBILITY * (1.0 + abs(gamma)) + self._rounding
        is_optimal = (
            multipliers.min(initial=0.0) >= 0.0
            and np.abs(left[1:]).max(initial=0.0) <= FEASIBILITY
            and expectations.min(initial=0.0) >= -FEASIBILITY
            and abs(moments[0] - 1.0) <= FEASIBILITY
            and abs(float(moments[: len(objective)].dot(objective)) - gamma) <= tolerance
            and gamma <= self._ceiling + tolerance
        )
        if is_optimal:
            if self._rows_passed and not self._feasible:
                self._maximise_gamma()
            self._feasible = True
            bound = min(gamma, self._ceiling) * self.scale + self._constant
            self._last = LPSolution(LPStatus.OPTIMAL, bound, multipliers, moments)
        return is_optimal

    def estimated_moments(self, rounds: int) -> NDArray[np.float64]:
        """Pseudo-moments that tend to optimal ones, shape ``(monomials,)``; see :func:`estimated_solution`."""
        memory = self.memory
        objective = np.zeros(self.num_rows)
        objective[: len(self._objective)] = self._objective
        degrees = np.fromiter(map(len, memory.monomials), np.int64, self.num_rows)
        return estimated_solution(memory.starts, memory.rows, memory.values, objective, degrees, rounds)[0]

    def _first_solution(self) -> LPSolution | None:
        """The solution where every monomial of the objective is best bounded by itself, as a sum is on a box.

        The solver, which such a start does without, goes on from its basis.
        """
        memory, objective = self.memory, self._objective
        multipliers, moments = np.zeros(self.num_columns), np.zeros(self.num_rows)
        is_optimal = kernels("polyproof_gym.proofs").bound_separately(
            objective,
            memory.starts,
            memory.rows,
            memory.values,
            PIVOT,
            FEASIBILITY,
            np.empty(len(objective), np.int32),
            multipliers,
            moments,
        )
        gamma = float(moments[: len(objective)].dot(objective))
        if not is_optimal or gamma > self._ceiling:
            return None
        self._feasible = True
        is_covered = np.zeros(self.num_rows, np.bool_)
        is_covered[1 : len(objective)] = objective[1:] != 0
        is_covered[0] = True  # by gamma
        self._statuses = (
            [_BASIC, *np.where(multipliers > 0, _BASIC, _AT_BOUND).tolist()],
            np.where(is_covered, _AT_BOUND, _BASIC).tolist(),
        )
        return LPSolution(LPStatus.OPTIMAL, gamma * self.scale + self._constant, multipliers, moments)

    def _extended(self, last: LPSolution) -> LPSolution | None:
        """The last solution with zeros for the new columns, if that is still optimal.

        It is if the functional can be extended so that it is nonnegative on all new inequalities. The moment of a
        monomial that occurs for the first time is free: 0, or what makes its inequality's expectation 0. This is the
        solution that the simplex reaches by letting the new column enter the basis in the new row.
        """
        if last.status is LPStatus.FAILED:
            return None
        if last.status is LPStatus.CONTRADICTORY:
            return self._carried_over(last.status)
        known = len(last.moments)
        moments = last.moments
        if self.num_rows > known:
            moments = np.zeros(self.num_rows)
            moments[:known] = last.moments
        for number in range(len(last.multipliers), self.num_columns):
            rows, values = self.memory.column(number)
            expectation = float(values.dot(moments[rows]))
            if expectation < -FEASIBILITY:
                first = int(rows.argmax()) if len(moments) > known else 0
                if rows[first] < known or abs(values[first]) < PIVOT:
                    return None
                moments[rows[first]] -= expectation / values[first]
            if len(moments) > known:
                known = max(known, int(rows.max()) + 1)
        multipliers = np.zeros(self.num_columns)
        multipliers[: len(last.multipliers)] = last.multipliers
        return LPSolution(last.status, last.bound, multipliers, moments)

    def _solve_phase(self) -> LPSolution | None:
        """Solve from the last basis and, if the result is not believable, from scratch."""
        self._highs.run()
        solution = self._read()
        if solution is None and not stopping.is_up():
            self.counts.cold_solves += 1
            solution = self._solve_from_scratch()
        if solution is None and not stopping.is_up():
            self.counts.failures += 1
        return solution

    def _solve_from_scratch(self) -> LPSolution | None:
        """Solve from scratch, in one way and, if the result is not believable, in another."""
        highs = self._highs
        try:
            for options in (COLD_START, LAST_START):
                highs.clearSolver()
                highs.set_options(options)
                highs.limit_iterations()
                highs.run(stoppable=True)
                solution = self._read()
                if solution is not None or stopping.is_up():
                    return solution
        finally:
            highs.set_options({**HOT_START, **self._options})
        return None

    def _contradiction(self, further: Column | None) -> LPSolution | None:
        """A solution beyond all values of the objective, after the solver has said that ``gamma`` has no limit.

        It is believed only if the combination proves the contradiction with all that floats may have lost: on the unit
        box, every monomial lies between 0 and 1.
        """
        if not self._feasible or math.isfinite(self._ceiling):
            return None
        highs = self._highs
        highs.changeColBounds(0, -_INFINITY, self._beyond)
        highs.run()
        is_optimal, raw = highs.getModelStatus() == _OPTIMAL, highs.getSolution()
        highs.changeColBounds(0, -_INFINITY, _INFINITY)
        if not is_optimal:
            return None
        multipliers = np.maximum(self._of_inequalities(np.array(raw.col_value)), 0.0)
        if not self._lost_by(multipliers, further) < 0.5:
            return None
        bound = self._beyond * self.scale + self._constant
        return LPSolution(LPStatus.CONTRADICTORY, bound, multipliers, -np.array(raw.row_dual))

    def _lost_by(self, multipliers: NDArray[np.float64], further: Column | None) -> float:
        """What a combination may at most lack of the bound beyond all values, float errors included."""
        memory = self.memory
        rows, shares = memory.rows, np.repeat(multipliers[: self.num_columns], np.diff(memory.starts)) * memory.values
        if further is not None:
            rows, shares = np.append(rows, further[0]), np.append(shares, multipliers[-1] * further[1])
        left = -np.bincount(rows, shares, self.num_rows).astype(np.float64)
        left[: len(self._objective)] += self._objective
        left[0] -= self._beyond
        errors = len(shares) * np.finfo(np.float64).eps * float(np.abs(shares).sum())
        return float(np.maximum(-left[1:], 0.0).sum() - left[0]) + errors

    def _shortfall(self) -> float:
        return float(self._highs.getObjectiveValue())

    def _read(self, further: Column | None = None) -> LPSolution | None:
        """The solver's solution, or ``None`` where any optimality condition that must hold does not.

        Args:
            further: The column that the solver has beyond those of the memory, if any.
        """
        status = self._highs.getModelStatus()
        if status == _UNBOUNDED:
            return self._contradiction(further)
        if status != _OPTIMAL:
            self.counts.limits += status in LIMITS
            return None
        raw = self._highs.getSolution()
        numbers = raw.col_value + raw.row_dual  # lists; converted together, once
        found = np.fromiter(numbers, np.float64, len(numbers))
        if not math.isfinite(found.dot(found)):
            return None
        columns, moments = found[: -self.num_rows], -found[-self.num_rows :]
        gamma = float(columns[0])
        tolerance = DOUBT * (1.0 + abs(gamma)) + self._rounding
        value = gamma if self._feasible else -self._shortfall()
        if abs(float(moments[: len(self._objective)].dot(self._objective)) - value) > tolerance:
            return None  # the primal and the dual solution do not have one value
        if self._feasible:
            last = self._last
            falls = last is not None and gamma < (last.bound - self._constant) / self.scale - tolerance
            if falls or gamma > self._ceiling + tolerance:
                return None
        multipliers = np.maximum(self._of_inequalities(columns), 0.0)
        if not self._feasible:
            return LPSolution(LPStatus.INFEASIBLE, -math.inf, multipliers, moments)
        # Float noise carries no bound past a feasible value, and a larger memory never proves less.
        bound = min(gamma, self._ceiling) * self.scale + self._constant
        if self._last is not None:
            bound = max(bound, self._last.bound)
        return LPSolution(LPStatus.OPTIMAL, bound, multipliers, moments)

    def _carried_over(self, status: LPStatus) -> LPSolution:
        """The solution before, with zeros for what is new: still a correct combination, if not the best one."""
        multipliers = np.zeros(self.num_columns)
        moments = np.zeros(self.num_rows)
        bound = -math.inf
        if self._last is not None:
            multipliers[: len(self._last.multipliers)] = self._last.multipliers
            moments[: len(self._last.moments)] = self._last.moments
            bound = self._last.bound
        return LPSolution(status, bound, multipliers, moments)

    def basic_inequalities(self) -> list[int]:
        """The inequalities whose columns were in the basis of the last solve."""
        self._pass_columns()
        statuses = self._of_inequalities(np.array([*map(int, self._highs.getBasis().col_status)]))
        return [j for j, status in enumerate(statuses.tolist()) if status == _BASIC]

    def afresh(self) -> BoundLP:
        """An LP over the same memory of which nothing is solved yet."""
        return type(self)(self.memory, *self.given)

    def bound_with(self, rows: NDArray[np.int32], values: list[float]) -> float:
        """The bound that one more inequality would give, without adding it.

        Args:
            rows: Rows of its monomials, all of which must occur already.
            values: Their coefficients, as many.

        Returns:
            The bound, or, while none is feasible, minus the missing amount; beyond all values where every bound would
            follow. Where the solver fails, the present bound, or minus infinity.
        """
        present = self.solve()
        if present.status is LPStatus.CONTRADICTORY:
            return present.bound
        self._pass_columns()  # those that could be told not to matter have not been passed yet
        basis, column = self._highs.getBasis(), self._highs.getNumCol()
        try:
            self._highs.addCol(0.0, 0.0, _INFINITY, len(rows), rows, values)
            self._highs.run()
            solution = self._read((rows, np.array(values)))
            if self._feasible:
                return (solution or present).bound
            return -self._shortfall() if solution is not None else -math.inf
        finally:  # also if it is interrupted
            self._highs.deleteCols(1, np.array([column], np.int32))
            self._highs.setBasis(basis)

    def __getstate__(self) -> dict[str, Any]:
        """All but the solver, of which the basis is kept (``highspy.Highs`` can be neither pickled nor copied)."""
        if not self._rows_passed:
            return self.__dict__
        kept = {name: value for name, value in self.__dict__.items() if name != "_highs"}
        return kept | {"_statuses": self._present_statuses(), "_rows_passed": 0, "_columns_passed": 0}

    def _present_statuses(self) -> Statuses | None:
        """The solver's basis; ``None`` if it has none."""
        basis = self._highs.getBasis()
        return (list(map(int, basis.col_status)), list(map(int, basis.row_status))) if basis.valid else None

    def _set_basis(self, column_statuses: list[int], row_statuses: list[int]) -> None:
        """Go on from a basis, given by statuses of the first columns and rows."""
        columns, rows = (
            [highspy.HighsBasisStatus(status) for status in part] for part in (column_statuses, row_statuses)
        )
        # What is new in the memory since then enters the basis as the solver would have it.
        columns += [highspy.HighsBasisStatus.kLower] * (self._highs.getNumCol() - len(columns))
        rows += [highspy.HighsBasisStatus.kBasic] * (self.num_rows - len(rows))
        basis = highspy.HighsBasis()
        basis.col_status, basis.row_status = columns, rows
        basis.valid, basis.alien = True, False
        self._highs.setBasis(basis)
