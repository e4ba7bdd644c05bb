"""The agent that takes the action that a trained network scores highest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray

from agents.agent import StepAgent
from agents.networks.layout import ObservationLayout
from agents.networks.observing import StateObserver
from agents.networks.proof_network import ProofNetwork
from agents.networks.trained_network import TrainedNetwork
from polyproof_gym.proofs import ProofState

EXPLORATION = 0.05
"""How often an agent that samples takes a random action where the scores are values, which say nothing of chance."""


class NetworkAgent(StepAgent):
    """Lets a trained network prove bounds, on problems of any size.

    It takes the valid action of the highest score. If it samples, it draws in proportion to the exponentials of the
    scores where these are logits; where they are values of actions, it takes any valid action now and then
    (:data:`EXPLORATION`).
    """

    def __init__(self, trained: TrainedNetwork, name: str = "network", *, sampled: bool = False) -> None:
        """Use a network.

        Args:
            trained: The network.
            name: The spec string that makes this agent.
            sampled: Whether to sample.
        """
        self.name = name
        self._trained = trained
        self._sampled = sampled
        self._observer = StateObserver(
            lp_features=trained.settings.get("features") != "paper",
            candidates=bool(trained.settings.get("candidates")),
        )
        self._network: ProofNetwork | None = None

    def act(self, state: ProofState, rng: np.random.Generator) -> int | None:
        """The action chosen; ``None`` if none is valid.

        Raises:
            BadInput: If the state has actions that are no products with a variable.
        """
        valid = np.flatnonzero(state.action_mask())
        if not len(valid) or not state.steps_left:
            return None
        return int(valid[self._choice(self.scores(state)[valid], rng)])

    def scores(self, state: ProofState) -> NDArray[np.float32]:
        """The score of every action, valid or not, shape ``(actions,)``."""
        observation = self._observer.observe(state)
        network = self._network_for(self._observer.layout)
        with torch.no_grad(), _one_thread():
            scores = network({key: torch.from_numpy(array)[None] for key, array in observation.items()})[0]
        result: NDArray[np.float32] = scores[0].numpy()
        return result

    def _network_for(self, layout: ObservationLayout) -> ProofNetwork:
        if self._network is None or self._network.layout != layout:
            self._network = self._trained.network(layout)
        return self._network

    def _choice(self, scores: NDArray[np.float32], rng: np.random.Generator) -> int:
        """The place of the score chosen."""
        if not self._sampled:
            return int(scores.argmax())
        if self._trained.scores == "values":
            return int(rng.integers(len(scores)) if rng.random() < EXPLORATION else scores.argmax())
        weights = np.exp(scores.astype(np.float64) - scores.max())
        return int(rng.choice(len(scores), p=weights / weights.sum()))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Compute in one thread for a while: for a single state, threads wait for each other longer than they work."""
    threads = torch.get_num_threads()
    if threads == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
