"""Column generation: add what the dual solution violates most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.agent import StepAgent
from polyproof_gym.polynomials import Polynomial
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
    :func:`num_extensions`), and then towards the newest parent. Where no closed action is violated the bound cannot
    improve at once; then actions that bring new monomials compete as well, with pseudo-moments guessed for these.
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
    ties: list[int] = candidates[values <= values.min() + TIE].tolist()
    if len(ties) == 1:
        return ties[0]
    ties = ties[-MAX_TIES:]
    conclusions = {action: state.conclusion(action) for action in ties}
    longest = max(map(len, conclusions.values()))
    longest_ones = [action for action in ties if len(conclusions[action]) == longest]
    return max(longest_ones, key=lambda action: (num_extensions(conclusions[action]), action))


def num_extensions(polynomial: Polynomial) -> int:
    """The number of variables ``x_i`` whose product with every monomial but the constant is zero.

    Multiplying ``c + q`` by ``1 - x_i`` then gives ``c + q - c x_i``: one more term, and nothing lost. In a stable set
    problem these are the vertices that a clique can grow by; in a ring without exclusive pairs there are none.
    """
    ring = polynomial.ring
    variables = set(range(ring.num_variables))
    for monomial in polynomial.terms:
        if monomial:
            variables &= ring.annihilators(monomial)
    return len(variables) if polynomial.degree else 0
