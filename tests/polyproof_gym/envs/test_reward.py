from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

import polyproof_gym
from polyproof_gym import BadInput, Problem
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.envs.reward import NEARLY_CLOSED, make_reward
from tests.polyproof_gym.envs.helpers import (
    advance,
    mixed_problem,
    valid_actions,
    weighted_stable_set,
    without_incumbent,
)

PROBLEMS: dict[str, Callable[[], str | Problem]] = {
    "petersen": lambda: "petersen",
    "random": lambda: "random-stable-set:n=10",
    "robust margins": lambda: "robust-margin:model=iris-quadratic,latent=2",
    "weighted": weighted_stable_set,
    "mixed": mixed_problem,
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_rewards_by_name(name: str) -> None:
    by_gap, raw = (PolyProofEnv(PROBLEMS[name](), reward=reward) for reward in ("gap", "raw"))
    _, info = by_gap.reset(seed=0)
    raw.reset(seed=0)
    incumbent = by_gap.state.problem.incumbent
    assert incumbent is not None
    initial = bound = info["bound"]
    gap = abs(float(incumbent) - initial)
    rng = np.random.default_rng(0)
    for _ in range(30):
        action = int(rng.choice(valid_actions(by_gap)))
        _, share, _, _, info = by_gap.step(action)
        _, plain, _, _, _ = raw.step(action)
        assert plain == abs(info["bound"] - bound)
        assert float(share) * gap == pytest.approx(float(plain))
        bound = info["bound"]
    assert bound != initial


def test_the_logarithmic_return_tells_how_much_of_the_gap_is_open() -> None:
    env = PolyProofEnv("random-stable-set:n=10", reward="log")
    _, info = env.reset(seed=0)
    incumbent = env.state.problem.incumbent
    assert incumbent is not None
    gap = info["bound"] - float(incumbent)
    total = 0.0
    for _, reward, _, _, info in advance(env, 40, np.random.default_rng(0)):
        assert float(reward) >= 0.0
        total += float(reward)
        still_open = (info["bound"] - float(incumbent)) / gap
        assert total == pytest.approx(math.log((1 + NEARLY_CLOSED) / (still_open + NEARLY_CLOSED)))
    assert total > 0.0


def test_default_reward_is_the_share_of_the_gap() -> None:
    env = PolyProofEnv("complete:n=2")
    env.reset()
    _, reward, _, _, _ = env.step(env.encode_action(1, 1, True))
    assert float(reward) == pytest.approx(1)  # from 2 to 1, which the incumbent attains


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_return_by_ratio_is_what_the_ratio_to_the_incumbent_falls_by(name: str) -> None:
    env = PolyProofEnv(PROBLEMS[name](), reward="ratio")
    _, info = env.reset(seed=0)
    value = float(env.state.problem.incumbent or 0)
    assert value
    ratio, total = info["bound"] / value, 0.0
    for _, reward, _, _, info in advance(env, 40, np.random.default_rng(0)):
        assert float(reward) >= 0.0
        total += float(reward)
        assert total == pytest.approx(abs(ratio - info["bound"] / value))
    assert total > 0.0


@pytest.mark.parametrize("problem", [polyproof_gym.polynomial("x*y", box="unit"), without_incumbent(mixed_problem())])
def test_without_a_value_to_compare_with_the_ratio_is_the_share_of_the_gap(problem: Problem) -> None:
    assert not problem.incumbent
    by_ratio, by_gap = (PolyProofEnv(problem, reward=reward) for reward in ("ratio", "gap"))
    by_ratio.reset(seed=0)
    by_gap.reset(seed=0)
    first, second = (advance(env, 20, np.random.default_rng(1)) for env in (by_ratio, by_gap))
    rewards = [reward for _, reward, *_ in first]
    assert rewards == [reward for _, reward, *_ in second]


@pytest.mark.parametrize(("reward", "total"), [("gap", 1.0), ("raw", 3.0), ("ratio", 3.0)])
def test_return_is_the_total_improvement(reward: str, total: float) -> None:
    env = PolyProofEnv("complete:n=4", reward=reward)
    env.reset()
    parent, rewards = 1, []
    for vertex in (1, 2, 3):
        _, step_reward, _, _, _ = env.step(env.encode_action(parent, vertex, True))
        rewards.append(float(step_reward))
        parent = len(env.state.memory) - 1
    assert rewards == pytest.approx([total / 3] * 3)


def test_without_an_incumbent_the_gap_is_the_size_of_the_initial_bound() -> None:
    env = PolyProofEnv(without_incumbent(polyproof_gym.make_problem("complete:n=4")))
    env.reset()
    _, reward, _, _, _ = env.step(env.encode_action(1, 1, True))
    assert float(reward) == pytest.approx(1 / 4)


def test_a_bound_that_is_tight_from_the_start_earns_nothing() -> None:
    env = PolyProofEnv(polyproof_gym.polynomial("x1 + x2", box="unit"))
    _, info = env.reset()
    assert info["is_success"] is True
    rewards = [reward for _, reward, *_ in advance(env, 10, np.random.default_rng(0))]
    assert rewards == [0.0] * 10


@pytest.mark.parametrize("name", ["gaps", "", "Gap"])
def test_unknown_reward_is_bad_input(name: str) -> None:
    with pytest.raises(BadInput, match="'gap', 'raw', 'log', 'ratio'"):
        make_reward(name)
    with pytest.raises(BadInput, match="'gap', 'raw', 'log', 'ratio'"):
        PolyProofEnv("petersen", reward=name)
