"""The agent that takes the candidate of the highest learned score."""

from __future__ import annotations

import numpy as np

from agents.agent import StepAgent
from agents.scoring.candidates import scarcity, shortlist
from agents.scoring.scorer import Scorer
from polyproof_gym.proofs import ProofState

TEMPERATURE = 0.1
"""At this temperature chance decides between near ties of the scores, and hardly more."""


class ScoringAgent(StepAgent):
    """Takes the candidate of the highest score; ties go to the newest.

    The more steps there are, the less of what is learned counts, see :func:`~agents.scoring.candidates.scarcity`.

    Attributes:
        scorer: The scores.
    """

    def __init__(
        self,
        scorer: Scorer,
        name: str = "scoring",
        *,
        without_exclusions: Scorer | None = None,
        temperature: float = 0.0,
    ) -> None:
        """Use a scorer.

        Args:
            scorer: The scores.
            name: The spec string that makes this agent.
            without_exclusions: The scores where no variables exclude each other, if they are others.
            temperature: Where it is not 0, candidates are drawn in proportion to the exponentials of their scores
                divided by it.
        """
        self.name = name
        self.scorer = scorer
        self._without_exclusions = without_exclusions or scorer
        self._temperature = temperature

    def act(self, state: ProofState, rng: np.random.Generator) -> int | None:
        """The action chosen; ``None`` if none is valid."""
        candidates = shortlist(state)
        if not len(candidates.actions):
            return None
        scorer = self.scorer if state.problem.ring.num_exclusive else self._without_exclusions
        scores = scorer(candidates.counting(scarcity(state.problem, state.max_steps)))
        if self._temperature:  # the largest of scores with Gumbel noise is such a draw
            scores = scores + self._temperature * rng.gumbel(size=len(scores))
        return int(candidates.actions[scores.argmax()])
