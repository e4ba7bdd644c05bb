"""Episodes with further rules: what the environment promises of episodes holds with these as well."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import polyproof_gym
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.proofs.rules import RULES
from tests.polyproof_gym.envs.helpers import constrained_problem

ENVIRONMENTS: dict[str, Callable[[], Any]] = {
    "constraints": lambda: (
        gym.make("PolyProof-v0", problem=constrained_problem(), max_steps=8, rules=[*RULES]).unwrapped
    ),
    "squares": lambda: PolyProofEnv("motzkin", max_steps=8, rules=["products", "squares:slots=10", "constraints"]),
}
ENVIRONMENTS["gaps"] = lambda: PolyProofEnv(
    polyproof_gym.polynomial("(a - 9)^2 + (b - 3)^2 - t*b", box=[(0, 100), (-5, 5), (0, 2)], integer=["a", "b"]),
    max_steps=8,
    rules=["products", "gaps"],
)
every_environment = pytest.mark.parametrize("name", ENVIRONMENTS)


def play(env: Any, seed: int) -> list[tuple[dict[str, Any], float]]:
    """A random episode of valid actions: observations and rewards."""
    rng = np.random.default_rng(seed)
    observation, info = env.reset(seed=seed)
    seen, is_over = [(observation, 0.0)], False
    while not is_over:
        action = rng.choice(np.flatnonzero(info["action_mask"]))
        observation, reward, terminated, truncated, info = env.step(action)
        assert not info["invalid_action"]
        seen.append((observation, float(reward)))
        is_over = terminated or truncated
    return seen


def assert_same(one: list[tuple[dict[str, Any], float]], other: list[tuple[dict[str, Any], float]]) -> None:
    assert len(one) == len(other)
    for (left, first), (right, second) in zip(one, other, strict=True):
        assert first == second
        for key, array in left.items():
            np.testing.assert_array_equal(array, right[key])


@every_environment
def test_the_same_seed_gives_the_same_episode(name: str) -> None:
    make = ENVIRONMENTS[name]
    assert_same(play(make(), 3), play(make(), 3))


@every_environment
@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env)), lambda env: env.clone()]
)
def test_a_copy_in_the_middle_of_an_episode_goes_on_alike(name: str, copied: Any) -> None:
    env = ENVIRONMENTS[name]()
    _, info = env.reset(seed=0)
    for _ in range(3):
        _, _, _, _, info = env.step(np.flatnonzero(info["action_mask"])[-1])
    twin = copied(env)
    for _ in range(4):
        action = np.flatnonzero(info["action_mask"])[-1]
        observation, reward, _, _, info = env.step(action)
        other, same, _, _, _ = twin.step(action)
        assert_same([(observation, float(reward))], [(other, float(same))])
