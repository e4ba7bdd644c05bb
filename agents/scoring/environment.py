"""``PolyProof-v0`` with a shortlist of candidates to choose from, for policies that score each of them alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from agents.scoring.candidates import BOUND, FEATURES, LENGTH, PHASES, Shortlist, shortlist
from polyproof_gym.arguments import as_whole, shown, whole
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.errors import BadInput

CandidateArrays = dict[str, NDArray[Any]]

ENTRIES = {"features": (LENGTH, len(FEATURES)), "phases": (len(PHASES),), "mask": (LENGTH,)}
"""The entries of an observation, and their shapes: those of :class:`~agents.scoring.candidates.Shortlist` padded with
zeros, and which candidates there are."""


class CandidateChoices(gym.Wrapper[CandidateArrays, np.int64, Any, np.int64], gym.utils.RecordConstructorArgs):
    """Shows the near-tied candidates of :func:`~agents.scoring.candidates.shortlist`; an action chooses one of them.

    ``Discrete(LENGTH)``; numbers without a candidate are invalid actions. Rewards and the end of an episode are
    those of the environment.
    """

    def __init__(self, env: gym.Env[Any, np.int64]) -> None:
        """Wrap an environment of ``PolyProof-v0``, wrapped or not.

        Raises:
            BadInput: If it is another one.
        """
        gym.utils.RecordConstructorArgs.__init__(self)
        gym.Wrapper.__init__(self, env)
        if not isinstance(env.unwrapped, PolyProofEnv):
            raise BadInput(f"expected an environment of PolyProof-v0, got {shown(env)}")
        self._proof: PolyProofEnv = env.unwrapped
        self.observation_space: spaces.Space[Any] = spaces.Dict(
            {
                "features": spaces.Box(-BOUND, BOUND, ENTRIES["features"], np.float32),
                "phases": spaces.Box(-1.0, 1.0, ENTRIES["phases"], np.float32),
                "mask": spaces.MultiBinary(LENGTH),
            }
        )
        self.action_space = spaces.Discrete(LENGTH)
        self._budget = self._proof.max_steps
        self._steps = 0
        self._actions: NDArray[np.intp] = np.empty(0, np.intp)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[CandidateArrays, dict[str, Any]]:
        """Start an episode; ``options={"max_steps": ...}`` gives it a smaller step budget than the environment's.

        Raises:
            BadInput: If that is no whole number from 1 to the environment's budget, or what the environment raises.
        """
        budget = self._proof.max_steps
        if isinstance(options, Mapping) and "max_steps" in options:
            budget = whole(options["max_steps"], "max_steps", 1, budget)
            options = {key: value for key, value in options.items() if key != "max_steps"}
        _, info = self.env.reset(seed=seed, options=options)
        self._budget, self._steps = budget, 0
        return self._shown(), info

    def step(self, action: np.int64) -> tuple[CandidateArrays, Any, bool, bool, dict[str, Any]]:
        """Derive a candidate; the last step of the budget truncates the episode, and after it no action is valid.

        Raises:
            BadInput: If the action is no whole number.
        """
        number = as_whole(action)
        if number is None:
            raise BadInput(f"expected a whole number as action, got {shown(action)}")
        is_candidate = self._steps < self._budget and 0 <= number < len(self._actions)
        chosen = self._actions[number] if is_candidate else self._proof.state.num_actions  # which no action is
        _, reward, terminated, truncated, info = self.env.step(np.int64(chosen))
        self._steps += 1
        return self._shown(), reward, terminated, truncated or self._steps >= self._budget, info

    def action_masks(self) -> NDArray[np.bool_]:
        """Which actions are candidates, shape ``(LENGTH,)``; the name that sb3-contrib looks for."""
        mask: NDArray[np.bool_] = np.arange(LENGTH) < max(1, len(self._actions))
        return mask

    def _shown(self) -> CandidateArrays:
        candidates = shortlist(self._proof.state, self._budget)
        self._actions = candidates.actions
        return arrays_of(candidates)


def arrays_of(candidates: Shortlist) -> CandidateArrays:
    """The observation of a shortlist; an empty one has a candidate without features, so that there is an action."""
    features = np.zeros(ENTRIES["features"], np.float32)
    features[: len(candidates.actions)] = candidates.features
    mask = (np.arange(LENGTH) < max(1, len(candidates.actions))).astype(np.int8)
    return {"features": features, "phases": candidates.phases, "mask": mask}
