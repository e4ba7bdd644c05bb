from __future__ import annotations

from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from sb3_contrib import MaskablePPO
from sb3_contrib.common.maskable.utils import get_action_masks

import polyproof_gym  # noqa: F401  (registers the environments)
from agents.ppo import ProofActorCriticPolicy


def model_of(env: Any, **settings: Any) -> MaskablePPO:
    defaults: dict[str, Any] = {
        "n_steps": 64,
        "batch_size": 32,
        "n_epochs": 4,
        "gamma": 0.95,
        "policy_kwargs": {"width": 16},
        "seed": 0,
        "device": "cpu",
    }
    return MaskablePPO(ProofActorCriticPolicy, env, **{**defaults, **settings})


def weights(model: MaskablePPO) -> list[list[float]]:
    return [parameter.detach().flatten().tolist() for parameter in model.policy.parameters()]


def mean_bound(model: MaskablePPO, problem: str, steps: int, episodes: int = 10) -> float:
    """Mean final bound of sampled episodes; fails on an invalid action."""
    env = gym.make("PolyProof-v0", problem=problem, max_steps=steps)
    bounds = []
    for seed in range(episodes):
        observation, info = env.reset(seed=seed)
        done = False
        while not done:
            action, _ = model.predict(observation, action_masks=get_action_masks(env))
            observation, _, terminated, truncated, info = env.step(action)
            assert not info["invalid_action"]
            done = terminated or truncated
        bounds.append(info["bound"])
    return float(np.mean(bounds))


def test_it_learns_to_prove_the_triangle() -> None:
    """``x1 + x2 + x3 <= 1`` in 2 steps, where there is no room for a step in vain; random valid actions reach 1.74."""
    env = gym.make("PolyProof-v0", problem="cycle:n=3", max_steps=2)
    model = model_of(env, learning_rate=3e-3, n_steps=128, batch_size=64).learn(1024)
    assert mean_bound(model, "cycle:n=3", 2) <= 1.1


def test_two_trainings_with_one_seed_agree() -> None:
    env = gym.make("PolyProof-v0", problem="cycle:n=5", max_steps=6)
    first, second = (weights(model_of(env).learn(64)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("features", ["dual", "paper"])
def test_what_is_saved_is_loaded_and_its_weights_fit_another_size(tmp_path: Path, features: str) -> None:
    env = gym.make("PolyProof-v0", problem="cycle:n=5", max_steps=6)
    model = model_of(env, policy_kwargs={"width": 8, "features": features}).learn(64)
    model.save(tmp_path / "model.zip")
    loaded = MaskablePPO.load(tmp_path / "model.zip", env=env)
    assert weights(loaded) == weights(model)
    larger = gym.make("PolyProof-v0", problem="petersen", max_steps=12)
    other = model_of(larger, policy_kwargs={"width": 8, "features": features})
    other.policy.load_state_dict(model.policy.state_dict())
    assert mean_bound(other, "petersen", 12) < 10.0
