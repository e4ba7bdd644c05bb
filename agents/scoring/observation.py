"""The shortlist of candidates beside the observations of ``PolyProof-v0``, for networks that score all actions."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from agents.scoring.candidates import BOUND, FEATURES, LENGTH, PHASES, scarcity, shortlist
from agents.scoring.environment import arrays_of
from agents.step_budgets import StepBudgets
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.envs.observation import ObservationArrays
from polyproof_gym.proofs import ProofState


def candidate_spaces(num_actions: int) -> dict[str, spaces.Space[Any]]:
    """The spaces of :func:`candidate_entries`."""
    return {
        "candidates": spaces.Box(0, num_actions, (LENGTH,), np.int32),
        "candidate_features": spaces.Box(-BOUND, BOUND, (LENGTH, len(FEATURES)), np.float32),
        "phases": spaces.Box(-1.0, 1.0, (len(PHASES),), np.float32),
    }


def candidate_entries(state: ProofState, max_steps: int | None = None) -> ObservationArrays:
    """What observations tell of the shortlist of a state, with phases that count as for a scoring agent.

    Args:
        state: The proof so far. The number of its actions stands for no candidate.
        max_steps: The step budget, where it is another than that of the proof.
    """
    share = scarcity(state.problem, state.max_steps if max_steps is None else max_steps)
    candidates = shortlist(state, max_steps).counting(share)
    arrays = arrays_of(candidates)
    actions = np.full(LENGTH, state.num_actions, np.int32)
    actions[: len(candidates.actions)] = candidates.actions
    return {"candidates": actions, "candidate_features": arrays["features"], "phases": arrays["phases"]}


class CandidateObservations(
    gym.Wrapper[ObservationArrays, np.int64, ObservationArrays, np.int64], gym.utils.RecordConstructorArgs
):
    """Adds :func:`candidate_entries` to the observations; actions stay those of the environment."""

    def __init__(self, env: PolyProofEnv | StepBudgets) -> None:
        """Wrap an environment of ``PolyProof-v0``, with its own budget or with random ones."""
        gym.utils.RecordConstructorArgs.__init__(self)
        gym.Wrapper.__init__(self, env)
        assert isinstance(env.unwrapped, PolyProofEnv)
        assert isinstance(env.observation_space, spaces.Dict)
        self._proof: PolyProofEnv = env.unwrapped
        self._budgets: StepBudgets | None = env if isinstance(env, StepBudgets) else None
        assert isinstance(env.action_space, spaces.Discrete)
        more = candidate_spaces(int(env.action_space.n))
        self.observation_space = spaces.Dict({**env.observation_space.spaces, **more})

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[ObservationArrays, dict[str, Any]]:
        """Start an episode."""
        observation, info = self.env.reset(seed=seed, options=options)
        return self._shown(observation), info

    def step(self, action: np.int64) -> tuple[ObservationArrays, Any, bool, bool, dict[str, Any]]:
        """Take an action."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        return self._shown(observation), reward, terminated, truncated, info

    def _shown(self, observation: ObservationArrays) -> ObservationArrays:
        budget = self._budgets.budget if self._budgets else None
        return {**observation, **candidate_entries(self._proof.state, budget)}
