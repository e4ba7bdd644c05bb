from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from stable_baselines3 import A2C, PPO
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.monitor import Monitor

import polyproof_gym  # noqa: F401  (registers the environments)
from agents.adapters.masked_policy import MaskedActorCriticPolicy
from polyproof_gym import BadInput
from polyproof_gym.wrappers import BooleanMask, CompactObservation


def environment(problem: str, max_steps: int) -> gym.Env[Any, Any]:
    return CompactObservation(gym.make("PolyProof-v0", problem=problem, max_steps=max_steps))


def test_it_learns_to_prove_the_triangle() -> None:
    """``x1 + x2 + x3 <= 1`` in 2 steps, where there is no room for a step in vain: the bound falls from 3 to 1."""
    env = Monitor(environment("cycle:n=3", 2))
    model = PPO(
        MaskedActorCriticPolicy, env, n_steps=64, batch_size=64, learning_rate=5e-3, gamma=0.95, seed=0, device="cpu"
    )
    earned, _ = evaluate_policy(model.learn(2048), env, n_eval_episodes=1)
    assert earned == pytest.approx(1.0)


@pytest.mark.parametrize("algorithm", [partial(PPO, batch_size=16), A2C])
@pytest.mark.parametrize("wrapper", [None, BooleanMask])
def test_it_chooses_valid_actions_alone(algorithm: Any, wrapper: Any) -> None:
    env = gym.make("PolyProof-v0", problem="petersen", max_steps=6)
    env = CompactObservation(env if wrapper is None else wrapper(env))
    model = algorithm(MaskedActorCriticPolicy, env, n_steps=16, seed=0, device="cpu").learn(32)
    for deterministic in (True, False):
        observation, _ = env.reset(seed=0)
        over = False
        while not over:
            action, _ = model.predict(observation, deterministic=deterministic)
            observation, _, _, over, info = env.step(action)
            assert not info["invalid_action"]


def test_a_saved_model_acts_like_the_trained_one(tmp_path: Path) -> None:
    env = environment("cycle:n=5", 5)
    settings: dict[str, Any] = {"policy_kwargs": {"net_arch": [16]}, "seed": 0, "device": "cpu"}
    model = PPO(MaskedActorCriticPolicy, env, n_steps=16, batch_size=16, **settings).learn(32)
    model.save(tmp_path / "model")
    again = PPO.load(tmp_path / "model", env=env, device="cpu")
    observation, _ = env.reset(seed=0)
    for _ in range(5):
        action, _ = model.predict(observation, deterministic=True)
        assert np.array_equal(action, again.predict(observation, deterministic=True)[0])
        observation, *_ = env.step(action)


def test_whole_observations_are_bad_input() -> None:
    with pytest.raises(BadInput, match="expected the observations of CompactObservation, got "):
        PPO(MaskedActorCriticPolicy, gym.make("PolyProof-v0", problem="cycle:n=5", max_steps=3), device="cpu")
