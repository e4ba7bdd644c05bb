"""Attacks beside each other: how far away the projected gradient finds another class, by what those of Foolbox find."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.robustness.peers import ATTACKS, foolbox_attack
from polyproof_gym import BadInput
from polyproof_gym.problems.robust_margin import Norm
from polyproof_gym.robustness.attacks import projected_gradient
from polyproof_gym.robustness.models import load_model

MODELS = (("digits-quadratic", 8, "linear"), ("digits-quadratic", 6, "quadratic"))
"""Classifier, number of latent variables and kind of generator."""


@dataclass(frozen=True)
class Attack:
    """One attack of Foolbox on one classifier. Distances are latent ones, and all points found are confirmed exactly.

    Attributes:
        classifier: The classifier and the generator.
        norm: How distances are measured.
        attack: The attack.
        found: The number of points near which it finds another class.
        mean: The mean of the distance that the projected gradient finds, divided by the attack's.
        least: The least such ratio.
        most: The largest one; above 1 where the attack is the better one.
    """

    classifier: str
    norm: str
    attack: str
    found: int
    mean: float | None
    least: float | None
    most: float | None


@dataclass(frozen=True)
class Attacks:
    """The result of this section; see :class:`Attack`.

    Attributes:
        points: Number of held-out points.
        rows: The attacks.
    """

    points: int
    rows: tuple[Attack, ...]


def measure(*, models: Sequence[tuple[str, int, str]] = MODELS, points: int = 50, seed: int = 0) -> Attacks:
    """Attack the same points in all ways.

    Raises:
        BadInput: If Foolbox is not installed.
    """
    return Attacks(points, tuple(row for model in models for row in _rows(*model, points, seed)))


def _rows(name: str, latent: int, kind: str, count: int, seed: int) -> Iterator[Attack]:
    model = load_model(name, latent=latent, generator=kind)
    classifier, points = model.latent_classifier, model.latents[:count]
    if len(points) < count:
        raise BadInput(f"expected at most {len(points)} points, got {count}")
    norms: tuple[Norm, ...] = ("inf", "2")
    for norm in norms:
        own = projected_gradient(classifier, points, norm=norm, seed=seed)
        for attack in ATTACKS[norm]:
            theirs = foolbox_attack(attack, classifier, points, seed=seed)
            ratios = [float(a.distance / b.distance) for a, b in zip(own, theirs, strict=True) if a and b]
            yield Attack(
                classifier=f"{name}, {kind} generator, {latent} latent variables",
                norm=norm,
                attack=attack.removesuffix("Attack"),
                found=sum(found is not None for found in theirs),
                mean=float(np.mean(ratios)) if ratios else None,
                least=min(ratios, default=None),
                most=max(ratios, default=None),
            )
