"""Shares of points beyond a distance, and how they are held against the limit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom, norm

from polyproof_gym.polynomials import Rational
from polyproof_gym.robustness.status import Status

STANDARD_ERRORS = 3.0
"""By how many standard errors a share must be above the limit, at one distance, for that to count as no accident."""


@dataclass(frozen=True)
class Curve:
    """Distances of the same points, all found in one way.

    Attributes:
        name: What they are.
        status: How far they can be trusted.
        distances: One for every point; infinite where nothing was found.
    """

    name: str
    status: Status
    distances: tuple[float, ...]

    @property
    def legend(self) -> str:
        """The name and the status."""
        return f"{self.name} ({self.status})"

    def beyond(self, distance: float) -> float:
        """The share of points beyond a distance."""
        return float(np.mean(np.array(self.distances) > distance))

    @property
    def mean(self) -> float:
        """The mean distance, infinite if one is."""
        return float(np.mean(self.distances))


def excess(distances: Sequence[float], grid: Sequence[float], limit: Sequence[float]) -> float:
    """By how many standard errors the share of points beyond a distance is above its limit, where it is most so.

    The share falls at the distances themselves only, so it is enough to look just before each of them. Where few points
    are left, shares are not normally distributed: what counts is the probability that as many points or more are beyond
    the distance, and so many standard errors have the same in a normal distribution.

    Args:
        distances: Those of independent points, not negative.
        grid: Ascending distances, the first of them 0.
        limit: The largest probability with which a point may be beyond each distance of the grid. It falls, so that it
            holds up to the next one.

    Returns:
        The number, negative where the share is below the limit everywhere; infinite if no point at all may be beyond
        some distance, and there is one.
    """
    ordered = np.sort(np.asarray(distances, dtype=np.float64))
    places, smaller = np.unique(ordered, return_index=True)
    count = len(ordered)
    limits = np.asarray(limit)[np.searchsorted(grid, places, side="right") - 1]
    return float(norm.isf(binom.sf(count - smaller - 1, count, limits)).max(initial=-math.inf))


def most_by_chance(count: int) -> float:
    """An excess that so many points have with at most the probability of three standard errors at a single distance.

    There are as many distances at which the share may happen to be above the limit as there are points.
    """
    return float(norm.isf(norm.sf(STANDARD_ERRORS) / max(1, count)))


def finite_or_none(number: float | None) -> float | None:
    """A number that JSON has; ``None`` for an infinite one."""
    return number if number is not None and math.isfinite(number) else None


def out_of_order(certified: Sequence[Rational | None], found: Sequence[Rational | None]) -> list[int]:
    """The numbers of the points that are certified beyond what an attack has found, which must not be.

    Args:
        certified: The certified distance of every point; ``None`` if there is none.
        found: The distance of an adversarial point, likewise.
    """
    return [
        number
        for number, (least, most) in enumerate(zip(certified, found, strict=True))
        if least is not None and most is not None and least > most
    ]
