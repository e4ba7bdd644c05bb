"""What is told of episodes when they end, and episodes without exploration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, SupportsFloat

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.problems import ProblemGenerator

Episode = dict[str, float]
"""``r``, the return, and ``l``, the number of steps (the keys are those of Stable-Baselines3); ``bound``, the last one;
and, where a feasible point other than 0 is known, ``ratio``, that bound divided by its value."""


class EpisodeFigures(gym.Wrapper[Any, Any, Any, Any]):
    """Adds an :data:`Episode` as ``info["episode"]`` to the last step of an episode of ``PolyProof-v0``."""

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        """Wrap an environment of ``PolyProof-v0``."""
        super().__init__(env)
        assert isinstance(env.unwrapped, PolyProofEnv)
        self._env: PolyProofEnv = env.unwrapped
        self._return, self._length = 0.0, 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Start an episode."""
        self._return, self._length = 0.0, 0
        return super().reset(seed=seed, options=options)

    def step(self, action: Any) -> tuple[Any, SupportsFloat, bool, bool, dict[str, Any]]:
        """Take a step."""
        observation, reward, terminated, truncated, info = super().step(action)
        self._return += float(reward)
        self._length += 1
        if terminated or truncated:
            episode: Episode = {"r": self._return, "l": self._length, "bound": info["bound"]}
            incumbent = self._env.state.problem.incumbent
            if incumbent:
                episode["ratio"] = info["bound"] / float(incumbent)
            info["episode"] = episode
        return observation, reward, terminated, truncated, info


def held_out_episodes(
    env: EpisodeFigures, source: ProblemGenerator, number: int, act: Callable[[Any, NDArray[np.int8]], int]
) -> list[Episode]:
    """Figures of episodes on the first test problems of a generator.

    Args:
        env: Where they take place.
        source: The generator.
        number: How many.
        act: From an observation and the valid actions in it to an action.
    """
    episodes = []
    for index in range(number):
        observation, info = env.reset(options={"problem": source.held_out(index)})
        while "episode" not in info:
            observation, *_, info = env.step(act(observation, info["action_mask"]))
        episodes.append(info["episode"])
    return episodes


def means(episodes: list[Episode]) -> dict[str, float]:
    """Mean ``return``, ``bound``, ``ratio`` and ``length`` of episodes, as far as they have them."""
    names = {"r": "return", "bound": "bound", "ratio": "ratio", "l": "length"}
    known = {name: [episode[key] for episode in episodes if key in episode] for key, name in names.items()}
    return {name: float(np.mean(values)) for name, values in known.items() if values}
