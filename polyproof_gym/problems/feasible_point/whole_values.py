"""Values for the whole variables with which constraints may hold, by HiGHS's branch and bound.

The constraints are relaxed to linear ones: every monomial of two variables or more, which lies between 0 and 1 on the
unit box, is a variable of its own that keeps the inequalities of McCormick (1976). Where all constraints are linear,
or products with variables that are 0 or 1, nothing is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import highspy
import numpy as np

from polyproof_gym.polynomials import ONE, Monomial, Polynomial
from polyproof_gym.problems.feasible_point.float_view import Floats
from polyproof_gym.solver import Solver

MAX_NODES = 5000
"""The most nodes of one branch and bound."""

MAX_WORK = 2_000_000
"""The most nodes times coefficients of the constraints."""

SECONDS = 5.0
"""The most time for one branch and bound, which only those take that hang."""

GAP = 0.01
"""How near the best value, relatively, the point may be."""


class WholeValues:
    """The relaxation, from which points are asked again and again."""

    def __init__(
        self, n: int, equations: Sequence[Polynomial], inequalities: Sequence[Polynomial], steps: Mapping[int, int]
    ) -> None:
        """Relax constraints.

        Args:
            n: Number of variables, all from 0 to 1.
            equations: What must be zero.
            inequalities: What must be nonnegative.
            steps: Of variables that have only the values ``k / steps``, how many steps there are.
        """
        self._n = n
        self._highs = highs = Solver({"mip_rel_gap": GAP})
        self._columns: dict[Monomial, tuple[int, float]] = {}  # the column of every monomial, and its unit
        for i in range(n):
            count = steps.get(i, 1)
            highs.addVar(0.0, float(count))
            if i in steps:
                highs.changeColIntegrality(i, highspy.HighsVarType.kInteger)
            self._columns[i,] = i, 1.0 / count
        for polynomial in equations:
            self._add(polynomial, equal=True)
        for polynomial in inequalities:
            self._add(polynomial)
        highs.setOptionValue("mip_max_nodes", min(MAX_NODES, MAX_WORK // max(1, highs.getNumNz())))

    def point(self, objective: Polynomial) -> Floats | None:
        """A point of the relaxation that makes an objective small, shape ``(n,)``; ``None`` if none was found.

        Args:
            objective: A polynomial, relaxed likewise.
        """
        row = self._scaled(objective)
        costs = np.zeros(self._highs.getNumCol())
        costs[[*row]] = [*row.values()]
        self._highs.changeColsCost(len(costs), np.arange(len(costs), dtype=np.int32), costs)
        self._highs.run_mip(SECONDS)
        if self._highs.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        units = np.array([self._columns[i,][1] for i in range(self._n)])
        point: Floats = np.clip(np.array(self._highs.getSolution().col_value)[: self._n] * units, 0.0, 1.0)
        return point

    def _add(self, polynomial: Polynomial, equal: bool = False) -> None:
        """The constraint that a polynomial is nonnegative, or zero."""
        row = self._scaled(polynomial)
        bound = -float(Fraction(polynomial.constant_term) / _largest(polynomial))
        self._add_row(bound, bound if equal else highspy.kHighsInf, row)

    def _scaled(self, polynomial: Polynomial) -> dict[int, float]:
        """The coefficients of a polynomial, without its constant term, by columns; none is larger than 1."""
        largest = _largest(polynomial)
        columns = [(*self._column(monomial), c) for monomial, c in polynomial.terms.items() if monomial != ONE]
        return {column: float(Fraction(c) / largest) * unit for column, unit, c in columns}

    def _column(self, monomial: Monomial) -> tuple[int, float]:
        """The column of a monomial, and by what it is multiplied there."""
        if monomial not in self._columns:
            column = self._highs.getNumCol()
            self._highs.addVar(0.0, 1.0)
            self._columns[monomial] = column, 1.0
            factors = [self._columns[i,] for i in monomial]
            sums: dict[int, float] = {}
            for factor, unit in factors:
                self._add_row(0.0, highspy.kHighsInf, {factor: unit, column: -1.0})
                sums[factor] = sums.get(factor, 0.0) - unit
            self._add_row(1.0 - len(monomial), highspy.kHighsInf, {**sums, column: 1.0})
        return self._columns[monomial]

    def _add_row(self, low: float, high: float, row: Mapping[int, float]) -> None:
        columns = np.fromiter(row, np.int32, len(row))
        self._highs.addRow(low, high, len(row), columns, np.fromiter(row.values(), np.float64, len(row)))


def _largest(polynomial: Polynomial) -> Fraction:
    return max((abs(Fraction(c)) for c in polynomial.terms.values()), default=Fraction(1))
