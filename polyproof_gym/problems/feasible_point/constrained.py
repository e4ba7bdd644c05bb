"""Local search that keeps constraints, by SciPy's sequential quadratic programming."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.polynomials import Polynomial
from polyproof_gym.problems.feasible_point.float_view import Floats, FloatView, Indices

Bools = NDArray[np.bool_]

FLAT = 1e-9
"""Least steepness that functions are divided by."""


@cache
def _linear_algebra() -> Any:
    import scipy.optimize  # noqa: F401  # which loads the libraries that are looked for
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def on_one_thread() -> AbstractContextManager[Any]:
    """Keep linear algebra on one thread: on several, problems of this size take up to a hundred times longer.

    Results that differ with the number of threads, in the last digits, are avoided with it.
    """
    context: AbstractContextManager[Any] = _linear_algebra().limit(limits=1, user_api="blas")
    return context


class ConstrainedSearch:
    """An objective, equations and inequalities in floats, and a local solver for them.

    Attributes:
        constraints: The equations, followed by the inequalities.
        num_equations: Number of equations.
    """

    def __init__(
        self, objective: Polynomial, equations: Sequence[Polynomial], inequalities: Sequence[Polynomial]
    ) -> None:
        """Take the objective to minimise, what must be zero, and what must be nonnegative."""
        self.constraints = [*equations, *inequalities]
        self.num_equations = len(equations)
        self._view = FloatView.of([objective, *self.constraints])
        self._derivative = self._view.derivative()

    @property
    def cost(self) -> int:
        """What a step costs, in multiplications: values and derivatives, and the quadratic program."""
        size = self._view.num_variables + len(self.constraints)
        return 100 * (self._view.size + self._derivative.size) + size**3

    def values(self, point: Floats) -> Floats:
        """The objective and the constraints at a point, shape ``(1 + constraints,)``."""
        values: Floats = self._view.at(point[:, None])[:, 0]
        return values

    def jacobian(self, point: Floats) -> Floats:
        """Their derivatives, shape ``(1 + constraints, n)``."""
        jacobian: Floats = self._derivative.at(point[:, None]).reshape(-1, len(point))
        return jacobian

    def steepness(self, point: Floats) -> Floats:
        """The largest derivative of the objective and of every constraint, shape ``(1 + constraints,)``."""
        steepness: Floats = np.maximum(np.abs(self.jacobian(point)).max(axis=1), FLAT)
        return steepness

    def slacks(self, point: Floats) -> Floats:
        """About how far the constraints are from being tight, shape ``(constraints,)``."""
        slacks: Floats = (self.values(point) / self.steepness(point))[1:]
        return slacks

    def violation(self, point: Floats) -> float:
        """About how far a point is from the set."""
        equations, inequalities = np.split(self.slacks(point), [self.num_equations])
        return float(max(np.abs(equations).max(initial=0.0), -inequalities.min(initial=0.0)))

    def minimum(self, start: Floats, is_free: Bools, max_steps: int) -> Floats:
        """A point of the unit box that the solver reaches, which need not satisfy the constraints.

        Args:
            start: Where it begins.
            is_free: The variables that may change, shape ``(n,)``.
            max_steps: Most steps.
        """
        from scipy.optimize import Bounds, minimize  # takes longer to load than most searches

        steepness = self.steepness(start)
        memory: dict[bytes, tuple[Floats, Floats]] = {}

        def evaluated(x: Floats) -> tuple[Floats, Floats]:
            key = x.tobytes()
            if key not in memory:
                memory.clear()
                memory[key] = self.values(x) / steepness, self.jacobian(x) / steepness[:, None]
            return memory[key]

        equations = self._independent(start, is_free)
        inequalities = np.arange(1 + self.num_equations, 1 + len(self.constraints))
        lower, upper = np.where(is_free, 0.0, start), np.where(is_free, 1.0, start)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = minimize(
                lambda x: evaluated(x)[0][0],
                start,
                jac=lambda x: evaluated(x)[1][0],
                method="SLSQP",
                bounds=Bounds(lower, upper),
                constraints=[
                    {
                        "type": kind,
                        "fun": lambda x, rows=rows: evaluated(x)[0][rows],
                        "jac": lambda x, rows=rows: evaluated(x)[1][rows],
                    }
                    for kind, rows in (("eq", equations), ("ineq", inequalities))
                    if len(rows)
                ],
                options={"maxiter": max_steps, "ftol": 1e-10},
            )
        end: Floats = np.clip(np.where(np.isfinite(result.x), result.x, start), lower, upper)
        return end

    def _independent(self, start: Floats, is_free: Bools) -> Indices:
        """Places of equations that do not follow from each other: the solver gives up on any others."""
        point = np.where(is_free, self._random, start)
        equations = np.arange(1, 1 + self.num_equations)
        jacobian = (self.jacobian(point) / self.steepness(point)[:, None])[equations] * is_free
        return equations[pivots(jacobian, np.ones_like(jacobian))[0]]

    @cached_property
    def _random(self) -> Floats:
        return np.random.default_rng(0).random(self._view.num_variables)


def pivots(matrix: Floats, weights: Floats) -> tuple[list[int], list[int]]:
    """Independent rows of a matrix, and for each a column on which they depend in turn, by elimination.

    Args:
        matrix: The matrix.
        weights: How willingly every entry is taken as pivot, of the same shape.
    """
    matrix = matrix.copy()
    rows, columns = [], []
    for row in range(len(matrix)):
        suited = np.abs(matrix[row]) * weights[row]
        column = int(np.argmax(suited))
        if suited[column] > 1e-12:
            rows.append(row)
            columns.append(column)
            matrix[row + 1 :] -= np.outer(matrix[row + 1 :, column] / matrix[row, column], matrix[row])
            matrix[:, column] = 0.0
    return rows, columns
