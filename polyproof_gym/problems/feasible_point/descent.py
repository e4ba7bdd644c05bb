"""Local search from many points at once, for functions without constraints or with violations as a penalty."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.problems.feasible_point.float_view import Floats, FloatView, Indices

GRID = np.linspace(0.0, 1.0, 5)
"""Values that are tried for a variable of a constraint beside the stationary ones."""

STEPS = np.array([2.0, 1.0, 0.5, 0.125, 2.0**-6, 2.0**-10, 2.0**-16])
"""Lengths of Newton steps that are tried."""


def coordinate_descent(
    view: FloatView, domains: Sequence[Floats | None], points: Floats, max_sweeps: int, penalty: float
) -> Floats:
    """Minimise along one variable after another, exactly up to float error.

    Args:
        view: The objective, followed by the functions that should be nonnegative.
        domains: The values of every variable, or ``None`` for the unit interval.
        points: Where to start, with values from the domains; one point per column, shape ``(n, points)``.
        max_sweeps: Most times that the search goes over all variables.
        penalty: What a violation costs per unit.

    Returns:
        The points reached, shape ``(n, points)``.
    """
    n = view.num_variables
    slices = [view.along(i) for i in range(n)]
    ends = points.copy()
    moving = np.arange(points.shape[1])
    for _ in range(max_sweeps):
        before = ends[:, moving]
        table = view.table(before)
        values = view.at(before)
        for i in range(n):
            functions = slices[i].functions
            if not len(functions):
                continue
            along = slices[i].at(table)
            x = table[i, 1].copy()
            along[:, 0] = values[functions] - _horner(along, x[None])[:, 0]
            candidates = _candidates(along, functions, slices[i].degrees, domains[i], x)
            at_candidates = _horner(along, candidates)
            has_objective = int(functions[0] == 0)
            total = penalty * np.maximum(-at_candidates[has_objective:], 0.0).sum(axis=0)
            if has_objective:
                total += at_candidates[0]
            best = np.where(np.isnan(total), np.inf, total).argmin(axis=0)
            columns = np.arange(len(x))
            values[functions] = at_candidates[:, best, columns]
            x = candidates[best, columns]
            for exponent in range(1, view.max_exponent + 1):
                np.multiply(table[i, exponent - 1], x, out=table[i, exponent])
        ends[:, moving] = table[:, 1]
        moving = moving[np.abs(ends[:, moving] - before).max(axis=0, initial=0.0) > 1e-9]
        if not len(moving):
            break
    return ends


def _horner(along: Floats, x: Floats) -> Floats:
    """Values of univariate polynomials, shape ``(functions, coefficients, points)``, at several ``x`` per point."""
    values = np.repeat(along[:, -1, None], len(x), axis=1)
    for power in range(along.shape[1] - 2, -1, -1):
        values *= x
        values += along[:, power, None]
    return values


def _candidates(along: Floats, functions: Indices, degrees: Indices, domain: Floats | None, x: Floats) -> Floats:
    """The values of one variable that are tried, shape ``(candidates, points)``; the present one comes first."""
    found = [x[None]]
    if domain is not None:
        found.append(np.repeat(domain[:, None], len(x), axis=1))
        return np.concatenate(found)
    has_objective = int(functions[0] == 0)
    grid = GRID if len(functions) > has_objective else GRID[[0, -1]]
    found.append(np.repeat(grid[:, None], len(x), axis=1))
    if has_objective and degrees[0] > 1:
        degree = int(degrees[0])
        found.append(_roots(along[0, 1 : degree + 1] * np.arange(1, degree + 1)[:, None]))
    for degree in np.unique(degrees[has_objective:]).tolist():
        alike = along[has_objective:][degrees[has_objective:] == degree, : degree + 1]
        roots = _roots(alike.transpose(1, 0, 2).reshape(degree + 1, -1))
        found.append(roots.reshape(-1, len(x)))
    return np.concatenate(found)


def _roots(coefficients: Floats) -> Floats:
    """Real parts of roots, moved into the unit interval, of univariate polynomials given by ascending coefficients.

    Args:
        coefficients: Shape ``(degree + 1, polynomials)``.

    Returns:
        Shape ``(degree, polynomials)``.
    """
    degree = len(coefficients) - 1
    # A root far away instead of none, where the leading coefficient vanishes.
    least = 1e-14 * np.abs(coefficients).max(axis=0) + 1e-300
    lead = np.where(np.abs(coefficients[-1]) > least, coefficients[-1], least)
    if degree == 1:
        roots = -coefficients[:1] / lead
    elif degree == 2:
        constant, linear = coefficients[:2]
        root = np.sqrt(np.maximum(linear * linear - 4 * lead * constant, 0.0))
        far = -0.5 * (linear + np.copysign(root, linear))
        roots = np.stack([far / lead, constant / far])
    else:
        companion = np.zeros((len(lead), degree, degree))
        companion[:, np.arange(1, degree), np.arange(degree - 1)] = 1.0
        quotients = coefficients[:-1] / lead
        companion[:, :, -1] = -(quotients if np.isfinite(quotients).all() else np.nan_to_num(quotients)).T
        roots = np.linalg.eigvals(companion).real.T
    inside: Floats = np.fmax(np.fmin(roots, 1.0), 0.0)
    return inside


def newton(view: FloatView, points: Floats, is_fixed: NDArray[np.bool_], max_steps: int) -> Floats:
    """Minimise a function over the unit box by Newton steps, downhill also where it is not convex.

    Args:
        view: The function.
        points: Where to start, one point per column, shape ``(n, points)``.
        is_fixed: The variables that stay as they are, shape ``(n,)``.
        max_steps: Most steps.

    Returns:
        The points reached, nowhere with a larger value than where they started.
    """
    n = view.num_variables
    gradient_view = view.derivative()
    hessian_view = gradient_view.derivative()
    diagonal = np.arange(n)
    ends = points.copy()
    moving = np.arange(points.shape[1])
    for _ in range(max_steps):
        x = ends[:, moving]
        gradients = gradient_view.at(x)
        hessians = hessian_view.at(x).reshape(n, n, -1)
        held = ((x <= 0) & (gradients >= 0)) | ((x >= 1) & (gradients <= 0)) | is_fixed[:, None]
        gradients[held] = 0.0
        hessians *= ~(held[:, None] | held[None])
        hessians[diagonal, diagonal] += held
        finite = np.isfinite(hessians).all(axis=(0, 1)) & np.isfinite(gradients).all(axis=0)
        if not finite.any():
            break
        moving, x, gradients, hessians = moving[finite], x[:, finite], gradients[:, finite], hessians[..., finite]
        sizes, axes = np.linalg.eigh(hessians.transpose(2, 0, 1))
        sizes = np.abs(sizes)
        sizes = np.maximum(sizes, 1e-12 * sizes.max(axis=1, keepdims=True) + 1e-300)
        along_axes = np.einsum("snk,ns->sk", axes, gradients) / sizes
        directions = -np.einsum("snk,sk->ns", axes, along_axes)
        lengths = np.concatenate([[0.0], STEPS])
        tried = np.clip(x[:, :, None] + lengths * directions[:, :, None], 0.0, 1.0)
        values = view.at(tried.reshape(n, -1))[0].reshape(len(moving), -1)
        best = np.where(np.isnan(values), np.inf, values).argmin(axis=1)
        ends[:, moving] = tried[:, np.arange(len(moving)), best]
        moving = moving[(best > 0) & (np.abs(ends[:, moving] - x).max(axis=0) > 1e-12)]
        if not len(moving):
            break
    return ends
