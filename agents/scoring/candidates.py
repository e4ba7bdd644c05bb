"""The derivations worth choosing from: those that estimated moments violate about equally, and their features."""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from polyproof_gym import Problem, proofs
from polyproof_gym.proofs import ProofState

LENGTH = 256
"""Most candidates of a shortlist."""

WINDOW = 0.08
"""How much less than the most violated candidate the others may be violated."""

HANDICAP = 0.8
"""How much more a candidate must be violated all of whose terms are new monomials than one that brings none."""

TIE = 5e-7
"""Violations that differ by less count as equal; what a few rounds leave of symmetry is not exact."""

NEARLY_TIED = 0.002
"""Up to here, differences of violations count on a scale of their own."""

FEW, AMPLE = 2.5, 3.5
"""Up to so many steps per variable what is learned counts in full; from so many on not at all: nearly every proof about
a graph can be completed, and there is nothing to economise."""

PHASES = MappingProxyType({"start": "1", **proofs.PHASES})
"""What tells the phases of a proof apart, in their order. The first has the weights of the start."""

BOUND = 10.0
"""Largest size of a feature."""

FEATURES = MappingProxyType(
    {
        "deficit": "by how much less than the best the candidate is violated, handicap included, times 20",
        "small deficit": f"the same up to {NEARLY_TIED}, as a share of that",
        **proofs.FEATURES,
    }
)
"""The features of candidates in their order, and what each means."""


class Shortlist(NamedTuple):
    """What there is to choose from.

    Nothing here depends on names, or on the order of what is known, but for ties and the features ``age``, ``growth``
    and ``growth steps``.

    Attributes:
        actions: The candidates' actions, the newest first, shape ``(candidates,)``; at most :data:`LENGTH`.
        features: Their :data:`FEATURES`, shape ``(candidates, len(FEATURES))``.
        phases: How far the proof is, see :data:`PHASES`, shape ``(len(PHASES),)``.
    """

    actions: NDArray[np.intp]
    features: NDArray[np.float32]
    phases: NDArray[np.float32]

    def counting(self, share: float) -> Shortlist:
        """The same candidates with all phases but the first, and so all that is learned, counting for less."""
        return self._replace(phases=self.phases * np.array([1.0, *[share] * (len(PHASES) - 1)], np.float32))


def scarcity(problem: Problem, max_steps: int) -> float:
    """How scarce steps are, and so how much of what is learned counts: 1 up to :data:`FEW`, 0 from :data:`AMPLE` on."""
    return min(1.0, max(0.0, (AMPLE - max_steps / max(1, problem.num_variables)) / (AMPLE - FEW)))


def shortlist(state: ProofState, max_steps: int | None = None) -> Shortlist:
    """The candidates of a state, none if no action is valid.

    Of more candidates than a shortlist holds, the most violated ones are taken, of these the longest, then the most
    extensible, then the newest.

    Args:
        state: The proof so far.
        max_steps: The step budget, where it is another than that of the proof.
    """
    valid = np.flatnonzero(state.action_mask())
    if not len(valid):
        return Shortlist(valid, np.empty((0, len(FEATURES)), np.float32), np.zeros(len(PHASES), np.float32))
    moments = state.estimated_moments()
    violations = -state.expectations(moments)[valid]
    closed = state.closed()[valid]
    # The handicap only takes away, so that far from the best closed candidate the share of new monomials is no matter.
    best = violations[closed].max(initial=-np.inf)
    contenders = np.flatnonzero(closed | (violations >= best - WINDOW))
    actions, violations = valid[contenders], violations[contenders]
    violations[~closed[contenders]] -= HANDICAP * state.absent_shares(actions[~closed[contenders]])
    deficits = violations.max() - violations
    near = np.flatnonzero(deficits <= WINDOW)
    actions, deficits = actions[near], deficits[near]
    if len(actions) > LENGTH:
        terms, extensions = state.extents(actions)
        newness = np.arange(len(actions))
        order = np.lexsort((-newness, -extensions, -terms, np.round(deficits / TIE)))
        first = np.sort(order[:LENGTH])
        actions, deficits = actions[first], deficits[first]
    deficits = np.round(deficits / TIE) * TIE
    own = np.column_stack([20.0 * deficits, np.minimum(deficits, NEARLY_TIED) / NEARLY_TIED])
    features = np.hstack([own, state.features(actions, moments)])
    shown = np.clip(features[::-1], -BOUND, BOUND).astype(np.float32)
    budget = state.max_steps if max_steps is None else max_steps
    phases = np.concatenate([[1.0], state.phases(moments, budget)])
    return Shortlist(actions[::-1], shown, phases.astype(np.float32))
