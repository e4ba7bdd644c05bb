"""Linear programs with exact optima: a float solution says where to begin, rational pivots do the rest.

What is solved is ``max c x`` over ``a_j x >= b_j``. The float solution is only asked which inequalities are tight. From
there the dual simplex goes on in rational arithmetic, with Bland's rule, nearly always without a single pivot. Its
multipliers ``lambda >= 0`` with ``c = -sum_j lambda_j a_j`` prove the optimum ``-sum_j lambda_j b_j``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

import highspy
import numpy as np
from flint import fmpq, fmpq_mat

from polyproof_gym.polynomials import Rational, rational
from polyproof_gym.solver import Solver

MAX_PIVOTS = 1000
"""Most exact pivots for one program."""

_ZERO, _EMPTY = fmpq(0), fmpq_mat(0, 0)

Form = Mapping[int, Rational]
"""A linear form: the coefficients of variables, by their numbers."""


class Inequality(NamedTuple):
    """``form >= bound``."""

    form: Form
    bound: Rational


class Optimum(NamedTuple):
    """The largest value of a form.

    Attributes:
        value: The value.
        multipliers: Positive ones of inequalities ``a_j x - b_j >= 0``, by their numbers; they add up to the value less
            the form.
    """

    value: Rational
    multipliers: dict[int, Rational]


class Contradiction(Exception):
    """No point satisfies the inequalities: a nonnegative combination of them, found exactly, is ``0 >= 1``.

    Attributes:
        multipliers: Those of the combination, by the numbers of inequalities; the positive ones.
    """

    def __init__(self, multipliers: dict[int, Rational]) -> None:
        """Take the multipliers, zeros among them."""
        super().__init__("no point satisfies the inequalities")
        self.multipliers = {j: value for j, value in multipliers.items() if value}


class LinearProgram:
    """Linear inequalities over which linear forms are maximised, one after another."""

    def __init__(self, num_variables: int, inequalities: Iterable[Inequality]) -> None:
        """Fix the inequalities.

        Args:
            num_variables: The number of variables, all of which are free.
            inequalities: What holds of them.
        """
        self._n = num_variables
        self._inequalities = list(inequalities)
        self._floats: _FloatProgram | None = None

    def maximum(self, form: Form) -> Optimum | None:
        """The largest value of a form, exactly.

        Returns:
            The value, and what proves it; ``None`` if there is none, or none could be found.

        Raises:
            Contradiction: If no point satisfies the inequalities.
        """
        self._floats = self._floats or _FloatProgram(self._n, self._inequalities)
        tight = self._floats.tight(form)
        return None if tight is None else _exact_maximum(form, self._inequalities, tight, self._n)

    def require_point(self) -> None:
        """Look for a proof that there is no point; what it takes is how far all inequalities must give way.

        Raises:
            Contradiction: If there is one.
        """
        slack = self._n
        scales = [_scale(form) for form, _ in self._inequalities]
        relaxed = [
            Inequality({**{i: rational(value / scale) for i, value in form.items()}, slack: 1}, rational(bound / scale))
            for (form, bound), scale in zip(self._inequalities, scales, strict=True)
        ]
        largest = LinearProgram(self._n + 1, [*relaxed, Inequality({slack: 1}, 0)]).maximum({slack: -1})
        if largest is not None and largest.value < 0:
            shares = ((j, value) for j, value in largest.multipliers.items() if j < len(scales))
            raise Contradiction({j: rational(value / (-largest.value * scales[j])) for j, value in shares})


def _scale(form: Form) -> Fraction:
    """The size of the largest coefficient."""
    return max(abs(Fraction(value)) for value in form.values())


class _FloatProgram:
    """The program in floats, solved by HiGHS."""

    def __init__(self, num_variables: int, inequalities: Sequence[Inequality]) -> None:
        self._n = num_variables
        self._highs = highs = Solver({"presolve": "off"})
        for _ in range(num_variables):
            highs.addVar(-highspy.kHighsInf, highspy.kHighsInf)
        for form, bound in inequalities:
            scale = _scale(form)
            variables = np.fromiter(form, np.int32, len(form))
            values = np.array([float(value / scale) for value in form.values()])
            highs.addRow(_float(bound / scale), highspy.kHighsInf, len(form), variables, values)
        highs.limit_iterations()

    def tight(self, form: Form) -> list[int] | None:
        """The inequalities of an optimal basis; ``None`` if there is no optimum."""
        for variable in range(self._n):
            self._highs.changeColCost(variable, -_float(form.get(variable, 0)))
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        basis = self._highs.getBasis()
        return [row for row, status in enumerate(basis.row_status) if status != highspy.HighsBasisStatus.kBasic]


def _float(value: Rational) -> float:
    """The nearest float, infinite beyond their range."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


class _Vertex:
    """A point at which independent inequalities are tight; variables that these leave free are 0.

    Attributes:
        point: The point.
    """

    def __init__(self, tight: Sequence[Inequality], num_variables: int) -> None:
        self._forms = [inequality.form for inequality in tight]
        used = sorted({i for form in self._forms for i in form})
        place = {variable: column for column, variable in enumerate(used)}
        rows = [[_ZERO] * len(used) for _ in tight]
        for row, form in zip(rows, self._forms, strict=True):
            for variable, value in form.items():
                row[place[variable]] = _fmpq(value)
        reduced, rank = fmpq_mat(rows).rref() if rows else (_EMPTY, 0)
        if rank < len(tight):
            raise _Dependent
        pivots = [next(c for c in range(len(used)) if reduced[row, c] != 0) for row in range(rank)]
        self._pivots = [used[c] for c in pivots]
        self._square = fmpq_mat([[row[c] for c in pivots] for row in rows]) if rank else None
        self.point: list[Rational] = [0] * num_variables
        for variable, value in zip(self._pivots, self._solved(self._square, [row.bound for row in tight]), strict=True):
            self.point[variable] = value

    @staticmethod
    def _solved(matrix: fmpq_mat | None, sides: Sequence[Rational]) -> list[Rational]:
        if matrix is None:
            return []
        column = matrix.solve(fmpq_mat([[_fmpq(side)] for side in sides]))
        return [rational(Fraction(int(column[k, 0].p), int(column[k, 0].q))) for k in range(len(sides))]

    def combination(self, form: Form) -> list[Rational] | None:
        """The weights with which the tight inequalities add up to a form; ``None`` if they do not."""
        transposed = None if self._square is None else self._square.transpose()
        weights = self._solved(transposed, [form.get(variable, 0) for variable in self._pivots])
        rest: dict[int, Rational] = dict(form)
        for weight, tight in zip(weights, self._forms, strict=True):
            for variable, value in tight.items() if weight else ():
                rest[variable] = rest.get(variable, 0) - weight * value
        return None if any(rest.values()) else weights


class _Dependent(Exception):
    """Inequalities that were to be a basis depend on each other."""


def _fmpq(value: Rational) -> fmpq:
    return fmpq(value.numerator, value.denominator)


def _exact_maximum(
    form: Form, inequalities: Sequence[Inequality], tight: Sequence[int], num_variables: int
) -> Optimum | None:
    """The maximum that exact pivots find from a basis whose multipliers must be nonnegative."""
    basis = list(tight)
    for _ in range(MAX_PIVOTS):
        try:
            vertex = _Vertex([inequalities[j] for j in basis], num_variables)
        except _Dependent:
            return None
        multipliers = vertex.combination({i: -value for i, value in form.items()})
        if multipliers is None or min(multipliers, default=0) < 0:
            return None
        violated = next((j for j, row in enumerate(inequalities) if _value(row.form, vertex.point) < row.bound), None)
        if violated is None:
            shares = {j: value for j, value in zip(basis, multipliers, strict=True) if value}
            return Optimum(rational(_value(form, vertex.point)), shares)
        weights = vertex.combination(inequalities[violated].form)
        if weights is None:  # it cuts across all that the tight ones leave free
            basis.append(violated)
            continue
        leaving = [(multipliers[k] / weights[k], basis[k], k) for k in range(len(basis)) if weights[k] > 0]
        if not leaving:  # at no point do the tight ones and the violated one hold together
            row = inequalities[violated]
            lack = Fraction(row.bound - _value(row.form, vertex.point))
            shares = {j: rational(-value / lack) for j, value in zip(basis, weights, strict=True)}
            raise Contradiction({**shares, violated: rational(1 / lack)})
        basis[min(leaving)[2]] = violated
    return None


def _value(form: Form, point: Sequence[Rational]) -> Rational:
    return sum(value * point[i] for i, value in form.items())
