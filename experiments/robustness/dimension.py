"""The limit against the dimension and the smoothness of the generator, beside what linear classifiers reach.

The generator is ``z -> L z``. Its data have about the size ``L sqrt(d)``, which grows with the dimension ``d``; the
limit does not. So what a classifier can be robust to is a smaller and smaller part of the data.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.robustness.linear import LinearScores
from polyproof_gym.robustness.class_probabilities import ClassProbabilities
from polyproof_gym.robustness.limit import RobustnessLimit
from polyproof_gym.robustness.moduli.linear import linear_modulus

CLASSES = 10
"""Classes of the classifiers."""


@dataclass(frozen=True)
class Dimension:
    """One dimension with one smoothness. Robustness is the mean distance to data of another label.

    Attributes:
        latent: Number of latent variables.
        smoothness: How far the generator moves the data at most, for each unit of latent distance.
        size: The size of the data, the root of their mean square.
        robustness: What a random linear classifier has, by the exact formula at random points.
        limit: What any classifier with the same frequencies of classes has at most.
        relative_robustness: The robustness by the size of the data.
        relative_limit: Likewise.
        status: How far the limit can be trusted.
        confidence: The probability with which it holds.
    """

    latent: int
    smoothness: float
    size: float
    robustness: float
    limit: float
    relative_robustness: float
    relative_limit: float
    status: str
    confidence: float


@dataclass(frozen=True)
class Dimensions:
    """The result of this section; see :class:`Dimension`."""

    rows: tuple[Dimension, ...]


def measure(
    *,
    latents: Sequence[int] = (2, 8, 32, 128),
    smoothness: Sequence[float] = (0.5, 1.0, 2.0),
    samples: int = 20_000,
    seed: int = 0,
) -> Dimensions:
    """Draw a classifier for every dimension."""
    rows = []
    for latent in latents:
        rng = np.random.default_rng([seed, latent])
        scores = LinearScores.random(rng, CLASSES, latent)
        points = rng.normal(size=(samples, latent))
        counts = np.bincount(scores.labels(points), minlength=CLASSES).tolist()
        limit = RobustnessLimit(ClassProbabilities.from_counts(counts))
        mean = float(scores.distances(points).mean())
        for slope in smoothness:
            there = limit.through(linear_modulus((slope * np.eye(latent)).tolist()))
            size = slope * math.sqrt(latent)
            rows.append(
                Dimension(
                    latent=latent,
                    smoothness=slope,
                    size=size,
                    robustness=slope * mean,
                    limit=there.expected(),
                    relative_robustness=slope * mean / size,
                    relative_limit=there.expected() / size,
                    status=str(there.status),
                    confidence=float(there.confidence),
                )
            )
    return Dimensions(tuple(rows))
