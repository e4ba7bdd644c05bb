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
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from polyproof_gym.proofs.bound_lp import _AT_BOUND, _T, SOLVER_OPTIONS, BoundLP, LPSolution
from polyproof_gym.proofs.memory import Memory

_INFINITY = highspy.kHighsInf


class RemainderLP(BoundLP):
    """The LP over the columns of a memory, and one column for every monomial but 1.

    In the solver, the columns of monomials stand behind ``gamma`` and, where a monomial occurs for the first time
    later, before the inequality that brings it.
    """

    _options = {**SOLVER_OPTIONS, "primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}

    def __init__(self, memory: Memory, objective: NDArray[np.float64], ceiling: float = math.inf) -> None:
        """Set up the LP; nothing is solved yet.

        Args:
            memory: The inequalities; may grow later.
            objective: Coefficient of the minimised objective for each of its rows, which are the memory's first.
            ceiling: A value that no correct bound exceeds (that of a feasible point).
        """
        super().__init__(memory, objective, ceiling)
        self._feasible = True
        self._rows_admitted = 0  # those whose monomials have columns; the monomial 1 has none, nor needs one
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
        return max(1, self._rows_admitted) + len(self._places)

    def _build(self) -> None:
        super()._build()
        self._admit()

    def _pass_rows(self) -> None:
        first = self._rows_passed
        super()._pass_rows()
        if self._rows_passed > first:
            rows = np.arange(max(1, first), self._rows_passed, dtype=np.int32)
            sides = np.zeros(self._rows_passed)
            sides[: len(self._objective)] = self._objective
            self._highs.changeRowsBounds(len(rows), rows, np.full(len(rows), -_INFINITY), sides[rows])
        if self._rows_admitted:
            self._admit()

    def _admit(self) -> None:
        """Add the columns of monomials that have none."""
        rows = np.arange(max(1, self._rows_admitted), self._rows_passed, dtype=np.int32)
        entries = np.column_stack([np.zeros(len(rows), np.int32), rows]).ravel()
        values = np.tile([1.0, -1.0], len(rows))
        self._add_columns(np.arange(0, len(entries), 2, dtype=np.int32), entries, values, 0.0)
        self._rows_admitted = max(1, self._rows_passed)

    def _pass_columns(self) -> None:
        super()._pass_columns()
        end = self._highs.getNumCol()
        self._places += range(end - (self.num_columns - len(self._places)), end)

    def __getstate__(self) -> dict[str, Any]:
        """As that of any LP, with the basis in the order in which a new solver has the columns."""
        places = np.array(self._places, np.intp)
        state = super().__getstate__()
        if self._statuses is not None and len(places):
            columns = np.array(self._statuses[0])
            own = np.ones(len(columns), np.bool_)
            own[places] = False
            self._statuses = [*columns[own].tolist(), *columns[places].tolist()], self._statuses[1]
        self._rows_admitted, self._places = 0, []
        return state

    def _set_basis(self, column_statuses: list[int], row_statuses: list[int]) -> None:
        first = max(1, len(row_statuses))
        new = self.num_rows - len(row_statuses)
        columns = [*column_statuses[:first], *[_AT_BOUND] * new, *column_statuses[first:]]
        super()._set_basis(columns, row_statuses)


