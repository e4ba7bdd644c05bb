"""Column generation from the middle of the dual solutions."""

from __future__ import annotations

import numpy as np

from agents.agent import StepAgent
from agents.baselines.dual_guided import longest, smallest
from polyproof_gym.arguments import whole
from polyproof_gym.proofs import ESTIMATE_ROUNDS, MAX_ESTIMATE_ROUNDS, ProofState

HANDICAP = 0.15
"""How much more an action that brings new monomials must be violated than one that does not."""

TIE = 1e-6
"""Pseudo-expectations closer than this count as equal; what a few rounds leave of symmetry is not exact."""


class EstimateGuidedAgent(StepAgent):
    """The action whose conclusion has the smallest pseudo-expectation by estimated pseudo-moments.

    Like :class:`~agents.baselines.dual_guided.DualGuidedAgent`, but not from the vertex that the solver found: the
    estimates lie well within the set of optimal solutions (interior point stabilisation; Rousseau, Gendreau and Feillet
    2007). Actions that bring new monomials compete from the start, with pseudo-moments guessed for these and a
    handicap. Ties are broken in the same way.
    """

    def __init__(self, rounds: int = ESTIMATE_ROUNDS, *, random_ties: bool = False) -> None:
        """Choose how well to estimate.

        Args:
            rounds: Steps of the method that estimates.
            random_ties: Whether chance decides between conclusions as long and as extensible, not the newest parent.

        Raises:
            BadInput: If that many steps are not possible.
        """
        rounds = whole(rounds, "rounds of estimate-guided", 1, MAX_ESTIMATE_ROUNDS)
        self.name = "estimate-guided" if rounds == ESTIMATE_ROUNDS else f"estimate-guided:rounds={rounds}"
        self._rounds = rounds
        self._random_ties = random_ties

    def act(self, state: ProofState, rng: np.random.Generator) -> int | None:
        """The most violated action; ``None`` if none is valid."""
        valid = np.flatnonzero(state.action_mask())
        if not len(valid):
            return None
        expectations = state.expectations(state.estimated_moments(self._rounds))
        ties = smallest(valid, expectations + HANDICAP * ~state.closed(), TIE)
        if self._random_ties:
            rng.shuffle(ties)
        return longest(state, ties)
