"""One-step look-ahead with the exact LP."""

from __future__ import annotations

import numpy as np

from agents.agent import StepAgent
from agents.baselines.dual_guided import VIOLATED, DualGuidedAgent, best_slot, keeps_pace, longest, smallest
from polyproof_gym.arguments import whole
from polyproof_gym.proofs import ProofState

DEFAULT_WIDTH = 64
"""Actions looked along by default."""

MAX_WIDTH = 10**9
"""Largest width."""


class GreedyAgent(StepAgent):
    """The action after which the bound is best, found by solving the LP for each of the most violated ones.

    Only violated closed actions can improve the bound at once; where none is, or none does, it chooses as
    ``dual-guided`` would, and likewise follows slots where none improves it enough.
    """

    def __init__(self, width: int = DEFAULT_WIDTH) -> None:
        """Look ahead along at most ``width`` actions, those with the smallest pseudo-expectations.

        Raises:
            BadInput: If the width is less than 1, or more than :data:`MAX_WIDTH`.
        """
        width = whole(width, "width of greedy", 1, MAX_WIDTH)
        self.name = "greedy" if width == DEFAULT_WIDTH else f"greedy:width={width}"
        self._width = width
        self._fallback = DualGuidedAgent()

    def act(self, state: ProofState, rng: np.random.Generator) -> int | None:
        """The action with the best bound one step ahead."""
        expectations = state.expectations()
        violated = np.flatnonzero(state.closed() & (expectations < VIOLATED))
        if not len(violated):
            return self._fallback.act(state, rng)
        nearest = violated[np.argsort(expectations[violated], kind="stable")[: self._width]]
        values = np.array([state.value_of(int(action)) for action in nearest])
        slot = best_slot(state)
        if slot is not None and not keeps_pace(state, float(values.max())):
            return slot
        best = nearest[values >= values.max() - 1e-9 * (1.0 + abs(values.max()))]
        return longest(state, smallest(best, expectations))
