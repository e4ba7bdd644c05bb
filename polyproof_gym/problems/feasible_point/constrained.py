"""Local search where constraints have to be kept, by SciPy's sequential quadratic programming."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.problems.feasible_point.float_view import Floats, FloatView

Bools = NDArray[np.bool_]

FLAT = 1e-9
"""Least steepness that functions are divided by."""

MAX_CORRECTIONS = 10
"""Most steps towards the constraints."""


class ConstrainedSearch:
    """An objective, equations and inequalities in floats, with their derivatives.

    Attributes:
        num_equations: Number of equations, which come before the inequalities.
    """

    def __init__(self, view: FloatView, num_equations: int) -> None:
        """Take the objective, the equations and the inequalities, in this order."""
        self._view = view
        self._derivative = view.derivative()
        self.num_equations = num_equations

    @property
    def cost(self) -> int:
        """What one step costs, in multiplications: the functions, and the quadratic program."""
        n, m = self._view.num_variables, self._view.num_functions - 1
        return 100 * (self._view.size + self._derivative.size) + 10 * (n + m) ** 3

    def values(self, point: Floats) -> Floats:
        """The objective and the constraints at a point, shape ``(1 + constraints,)``."""
        values: Floats = self._view.at(point[:, None])[:, 0]
        return values

    def jacobian(self, point: Floats) -> Floats:
        """Their derivatives, shape ``(1 + constraints, n)``."""
        jacobian: Floats = self._derivative.at(point[:, None]).reshape(-1, len(point))
        return jacobian

    def sizes(self, point: Floats) -> Floats:
        """How steep the objective and the constraints are at a point, shape ``(1 + constraints,)``."""
        return np.maximum(np.abs(self.jacobian(point)).max(axis=1), FLAT)

    def slacks(self, point: Floats) -> Floats:
        """About how far the constraints are from being tight, shape ``(constraints,)``."""
        slacks: Floats = (self.values(point) / self.sizes(point))[1:]
        return slacks

    def violation(self, point: Floats) -> float:
        """About how far a point is from the set."""
        equations, inequalities = np.split(self.slacks(point), [self.num_equations])
        return float(max(np.abs(equations).max(initial=0.0), -inequalities.min(initial=0.0)))

    def minimum(self, start: Floats, lower: Floats, upper: Floats, max_steps: int) -> Floats:
        """A local minimum near a point, between bounds on the variables."""
        from scipy.optimize import minimize

        sizes = self.sizes(start)
        memory: dict[bytes, tuple[Floats, Floats]] = {}

        def evaluated(x: Floats) -> tuple[Floats, Floats]:
            key = x.tobytes()
            if key not in memory:
                memory.clear()
                memory[key] = self.values(x) / sizes, self.jacobian(x) / sizes[:, None]
            return memory[key]

        middle = 1 + self.num_equations
        parts = [("eq", slice(1, middle)), ("ineq", slice(middle, None))]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = minimize(
                lambda x: evaluated(x)[0][0],
                start,
                jac=lambda x: evaluated(x)[1][0],
                method="SLSQP",
                bounds=np.stack([lower, upper], axis=1),
                constraints=[
                    {
                        "type": kind,
                        "fun": lambda x, p=part: evaluated(x)[0][p],
                        "jac": lambda x, p=part: evaluated(x)[1][p],
                    }
                    for kind, part in parts
                    if len(range(*part.indices(self._view.num_functions)))
                ],
                options={"maxiter": max_steps, "ftol": 1e-10},
            )
        end: Floats = np.clip(np.where(np.isfinite(result.x), result.x, start), lower, upper)
        return end

    def moved(self, point: Floats, kept: Sequence[int], inside: Sequence[int], shift: float, free: Bools) -> Floats:
        """A point nearby where some constraints are zero and others at least ``shift``, by Gauss-Newton steps."""
        rows = np.array([*kept, *inside], np.intp) + 1
        x = point.copy()
        for _ in range(MAX_CORRECTIONS):
            sizes = self.sizes(x)[rows]
            missing = -self.values(x)[rows] / sizes
            missing[len(kept) :] = np.maximum(missing[len(kept) :] + shift, 0.0)
            if np.abs(missing).max(initial=0.0) <= shift / 100:
                break
            jacobian = self.jacobian(x)[rows] / sizes[:, None]
            movable = free.copy()
            for _ in range(3):  # those that would leave the box stay
                step = np.where(movable, np.linalg.lstsq(jacobian * movable, missing * 1.01)[0], 0.0)
                leaving = ((x <= 0) & (step < 0)) | ((x >= 1) & (step > 0))
                if not leaving.any():
                    break
                movable &= ~leaving
            x = np.clip(x + step, 0.0, 1.0)
        return x

    def dependent(self, point: Floats, rows: Sequence[int], weights: Floats) -> frozenset[int]:
        """Variables that tight constraints can be solved for, by elimination with the largest pivots.

        Args:
            point: Where.
            rows: The constraints.
            weights: How well every variable is suited for every one of them, shape ``(len(rows), n)``.
        """
        chosen_rows = np.array(rows, np.intp) + 1
        jacobian = self.jacobian(point)[chosen_rows] / self.sizes(point)[chosen_rows, None]
        chosen: list[int] = []
        for k in range(len(rows)):
            suited = np.abs(jacobian[k]) * weights[k]
            pivot = int(np.argmax(suited))
            if suited[pivot] > 1e-12:
                chosen.append(pivot)
                jacobian[k + 1 :] -= np.outer(jacobian[k + 1 :, pivot] / jacobian[k, pivot], jacobian[k])
                jacobian[:, pivot] = 0.0
        return frozenset(chosen)
