"""Column generation from the middle of the dual solutions."""

from __future__ import annotations

import numpy as np

from agents.agent import StepAgent
from agents.baselines.dual_guided import MAX_TIES, smallest
from polyproof_gym.arguments import whole
from polyproof_gym.proofs import ESTIMATE_ROUNDS, FEATURES, MAX_ESTIMATE_ROUNDS, ProofState

HANDICAP = 0.15
"""How much more an action that brings new monomials must be violated than one that does not."""

TIE = 1e-6
"""Pseudo-expectations closer than this count as equal; what a few rounds leave of symmetry is not exact."""

NEAR_TIE = 0.01
"""The same where variables exclude each other: there nearly all is tied, and what spends few variables counts."""


class EstimateGuidedAgent(StepAgent):
    """The action whose conclusion has the smallest pseudo-expectation by estimated pseudo-moments.

    Like :class:`~agents.baselines.dual_guided.DualGuidedAgent`, but not from the vertex that the solver found: the
    estimates lie well within the set of optimal solutions (interior point stabilisation; Rousseau, Gendreau and Feillet
    2007). Actions that bring new monomials compete from the start, with pseudo-moments guessed for these and a
    handicap. Ties are broken towards longer conclusions, then towards the variable of the smallest weighted degree (see
    :data:`~polyproof_gym.proofs.FEATURES`), which little else can cover, as in the colouring rule RLF (Leighton 1979);
    then as there.
    """

    def __init__(self, rounds: int = ESTIMATE_ROUNDS, *, random_ties: bool = False) -> None:
        """Choose how well to estimate.

        Args:
            rounds: Steps of the method that estimates.
            random_ties: Whether chance decides between conclusions that are alike in all this, not the newest parent.

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
        moments = state.estimated_moments(self._rounds)
        tie = NEAR_TIE if state.problem.ring.exclusion_matrix.any() else TIE
        ties = smallest(valid, state.expectations(moments) + HANDICAP * ~state.closed(), tie)[-MAX_TIES:]
        if self._random_ties:
            rng.shuffle(ties)
        features = dict(zip(FEATURES, state.features(ties, moments).T, strict=True))
        degrees = np.round(features["weighted degree"], 6)
        order = np.lexsort((-np.arange(len(ties)), -features["extensions"], degrees, -features["terms"]))
        return int(ties[order[0]])
