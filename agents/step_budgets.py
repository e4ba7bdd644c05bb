"""Step budgets that differ from episode to episode, so that a policy learns to hurry and to take its time."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from polyproof_gym.arguments import is_finite_number
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.envs.observation import ObservationArrays
from polyproof_gym.errors import BadInput


def draw_budget(num_variables: int, steps_per_variable: tuple[float, float], rng: np.random.Generator) -> int:
    """A budget in steps, at least 1, drawn uniformly from a range in proportion to the number of variables."""
    return max(1, round(num_variables * rng.uniform(*steps_per_variable)))


def shown_step(observation: ObservationArrays, budget: int, max_steps: int) -> NDArray[Any]:
    """The entry ``step`` that shows the share of a budget that is spent, where the environment has another one.

    Args:
        observation: What the environment shows.
        budget: The budget in steps.
        max_steps: That of the environment.

    Returns:
        Shape ``(1,)``, of the entry's own type.
    """
    step = observation["step"]
    return np.full(1, round(int(step[0]) * max_steps / budget), step.dtype)


class StepBudgets(
    gym.Wrapper[ObservationArrays, np.int64, ObservationArrays, np.int64], gym.utils.RecordConstructorArgs
):
    """``PolyProof-v0`` with episodes of fewer steps than it allows, as many as a random budget.

    Observations tell the share of the budget that is spent, which is all that a policy of any size can use.

    Attributes:
        budget: That of the present episode, in steps.
    """

    def __init__(self, env: gym.Env[ObservationArrays, np.int64], steps_per_variable: tuple[float, float]) -> None:
        """Wrap an environment.

        Args:
            env: One of ``PolyProof-v0``, wrapped or not.
            steps_per_variable: Range of the budgets, per variable of an episode's problem.

        Raises:
            BadInput: If the range is none, or the environment allows fewer steps for its largest problems.
        """
        gym.utils.RecordConstructorArgs.__init__(self, steps_per_variable=steps_per_variable)
        gym.Wrapper.__init__(self, env)
        assert isinstance(env.unwrapped, PolyProofEnv)
        self._proof: PolyProofEnv = env.unwrapped
        if not is_range(steps_per_variable):
            raise BadInput(f"expected a range of positive numbers as steps_per_variable, got {steps_per_variable!r}")
        low, high = steps_per_variable
        if high * self._proof.num_variables >= self._proof.max_steps + 0.5:
            raise BadInput(
                f"expected max_steps >= {high:g} * {self._proof.num_variables} for as many steps per variable,"
                f" got {self._proof.max_steps}"
            )
        self._range = (low, high)
        self.budget = self._proof.max_steps
        self._steps = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[ObservationArrays, dict[str, Any]]:
        """Start an episode."""
        observation, info = self.env.reset(seed=seed, options=options)
        self.budget = draw_budget(self._proof.state.problem.num_variables, self._range, self._proof.np_random)
        self._steps = 0
        return self._shown(observation), info

    def step(self, action: np.int64) -> tuple[ObservationArrays, Any, bool, bool, dict[str, Any]]:
        """Take an action; the last one of the budget truncates the episode."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        self._steps += 1
        return self._shown(observation), reward, terminated, truncated or self._steps >= self.budget, info

    def _shown(self, observation: ObservationArrays) -> ObservationArrays:
        return {**observation, "step": shown_step(observation, self.budget, self._proof.max_steps)}


def is_range(value: object) -> bool:
    """Whether a value consists of two finite positive numbers, the smaller one first."""
    is_pair = isinstance(value, tuple | list) and len(value) == 2 and all(map(is_finite_number, value))
    return is_pair and 0 < value[0] <= value[1]  # type: ignore[index]
