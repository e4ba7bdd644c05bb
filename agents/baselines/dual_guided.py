"""Column generation: add what the dual solution violates most."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from agents.agent import StepAgent
from agents.uncertainty import best_split
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

    Where rules have slots, what these hold is part of a plan, which improves the bound when it is complete. So they are
    followed unless the closed action keeps pace: the LP with its conclusion closes at least one step's share of the gap
    to the incumbent. Where rules give splits, a variable is split rather than that new monomials are brought in.
    """

    name = "dual-guided"

    def __init__(self, random_ties: bool = False) -> None:
        """Choose how ties end that are left.

        Args:
            random_ties: Whether chance decides between conclusions as long and as extensible, not the newest parent.
        """
        self._random_ties = random_ties

    def act(self, state: ProofState, rng: np.random.Generator) -> int | None:
        """The most violated action."""
        ties = state.most_violated(VIOLATED, TIE)
        slot = best_slot(state)
        if slot is not None and not (len(ties) and keeps_pace(state, state.value_of(longest(state, ties)))):
            return slot
        if not len(ties):
            split = best_split(state)
            if split is not None:
                return split
            ties = smallest(np.flatnonzero(state.action_mask()), state.expectations())
        if not len(ties):
            return None
        if self._random_ties:
            rng.shuffle(ties)
        return longest(state, ties)


def best_slot(state: ProofState) -> int | None:
    """The valid slot whose conclusion has the smallest pseudo-expectation; ``None`` if no rule has slots."""
    if not state.num_slots:
        return None
    slots = state.valid_slots()
    return longest(state, smallest(slots, state.expectations())) if len(slots) else None


def keeps_pace(state: ProofState, value: float) -> bool:
    """Whether a step closes its share of the gap to the incumbent, as if all steps that are left did the same.

    Args:
        state: The proof.
        value: What the bound LP has after the step, see :meth:`~polyproof_gym.proofs.ProofState.value_of`.
    """
    bound, incumbent = state.solution.bound, state.problem.incumbent
    if not math.isfinite(bound):
        return True
    gap = 0.0 if incumbent is None else state.problem.sign * float(incumbent) - bound
    return (value - bound) * max(1, state.max_steps - state.steps) > max(gap, TIE)


def smallest(candidates: NDArray[np.intp], expectations: NDArray[np.float64], tie: float = TIE) -> NDArray[np.intp]:
    """The candidates whose pseudo-expectation is the smallest, or larger by at most ``tie``, in their order.

    Args:
        candidates: Numbers of actions.
        expectations: The pseudo-expectations of all actions, shape ``(num_actions,)``.
        tie: How much larger is as good.
    """
    values = expectations[candidates]
    best: NDArray[np.intp] = candidates[values <= values.min(initial=np.inf) + tie]
    return best


def longest(state: ProofState, actions: NDArray[np.intp]) -> int:
    """The action with the longest conclusion, among several the most extensible, then the last."""
    if len(actions) > 1:
        actions = actions[-MAX_TIES:]
        terms, extensions = state.extents(actions)
        size = terms * (1 + state.problem.num_variables) + extensions
        return int(actions[::-1][size[::-1].argmax()])
    return int(actions[0])
