"""Several environments that one process steps in turn, each with its own row in common arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from polyproof_gym.envs.observation import ObservationArrays
from polyproof_gym.envs.polyproof_env import PolyProofEnv

RESULTS: dict[str, np.dtype[Any]] = {
    "reward": np.dtype(np.float64),
    "terminated": np.dtype(np.bool_),
    "truncated": np.dtype(np.bool_),
}
"""What a step gives beside the observation and the information."""

INFORMATION: dict[str, np.dtype[Any]] = {
    "bound": np.dtype(np.float64),
    "num_inequalities": np.dtype(np.int64),
    "num_leaves": np.dtype(np.int64),
    "is_success": np.dtype(np.bool_),
    "invalid_action": np.dtype(np.bool_),
}
"""The entries of the information, but for the action mask, which is part of the observation too."""

Finals = dict[int, tuple[ObservationArrays, dict[str, Any]]]
"""By row, the last observation and information of an episode after which another was begun within the same step."""


class EnvGroup:
    """Environments in consecutive rows."""

    def __init__(
        self,
        envs: Sequence[PolyProofEnv],
        first: int,
        observations: Mapping[str, NDArray[Any]],
        results: Mapping[str, NDArray[Any]],
        autoreset_mode: AutoresetMode,
    ) -> None:
        """Make the environments write their observations into their rows.

        Args:
            envs: The environments.
            first: Row of the first one.
            observations: The arrays of every entry of the observation, shape ``(rows, size)``.
            results: The arrays of :data:`RESULTS` and :data:`INFORMATION`, shape ``(rows,)``.
            autoreset_mode: When the episode after the last begins.
        """
        self._envs = envs
        self._first = first
        self._results = results
        self._autoreset_mode = autoreset_mode
        self._over = [False] * len(envs)
        for row, env in enumerate(envs, first):
            env.observe_into({key: array[row] for key, array in observations.items()})

    def reset(self, seeds: Sequence[int | None], options: dict[str, Any] | None, chosen: Sequence[bool]) -> None:
        """Begin new episodes in the environments chosen."""
        for index, env in enumerate(self._envs):
            if chosen[index]:
                _, info = env.reset(seed=seeds[index], options=options)
                self._record(index, 0.0, False, False, info)

    def step(self, actions: Sequence[int]) -> Finals:
        """Step every environment, or begin a new episode where the autoreset mode says so."""
        finals: Finals = {}
        for index, (env, action) in enumerate(zip(self._envs, actions, strict=True)):
            if self._over[index] and self._autoreset_mode is AutoresetMode.NEXT_STEP:
                _, info = env.reset()
                self._record(index, 0.0, False, False, info)
                continue
            observation, reward, terminated, truncated, info = env.step(action)
            if (terminated or truncated) and self._autoreset_mode is AutoresetMode.SAME_STEP:
                final = {key: array.copy() for key, array in observation.items()}
                finals[self._first + index] = final, {**info, "action_mask": final["action_mask"]}
                _, info = env.reset()
            self._record(index, float(reward), terminated, truncated, info)
        return finals

    def _record(self, index: int, reward: float, terminated: bool, truncated: bool, info: dict[str, Any]) -> None:
        row, results = self._first + index, self._results
        self._over[index] = terminated or truncated
        results["reward"][row] = reward
        results["terminated"][row] = terminated
        results["truncated"][row] = truncated
        for key in INFORMATION:
            results[key][row] = info[key]

    def call(self, name: str, arguments: tuple[Any, ...], settings: dict[str, Any]) -> list[Any]:
        """The named attribute of every environment, or what it returns if it is a method."""
        attributes = [env.get_wrapper_attr(name) for env in self._envs]
        return [attribute(*arguments, **settings) if callable(attribute) else attribute for attribute in attributes]

    def set_attr(self, name: str, values: Sequence[Any]) -> None:
        """Set an attribute of every environment, each to its own value."""
        for env, value in zip(self._envs, values, strict=True):
            env.set_wrapper_attr(name, value)
