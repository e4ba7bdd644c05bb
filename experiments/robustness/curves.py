"""Shares of points beyond a distance, and how they are held against the limit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom, norm

from polyproof_gym.polynomials import Rational
from polyproof_gym.robustness.status import Status

STANDARD_ERRORS = 3.0
"""By how many standard errors a share must be above the limit for that to count as no accident."""


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


def excess(distances: Sequence[float], limit: Callable[[float], float]) -> float:
    """By how many standard errors the share of points beyond a distance is above its limit, where it is most so.

    The share falls at the distances themselves only and the limit everywhere, so it is enough to look just before each
    of them. Where few points are left, shares are not normally distributed: what counts is the probability that as many
    points or more are beyond the distance, and so many standard errors have the same in a normal distribution.

    Args:
        distances: Those of independent points.
        limit: The largest probability with which a point may be beyond a distance.

    Returns:
        The number, negative where the share is below the limit everywhere; infinite if no point at all may be beyond
        some distance, and there is one.
    """
    ordered = np.sort(np.asarray(distances, dtype=np.float64))
    places, smaller = np.unique(ordered, return_index=True)
    count = len(ordered)
    tails = binom.sf(count - smaller - 1, count, [limit(float(place)) for place in places])
    return float(norm.isf(tails).max(initial=-math.inf))


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
