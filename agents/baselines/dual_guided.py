"""Column generation: add what the dual solution violates most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.agent import StepAgent
from polyproof_gym.proofs import ProofState

VIOLATED = -1e-9
"""Pseudo-expectations below this count as negative."""

MAX_TIES = 5000
"""Most ties that are looked at more closely, the newest ones: more only occur on hundreds of variables."""

TIE = 1e-9
"""Pseudo-expectations closer than this count as equal."""


class DualGuidedAgent(StepAgent):
    """The closed action whose conclusion has the smallest pseudo-expectation.

    That is Dantzig's rule of column generation. The LP's dual solutions are degenerate and ties are everywhere; they
    are broken towards conclusions with more terms, then towards those that more variables can extend further (see
    :class:`~polyproof_gym.proofs.Extents`), and then towards the newest parent. Where no closed action is violated the
    bound cannot improve at once; then actions that bring new monomials compete as well, with pseudo-moments guessed for
    these.
    """

    name = "dual-guided"

    def act(self, state: ProofState, rng: np.random.Generator) -> int | None:
        """The most violated action."""
        mask = state.action_mask()
        if not mask.any():
            return None
        expectations = state.expectations()
        candidates = violated_actions(state, expectations)
        if not len(candidates):
            candidates = np.flatnonzero(mask)
        return choose_smallest(state, candidates, expectations)


def violated_actions(state: ProofState, expectations: NDArray[np.float64]) -> NDArray[np.intp]:
    """The closed actions with negative pseudo-expectation: those that may improve the bound at once."""
    return np.flatnonzero(state.closed() & (expectations < VIOLATED))


def choose_smallest(state: ProofState, candidates: NDArray[np.intp], expectations: NDArray[np.float64]) -> int:
    """The candidate of smallest pseudo-expectation; ties to longer, more extensible and newer conclusions, in turn."""
    values = expectations[candidates]
    ties = candidates[values <= values.min() + TIE][-MAX_TIES:]
    if len(ties) == 1:
        return int(ties[0])
    terms, extensions = state.extents(ties)
    order = np.lexsort((ties, extensions, terms))
    return int(ties[order[-1]])
