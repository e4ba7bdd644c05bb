"""Scores of classes and their gradients in floats, at many points at once: what attacks go by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.arguments import whole
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Monomial, Polynomial
from polyproof_gym.robustness.maps import FloatArray, float_points

STEP = 1e-5
"""Distance over which gradients of a function that does not know its own are taken, relative above 1."""

MOST_AT_ONCE = 2048
"""About how many points are moved at once, each in two directions, for such gradients."""


class Scores(Protocol):
    """What attacks ask of a classifier, whose label is the class with the largest score, the first in a tie."""

    @property
    def num_inputs(self) -> int:
        """Number of coordinates of a point."""
        ...

    def at(self, points: FloatArray) -> FloatArray:
        """The scores of points of shape ``(points, inputs)``, shape ``(points, classes)``."""
        ...

    def gradients(self, points: FloatArray) -> FloatArray:
        """The gradients of the scores, shape ``(points, classes, inputs)``."""
        ...


class PolynomialScores:
    """Polynomials and their derivatives, as one matrix product each with the values of all monomials.

    Attributes:
        num_inputs: Number of variables.
        monomials: The monomials that occur and what they are multiples of, by degree; 1 is the first.
        number: The number of every monomial among these.
        coefficients: The coefficients, shape ``(monomials, classes)``.
    """

    def __init__(self, polynomials: Sequence[Polynomial]) -> None:
        """Take the float view of the polynomials, of one ring without rewriting rules.

        Raises:
            BadInput: If a coefficient is beyond the range of floats.
        """
        self.num_inputs = polynomials[0].ring.num_variables
        terms = [p.terms for p in polynomials]
        self.monomials = _closed({monomial for own in terms for monomial in own})
        self.number = {monomial: k for k, monomial in enumerate(self.monomials)}
        self.coefficients: FloatArray = np.zeros((len(self.monomials), len(terms)))
        slopes = np.zeros((len(self.monomials), len(terms), self.num_inputs))
        for f, own in enumerate(terms):
            for monomial, exact in own.items():
                try:
                    coefficient = float(exact)
                except OverflowError:
                    raise BadInput("expected scores whose coefficients are within the range of floats") from None
                self.coefficients[self.number[monomial], f] = coefficient
                for place, i in enumerate(monomial):  # once for every power
                    slopes[self.number[monomial[:place] + monomial[place + 1 :]], f, i] += coefficient
        # No derivative has a monomial of the highest degree, which come last.
        used = int(np.flatnonzero(slopes.any(axis=(1, 2))).max(initial=0)) + 1
        self._slopes = slopes[:used].reshape(used, -1)

    def _values(self, points: FloatArray, count: int) -> FloatArray:
        """The values of the first monomials, shape ``(points, count)``."""
        values = np.ones((count, len(points)))
        columns = np.ascontiguousarray(points.T)
        for k, monomial in enumerate(self.monomials[1:count], 1):
            np.multiply(values[self.number[monomial[:-1]]], columns[monomial[-1]], out=values[k])
        return values.T

    def at(self, points: FloatArray) -> FloatArray:
        """The values of the polynomials."""
        found: FloatArray = self._values(points, len(self.monomials)) @ self.coefficients
        return found

    def gradients(self, points: FloatArray) -> FloatArray:
        """The gradients of the polynomials."""
        found = self._values(points, len(self._slopes)) @ self._slopes
        return found.reshape(len(points), -1, self.num_inputs)


class CallableScores:
    """A function of the caller's, with central differences as gradients: two more points for every coordinate.

    Attributes:
        num_inputs: Number of coordinates of a point.
    """

    def __init__(self, function: Callable[[FloatArray], Any], num_inputs: int) -> None:
        """Take over a function.

        Args:
            function: It gives scores, shape ``(points, classes)``, for points of shape ``(points, inputs)``.
            num_inputs: Number of coordinates of a point.

        Raises:
            BadInput: If it is no function, or the number not at least 1.
        """
        if not callable(function):
            raise BadInput("expected a function of points that gives scores")
        self._function = function
        self.num_inputs = whole(num_inputs, "num_inputs", 1)

    def at(self, points: FloatArray) -> FloatArray:
        """What the function gives.

        Raises:
            BadInput: If these are not scores of at least one class for every point, or one of them is NaN.
        """
        scores: NDArray[np.float64] = np.asarray(self._function(points), np.float64)
        if scores.ndim != 2 or len(scores) != len(points) or not scores.shape[1]:
            raise BadInput(f"expected scores of shape ({len(points)}, classes), got shape {scores.shape}")
        if np.isnan(scores).any():
            raise BadInput("expected scores that are numbers, got NaN")
        return scores

    def gradients(self, points: FloatArray) -> FloatArray:
        """The gradients by differences."""
        steps = STEP * np.maximum(1.0, np.abs(points))
        at_once = max(1, MOST_AT_ONCE // max(1, len(points)))
        slopes = []
        for first in range(0, self.num_inputs, at_once):
            coordinates = np.arange(first, min(first + at_once, self.num_inputs))
            moved = np.tile(points, (2, len(coordinates), 1, 1))
            for place, i in enumerate(coordinates):
                moved[0, place, :, i] += steps[:, i]
                moved[1, place, :, i] -= steps[:, i]
            scores = self.at(moved.reshape(-1, self.num_inputs))
            ahead, behind = scores.reshape(*moved.shape[:3], scores.shape[1])
            slopes.append((ahead - behind) / (2 * steps.T[coordinates, :, None]))
        return np.moveaxis(np.concatenate(slopes), 0, 2)


def checked_points(points: Any, scores: Scores) -> FloatArray:
    """Points in floats, shape ``(points, inputs)``.

    Raises:
        BadInput: If they are not a list of such points, or not finite.
    """
    found = float_points(points, scores.num_inputs)
    if not np.isfinite(found).all():
        raise BadInput("expected points with finite coordinates")
    return found


def _closed(monomials: set[Monomial]) -> list[Monomial]:
    """The monomials and all their divisors with one factor less, and so on, by degree."""
    known = set(monomials) | {()}
    newest = known
    while newest:
        newest = {m[:place] + m[place + 1 :] for m in newest for place in range(len(m))} - known
        known |= newest
    return sorted(known, key=lambda monomial: (len(monomial), monomial))
