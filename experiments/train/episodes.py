"""What is told of episodes when they end, and episodes without exploration."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, SupportsFloat, cast

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from agents.agent import StepAgent
from agents.scoring.observation import CandidateObservations
from agents.step_budgets import StepBudgets
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.problems import ProblemGenerator
from polyproof_gym.proofs import InferenceRule, ProofState

Episode = dict[str, float]
"""``r``, the return, and ``l``, the number of steps (the keys are those of Stable-Baselines3); ``bound``, the last one;
and, where a feasible point other than 0 is known, ``ratio``, that bound divided by its value."""


def environment_of(
    source: ProblemGenerator,
    *,
    steps_per_variable: tuple[float, float] | None = None,
    candidates: bool = False,
    **settings: Any,
) -> EpisodeFigures:
    """An environment that tells figures of its episodes.

    Args:
        source: Where problems come from.
        steps_per_variable: The range with which it is wrapped in :class:`~agents.step_budgets.StepBudgets`, if any.
        candidates: Whether observations list candidates.
        settings: Other arguments of ``PolyProof-v0``.
    """
    proofs = PolyProofEnv(source, **settings)
    env = proofs if steps_per_variable is None else StepBudgets(proofs, steps_per_variable)
    return EpisodeFigures(CandidateObservations(env) if candidates else env)


class EpisodeFigures(gym.Wrapper[Any, Any, Any, Any]):
    """Adds an :data:`Episode` as ``info["episode"]`` to the last step of an episode of ``PolyProof-v0``."""

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        """Wrap an environment of ``PolyProof-v0``."""
        super().__init__(env)
        assert isinstance(env.unwrapped, PolyProofEnv)
        self._env: PolyProofEnv = env.unwrapped
        self._return, self._length = 0.0, 0

    @property
    def state(self) -> ProofState:
        """The proof of the present episode."""
        return self._env.state

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
            incumbent = self._env.leaves.problem.incumbent
            if incumbent:
                episode["ratio"] = info["bound"] / float(incumbent)
            info["episode"] = episode
        return observation, reward, terminated, truncated, info


class Tried(NamedTuple):
    """What an agent does on held-out problems.

    Attributes:
        episodes: Figures of one episode on each problem.
        picture: The end of the first one, an RGB array of shape ``(height, width, 3)``; ``None`` without Matplotlib.
    """

    episodes: list[Episode]
    picture: NDArray[np.uint8] | None


@dataclass(frozen=True)
class HeldOut:
    """The held-out problems that agents are tried on.

    Attributes:
        source: The generator.
        problems: How many of its test problems, the first ones.
        steps: Step budget of an episode.
    """

    source: ProblemGenerator
    problems: int
    steps: int

    def names(self) -> list[str]:
        """The spec strings of the problems."""
        return [self.source.held_out(index).name for index in range(self.problems)]

    def environment(self, **settings: Any) -> EpisodeFigures:
        """An environment with the step budget; the other settings are those of :func:`environment_of`."""
        mode = None if importlib.util.find_spec("matplotlib") is None else "rgb_array"
        return environment_of(self.source, max_steps=self.steps, render_mode=mode, **settings)

    def tried(self, env: EpisodeFigures, act: Callable[[Any, NDArray[np.int8]], int]) -> Tried:
        """One episode on each problem.

        Args:
            env: Where they take place, see :meth:`environment`.
            act: From an observation and the valid actions in it to an action.
        """
        episodes: list[Episode] = []
        picture = None
        for index in range(self.problems):
            observation, info = env.reset(options={"problem": self.source.held_out(index)})
            while "episode" not in info:
                observation, *_, info = env.step(act(observation, info["action_mask"]))
            episodes.append(info["episode"])
            if index == 0 and env.render_mode is not None:
                picture = cast("NDArray[np.uint8]", env.render())
        return Tried(episodes, picture)

    def tried_by(self, agent: StepAgent, seed: int, rules: Sequence[InferenceRule]) -> Tried:
        """One episode of an agent on each problem.

        Args:
            agent: The agent. Where it has nothing to choose, the episode ends with an action that is not valid.
            seed: Source of all its random choices.
            rules: The inference rules.
        """
        env, rng = self.environment(lp_features=False, rules=rules), np.random.default_rng(seed)

        def act(_observation: Any, _mask: NDArray[np.int8]) -> int:
            action = agent.act(env.state, rng)
            return 0 if action is None else action

        return self.tried(env, act)


def means(episodes: list[Episode]) -> dict[str, float]:
    """Mean ``return``, ``bound``, ``ratio`` and ``length`` of episodes, as far as they have them."""
    names = {"r": "return", "bound": "bound", "ratio": "ratio", "l": "length"}
    known = {name: [episode[key] for episode in episodes if key in episode] for key, name in names.items()}
    return {name: float(np.mean(values)) for name, values in known.items() if values}
