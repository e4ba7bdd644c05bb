"""The least value of a quadratic polynomial on an ellipsoid, as a combination of squares.

Where ``g >= 0`` is an ellipsoid with interior points, a quadratic ``f`` is at least ``c`` on it if and only if there is
a ``lambda >= 0`` for which ``f - c - lambda g`` is nonnegative everywhere, that is, a sum of squares of affine forms
(the S-lemma; Yakubovich 1971, see Polik and Terlaky, "A survey of the S-lemma", SIAM Review 2007). So one square for
every variable, beside the constraint itself, loses nothing, whether or not ``f`` is convex.

The multiplier and the forms are found in floats, and rounded. What they combine to is computed exactly by the proof;
what rounding leaves costs the bound a little.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.polynomials import ONE, Monomial, Polynomial, Rational, rational
from polyproof_gym.problems import Problem
from polyproof_gym.proofs.proof import Proof
from polyproof_gym.proofs.reasons import Axiom, Reason, Square

Floats = NDArray[np.float64]

ROOT_BITS = 30
"""Binary places of the largest coefficient of a form that is squared."""

WEIGHT_BITS = 50
"""Binary places of the largest multiplier."""

ABOVE = 1e-9
"""Relative distance of the multiplier from the smallest one for which the form is convex, where rounding is safe."""

BISECTIONS = 200
"""Steps of the search for the multiplier, after which floats tell nothing more."""


class Quadratic(NamedTuple):
    """The polynomial ``constant + slope' x + x' form x`` in floats.

    Attributes:
        constant: The value at 0.
        slope: The coefficients of the variables, shape ``(n,)``.
        form: The symmetric matrix of the rest, shape ``(n, n)``.
    """

    constant: float
    slope: Floats
    form: Floats

    @classmethod
    def of(cls, polynomial: Polynomial) -> Quadratic:
        """The float view of a polynomial of degree at most 2."""
        size = polynomial.ring.num_variables
        slope, form = np.zeros(size), np.zeros((size, size))
        for monomial, coefficient in polynomial.terms.items():
            if len(monomial) == 1:
                slope[monomial] = float(coefficient)
            elif len(monomial) == 2:
                i, j = monomial
                form[i, j] += float(coefficient) / 2
                form[j, i] += float(coefficient) / 2
        return cls(float(polynomial.constant_term), slope, form)

    @property
    def terms(self) -> dict[Monomial, float]:
        """The coefficients by monomial."""
        size = len(self.slope)
        found: dict[Monomial, float] = {ONE: self.constant, **{(i,): float(self.slope[i]) for i in range(size)}}
        for i, j in combinations_with_replacement(range(size), 2):
            found[i, j] = float(self.form[i, j] + self.form[j, i]) / (2 if i == j else 1)
        return found

    def moved(self, point: Floats, basis: Floats) -> Quadratic:
        """The polynomial of ``t`` that is this one at ``point + basis t``."""
        gradient = self.slope + 2 * self.form @ point
        constant = self.constant + float(self.slope @ point + point @ self.form @ point)
        return Quadratic(constant, basis.T @ gradient, basis.T @ self.form @ basis)


class BallMinimum(NamedTuple):
    """The least value of a quadratic polynomial on a ball around 0, and why it is the least.

    Attributes:
        value: The value; about the polynomial at ``point``, and never above it but for float errors.
        point: Where the polynomial takes it, or, where that is a choice, one of the points.
        multiplier: The ``lambda`` with which ``polynomial - value - lambda (radius^2 - x'x)`` is a sum of squares.
        weights: The weights of these squares, positive or 0.
        axes: The directions of the forms that are squared, orthonormal, in columns.
        offsets: The constants of these forms.
    """

    value: float
    point: Floats
    multiplier: float
    weights: Floats
    axes: Floats
    offsets: Floats


def minimum_on_ball(polynomial: Quadratic, radius: float) -> BallMinimum:
    """The trust-region problem, by one eigendecomposition and bisection.

    Args:
        polynomial: What is to be small.
        radius: The radius of the ball around 0, above 0.
    """
    sizes, axes = np.linalg.eigh(polynomial.form)
    slope = axes.T @ polynomial.slope
    scale = max(float(np.abs(sizes).max(initial=0.0)), float(np.linalg.norm(slope)) / radius, 1e-300)
    least = max(0.0, -float(sizes.min(initial=0.0)))
    low = least + ABOVE * scale if least > 0 else 0.0

    def length(multiplier: float) -> float:
        with np.errstate(divide="ignore", invalid="ignore"):
            offsets = np.where(slope == 0, 0.0, slope / (2 * (sizes + multiplier)))
        return float(np.linalg.norm(offsets))

    multiplier = low
    if length(low) > radius:
        high = low + scale
        while length(high) > radius:
            high = low + 2 * (high - low)
        for _ in range(BISECTIONS):
            multiplier = (low + high) / 2
            if multiplier in (low, high):
                break
            low, high = (multiplier, high) if length(multiplier) > radius else (low, multiplier)
        multiplier = high
    weights = np.maximum(sizes + multiplier, 0.0)
    offsets = np.divide(slope, 2 * weights, out=np.zeros_like(slope), where=weights > 0)
    value = polynomial.constant - float(weights @ offsets**2) - multiplier * radius**2
    point = -offsets
    if multiplier == low > 0 and (missing := radius**2 - float(point @ point)) > 0:
        point[0] = math.copysign(math.hypot(point[0], math.sqrt(missing)), point[0])  # where the form is flat
    return BallMinimum(value, axes @ point, multiplier, weights, axes, offsets)


def ellipsoid_proof(problem: Problem, constraint: int, target: Rational | None = None) -> Proof | None:
    """The proof of the least value of a quadratic objective where one constraint, an ellipsoid, holds.

    Args:
        problem: The problem.
        constraint: The number of the axiom that is the ellipsoid.
        target: The bound that was asked for.

    Returns:
        The proof; ``None`` where the objective or the axiom is not of degree 2 at most, or the axiom is no ellipsoid
        with interior points.
    """
    objective, axiom = problem.minimised, problem.axioms[constraint]
    if objective.degree > 2 or axiom.degree != 2 or not problem.ring.is_free:
        return None
    ellipsoid = Quadratic.of(axiom)
    try:
        factor = np.linalg.cholesky(-ellipsoid.form)
    except np.linalg.LinAlgError:
        return None
    basis = np.linalg.inv(factor).T
    centre = basis @ (basis.T @ ellipsoid.slope) / 2
    squared_radius = ellipsoid.moved(centre, basis).constant
    if not squared_radius > 0:
        return None
    found = minimum_on_ball(Quadratic.of(objective).moved(centre, basis), math.sqrt(squared_radius))
    # The forms of t = basis^-1 (u - centre) = factor' (u - centre), in u.
    slopes = (factor @ found.axes).T
    reasons: list[Reason] = [Axiom(constraint, axiom)]
    largest = max(found.multiplier, float(found.weights.max(initial=0.0)))
    multipliers: dict[int, Rational] = {0: rational(rounded_multiplier(found.multiplier, largest))}
    for slope, offset, weight in zip(slopes, found.offsets.tolist(), found.weights.tolist(), strict=True):
        root, scale = _rounded_root(problem, slope, offset - float(slope @ centre))
        if root and weight:
            multipliers[len(reasons)] = rational(rounded_multiplier(weight, largest) / scale**2)
            reasons.append(Square(root))
    return Proof(problem, tuple(reasons), {j: value for j, value in multipliers.items() if value}, target=target)


def rounded_multiplier(number: float, largest: float) -> Fraction:
    """A multiple of a power of two that is small beside the largest multiplier."""
    places = WEIGHT_BITS - math.frexp(largest)[1]
    return Fraction(round(Fraction(number) * Fraction(2) ** places)) / Fraction(2) ** places


def _rounded_root(problem: Problem, slope: Floats, constant: float) -> tuple[Polynomial, Fraction]:
    """A power of two times an affine form, with whole coefficients, and that power."""
    largest = max(float(np.abs(slope).max()), abs(constant))
    scale = Fraction(2) ** (ROOT_BITS - math.frexp(largest)[1])
    numbers: Sequence[int] = [round(Fraction(value) * scale) for value in (*slope.tolist(), constant)]
    monomials = [*((i,) for i in range(len(slope))), ONE]
    return Polynomial(problem.ring, dict(zip(monomials, numbers, strict=True))), scale
