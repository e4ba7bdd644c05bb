"""The linear program that finds the best bound a memory proves, grown column by column from its last basis.

For the objective ``f`` (to be minimised) and the inequalities ``m_j >= 0`` it solves

    max gamma   such that   f - gamma = sum_j lambda_j * m_j  as polynomials,   lambda >= 0.

There is one row per monomial and one column per inequality. The row duals are a linear functional ``L`` on
polynomials with ``L(1) = 1`` and ``L(m_j) >= 0`` (a pseudo-expectation); its values on the monomials are the
pseudo-moments. As long as no ``gamma`` is feasible, the program minimises what is missing instead, and ``L``, then
with ``L(1) = 0``, tells which inequalities would reduce it.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from polyproof_gym.proofs.memory import Memory

FEASIBILITY = 1e-9
"""Missing amount, relative to the objective's largest coefficient, below which a bound counts as found."""

DOUBT = 1e-6
"""Size of a violated optimality condition above which a solution is not believed."""

_PRIMAL_SIMPLEX = 4  # a new column leaves the last basis primal feasible, so this goes on where it stopped


class LPStatus(enum.Enum):
    """What the last solution is worth."""

    OPTIMAL = "optimal"
    """The bound is the best the memory proves."""
    INFEASIBLE = "infeasible"
    """The memory proves no bound yet."""
    FAILED = "failed"
    """The solver gave nothing believable, also from scratch; the values are those of the step before."""


@dataclass(frozen=True)
class LPSolution:
    """One solution of the bound LP.

    Attributes:
        status: What it is worth.
        bound: The lower bound on the minimised objective; ``-inf`` unless one was found.
        multipliers: ``lambda``, one per inequality of the memory as its columns are scaled, shape ``(inequalities,)``.
        moments: Pseudo-moments, one per row of the memory, shape ``(monomials,)``.
    """

    status: LPStatus
    bound: float
    multipliers: NDArray[np.float64]
    moments: NDArray[np.float64]


class BoundLP:
    """The LP over the columns of a memory, which it follows as the memory grows.

    Attributes:
        memory: The inequalities.
        cold_solves: How often a solution was doubted and the LP solved from scratch.
    """

    def __init__(self, memory: Memory, objective: NDArray[np.float64], ceiling: float = math.inf) -> None:
        """Set up the LP; nothing is solved yet.

        Args:
            memory: The inequalities; may grow later.
            objective: Coefficient of the minimised objective for each of its rows, which are the memory's first.
            ceiling: A value that no correct bound exceeds (that of a feasible point).
        """
        self.memory = memory
        self.cold_solves = 0
        self._scale = float(np.abs(objective).max(initial=0.0)) or 1.0
        self._objective = objective / self._scale
        self._ceiling = ceiling / self._scale
        self._feasible = False
        self._last: LPSolution | None = None
        self._build()

    @property
    def num_rows(self) -> int:
        """Rows of the LP: monomials."""
        return len(self.memory.monomials)

    @property
    def num_columns(self) -> int:
        """Columns of the LP that stand for inequalities."""
        return len(self.memory)

    # Column 0 is gamma; then come the *shortfall* columns, one per nonconstant monomial of the objective, which
    # make up for what is missing until a bound is feasible; then the inequalities.

    @property
    def _first_column(self) -> int:
        return len(self._objective)

    def _build(self) -> None:
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        highs.setOptionValue("presolve", "off")
        highs.setOptionValue("threads", 1)
        highs.setOptionValue("parallel", "off")
        highs.setOptionValue("simplex_strategy", _PRIMAL_SIMPLEX)
        self._highs = highs
        self._rows_passed = 0
        self._columns_passed = 0
        self._pass_rows()
        infinity = highspy.kHighsInf
        highs.addCol(0.0, -infinity, infinity, 1, np.zeros(1, np.int32), np.ones(1))
        signs = np.where(self._objective[1:] < 0, -1.0, 1.0)
        for row, sign in enumerate(signs, 1):
            highs.addCol(0.0, 0.0, infinity, 1, np.array([row], np.int32), np.array([sign]))
        self._set_phase()

    def _set_phase(self) -> None:
        """Minimise the shortfall, or, once it is gone, forbid it and maximise gamma."""
        count = self._first_column
        costs = np.ones(count)
        costs[0] = 0.0
        uppers = np.full(count, highspy.kHighsInf)
        lowers = np.zeros(count)
        lowers[0] = -highspy.kHighsInf
        if self._feasible:
            costs[:] = 0.0
            costs[0] = -1.0
            uppers[1:] = 0.0
        columns = np.arange(count, dtype=np.int32)
        self._highs.changeColsCost(count, columns, costs)
        self._highs.changeColsBounds(count, columns, lowers, uppers)

    def _pass_rows(self) -> None:
        new = self.num_rows - self._rows_passed
        if new:
            sides = np.zeros(new)
            known = self._objective[self._rows_passed :]
            sides[: len(known)] = known
            self._highs.addRows(new, sides, sides, 0, np.zeros(new, np.int32), np.empty(0, np.int32), np.empty(0))
            self._rows_passed += new

    def _pass_columns(self) -> None:
        self._pass_rows()
        first, last = self._columns_passed, self.num_columns
        if last > first:
            starts = self.memory.starts
            begin, end = starts[first], starts[last]
            self._highs.addCols(
                last - first,
                np.zeros(last - first),
                np.zeros(last - first),
                np.full(last - first, highspy.kHighsInf),
                int(end - begin),
                starts[first:last] - begin,
                self.memory.rows[begin:end],
                self.memory.values[begin:end],
            )
            self._columns_passed = last

    def solve(self) -> LPSolution:
        """The best bound of the memory as it is now.

        The result depends only on the columns and on the basis of the last solution, not on how the solver got
        there: the factorisation is made anew every time, so that a copy of this object behaves like the original.
        """
        last = self._last
        if last is not None and len(last.multipliers) == self.num_columns:
            return last
        self._pass_columns()
        solution = self._solve_phase()
        if solution is not None and not self._feasible and self._shortfall() <= FEASIBILITY:
            self._feasible = True
            self._set_phase()
            bounded = self._solve_phase()
            if bounded is None:
                self._feasible = False
                self._set_phase()
            else:
                solution = bounded
        if solution is None:
            solution = self._carried_over()
        self._last = solution
        return solution

    def _solve_phase(self) -> LPSolution | None:
        """Solve from the last basis and, if the result is not believable, once more from scratch."""
        self._highs.setBasis(self._highs.getBasis())
        self._highs.run()
        solution = self._read()
        if solution is None:
            self.cold_solves += 1
            self._highs.clearSolver()
            self._highs.setOptionValue("simplex_strategy", 0)
            self._highs.run()
            self._highs.setOptionValue("simplex_strategy", _PRIMAL_SIMPLEX)
            solution = self._read()
        return solution

    def _shortfall(self) -> float:
        return float(self._highs.getInfo().objective_function_value)

    def _read(self) -> LPSolution | None:
        """The solver's solution, or ``None`` where any optimality condition that must hold does not."""
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        info = self._highs.getInfo()
        raw = self._highs.getSolution()
        columns = np.array(raw.col_value)
        moments = -np.array(raw.row_dual)
        gamma = float(columns[0])
        tolerance = DOUBT * (1.0 + abs(gamma))
        if not (np.isfinite(columns).all() and np.isfinite(moments).all()):
            return None
        if max(info.max_primal_infeasibility, info.max_dual_infeasibility) > DOUBT:
            return None
        value = gamma if self._feasible else -float(info.objective_function_value)
        if abs(float(moments[: len(self._objective)] @ self._objective) - value) > tolerance:
            return None
        if self._feasible:
            last = self._last
            falls = last is not None and gamma < last.bound / self._scale - tolerance
            if falls or gamma > self._ceiling + tolerance:
                return None
        multipliers = np.maximum(columns[self._first_column :], 0.0) * self._scale
        if not self._feasible:
            return LPSolution(LPStatus.INFEASIBLE, -math.inf, multipliers, moments)
        bound = gamma * self._scale
        if self._last is not None:
            bound = max(bound, self._last.bound)  # float noise; a larger memory never proves less
        return LPSolution(LPStatus.OPTIMAL, bound, multipliers, moments)

    def _carried_over(self) -> LPSolution:
        """The solution before, with zeros for what is new: still a correct combination, if not the best one."""
        multipliers = np.zeros(self.num_columns)
        moments = np.zeros(self.num_rows)
        bound = -math.inf
        if self._last is not None:
            multipliers[: len(self._last.multipliers)] = self._last.multipliers
            moments[: len(self._last.moments)] = self._last.moments
            bound = self._last.bound
        return LPSolution(LPStatus.FAILED, bound, multipliers, moments)

    def bound_with(self, rows: NDArray[np.int32], values: NDArray[np.float64]) -> float:
        """The bound that one more inequality would give, without adding it.

        Args:
            rows: Rows of its monomials, all of which must occur already.
            values: Their coefficients.

        Returns:
            The bound, or, while none is feasible, minus the missing amount; the present value where the solver
            fails.
        """
        present = self.solve()
        basis = self._highs.getBasis()
        self._highs.addCol(0.0, 0.0, highspy.kHighsInf, len(rows), rows, values)
        self._highs.run()
        solution = self._read()
        if self._feasible:
            value = (solution or present).bound
        else:
            value = -self._shortfall() if solution is not None else -math.inf
        column = self._highs.getNumCol() - 1
        self._highs.deleteCols(1, np.array([column], np.int32))
        self._highs.setBasis(basis)
        return value

    def __getstate__(self) -> dict[str, Any]:
        """All but the solver, of which the basis is kept (``highspy.Highs`` can be neither pickled nor copied)."""
        state = dict(self.__dict__)
        del state["_highs"]
        basis = self._highs.getBasis()
        state["_basis"] = (
            np.array([int(s) for s in basis.col_status], np.int8),
            np.array([int(s) for s in basis.row_status], np.int8),
            bool(basis.valid),
        )
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Rebuild the solver with the columns it had, and its basis."""
        column_status, row_status, valid = state.pop("_basis")
        rows, columns = state["_rows_passed"], state["_columns_passed"]
        self.__dict__.update(state)
        self._build()
        self._pass_columns()
        if (self._rows_passed, self._columns_passed) != (rows, columns):
            # The memory has grown since the last solution; what is new enters the basis as the solver would have it.
            column_status = _extended(column_status, self._highs.getNumCol(), highspy.HighsBasisStatus.kLower)
            row_status = _extended(row_status, self._rows_passed, highspy.HighsBasisStatus.kBasic)
        if valid:
            basis = highspy.HighsBasis()
            basis.col_status = [highspy.HighsBasisStatus(int(s)) for s in column_status]
            basis.row_status = [highspy.HighsBasisStatus(int(s)) for s in row_status]
            basis.valid = True
            basis.alien = False
            self._highs.setBasis(basis)


def _extended(statuses: NDArray[np.int8], size: int, status: highspy.HighsBasisStatus) -> NDArray[np.int8]:
    return np.concatenate([statuses, np.full(size - len(statuses), int(status), np.int8)])
