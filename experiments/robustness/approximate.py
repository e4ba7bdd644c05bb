"""Data that a generator only comes near to: the limit with the Wasserstein distance between both added.

The classifier has linear scores, so that its robustness to any change of an image is a formula. The distance of real
images to generated ones is measured on samples and so an estimate; that of shifted images is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from experiments.robustness.linear import LinearScores
from experiments.robustness.moduli import modulus_of
from experiments.robustness.training.main import SOURCES, fit_generator, load_data
from polyproof_gym.robustness.class_probabilities import ClassProbabilities
from polyproof_gym.robustness.limit import RobustnessLimit
from polyproof_gym.robustness.maps import FloatArray
from polyproof_gym.robustness.models import load_model
from polyproof_gym.robustness.shift import ShiftedLimit, WassersteinDistance
from polyproof_gym.robustness.status import Status


@dataclass(frozen=True)
class Approximation:
    """Data near those of one generator. Robustness is the mean distance to an image of another class.

    Attributes:
        data: The data.
        latent: Latent variables of the generator.
        distance: Wasserstein distance of order 1 between data and generated images.
        distance_status: How far that can be trusted.
        generated: Robustness of the classifier on generated images.
        robustness: Robustness on the data, at most ``generated + distance``.
        limit: The largest robustness on the data that any classifier can have with the same frequencies of classes.
        status: How far that can be trusted.
        confidence: The probability with which it holds, if the distance does.
    """

    data: str
    latent: int
    distance: float
    distance_status: str
    generated: float
    robustness: float
    limit: float
    status: str
    confidence: float


@dataclass(frozen=True)
class Approximations:
    """The result of this section; see :class:`Approximation`.

    Attributes:
        images: Number of images of either kind.
        between_samples: The estimated distance between as many held-out images and images for training, which is
            that of samples of one distribution: an estimate on so few samples is not much less.
        rows: The data.
    """

    images: int
    between_samples: float
    rows: tuple[Approximation, ...]


def measure(
    *,
    latents: Sequence[int] = (2, 8, 20, 50),
    shift: str = "1/5",
    samples: int = 50_000,
    images: int = 540,
    seed: int = 0,
) -> Approximations:
    """Fit generators of several sizes to the digits, and shift the images of one of them."""
    rng = np.random.default_rng(seed)
    data = load_data(SOURCES["digits"])
    classifier = load_model("digits-linear").classifier
    scores = LinearScores.of(classifier.scores_at, classifier.num_inputs)
    real = data.test[:images]
    rows = []
    for latent in latents:
        generator = fit_generator(data.train, latent, "linear").generator
        counts = np.bincount(scores.labels(generator(rng.normal(size=(samples, latent)))), minlength=len(scores.bias))
        limit = RobustnessLimit(ClassProbabilities.from_counts(counts.tolist())).through(modulus_of(generator, latent))
        generated = generator(rng.normal(size=(len(real), latent)))
        near = WassersteinDistance.sampled(real, generated)
        rows.append(_row("held-out images", latent, scores, real, generated, ShiftedLimit(limit, near)))
    length = Fraction(shift)
    moved = generated + float(length) * np.full(generated.shape[1], generated.shape[1] ** -0.5)
    known = WassersteinDistance(length, "1", Status.CERTIFIED)
    rows.append(
        _row(f"generated images, shifted by {shift}", latent, scores, moved, generated, ShiftedLimit(limit, known))
    )
    between = WassersteinDistance.sampled(real, data.train[: len(real)])
    return Approximations(len(real), float(between.bound), tuple(rows))


def _row(
    name: str, latent: int, scores: LinearScores, data: FloatArray, generated: FloatArray, limit: ShiftedLimit
) -> Approximation:
    return Approximation(
        data=name,
        latent=latent,
        distance=float(limit.distance.bound),
        distance_status=str(limit.distance.status),
        generated=float(scores.distances(generated).mean()),
        robustness=float(scores.distances(data).mean()),
        limit=limit.expected(),
        status=str(limit.status),
        confidence=float(limit.confidence),
    )
