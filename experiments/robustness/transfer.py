"""One change of the data that misleads two classifiers at once: what is found, and the least that there is.

For half-spaces at an angle it is known how far the nearest such change is. For classifiers of digits an attack on both
at once looks for it; where classifiers disagree from the start, none is looked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from polyproof_gym.robustness.attacks import nearest_changes
from polyproof_gym.robustness.float_scores import CallableScores
from polyproof_gym.robustness.maps import FloatArray
from polyproof_gym.robustness.models import load_model
from polyproof_gym.robustness.transfer import PairProbabilities, TransferLimit

BATCH = 10_000
"""Latent points whose labels are counted at a time."""


@dataclass(frozen=True)
class Transfer:
    """Two classifiers at one distance.

    Attributes:
        pair: The classifiers.
        agreement: Share of random points to which both give the same label.
        distance: A latent distance.
        found: Share of points with a change within it that misleads both.
        limit: The least share that there is for any two classifiers that agree so often.
        status: How far that can be trusted.
        confidence: The probability with which it holds.
    """

    pair: str
    agreement: float
    distance: float
    found: float
    limit: float
    status: str
    confidence: float


@dataclass(frozen=True)
class Transfers:
    """The result of this section; see :class:`Transfer`.

    Attributes:
        points: Number of points of half-spaces.
        attacked: Number of points at which classifiers of digits were attacked.
        rows: The pairs at several distances.
    """

    points: int
    attacked: int
    rows: tuple[Transfer, ...]


def measure(
    *,
    angles: Sequence[float] = (0.1, 0.5, 1.0),
    distances: Sequence[float] = (0.5, 1.0, 2.0),
    points: int = 20_000,
    models: Sequence[str] = ("digits-linear", "digits-quadratic"),
    latent: int = 8,
    samples: int = 100_000,
    attacked: int = 200,
    restarts: int = 5,
    seed: int = 0,
) -> Transfers:
    """Compare pairs of half-spaces, and one pair of classifiers of digits."""
    rng = np.random.default_rng(seed)
    rows = [row for angle in angles for row in _half_spaces(angle, distances, points, rng)]
    return Transfers(points, attacked, (*rows, *_digits(models, latent, distances, samples, attacked, restarts, rng)))


def _rows(pair: str, found: FloatArray, probabilities: PairProbabilities, distances: Sequence[float]) -> list[Transfer]:
    """What was found beside the limit.

    Args:
        pair: The classifiers.
        found: For every point the distance at which both are misled; infinite where none is known, NaN where the
            classifiers disagree from the start.
        probabilities: How often the classifiers agree.
        distances: The distances of the rows.
    """
    limit = TransferLimit(probabilities)
    return [
        Transfer(
            pair=pair,
            agreement=float(1 - np.isnan(found).mean()),
            distance=distance,
            found=float((found <= distance).mean()),
            limit=limit.fraction_within(distance),
            status=str(limit.status),
            confidence=float(limit.confidence),
        )
        for distance in distances
    ]


def _half_spaces(angle: float, distances: Sequence[float], count: int, rng: np.random.Generator) -> list[Transfer]:
    """Two half-planes through the origin, whose normals are at an angle."""
    points = rng.normal(size=(count, 2))
    first, second = points[:, 0], points @ [math.cos(angle), math.sin(angle)]
    # Mirrored, so that both are positive; what misleads both is a wedge with its apex at the origin.
    one, other = np.abs(first), np.abs(second)
    to_one = np.where(other <= one * math.cos(angle), one, math.inf)
    to_other = np.where(one <= other * math.cos(angle), other, math.inf)
    found = np.minimum(np.minimum(to_one, to_other), np.linalg.norm(points, axis=1))
    found = np.where(first * second > 0, found, math.nan)
    apart = angle / (2 * math.pi)
    table = [[0.5 - apart, apart], [apart, 0.5 - apart]]
    return _rows(f"half-spaces at {angle:g} radians", found, PairProbabilities.known(table), distances)


def _digits(
    models: Sequence[str],
    latent: int,
    distances: Sequence[float],
    samples: int,
    attacked: int,
    restarts: int,
    rng: np.random.Generator,
) -> list[Transfer]:
    """Two classifiers that come with the package, on the data of one generator."""
    one, other = (load_model(name, latent=latent).latent_classifier for name in models)
    table = np.zeros((one.num_classes, one.num_classes), np.int64)
    for _ in range(0, samples, BATCH):
        points = rng.normal(size=(BATCH, latent))
        np.add.at(table, (one.labels_at(points), other.labels_at(points)), 1)
    points = rng.normal(size=(attacked, latent))
    labels = one.labels_at(points)
    agree = labels == other.labels_at(points)
    found = np.full(attacked, math.nan)
    for label in np.unique(labels[agree]):

        def scores(places: FloatArray, label: int = int(label)) -> FloatArray:
            """The larger of both margins, which is negative where both are misled, beside 0."""
            margins = [_margin(classifier.scores_at(places), label) for classifier in (one, other)]
            return np.stack([np.maximum(*margins), np.zeros(len(places))], axis=1)

        here = np.flatnonzero(agree & (labels == label))
        ends = nearest_changes(
            CallableScores(scores, latent), points[here], norm="2", restarts=restarts, seed=int(label)
        )
        lengths = np.linalg.norm(ends - points[here], axis=1)
        found[here] = np.where(np.isnan(lengths), math.inf, lengths)
    return _rows(" and ".join(models), found, PairProbabilities.from_counts(table.tolist()), distances)


def _margin(scores: FloatArray, label: int) -> FloatArray:
    """The score of a label less the largest other one."""
    others: FloatArray = np.delete(scores, label, axis=1).max(axis=1)
    margins: FloatArray = scores[:, label] - others
    return margins
