"""Training boosted trees to tell the candidates that derive a line of a proof found by search."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.imitation.teacher import Teacher
from agents.requirements import require_numbers, require_range, require_whole_numbers
from agents.scoring import FEATURES, describe
from agents.step_budgets import draw_budget
from agents.trees.agent import BoostedTreesAgent, Probabilities
from polyproof_gym.errors import BadInput
from polyproof_gym.problems import ProblemGenerator
from polyproof_gym.proofs import ProofState


@dataclass(frozen=True)
class TreesSettings:
    """How trees are trained.

    Attributes:
        updates: How often episodes are collected and trees are grown anew from all that was collected.
        episodes: Episodes per update.
        rounds: Rounds of the neighbourhood search whose proof is learned.
        steps_per_variable: Range of the step budget, per variable.
        trust: Probability of the trees' own choice in an episode, from the second update on.
        trees: Number of trees.
        leaves: Most leaves of a tree.
        learning_rate: What a tree counts.
    """

    updates: int = 4
    episodes: int = 32
    rounds: int = 60
    steps_per_variable: tuple[float, float] = (1.6, 2.8)
    trust: float = 0.8
    trees: int = 100
    leaves: int = 15
    learning_rate: float = 0.1

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            BadInput: If one is out of range.
        """
        require_whole_numbers(self, {"updates": 1, "episodes": 1, "rounds": 1, "trees": 1, "leaves": 2})
        require_range(self, "steps_per_variable")
        require_numbers(self, "trust", most=1.0)
        require_numbers(self, "learning_rate", positive=True)


class Examples(NamedTuple):
    """Candidates of one episode or more.

    Attributes:
        features: Shape ``(candidates, len(FEATURES))``.
        is_good: Whether each derives a line of the proof found, shape ``(candidates,)``.
    """

    features: NDArray[np.float32]
    is_good: NDArray[np.bool_]

    @classmethod
    def joined(cls, parts: list[Examples]) -> Examples:
        """Those of all parts."""
        none = cls(np.empty((0, len(FEATURES)), np.float32), np.empty(0, np.bool_))
        features, is_good = zip(none, *parts, strict=True)
        return cls(np.concatenate(features), np.concatenate(is_good))


class TreesTrainer:
    """Training that can be interrupted after any update and gone on with from a file.

    Attributes:
        update: Number of updates made.
    """

    def __init__(self, generator: ProblemGenerator, settings: TreesSettings, seed: int) -> None:
        """Begin a training.

        Args:
            generator: Where problems come from.
            settings: How to train.
            seed: Source of all randomness.

        Raises:
            BadInput: If scikit-learn is not installed.
        """
        require_scikit_learn()
        self._generator, self._settings, self._seed = generator, settings, seed
        self.update = 0
        self._examples = Examples.joined([])
        self._probabilities: Probabilities = _alike

    @property
    def agent(self) -> BoostedTreesAgent:
        """The agent as far as it is trained; before, it takes the candidate that is violated most."""
        return BoostedTreesAgent(self._probabilities)

    def save(self, path: Path) -> None:
        """Write what is needed to go on: the examples, from which the same trees grow again."""
        partial = path.with_suffix(".partial")
        with partial.open("wb") as stream:
            np.savez_compressed(stream, update=self.update, **self._examples._asdict())
        partial.replace(path)

    def load(self, path: Path) -> None:
        """Go on from a file."""
        with np.load(path, allow_pickle=False) as file:
            self.update = int(file["update"])
            self._examples = Examples(file["features"], file["is_good"])
        self._probabilities = self._grown()

    def run(self) -> Iterator[dict[str, float]]:
        """Train up to the number of updates of the settings; yields figures after each."""
        settings = self._settings
        while self.update < settings.updates:
            trust = settings.trust if self.update else 0.0
            tried = hits = 0
            parts = [self._examples]
            for number in range(settings.episodes):
                examples, teacher = self._episode(trust, np.random.default_rng((self._seed, self.update, number)))
                parts.append(examples)
                tried, hits = tried + teacher.tried, hits + teacher.hits
            self._examples = Examples.joined(parts)
            self._probabilities = self._grown()
            self.update += 1
            figures = {"candidates": float(len(self._examples.is_good))}
            yield {**figures, "agreement": hits / tried} if tried else figures

    def _episode(self, trust: float, rng: np.random.Generator) -> tuple[Examples, Teacher]:
        """The candidates of every step of a proof, and what the teacher counted; the proof ends when the plan does."""
        problem = self._generator.sample(rng)
        budget = draw_budget(problem.num_variables, self._settings.steps_per_variable, rng)
        state = ProofState(problem, max_steps=budget)
        teacher = Teacher(state, budget, self._settings.rounds, trust, rng)
        parts = []
        while state.steps < budget and len(good := teacher.good_actions(state)):
            actions, features = describe(state)
            parts.append(Examples(features, np.isin(actions, good)))
            best = int(actions[self._probabilities(features).argmax()])
            state.apply(teacher.action(good, lambda best=best: best))  # type: ignore[misc]
        return Examples.joined(parts), teacher

    def _grown(self) -> Probabilities:
        """Trees from all examples; without any difference between these there is nothing to tell."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        settings, examples = self._settings, self._examples
        if len(np.unique(examples.is_good)) < 2:
            return _alike
        model = HistGradientBoostingClassifier(
            max_iter=settings.trees,
            max_leaf_nodes=settings.leaves,
            learning_rate=settings.learning_rate,
            early_stopping=False,
            random_state=self._seed,
        ).fit(examples.features, examples.is_good)

        def probabilities(features: NDArray[np.float32]) -> NDArray[np.float64]:
            values: NDArray[np.float64] = model.predict_proba(features)[:, 1]
            return values

        return probabilities


def require_scikit_learn() -> None:
    """Check that scikit-learn is there.

    Raises:
        BadInput: If it is not installed.
    """
    try:
        import sklearn  # noqa: F401
    except ImportError:
        raise BadInput("boosted trees need scikit-learn; install polyproof-gym[bench]") from None


def _alike(features: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.zeros(len(features))
