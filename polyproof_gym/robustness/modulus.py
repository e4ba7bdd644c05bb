"""How far apart a generator can take two latent points that are near each other, and how far that can be trusted."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal, get_args

from polyproof_gym.arguments import exact, instance_of, one_of, shown, text, whole
from polyproof_gym.errors import BadInput
from polyproof_gym.robustness.gaussian import tail_above
from polyproof_gym.robustness.rounding import float_above, float_below
from polyproof_gym.robustness.status import HasStatus, Status, worst

Norm = Literal["2", "inf"]
"""The norm of images: Euclidean, or the largest entry."""

NORM_NAMES = MappingProxyType({"2": "Euclidean", "inf": "maximum"})
"""The norms as people call them."""

UNIFORM_FACTOR = Fraction(79788456080286536, 10**17)
"""At least ``sqrt(2/pi)``, the largest slope of ``2 Phi(z) - 1``."""

MAX_DIMENSION = 100_000
"""Most latent variables."""


@dataclass(frozen=True)
class Modulus:
    """A number ``L`` with ``|g(z) - g(z')| <= L |z - z'|_2``: a modulus of continuity ``w(t) = L t`` of a generator.

    The functions of :mod:`~polyproof_gym.robustness.moduli` make them.

    Attributes:
        constant: The number ``L``, exactly.
        status: Whether this is the least such number, a proved one, or only an estimate.
        source: What it was found from, for people.
        norm: The norm of images; the latent one is Euclidean.
        exceptional: The probability of latent points for which it does not hold.
        reach: The largest ``|z - z'|_2`` for which it holds; ``None`` if there is no limit.
    """

    constant: Fraction
    status: Status
    source: str
    _: KW_ONLY
    norm: Norm = "2"
    exceptional: Fraction = Fraction(0)
    reach: Fraction | None = None

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            BadInput: If one of them makes no sense.
        """
        for name in ("constant", "exceptional"):
            object.__setattr__(self, name, _not_negative(getattr(self, name), name))
        if self.exceptional > 1:
            raise BadInput("expected a probability as exceptional, got more than 1")
        if self.reach is not None:
            object.__setattr__(self, "reach", _not_negative(self.reach, "reach"))
        instance_of(self.status, Status, "status")
        text(self.source, "source")
        one_of(self.norm, "norm", get_args(Norm))

    @property
    def sources(self) -> tuple[HasStatus, ...]:
        """Nothing: what it was made from is in its status already."""
        return ()

    def __call__(self, distance: float) -> float:
        """At least ``w(t)``, rounded up; infinite beyond the reach."""
        if self.reach is not None and distance > self.reach:
            return math.inf
        return float_above(self.constant * Fraction(distance)) if self.constant else 0.0

    def inverse(self, distance: float) -> float:
        """At most the largest ``t`` with ``w(t) <= distance``, rounded down; infinite if all have it."""
        if not self.constant or math.isinf(distance):
            return math.inf if self.reach is None else float_below(self.reach)
        found = Fraction(distance) / self.constant
        return float_below(found if self.reach is None else min(found, self.reach))

    def share_beyond(self, distance: float, latent: Callable[[float], Fraction]) -> Fraction:
        """At least the share of the data that is beyond a distance between images.

        Args:
            distance: The distance.
            latent: At least the share that is beyond a latent distance.
        """
        return latent(self.inverse(distance)) + self.exceptional

    def of_uniform_prior(self) -> Modulus:
        """The modulus for a generator that takes ``u``, uniform on ``[-1, 1]^d``: of ``z -> g(2 Phi(z) - 1)``."""
        return replace(
            self,
            constant=self.constant * UNIFORM_FACTOR,
            status=worst(self.status, Status.CERTIFIED),
            source=f"{self.source}, of a uniform prior",
            reach=None if self.reach is None else self.reach / UNIFORM_FACTOR,
        )

    def then(self, following: Modulus) -> Modulus:
        """The modulus of this generator followed by a map, whose modulus is given.

        Raises:
            BadInput: If the map's modulus does not hold everywhere, or this one is not in the Euclidean norm.
        """
        following = instance_of(following, Modulus, "the modulus of what follows")
        if self.norm != "2":
            raise BadInput("expected a modulus in the Euclidean norm, to be followed by another map")
        if following.exceptional or following.reach is not None:
            raise BadInput("expected a modulus that holds everywhere for the map that follows")
        return replace(
            self,
            constant=self.constant * following.constant,
            status=worst(self.status, following.status, Status.CERTIFIED),
            source=f"{self.source}, then {following.source}",
            norm=following.norm,
        )

    def restricted(self, exceptional: Any, reach: Any, status: Status = Status.EXACT) -> Modulus:
        """The same number, said of fewer pairs: of latent points but for some, and of others within a reach of them.

        Args:
            exceptional: The probability of the points for which nothing is said, which adds to that known.
            reach: The largest distance for which something is said.
            status: How far the probability and the reach can be trusted: the worst of this and of the modulus' own
                counts. By default they are known, or proved to be large and small enough; a share of samples is
                ``ESTIMATED``.

        Raises:
            BadInput: If the numbers make no sense, or the status is none.
        """
        status = instance_of(status, Status, "status")
        within = _not_negative(reach, "reach")
        return replace(
            self,
            status=worst(self.status, status),
            exceptional=min(self.exceptional + _not_negative(exceptional, "exceptional"), Fraction(1)),
            reach=within if self.reach is None else min(within, self.reach),
        )

    def unclipped(self, half_width: Any, dimension: int, reach: Any) -> Modulus:
        """What a modulus on the box ``[-R, R]^d`` says of a generator that is not clipped to it.

        It holds for the latent points that are a reach away from the sides of the box, and others within that reach.

        Args:
            half_width: The number ``R``.
            dimension: The number ``d`` of latent variables.
            reach: The reach.

        Raises:
            BadInput: If the numbers make no sense, or the reach leaves nothing of the box.
        """
        size = _not_negative(half_width, "half_width")
        within = _not_negative(reach, "reach")
        dimension = whole(dimension, "dimension", 1, MAX_DIMENSION)
        if within >= size:
            raise BadInput(f"expected a reach below the half width, got {shown(reach)} and {shown(half_width)}")
        outside = min(2 * dimension * Fraction(tail_above(float_below(size - within))), Fraction(1))  # union bound
        return self.restricted(outside, within)

    def legend(self) -> str:
        """What this is on one line."""
        limits = [f"beyond a share of {float(self.exceptional):.3g}"] if self.exceptional else []
        limits += [f"up to the latent distance {float_below(self.reach):g}"] if self.reach is not None else []
        return ", ".join([f"modulus {float_above(self.constant):.6g} ({self.status}; {self.source})", *limits])

    __str__ = legend

    def to_json(self) -> dict[str, Any]:
        """All there is to know, with the exact numbers as text; ``None`` for what is beyond the range of floats."""
        constant = float_above(self.constant)
        return {
            "status": str(self.status),
            "constant": constant if math.isfinite(constant) else None,
            "exact_constant": str(self.constant),
            "source": self.source,
            "norm": self.norm,
            "exceptional": float_above(self.exceptional),
            "reach": None if self.reach is None else float_below(self.reach),
        }


def _not_negative(value: Any, what: str) -> Fraction:
    number = Fraction(exact(value, what))
    if number < 0:
        raise BadInput(f"expected a number of at least 0 as {what}, got {shown(value)}")
    return number


LATENT = Modulus(Fraction(1), Status.EXACT, "latent distance")
"""The modulus of no generator at all: distances are those of latent points."""
