"""The minimum of a polynomial over the unit box where a few Bernstein expansions tell it.

No value is below the least coefficient, and a least one that belongs to a corner is the minimum. Otherwise the box is
split in the middle, and parts without a coefficient below the least value known need no further look.
"""

from __future__ import annotations

import math

import numpy as np

from polyproof_gym.polynomials.bernstein import bernstein_coefficients, bernstein_halves
from polyproof_gym.problems.feasible_point.float_view import Floats, FloatView

MAX_COEFFICIENTS = 5000
"""The most Bernstein coefficients of an expansion."""

MAX_SPLITS = 3
"""How often a box is split: what takes many more, a local search finds sooner."""

ROUNDING = 1e-13
"""What float arithmetic may change of a coefficient, relative to the largest."""


class _Part:
    """A part of the unit box with the Bernstein coefficients of the polynomial there.

    Attributes:
        coefficients: Their array has one axis for every variable.
        least: The smallest of them.
    """

    def __init__(self, coefficients: Floats, low: Floats, high: Floats) -> None:
        self.coefficients = coefficients
        self.least = float(coefficients.min())
        self._ends = np.array([low, high])

    def lowest_corner(self) -> tuple[float, Floats]:
        """The least value at a corner, and the corner."""
        values = self.coefficients[np.ix_(*[[0, -1]] * self.coefficients.ndim)]
        place = np.unravel_index(values.argmin(), values.shape)
        return float(values[place]), self._ends[np.array(place), np.arange(len(place))]

    def halves(self) -> tuple[_Part, _Part]:
        """The two halves in the direction in which the coefficients vary most."""
        i, first, second = bernstein_halves(self.coefficients)
        (low, high), middle = self._ends, self._ends.mean(axis=0)
        is_split = np.arange(len(low)) == i
        return _Part(first, low, np.where(is_split, middle, high)), _Part(second, np.where(is_split, middle, low), high)


def enclosed_minimiser(view: FloatView) -> Floats | None:
    """A point of the unit box where a polynomial has its minimum over the box, up to the errors of floats.

    Args:
        view: The polynomial, the only function of the view.

    Returns:
        The point, shape ``(n,)``; ``None`` if a few splits do not tell, or there would be too many coefficients.
    """
    n = view.num_variables
    powers = np.zeros((len(view.coefficients), n), np.intp)
    np.add.at(powers, (np.arange(len(powers))[:, None], view.variables), view.exponents)
    degrees = powers.max(axis=0, initial=0).tolist()
    if math.prod(degree + 1 for degree in degrees) > MAX_COEFFICIENTS:
        return None
    terms = np.zeros([degree + 1 for degree in degrees])
    np.add.at(terms, tuple(powers.T), view.coefficients)
    coefficients = bernstein_coefficients(terms)
    tolerance = ROUNDING * float(np.abs(coefficients).max())
    if not tolerance < math.inf:
        return None
    parts = [_Part(coefficients, np.zeros(n), np.ones(n))]
    value, best = parts[0].lowest_corner()
    for splits in range(MAX_SPLITS + 1):
        parts = [part for part in parts if part.least < value - tolerance]
        if not parts:
            return best
        if splits < MAX_SPLITS:
            parts.sort(key=lambda part: -part.least)
            halves = parts.pop().halves()
            parts += halves
            value, best = min([(value, best), *(half.lowest_corner() for half in halves)], key=lambda found: found[0])
    return None
