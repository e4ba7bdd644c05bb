"""Fewer actions to choose from: those that bring no new monomial come first."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.envs.observation import ObservationArrays
from polyproof_gym.proofs import ProofState

MASK = "action_mask"
"""The entry of observations and infos that is 1 for valid actions and 0 for the others."""


def closed_first(state: ProofState) -> NDArray[np.bool_]:
    """The valid actions that bring no new monomial or, where there is none, all valid ones; shape ``(actions,)``.

    This is what ``random-closed`` chooses from. It needs nothing that the linear program found.
    """
    closed = state.closed()
    return closed if closed.any() else state.action_mask()


class ClosedFirst(
    gym.Wrapper[ObservationArrays, np.int64, ObservationArrays, np.int64], gym.utils.RecordConstructorArgs
):
    """``PolyProof-v0`` with the masks of :func:`closed_first`; other valid actions still work."""

    def __init__(self, env: gym.Env[ObservationArrays, np.int64]) -> None:
        """Wrap an environment.

        Args:
            env: One of ``PolyProof-v0``, wrapped or not.
        """
        gym.utils.RecordConstructorArgs.__init__(self)
        gym.Wrapper.__init__(self, env)
        assert isinstance(env.unwrapped, PolyProofEnv)
        self._proof: PolyProofEnv = env.unwrapped

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[ObservationArrays, dict[str, Any]]:
        """Start an episode."""
        observation, info = self.env.reset(seed=seed, options=options)
        return self._masked(observation, info)

    def step(self, action: np.int64) -> tuple[ObservationArrays, Any, bool, bool, dict[str, Any]]:
        """Take an action."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        observation, info = self._masked(observation, info)
        return observation, reward, terminated, truncated, info

    def action_masks(self) -> NDArray[np.bool_]:
        """Which actions are to be chosen from."""
        return closed_first(self._proof.state).copy()

    def _masked(self, observation: ObservationArrays, info: dict[str, Any]) -> tuple[ObservationArrays, dict[str, Any]]:
        mask = self.action_masks().view(np.int8)
        return {**observation, MASK: mask}, {**info, MASK: mask}
