"""Attacks of Foolbox on polynomial classifiers, for comparison with those of this project.

Foolbox (Rauber, Zimmermann, Bethge, Brendel 2020) searches in floats for nearest points with another label, by attacks
that are its own. What they find is confirmed exactly, as what ours find is. It comes with the extra ``attacks``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from polyproof_gym.arguments import finite, members, one_of, seed_number
from polyproof_gym.errors import BadInput
from polyproof_gym.problems.robust_margin import NORMS, Norm
from polyproof_gym.robustness.attacks import MOST, Adversary, confirmed_adversaries
from polyproof_gym.robustness.classifier import PolynomialClassifier
from polyproof_gym.robustness.float_scores import PolynomialScores
from polyproof_gym.robustness.maps import exact_point

ATTACKS: dict[Norm, tuple[str, ...]] = {
    "inf": ("LinfDeepFoolAttack", "LInfFMNAttack"),
    "2": ("L2DeepFoolAttack", "DDNAttack", "L2FMNAttack"),
}
"""The attacks that look for the least distance, by their names in Foolbox."""

STEPS = 200
"""Steps of every attack."""

MAX_POINTS = 100_000
"""Most points."""


class TorchScores(torch.nn.Module):
    """The scores of a polynomial classifier as a module of PyTorch, in double precision."""

    def __init__(self, classifier: PolynomialClassifier) -> None:
        """Take the float view of a classifier; its clip is left out."""
        super().__init__()
        scores = PolynomialScores(classifier.scores)
        self._factors = [(scores.number[m[:-1]], m[-1]) for m in scores.monomials[1:]]
        self._coefficients = torch.tensor(scores.coefficients)

    def forward(self, points: torch.Tensor) -> torch.Tensor:
        """The scores of points of shape ``(points, inputs)``, shape ``(points, classes)``."""
        values = [torch.ones(len(points), dtype=points.dtype)]
        for divisor, variable in self._factors:
            values.append(values[divisor] * points[:, variable])
        return torch.stack(values, 1) @ self._coefficients


def foolbox_attack(
    attack: str, classifier: PolynomialClassifier, points: Any, *, most: float = MOST, seed: int = 0
) -> list[Adversary | None]:
    """The nearest points with another label that an attack of Foolbox finds, confirmed exactly.

    Args:
        attack: One of :data:`ATTACKS`, whose norm it has.
        classifier: The classifier.
        points: The points, shape ``(points, inputs)``; decimals mean what is written.
        most: The largest distance that counts.
        seed: Seed of the attack's random choices.

    Returns:
        For every point what was found, if anything was.

    Raises:
        BadInput: If an argument cannot be used, or Foolbox is not installed.
    """
    norms = {name: norm for norm in NORMS for name in ATTACKS[norm]}
    norm = norms[one_of(attack, "attack", norms)]
    most = finite(most, "most", 0)
    try:
        import foolbox
    except ImportError as error:
        raise BadInput(f"attacks of Foolbox need foolbox, which is not installed ({error})") from None
    exact = [exact_point(point, classifier.num_inputs) for point in members(points, "points", MAX_POINTS)]
    places = np.array([[float(x) for x in point] for point in exact]).reshape(len(exact), classifier.num_inputs)
    reach = float(np.abs(places).max(initial=0.0)) + most
    if classifier.clip is not None:
        reach = min(reach, float(classifier.clip))
        places = np.clip(places, -reach, reach)
    torch.manual_seed(seed_number(seed))
    model = foolbox.PyTorchModel(TorchScores(classifier).eval(), bounds=(-reach, reach), device="cpu")
    labels = torch.tensor(classifier.labels_at(places))
    found, _, changed = getattr(foolbox.attacks, attack)(steps=STEPS)(
        model, torch.tensor(places), labels, epsilons=None
    )
    ends = np.where(changed.numpy()[:, None], found.numpy(), np.nan)
    return confirmed_adversaries(classifier, exact, ends, norm=norm, most=most)
