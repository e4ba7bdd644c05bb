"""Observations of a proof outside the environment, which are those that the environment would give."""

from __future__ import annotations

import weakref
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from gymnasium import spaces

from agents.networks.layout import ObservationLayout
from agents.scoring.observation import candidate_entries, candidate_spaces
from polyproof_gym.envs.observation import ObservationArrays, ObservationSizes, Observer
from polyproof_gym.envs.reward import initial_gap
from polyproof_gym.proofs import ProofState


class _Proof(NamedTuple):
    """The proof observed last.

    Attributes:
        state: It.
        steps: Its length when it was observed.
        initial_bound: The bound that its axioms prove.
        gap: What the improvement of the bound is divided by.
    """

    state: weakref.ref[ProofState]
    steps: int
    initial_bound: float
    gap: float


class StateObserver:
    """Observes the states of one proof after the other; of a proof that goes on, only what is new is written.

    Attributes:
        layout: The layout of the present observation, from the first one on.
    """

    layout: ObservationLayout

    def __init__(self, lp_features: bool, candidates: bool = False) -> None:
        """Start without a proof.

        Args:
            lp_features: Whether observations tell what the linear program found.
            candidates: Whether they list candidates.
        """
        self._lp_features = lp_features
        self._candidates = candidates
        self._proof: _Proof | None = None
        self._sizes: ObservationSizes | None = None
        self._observer: Observer

    def observe(self, state: ProofState) -> ObservationArrays:
        """The observation of a state, at any step of any proof; the next call changes the arrays.

        Raises:
            BadInput: If the state has actions that are no products with a variable.
            ValueError: If the proof has outgrown its step budget.
        """
        proof = self._proof
        if proof is None or proof.state() is not state or state.steps < proof.steps:
            proof = self._begin(state)
        self._proof = proof._replace(steps=state.steps)
        arrays = self._observer.write(state, abs(state.bound - proof.initial_bound) / proof.gap, state.steps)
        return {**arrays, **candidate_entries(state)} if self._candidates else arrays

    def _begin(self, state: ProofState) -> _Proof:
        """Turn to another proof; it may have steps already."""
        sizes = _sizes_for(state)
        if sizes != self._sizes:
            space = sizes.space(self._lp_features)
            more = candidate_spaces(state.num_actions) if self._candidates else {}
            self.layout = ObservationLayout.of(spaces.Dict({**space.spaces, **more}))
            arrays = sizes.layout(self._lp_features)
            self._observer = Observer(sizes, {key: np.empty(shape, dtype) for key, (shape, dtype) in arrays.items()})
            self._sizes = sizes
        self._observer.start(state)
        axioms = ProofState(state.problem, max_steps=0, limits=state.limits, rules=()) if state.steps else state
        return _Proof(weakref.ref(state), state.steps, axioms.bound, initial_gap(state.problem, axioms.bound))


def _sizes_for(state: ProofState) -> ObservationSizes:
    """Sizes that suffice for a proof to its end, with the numbering of actions that it has."""
    shape = replace(state.problem.shape, num_variables=state.num_variables, num_axioms=state.capacity - state.max_steps)
    return ObservationSizes.of(shape, state.limits, state.max_steps, state.num_actions)
