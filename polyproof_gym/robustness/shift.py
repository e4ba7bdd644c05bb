"""Data that a generator only comes near to: limits moved by a Wasserstein distance."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from polyproof_gym.arguments import exact, instance_of, one_of, shown
from polyproof_gym.errors import BadInput
from polyproof_gym.robustness.arrays import real_array
from polyproof_gym.robustness.limit import DistanceLimit, RobustnessLimit
from polyproof_gym.robustness.modulus import LATENT, NORM_NAMES, Norm
from polyproof_gym.robustness.rounding import float_above, float_below
from polyproof_gym.robustness.status import HasStatus, Status

Order = Literal["1", "inf"]
"""The mean or the largest distance that something is moved by."""

PARTS = 64
"""How many shares of a distance are tried for what the data are moved by, beside what they are robust to."""

MAX_SAMPLES = 5000
"""Most samples of each distribution that are matched; it takes the cube of their number."""


@dataclass(frozen=True)
class WassersteinDistance:
    """A bound on the Wasserstein distance between the data and what a generator makes.

    Attributes:
        bound: The bound, exactly.
        order: ``"1"`` for the mean distance of the best matching, ``"inf"`` for the largest one.
        status: How far the bound can be trusted. One from samples is an estimate.
        norm: The norm in which points are compared.
    """

    bound: Fraction
    order: Order
    status: Status
    norm: Norm = "2"

    def __post_init__(self) -> None:
        """Check what was given.

        Raises:
            BadInput: If something makes no sense.
        """
        number = Fraction(exact(self.bound, "bound"))
        if number < 0:
            raise BadInput(f"expected a number of at least 0 as bound, got {shown(self.bound)}")
        object.__setattr__(self, "bound", number)
        one_of(self.order, "order", get_args(Order))
        one_of(self.norm, "norm", get_args(Norm))
        instance_of(self.status, Status, "status")

    @classmethod
    def sampled(cls, data: Any, generated: Any, norm: Norm = "2") -> WassersteinDistance:
        """The distance of order 1 between as many samples of the data as of what is generated: an estimate.

        Args:
            data: Samples, one a row.
            generated: As many others.
            norm: The norm in which they are compared.

        Raises:
            BadInput: If they are no arrays of finite numbers of the same shape, or too many.
        """
        norm = one_of(norm, "norm", get_args(Norm))
        one, other = _samples(data, "data"), _samples(generated, "generated")
        if one.shape != other.shape:
            raise BadInput(f"expected as many samples of the same size, got the shapes {one.shape} and {other.shape}")
        costs = cdist(one, other, "euclidean" if norm == "2" else "chebyshev")
        mean = float(costs[linear_sum_assignment(costs)].mean())
        return cls(Fraction(mean), "1", Status.ESTIMATED, norm)

    @property
    def sources(self) -> tuple[HasStatus, ...]:
        """Nothing: it was given."""
        return ()

    def legend(self) -> str:
        """What this is on one line."""
        return f"Wasserstein distance of order {self.order} up to {float_above(self.bound):.6g} ({self.status})"

    __str__ = legend

    def to_json(self) -> dict[str, Any]:
        """All there is to know; ``None`` for what is beyond the range of floats."""
        bound = float_above(self.bound)
        return {
            "status": str(self.status),
            "bound": bound if math.isfinite(bound) else None,
            "exact_bound": str(self.bound),
            "order": self.order,
            "norm": self.norm,
        }


@dataclass(frozen=True)
class ShiftedLimit(DistanceLimit):
    """The limit for data whose distribution is within a Wasserstein distance of the generator's (Theorem 4).

    Only unconstrained robustness moves from one distribution to another: the other ones are not defined off the
    generator's images. If the generated share within ``e`` is at least ``F(e)``, that of the data is, for the distance
    ``d`` of order infinity, at least ``F(e - d)``, and for order 1 at least ``F(e - s) - d / s`` for every ``s``.

    Attributes:
        limit: The limit for the generator's images.
        distance: The distance between the distributions.
    """

    limit: RobustnessLimit
    distance: WassersteinDistance

    def __post_init__(self) -> None:
        """Check that both are about distances between images, in the same norm.

        Raises:
            BadInput: If they are not, or something else was given.
        """
        instance_of(self.limit, RobustnessLimit, "limit")
        instance_of(self.distance, WassersteinDistance, "distance")
        if self.limit.modulus == LATENT:
            raise BadInput(
                "expected a limit in distances between images (see RobustnessLimit.through), got a latent one"
            )
        if self.limit.modulus.norm != self.distance.norm:
            raise BadInput(
                f"expected a distance in the norm {self.limit.modulus.norm} of the limit, got {self.distance.norm}"
            )

    @property
    def sources(self) -> tuple[HasStatus, ...]:
        """The limit and the distance."""
        return self.limit, self.distance

    @property
    def confidence(self) -> Fraction:
        """That of the limit."""
        return self.limit.confidence

    @property
    def quantity(self) -> str:
        """Which robustness is limited."""
        what = "unconstrained robustness of any classifier on data near the generator's"
        return f"the {what}, in the {NORM_NAMES[self.distance.norm]} norm"

    def share_beyond(self, distance: float) -> Fraction:
        """At least the share of the data that is beyond one distance."""
        moved = self.distance.bound
        if not moved or math.isinf(distance):
            return self.limit.share_beyond(distance)
        if self.distance.order == "inf":
            left = Fraction(distance) - moved
            return self.limit.share_beyond(float_below(left)) if left >= 0 else Fraction(1)
        parts = [Fraction(distance) * k / PARTS for k in range(1, PARTS + 1)] if distance else []
        return min(
            (self.limit.share_beyond(max(float_below(Fraction(distance) - s), 0.0)) + moved / s for s in parts),
            default=Fraction(1),
        )

    def expected(self) -> float:
        """The largest mean distance that a classifier can have on the data; infinite if it can be."""
        mean = self.limit.expected()
        return mean if math.isinf(mean) else float_above(Fraction(mean) + self.distance.bound)

    def to_json(self, distances: Iterable[Any] = ()) -> dict[str, Any]:
        """As of every limit, with the mean, the limit for the generator and the distance beside."""
        mean = self.expected()
        return {
            **super().to_json(distances),
            "expected": mean if math.isfinite(mean) else None,
            "limit": self.limit.to_json(),
            "distance": self.distance.to_json(),
        }


def _samples(value: Any, what: str) -> NDArray[np.float64]:
    array = real_array(value)
    if array is None or array.ndim < 2 or not 0 < len(array) <= MAX_SAMPLES or not array.size:
        raise BadInput(f"expected 1 to {MAX_SAMPLES} samples, one a row, as {what}, got {shown(value)}")
    if not np.isfinite(array).all():
        raise BadInput(f"expected finite numbers as {what}")
    return array.reshape(len(array), -1)
