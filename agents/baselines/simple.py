"""Agents that do not look at the bound: random choice, and breadth first."""

from __future__ import annotations

import numpy as np

from agents.agent import StepAgent
from polyproof_gym.proofs import ProofState


class RandomAgent(StepAgent):
    """Any valid action, all with the same probability."""

    name = "random"

    def act(self, state: ProofState, rng: np.random.Generator) -> int | None:
        """A random valid action."""
        valid = np.flatnonzero(state.action_mask())
        return int(rng.choice(valid)) if len(valid) else None


class RandomClosedAgent(StepAgent):
    """Any valid action that brings no new monomial; any valid one where there is none."""

    name = "random-closed"

    def act(self, state: ProofState, rng: np.random.Generator) -> int | None:
        """A random closed action."""
        closed = state.closed()
        actions = np.flatnonzero(closed if closed.any() else state.action_mask())
        return int(rng.choice(actions)) if len(actions) else None


class BreadthFirstAgent(StepAgent):
    """All products of the oldest inequality, then all of the next, and so on."""

    name = "bfs"

    def act(self, state: ProofState, rng: np.random.Generator) -> int | None:
        """The first valid action."""
        mask = state.action_mask()
        return int(mask.argmax()) if mask.any() else None
