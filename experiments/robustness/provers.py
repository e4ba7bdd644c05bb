"""How fast agents prove margins on boxes almost as large as an attack leaves room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from time import process_time

import numpy as np

from agents import prove
from polyproof_gym import BadInput
from polyproof_gym.problems.robust_margin import robust_margin
from polyproof_gym.robustness.attacks import nearest_changes
from polyproof_gym.robustness.float_scores import PolynomialScores
from polyproof_gym.robustness.models import load_model

SHARE = Fraction(63, 64)
"""The radius that is to be proved, relative to the distance of what the attack found."""

MARGINS = (("digits-quadratic", 8, "linear"), ("digits-quadratic", 6, "quadratic"))
"""Classifier, number of latent variables and kind of generator; the margins have the degrees 2 and 4."""

AGENTS = (
    ("dual-guided", 100),
    ("dual-guided", 400),
    ("estimate-guided", 400),
    ("learned", 400),
    ("neighbourhood-search:rounds=10", 400),
    ("static-sherali-adams:level=DEGREE", 400),
)
"""Spec strings of agents and their step budgets; ``DEGREE`` stands for that of the margins."""


@dataclass(frozen=True)
class Prover:
    """What an agent proves of margins of one kind.

    Attributes:
        margins: The classifier and the generator.
        degree: That of the margins.
        agent: The agent.
        budget: Its step budget, which static systems do not heed.
        proved: The share of the points of which the agent proves that the rival does not win, verified.
        steps: Median number of steps where it does; ``None`` if it never does.
        seconds: Median processor time of all attempts, with the exact proof.
    """

    margins: str
    degree: int
    agent: str
    budget: int
    proved: float
    steps: float | None
    seconds: float


@dataclass(frozen=True)
class Provers:
    """The result of this section; see :class:`Prover`.

    Attributes:
        points: Number of points of each kind.
        rows: The agents.
    """

    points: int
    rows: tuple[Prover, ...]


def measure(
    *,
    margins: Sequence[tuple[str, int, str]] = MARGINS,
    agents: Sequence[tuple[str, int]] = AGENTS,
    points: int = 12,
    seed: int = 0,
) -> Provers:
    """Let agents prove that the rival that an attack finds does not win on a box a little smaller.

    Only here does the attack choose the radius: it is the same for all agents.
    """
    rows = [row for kind in margins for row in _rows(kind, agents, points, seed)]
    return Provers(points, tuple(rows))


def _rows(kind: tuple[str, int, str], agents: Sequence[tuple[str, int]], count: int, seed: int) -> list[Prover]:
    name, latent, generator = kind
    model = load_model(name, latent=latent, generator=generator)
    classifier = model.latent_classifier
    if count > len(model.latents):
        raise BadInput(f"expected at most {len(model.latents)} points, got {count}")
    centers = model.latents[:count]
    places = np.array([[float(u) for u in center] for center in centers])
    clip = None if classifier.clip is None else float(classifier.clip)
    changed = nearest_changes(PolynomialScores(classifier.scores), places, seed=seed, clip=clip)
    if np.isnan(changed).any():
        raise BadInput("expected points near which an attack finds another class")
    rivals, distances = classifier.labels_at(changed), np.abs(changed - places).max(axis=1)
    problems = [
        robust_margin(classifier, center, int(rival), SHARE * Fraction(float(distance)))
        for center, rival, distance in zip(centers, rivals, distances, strict=True)
    ]
    rows = []
    for spec, budget in agents:
        agent = spec.replace("DEGREE", str(classifier.degree))
        attempts = []
        for problem in problems:
            begin = process_time()
            proof = prove(problem, agent, max_steps=budget, target=0, seed=seed)
            attempts.append((proof, process_time() - begin))
            proof.verify()
        steps = [proof.search.steps for proof, _ in attempts if proof.bound >= 0 and proof.search is not None]
        rows.append(
            Prover(
                margins=f"{name}, {generator} generator, {latent} latent variables",
                degree=classifier.degree,
                agent=agent,
                budget=budget,
                proved=sum(proof.bound >= 0 for proof, _ in attempts) / count,
                steps=median(steps) if steps else None,
                seconds=median(seconds for _, seconds in attempts),
            )
        )
    return rows
