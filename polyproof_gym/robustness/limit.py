"""Limits of robustness that hold for every classifier, from how often it gives each label to the data."""

from __future__ import annotations

import abc
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar, Protocol, Self, overload

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.arguments import finite, instance_of, members, shown
from polyproof_gym.errors import BadInput
from polyproof_gym.robustness.arrays import real_array
from polyproof_gym.robustness.class_probabilities import ClassProbabilities, status_text
from polyproof_gym.robustness.gaussian import expected_excess_above
from polyproof_gym.robustness.modulus import LATENT, NORM_NAMES, Modulus
from polyproof_gym.robustness.rounding import float_above, float_below
from polyproof_gym.robustness.status import HasStatus, Status, require, worst

Floats = NDArray[np.float64]

MAX_DISTANCES = 1_000_000
"""Most distances that are asked for at once."""

MOST_DOUBLINGS = 1100
"""How often a distance is doubled in search of a quantile; after that all floats are used up."""

QUANTILE_PRECISION = 2.0**-30
"""By how much a quantile may be larger than needed, relative."""


class DistanceLimit(abc.ABC):
    """For every distance, a share of the data that is sure to be within it of points with other labels.

    All numbers are rounded so that they stay true: shares within a distance down, shares beyond it and distances up.
    """

    @property
    @abc.abstractmethod
    def sources(self) -> tuple[HasStatus, ...]:
        """What the limit is made from."""

    @property
    @abc.abstractmethod
    def confidence(self) -> Fraction:
        """The probability with which the samples that the limit rests on did not mislead; 1 if there are none."""

    @property
    @abc.abstractmethod
    def quantity(self) -> str:
        """What is limited, for people."""

    @abc.abstractmethod
    def share_beyond(self, distance: float) -> Fraction:
        """At least the share of the data that is beyond one distance, which may be infinite."""

    @property
    def status(self) -> Status:
        """The worst status of what the limit is made from."""
        return worst(*(source.status for source in self.sources))

    @overload
    def fraction_beyond(self, distance: float) -> float: ...

    @overload
    def fraction_beyond(self, distance: Iterable[float]) -> Floats: ...

    def fraction_beyond(self, distance: Any) -> Any:
        """The largest share of the data that can be robust beyond a distance, whatever the classifier.

        Args:
            distance: One distance, or an array of them.

        Returns:
            One share, or an array of the same shape.

        Raises:
            BadInput: If a distance is negative or not finite.
        """
        return _at_each(distance, self._beyond)

    @overload
    def fraction_within(self, distance: float) -> float: ...

    @overload
    def fraction_within(self, distance: Iterable[float]) -> Floats: ...

    def fraction_within(self, distance: Any) -> Any:
        """The least share of the data with a point of another label within a distance, whatever the classifier.

        Args:
            distance: One distance, or an array of them.

        Returns:
            One share, or an array of the same shape.

        Raises:
            BadInput: If a distance is negative or not finite.
        """
        return _at_each(distance, self._within)

    def quantile(self, share: Any) -> float:
        """A distance within which at least a share of the data has a point of another label, whatever the classifier.

        It is the least such distance but for rounding up; infinite if there is none, as for one class.

        Raises:
            BadInput: If the share is not from 0 to 1.
        """
        wanted = finite(share, "share", 0, 1)
        most = 1 - Fraction(wanted)

        def is_within(distance: float) -> bool:
            return self.share_beyond(distance) <= most

        if is_within(0.0):
            return 0.0
        if not most or not is_within(math.inf):  # no tail of a normal variable ends
            return math.inf
        low, high = 0.0, 1.0
        for _ in range(MOST_DOUBLINGS):
            if math.isinf(high) or is_within(high):
                break
            low, high = high, 2 * high
        while math.isfinite(high) and high - low > QUANTILE_PRECISION * high and high > math.ulp(0.0):
            middle = low + (high - low) / 2
            low, high = (low, middle) if is_within(middle) else (middle, high)
        return high

    def require(self, weakest: Status) -> Self:
        """The limit, if it can be trusted as far as is required.

        Raises:
            InsufficientStatus: If its status is worse.
        """
        return require(self, weakest)

    def legend(self) -> str:
        """What this is, with its status, for a picture or a table."""
        return f"limit of {self.quantity} ({status_text(self.status, self.confidence)})"

    def __str__(self) -> str:
        return "; ".join([self.legend(), *(source.legend() for source in self.sources)])

    def to_json(self, distances: Iterable[Any] = ()) -> dict[str, Any]:
        """The limit for JSON, with its status and what it is made from.

        Args:
            distances: Where it is evaluated.

        Raises:
            BadInput: If a distance is negative or not finite.
        """
        points = [finite(one, "distance", 0) for one in members(distances, "distances", MAX_DISTANCES)]
        return {
            "quantity": self.quantity,
            "status": str(self.status),
            "confidence": float_below(self.confidence),
            "legend": self.legend(),
            "sources": [source.legend() for source in self.sources],
            "distances": points,
            "fraction_within": [self._within(point) for point in points],
            "fraction_beyond": [self._beyond(point) for point in points],
        }

    def _beyond(self, distance: float) -> float:
        return min(float_above(self.share_beyond(distance)), 1.0)

    def _within(self, distance: float) -> float:
        return max(float_below(1 - self.share_beyond(distance)), 0.0)


class LatentShares(HasStatus, Protocol):
    """How often classifiers give their labels, and what follows from that in the latent space."""

    @property
    def confidence(self) -> Fraction:
        """The probability with which what was sampled did not mislead; 1 if nothing was."""
        ...

    def share_beyond(self, distance: float) -> Fraction:
        """At least the share of the data that can be robust beyond a latent distance."""
        ...

    def to_json(self) -> dict[str, Any]:
        """All there is to know."""
        ...


@dataclass(frozen=True)
class LatentLimit(DistanceLimit):
    """A limit in latent distance, or in that between images of a generator with a modulus.

    Attributes:
        probabilities: How often classifiers give their labels.
        modulus: Of the generator, for distances between images; by default distances are latent ones.
    """

    kind: ClassVar[type]
    """The class of the probabilities."""

    subject: ClassVar[str]
    """What is limited, but for the distance."""

    probabilities: LatentShares
    modulus: Modulus = LATENT

    def __post_init__(self) -> None:
        """Check the classes of what was given.

        Raises:
            BadInput: If something else was.
        """
        instance_of(self.probabilities, self.kind, "probabilities")
        instance_of(self.modulus, Modulus, "modulus")

    @property
    def sources(self) -> tuple[HasStatus, ...]:
        """The probabilities and the modulus."""
        return self.probabilities, self.modulus

    @property
    def confidence(self) -> Fraction:
        """That of the probabilities."""
        return self.probabilities.confidence

    @property
    def quantity(self) -> str:
        """Which robustness is limited, and in which distance."""
        if self.modulus == LATENT:
            return f"the latent {self.subject}"
        return f"the {self.subject} in the {NORM_NAMES[self.modulus.norm]} norm"

    def share_beyond(self, distance: float) -> Fraction:
        """At least the share of the data that is beyond one distance."""
        return self.modulus.share_beyond(distance, self.probabilities.share_beyond)

    def through(self, modulus: Modulus) -> Self:
        """The same limit in distances between images of a generator, whose modulus takes the place of any before.

        Of a map that follows a generator, :meth:`Modulus.then` makes the modulus of both.
        """
        return replace(self, modulus=modulus)

    def to_json(self, distances: Iterable[Any] = ()) -> dict[str, Any]:
        """As of every limit, with the probabilities and the modulus beside."""
        return {
            **super().to_json(distances),
            "probabilities": self.probabilities.to_json(),
            "modulus": self.modulus.to_json(),
        }


@dataclass(frozen=True)
class RobustnessLimit(LatentLimit):
    """The limit for every classifier with some probabilities of its labels (Theorem 1, the exact sum).

    Data are ``g(z)`` with ``z`` standard normal. For ``P(f(g(z)) = i) = p_i`` and ``a_i = Phi^-1(1 - p_i)``, at least
    the share ``sum_i Phi(a_i + t) - Phi(a_i)`` of them has a latent point of another label within ``t``; its image is
    within ``L t``. The label is the classifier's own, right or wrong. Unconstrained changes of the image are no larger
    than those within the data, so that the limit holds for them as well. ``docs/robustness-proofs.md`` has the proofs.

    Attributes:
        probabilities: The probabilities of the labels.
        modulus: Of the generator, for distances between images; by default distances are latent ones.
    """

    kind = ClassProbabilities
    subject = "robustness of any classifier"

    probabilities: ClassProbabilities

    def expected(self) -> float:
        """The largest mean distance to points of other labels that a classifier can have; infinite if it can be.

        It is ``L sum_i phi(a_i) - a_i p_i``, whose terms are convex in ``p_i``, too.
        """
        if self.modulus.exceptional or self.modulus.reach is not None:
            return math.inf
        found = self.probabilities.largest_sum(expected_excess_above)
        return math.inf if found is None else float_above(found * self.modulus.constant)

    def to_json(self, distances: Iterable[Any] = ()) -> dict[str, Any]:
        """As of every limit, with the mean beside (``None`` if it is infinite)."""
        mean = self.expected()
        return {**super().to_json(distances), "expected": mean if math.isfinite(mean) else None}


def _at_each(distance: Any, share: Callable[[float], float]) -> Any:
    """A share at one distance, or an array of them at those of an array."""
    distances = real_array(distance)
    if distances is not None and distances.ndim == 0:
        return share(finite(distance, "distance", 0))
    if distances is None or distances.size > MAX_DISTANCES:
        raise BadInput(f"expected a number or up to {MAX_DISTANCES} numbers as distance, got {shown(distance)}")
    found = [share(finite(one, "distance", 0)) for one in distances.ravel().tolist()]
    return np.array(found, np.float64).reshape(distances.shape)
