"""The closed forms that papers state, beside the sum that they simplify: for comparison only."""

from __future__ import annotations

import math
from typing import NamedTuple

from scipy.special import ndtr, ndtri

from polyproof_gym.arguments import finite, whole


class SimplifiedForms(NamedTuple):
    """Lower bounds, for classes of equal probability, on the share within a latent distance, in plain floats.

    All are weaker than :class:`~polyproof_gym.robustness.limit.RobustnessLimit` and may be negative. Those of the paper
    (Fawzi, Fawzi and Fawzi 2018) are as recalled.

    Attributes:
        exact_sum: ``sum_i Phi(a + t) - Phi(a)``, what the others simplify.
        derived: ``1 - exp(-t^2/2 - a t)``, proved in ``docs/robustness-proofs.md``.
        recalled_half: ``1 - sqrt(pi/2) exp(-t^2/2)``, which the paper has for probabilities up to 1/2.
        recalled_classes: ``1 - sqrt(pi/2) exp(-t^2/2 - t sqrt(log(K^2 / (4 pi log K))))``, which it has for at least
            five equal classes; ``None`` for fewer.
    """

    exact_sum: float
    derived: float
    recalled_half: float
    recalled_classes: float | None


def simplified_forms(num_classes: int, distance: float) -> SimplifiedForms:
    """The closed forms at a latent distance, for comparison only; nothing is rounded to a safe side.

    Args:
        num_classes: The number of classes of equal probability, at least 2.
        distance: The latent distance.

    Raises:
        BadInput: If there are fewer classes, or the distance is negative or not finite.
    """
    classes = whole(num_classes, "num_classes", 2, 10**9)
    t = finite(distance, "distance", 0)
    a = -float(ndtri(1 / classes))
    growth = math.sqrt(math.log(classes**2 / (4 * math.pi * math.log(classes)))) if classes >= 5 else None
    return SimplifiedForms(
        exact_sum=1 - classes * float(ndtr(-a - t)),
        derived=1 - math.exp(-t * t / 2 - a * t),
        recalled_half=1 - math.sqrt(math.pi / 2) * math.exp(-t * t / 2),
        recalled_classes=None if growth is None else 1 - math.sqrt(math.pi / 2) * math.exp(-t * t / 2 - t * growth),
    )
