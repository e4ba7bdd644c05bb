"""The agent that takes the candidate of the highest learned score."""

from __future__ import annotations

import numpy as np

from agents.agent import StepAgent
from agents.scoring.features import CandidateFeatures
from agents.scoring.scorer import Scorer
from polyproof_gym.proofs import ProofState


class ScoringAgent(StepAgent):
    """Describes the most promising candidates and takes the one of the highest score; greedy, so without chance."""

    def __init__(self, scorer: Scorer, name: str = "scoring") -> None:
        """Use a scorer.

        Args:
            scorer: The scores.
            name: The spec string that makes this agent.
        """
        self.name = name
        self._scorer = scorer
        self._features = CandidateFeatures()

    def act(self, state: ProofState, rng: np.random.Generator) -> int | None:
        """The action of the highest score; ``None`` if none is valid."""
        actions, features = self._features.describe(state)
        return int(actions[self._scorer(features).argmax()]) if len(actions) else None
