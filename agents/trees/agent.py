"""The agent that takes the candidate of the highest probability."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from agents.agent import StepAgent
from agents.scoring import describe
from polyproof_gym.proofs import ProofState

Probabilities = Callable[[NDArray[np.float32]], NDArray[np.float64]]
"""From the features of candidates, shape ``(candidates, len(FEATURES))``, to one number for each."""


class BoostedTreesAgent(StepAgent):
    """Describes the most promising candidates as :class:`~agents.scoring.ScoringAgent` does, and asks trees about each.

    Ties, of which trees make many, go to the candidate that is violated most.
    """

    def __init__(self, probabilities: Probabilities, name: str = "boosted-trees") -> None:
        """Use trees.

        Args:
            probabilities: What they say of candidates.
            name: What the agent is called.
        """
        self.name = name
        self._probabilities = probabilities

    def act(self, state: ProofState, rng: np.random.Generator) -> int | None:
        """The candidate of the highest probability; ``None`` if no action is valid."""
        actions, features = describe(state)
        return int(actions[self._probabilities(features).argmax()]) if len(actions) else None
