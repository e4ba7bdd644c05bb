"""A classifier that first moves every image to the nearest one that the generator can make (Theorem 2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.arguments import exact, finite, shown
from polyproof_gym.errors import BadInput
from polyproof_gym.robustness.rounding import float_below

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ProjectedClassifier:
    """``f~(y) = f(g(z*(y)))`` with an image ``g(z*(y))`` nearest to ``y``: it is ``f`` on the data, and safer off it.

    Its unconstrained robustness is at least half the in-distribution robustness of ``f``, and at most that. So no
    bound on what is possible in-distribution misses what a defender can reach without constraints by more than a
    factor of 2. It does not say that ``f`` itself is that robust.

    Attributes:
        classifier: The labels for images, one image a row.
        generator: The images for latent points, one point a row.
        nearest: The latent points of images nearest to given ones, one a row; ties broken in any way, but always in the
            same.
        slack: ``nearest`` finds images that are at most ``1 + slack`` times as far as the nearest ones.
    """

    classifier: Callable[[Floats], NDArray[np.int64]]
    generator: Callable[[Floats], Floats]
    nearest: Callable[[Floats], Floats]
    slack: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        """Check what was given.

        Raises:
            BadInput: If something is no function, or the slack is negative.
        """
        for name in ("classifier", "generator", "nearest"):
            if not callable(getattr(self, name)):
                raise BadInput(f"expected a function as {name}, got {shown(getattr(self, name))}")
        slack = Fraction(exact(self.slack, "slack"))
        if slack < 0:
            raise BadInput(f"expected a number of at least 0 as slack, got {shown(self.slack)}")
        object.__setattr__(self, "slack", slack)

    def __call__(self, images: Any) -> NDArray[np.int64]:
        """The labels of images, one a row."""
        return self.classifier(self.generator(self.nearest(images)))

    def unconstrained_at_least(self, in_distribution: float) -> float:
        """What the unconstrained robustness at an image is at least, if that of ``f`` in-distribution is as given.

        Args:
            in_distribution: The in-distribution robustness of ``f`` at the image, or a bound below it.

        Raises:
            BadInput: If it is negative or not finite.
        """
        radius = finite(in_distribution, "in-distribution robustness", 0)
        return float_below(Fraction(radius) / (2 + self.slack))
