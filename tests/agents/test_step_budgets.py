from __future__ import annotations

import math

import gymnasium as gym
import numpy as np
import pytest
from sb3_contrib.common.maskable.utils import get_action_masks

import polyproof_gym  # noqa: F401  (registers the environments)
from agents.step_budgets import StepBudgets
from polyproof_gym import BadInput

MAX_STEPS = 40


def environment(low: float, high: float) -> StepBudgets:
    env = gym.make("PolyProof-v0", problem="random-stable-set:n_min=6,n_max=10", max_steps=MAX_STEPS)
    return StepBudgets(env, (low, high))


def episode(env: StepBudgets, seed: int) -> tuple[int, list[int], int]:
    """Number of variables, what ``step`` shows before every step, and number of steps of a random episode."""
    observation, info = env.reset(seed=seed)
    shown, over = [], False
    while not over:
        shown.append(int(observation["step"][0]))
        observation, _, terminated, over, info = env.step(env.action_space.sample(info["action_mask"]))
        assert not terminated
    assert int(observation["step"][0]) == MAX_STEPS
    return env.get_wrapper_attr("state").problem.num_variables, shown, len(shown)


def test_budgets_are_drawn_from_the_range_and_shown_as_shares() -> None:
    env, lengths = environment(1.0, 4.0), set()
    for seed in range(20):
        variables, shown, steps = episode(env, seed)
        assert variables <= steps <= 4 * variables
        assert shown == [round(k * MAX_STEPS / steps) for k in range(steps)]
        lengths.add(steps / variables)
    assert len(lengths) > 10
    assert max(lengths) - min(lengths) > 2


def test_one_seed_means_one_budget() -> None:
    env, other = environment(1.0, 4.0), environment(1.0, 4.0)
    env.action_space.seed(0)
    other.action_space.seed(0)
    assert [episode(env, seed) for seed in range(5)] == [episode(other, seed) for seed in range(5)]


def test_masks_and_observations_are_those_of_the_environment() -> None:
    env = environment(2.0, 2.0)
    observation, info = env.reset(seed=0)
    assert (get_action_masks(env) == (info["action_mask"] > 0)).all()
    assert observation["step"].dtype == env.observation_space["step"].dtype  # type: ignore[index]
    assert env.observation_space.contains(observation)
    assert np.array_equal(observation["action_mask"], info["action_mask"])


@pytest.mark.parametrize("budgets", [(0.0, 1.0), (2.0, 1.0), (1.0, math.inf), (1.0,), None, 2.0])
def test_what_is_no_range_is_bad_input(budgets: object) -> None:
    with pytest.raises(BadInput, match="expected a range of positive numbers as steps_per_variable"):
        StepBudgets(gym.make("PolyProof-v0", problem="cycle:n=5"), budgets)  # type: ignore[arg-type]


def test_the_environment_must_allow_the_largest_budget() -> None:
    with pytest.raises(BadInput, match=r"expected max_steps >= 4\.1 \* 10 for as many steps per variable, got 40"):
        environment(1.0, 4.1)
    with pytest.raises(BadInput, match="expected max_steps >= 1e"):
        environment(1.0, 1e308)
