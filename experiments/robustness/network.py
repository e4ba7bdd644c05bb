"""A generator that is no polynomial: its modulus proved by the norms of its layers, and estimated from samples.

Both moduli give a limit for the distance between images. The proved one holds; the estimated one is smaller, and what
follows from it may be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from experiments.robustness.callables import as_classifier, as_generator
from experiments.robustness.curves import finite_or_none
from experiments.robustness.examination import count_classes
from experiments.robustness.moduli import modulus_of
from experiments.robustness.subjects import Subject
from polyproof_gym.robustness.class_probabilities import ClassProbabilities
from polyproof_gym.robustness.limit import RobustnessLimit
from polyproof_gym.robustness.moduli import sampled_modulus


@dataclass(frozen=True)
class NetworkLimit:
    """The limit by one modulus. All distances but the first are between images.

    Attributes:
        modulus: How the modulus was found, with its status.
        constant: How far images are apart at most, for each unit of latent distance.
        median_limit: Within this distance at least half of the data have another class; ``None`` if it is infinite.
        limit: The largest mean distance that any classifier with these frequencies of classes can have; likewise.
        status: How far the limits can be trusted.
        confidence: The probability with which they hold, if the modulus does.
    """

    modulus: str
    constant: float
    median_limit: float | None
    limit: float | None
    status: str
    confidence: float


@dataclass(frozen=True)
class NetworkLimits:
    """The result of this section; see :class:`NetworkLimit`.

    Attributes:
        error: Squared error of held-out images after encoding and decoding, by their variance.
        accuracy: Share of held-out images that the classifier gets right.
        rows: The limits.
    """

    error: float
    accuracy: float
    rows: tuple[NetworkLimit, ...]


def measure(
    *, folder: Path, samples: int = 50_000, epochs: int | None = None, pairs: int = 10_000, seed: int = 0
) -> NetworkLimits:
    """Train the networks or load them, and compare the moduli."""
    from experiments.robustness import digits_vae

    networks = digits_vae.trained(folder, seed, epochs or digits_vae.EPOCHS)
    classify, generate = as_classifier(networks.classifier), as_generator(networks.generator)
    proved = modulus_of(networks.generator, digits_vae.LATENT)
    sampled = sampled_modulus(generate, digits_vae.LATENT, pairs=pairs, seed=seed)
    subject = Subject("digits", digits_vae.LATENT, 10, lambda latents: classify(generate(latents)), proved)
    limit = RobustnessLimit(ClassProbabilities.from_counts(count_classes(subject, samples, seed)))
    rows = []
    for modulus in (proved, sampled):
        there = limit.through(modulus)
        rows.append(
            NetworkLimit(
                modulus=modulus.legend(),
                constant=float(modulus.constant),
                median_limit=finite_or_none(there.quantile(0.5)),
                limit=finite_or_none(there.expected()),
                status=str(there.status),
                confidence=float(there.confidence),
            )
        )
    return NetworkLimits(networks.error, networks.accuracy, tuple(rows))
