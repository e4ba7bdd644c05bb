"""The agent that takes the candidate of the highest learned score."""

from __future__ import annotations

import numpy as np

from agents.agent import StepAgent
from agents.scoring.features import describe
from agents.scoring.scorer import Scorer, drawn
from polyproof_gym.proofs import ProofState


class ScoringAgent(StepAgent):
    """Describes the most promising candidates and takes the one of the highest score.

    If it samples, it draws in proportion to the exponentials of the scores, as in training.
    """

    def __init__(self, scorer: Scorer, name: str = "scoring", *, sampled: bool = False) -> None:
        """Use a scorer.

        Args:
            scorer: The scores.
            name: The spec string that makes this agent.
            sampled: Whether to sample.
        """
        self.name = name
        self._scorer = scorer
        self._sampled = sampled

    def act(self, state: ProofState, rng: np.random.Generator) -> int | None:
        """The action chosen; ``None`` if none is valid."""
        actions, features = describe(state)
        if not len(actions):
            return None
        scores = self._scorer(features)
        return int(actions[drawn(scores, rng) if self._sampled else scores.argmax()])
