"""The bound LP where the combination may differ from the objective by a remainder, as it may in a proof.

On the unit box every monomial lies between 0 and 1, so that the signs of the remainder's coefficients prove a bound of
it (see :meth:`~polyproof_gym.polynomials.Polynomial.lower_bound_on_unit_box`). Squares with rounded coefficients need
that: they combine to the objective only up to a little. The program becomes

    max gamma - sum_a s_a   such that   f - gamma - sum_j lambda_j * m_j + sum_a s_a * u^a   has no negative coefficient
    but the constant, which is 0,   lambda, s >= 0,

and its pseudo-moments are between 0 and 1. It has a bound from the start.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import highspy
import numpy as np
from numpy.typing import NDArray

from polyproof_gym.polynomials import Polynomial
from polyproof_gym.proofs.bound_lp import _T, SOLVER_OPTIONS, BoundLP, LPSolution
from polyproof_gym.proofs.memory import Memory

_INFINITY = highspy.kHighsInf

MAGNIFICATION = 1e9
"""What lacks is magnified by at most this; the solver has some 10 digits."""


class RemainderLP(BoundLP):
    """The LP over the columns of a memory, and one column for every monomial but 1.

    In the solver, the columns of monomials stand behind ``gamma`` and, where a monomial occurs for the first time
    later, before the inequalities that bring it. Every solve starts from the last basis and forgets all else that the
    solver has learned, so that a copy, and an original that was copied, reach the same vertices as one that never was.
    """

    _options: ClassVar[dict[str, Any]] = {
        **SOLVER_OPTIONS,
        "primal_feasibility_tolerance": 1e-10,
        "dual_feasibility_tolerance": 1e-10,
        "primal_simplex_bound_perturbation_multiplier": 1.0,  # many columns come at once, and most vertices degenerate
    }

    def __init__(self, memory: Memory, objective: NDArray[np.float64], ceiling: float = math.inf) -> None:
        """Set up the LP; nothing is solved yet.

        Args:
            memory: The inequalities; may grow later.
            objective: Coefficient of the minimised objective for each of its rows, which are the memory's first.
            ceiling: A value that no correct bound exceeds (that of a feasible point).
        """
        super().__init__(memory, objective, ceiling)
        self._feasible = True
        self._batches: list[tuple[int, int]] = []  # how many rows and inequalities there were as columns were passed
        self._rows_admitted = 1  # those whose monomials have columns; the monomial 1 has none, nor needs one
        self._places: list[int] = []  # the solver's columns of the inequalities

    def _first_solution(self) -> LPSolution | None:
        return None

    def _extended(self, last: LPSolution) -> LPSolution | None:
        return None

    def _of_inequalities(self, columns: NDArray[_T]) -> NDArray[_T]:
        further = range(self._highs.getNumCol() - 1, self._highs.getNumCol())
        places = self._places if len(columns) == self._num_solver_columns else [*self._places, *further]
        return columns[places]

    @property
    def _num_solver_columns(self) -> int:
        """The columns that the solver has for ``gamma``, monomials and inequalities."""
        return self._rows_admitted + len(self._places)

    def _build(self) -> None:
        super()._build()
        self._rows_admitted, self._places = 1, []
        for rows, columns in self._batches:
            self._pass_batch(rows, columns)

    def _pass_rows(self) -> None:
        first = self._rows_passed
        super()._pass_rows()
        if self._rows_passed > first:
            rows = np.arange(max(1, first), self._rows_passed, dtype=np.int32)
            sides = np.zeros(self._rows_passed)
            sides[: len(self._objective)] = self._objective
            self._limit_rows(rows, sides)

    def _limit_rows(self, rows: NDArray[np.int32], sides: NDArray[np.float64]) -> None:
        """Let rows be at most what the sides, one for every row there is, say."""
        for row in rows.tolist():
            self._highs.changeRowBounds(row, -_INFINITY, sides[row])

    def _pass_inequalities(self, end: int) -> None:
        batch = self._rows_passed, end
        self._pass_batch(*batch)
        if self._batches and self._batches[-1][0] == self._rows_passed:
            self._batches[-1] = batch
        else:
            self._batches.append(batch)

    def _pass_batch(self, rows: int, columns: int) -> None:
        """Add the columns of further monomials, and those of further inequalities behind them."""
        new = np.arange(self._rows_admitted, rows, dtype=np.int32)
        entries = np.column_stack([np.zeros(len(new), np.int32), new]).ravel()
        values = np.tile([1.0, -1.0], len(new))
        self._add_columns(np.arange(0, len(entries), 2, dtype=np.int32), entries, values, 0.0)
        self._rows_admitted = rows
        first = self._num_solver_columns
        self._places += range(first, first + columns - len(self._places))
        super()._pass_inequalities(columns)

    def _solve_phase(self) -> LPSolution | None:
        self._forget()
        solution = super()._solve_phase()
        self._statuses = self._present_statuses() or self._statuses
        return solution

    def _forget(self) -> None:
        """Let the solver know the program and the basis of the last solution, and nothing else."""
        self._highs.clearSolver()
        if self._statuses is not None:
            self._set_basis(*self._statuses)

    def bound_with(self, rows: NDArray[np.int32], values: list[float]) -> float:
        """As that of any LP, from the basis of the last solution."""
        self.solve()
        self._pass_columns()
        self._forget()
        return super().bound_with(rows, values)

    def corrections(self, multipliers: NDArray[np.float64], remainder: Polynomial) -> NDArray[np.float64] | None:
        """What to add to multipliers for a better bound, found with more digits than the solver has.

        It is iterative refinement for linear programs (Gleixner, Steffy and Wolter, INFORMS J. Comput. 28, 2016): what
        the multipliers lack is magnified and solved for, from the last basis.

        Args:
            multipliers: Multipliers of the inequalities as they stand in the memory, shape ``(inequalities,)``.
            remainder: What they leave of the minimised objective.

        Returns:
            The corrections, for the same inequalities, none below minus the multiplier; ``None`` where nothing is lost
            or the solver fails.
        """
        units = self.scale / self.memory.scales  # of multipliers for the memory's scaled columns
        left = np.zeros(self.num_rows)
        for monomial, coefficient in remainder.terms.items():
            left[self.memory.row_of[monomial]] = float(coefficient) / self.scale
        self._pass_columns()
        highs, rows = self._highs, np.arange(1, self.num_rows, dtype=np.int32)
        lost = np.maximum(-left[1:], 0.0)
        total = float(lost.sum())
        if not 0.0 < total < math.inf:
            return None
        factor = min(1.0 / total, MAGNIFICATION)
        ends = self._num_solver_columns
        places = np.array(self._places, np.intp)
        lower = np.zeros(ends)
        lower[places] = -factor * (multipliers / units)
        is_monomial = np.ones(ends, np.bool_)
        is_monomial[0], is_monomial[places] = False, False
        lower[is_monomial] = -factor * lost
        columns, above = np.arange(1, ends, dtype=np.int32), np.full(ends - 1, _INFINITY)
        sides = np.zeros(self.num_rows)
        sides[: len(self._objective)] = self._objective
        highs.changeColsBounds(ends - 1, columns, lower[1:], above)
        self._limit_rows(rows, factor * np.maximum(left, 0.0))
        try:
            highs.run()
            found = None
            if highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
                found = np.array(highs.getSolution().col_value)[places] / factor
        finally:
            highs.changeColsBounds(ends - 1, columns, np.zeros(ends - 1), above)
            self._limit_rows(rows, sides)
        return found * units if found is not None and np.isfinite(found).all() else None

    def __getstate__(self) -> dict[str, Any]:
        """As that of any LP, with the basis of the last solution."""
        return super().__getstate__() | {"_statuses": self._statuses}
