"""Episodes with further rules: what the environment promises of episodes holds with these as well."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Collection
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import polyproof_gym
from polyproof_gym.envs import PolyProofEnv
from tests.polyproof_gym.envs.helpers import constrained_problem, mixed_problem
from tests.rules import USABLE_RULES

ENVIRONMENTS: dict[str, Callable[[], Any]] = {
    "constraints": lambda: (
        gym.make("PolyProof-v0", problem=constrained_problem(), max_steps=8, rules=USABLE_RULES).unwrapped
    ),
    "squares": lambda: PolyProofEnv("motzkin", max_steps=8, rules=["products", "squares:slots=10", "constraints"]),
}
ENVIRONMENTS["gaps"] = lambda: PolyProofEnv(
    polyproof_gym.polynomial("(a - 9)^2 + (b - 3)^2 - t*b", box=[(0, 100), (-5, 5), (0, 2)], integer=["a", "b"]),
    max_steps=8,
    rules=["products", "gaps"],
)
if "symmetries" in USABLE_RULES:
    ENVIRONMENTS["symmetries"] = lambda: PolyProofEnv("cycle:n=7", max_steps=8, rules=["products", "symmetries"])
ENVIRONMENTS["splits"] = lambda: PolyProofEnv(mixed_problem(), max_steps=8, rules=["splits", "products"])
ENVIRONMENTS["splits of integers"] = lambda: PolyProofEnv(
    polyproof_gym.polynomial("a*b - a^2 + t", box=[(-2, 3), (0, 9), (0, 1)], integer=["a", "b"]),
    max_steps=8,
    rules=["splits", "gaps"],
)
Episode = list[tuple[dict[str, Any], float]]
every_environment = pytest.mark.parametrize("name", ENVIRONMENTS)


def play(env: Any, seed: int) -> Episode:
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


def assert_same(one: Episode, other: Episode) -> None:
    assert len(one) == len(other)
    for (left, first), (right, second) in zip(one, other, strict=True):
        assert first == second
        for key, array in left.items():
            np.testing.assert_array_equal(array, right[key])


@every_environment
def test_the_same_seed_gives_the_same_episode(name: str) -> None:
    make = ENVIRONMENTS[name]
    assert_same(play(make(), 3), play(make(), 3))


COPIES: dict[str, Callable[[Any], Any]] = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda env: pickle.loads(pickle.dumps(env)),
    "clone": lambda env: env.clone(),
    "proof": lambda env: env.proof() and env,
}
"""What may be done in the middle of an episode, and what gives an environment to go on with."""


def play_on(name: str, seed: int, copied: Callable[[Any], Any], steps: Collection[int]) -> tuple[Episode, Episode]:
    """The same random actions in an environment and, once it has been copied after some steps, in its last copy.

    Returns:
        The episode of the environment, and what the copies saw of it.
    """
    env = ENVIRONMENTS[name]()
    observation, info = env.reset(seed=0)
    rng, twin = np.random.default_rng(seed), None
    seen: Episode = [(observation, 0.0)]
    by_twin: Episode = []
    is_over = False
    while not is_over:
        if len(seen) - 1 in steps:
            twin = copied(env)
        action = rng.choice(np.flatnonzero(info["action_mask"]))
        if twin is not None and twin is not env:
            other, same, _, _, _ = twin.step(action)
            by_twin.append((other, float(same)))
        observation, reward, terminated, truncated, info = env.step(action)
        seen.append((observation, float(reward)))
        is_over = terminated or truncated
    return seen, by_twin


@every_environment
@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("seed", range(3))
def test_copies_and_what_is_copied_go_on_as_if_there_were_no_copy(name: str, copied: Any, seed: int) -> None:
    alone, _ = play_on(name, seed, copied, ())
    for steps in ([3], range(1, 8, 2)):
        original, twin = play_on(name, seed, copied, steps)
        assert_same(original, alone)
        assert_same(twin, alone[len(alone) - len(twin) :])


@every_environment
def test_looking_ahead_changes_nothing(name: str) -> None:
    env, other = ENVIRONMENTS[name](), ENVIRONMENTS[name]()
    _, info = env.reset(seed=0)
    other.reset(seed=0)
    for _ in range(5):
        closed = np.flatnonzero(env.state.closed())
        values = [env.state.value_of(action) for action in closed.tolist()]
        assert values == [env.state.clone().value_of(action) for action in closed.tolist()]
        action = np.flatnonzero(info["action_mask"])[-1]
        observation, reward, _, _, info = env.step(action)
        same, its_reward, _, _, _ = other.step(action)
        assert_same([(observation, float(reward))], [(same, float(its_reward))])
