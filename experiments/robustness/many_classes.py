"""The limit against the number of classes: the more there are, the nearer is another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.robustness.linear import LinearScores
from polyproof_gym.robustness.class_probabilities import ClassProbabilities
from polyproof_gym.robustness.limit import RobustnessLimit


@dataclass(frozen=True)
class Classes:
    """One number of classes. All distances are latent.

    Attributes:
        classes: The number.
        limit: The largest mean distance to another class that any classifier with equally frequent classes can have.
        median_limit: Within this distance at least half of the data have another class.
        status: How far both can be trusted.
        robustness: The mean distance that a random linear classifier has, by the exact formula at random points.
        own_limit: The largest mean distance for the frequencies of that classifier's classes.
        own_status: How far that can be trusted.
        confidence: The probability with which it holds.
    """

    classes: int
    limit: float
    median_limit: float
    status: str
    robustness: float
    own_limit: float
    own_status: str
    confidence: float


@dataclass(frozen=True)
class ManyClasses:
    """The result of this section; see :class:`Classes`."""

    rows: tuple[Classes, ...]


def measure(
    *, classes: Sequence[int] = (2, 5, 10, 100, 1000), latent: int = 50, samples: int = 20_000, seed: int = 0
) -> ManyClasses:
    """Draw a classifier for every number of classes."""
    rows = []
    for number in classes:
        rng = np.random.default_rng([seed, number])
        scores = LinearScores.random(rng, number, latent)
        distances, counts = 0.0, np.zeros(number, np.int64)
        for _ in range(samples // BATCH):
            points = rng.normal(size=(BATCH, latent))
            distances += float(scores.distances(points).sum())
            counts += np.bincount(scores.labels(points), minlength=number)
        balanced = RobustnessLimit(ClassProbabilities.known([f"1/{number}"] * number))
        own = RobustnessLimit(ClassProbabilities.from_counts(counts.tolist()))
        rows.append(
            Classes(
                classes=number,
                limit=balanced.expected(),
                median_limit=balanced.quantile(0.5),
                status=str(balanced.status),
                robustness=distances / int(counts.sum()),
                own_limit=own.expected(),
                own_status=str(own.status),
                confidence=float(own.confidence),
            )
        )
    return ManyClasses(tuple(rows))


BATCH = 1000
"""Points whose distances are computed at a time."""
