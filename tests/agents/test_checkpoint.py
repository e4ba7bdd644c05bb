from __future__ import annotations

from pathlib import Path

import gymnasium as gym
import pytest
from sb3_contrib import MaskablePPO
from stable_baselines3.common.base_class import BaseAlgorithm

import polyproof_gym  # noqa: F401  (registers the environments)
from agents.checkpoint import load_checkpoint, save_checkpoint
from agents.dqn import MaskedDQN
from agents.ppo import ProofActorCriticPolicy
from agents.replay_buffer import EpisodeReplayBuffer


def model() -> MaskedDQN:
    return MaskedDQN(
        "ProofPolicy",
        gym.make("PolyProof-v0", problem="random-stable-set:n=5", max_steps=7),
        policy_kwargs={"width": 8},
        replay_buffer_class=EpisodeReplayBuffer,
        replay_buffer_kwargs={"n_steps": 2},
        learning_starts=20,
        batch_size=8,
        exploration_fraction=1.0,
        seed=0,
        device="cpu",
    )


def weights(trained: BaseAlgorithm) -> list[list[float]]:
    return [parameter.detach().flatten().tolist() for parameter in trained.policy.parameters()]


@pytest.mark.parametrize("steps", [30, 45])  # the second in mid-episode
def test_a_training_goes_on_bit_for_bit(tmp_path: Path, steps: int) -> None:
    whole = model().learn(steps).learn(40, reset_num_timesteps=False)
    save_checkpoint(model().learn(steps), tmp_path / "checkpoint")
    resumed = load_checkpoint(MaskedDQN, tmp_path / "checkpoint")
    assert resumed.num_timesteps >= steps
    resumed.learn(40, reset_num_timesteps=False)
    assert resumed.num_timesteps == whole.num_timesteps
    assert weights(resumed) == weights(whole)


@pytest.mark.parametrize("steps", [32, 64])  # the first in mid-episode
def test_so_does_that_of_an_actor_and_critic(tmp_path: Path, steps: int) -> None:
    def ppo() -> MaskablePPO:
        env = gym.make("PolyProof-v0", problem="random-stable-set:n=5", max_steps=8 if steps == 64 else 7)
        kwargs = {"width": 8}
        return MaskablePPO(
            ProofActorCriticPolicy,
            env,
            policy_kwargs=kwargs,
            n_steps=32,
            batch_size=16,
            n_epochs=2,
            seed=0,
            device="cpu",
        )

    whole = ppo().learn(steps).learn(64, reset_num_timesteps=False)
    save_checkpoint(ppo().learn(steps), tmp_path / "checkpoint")
    resumed = load_checkpoint(MaskablePPO, tmp_path / "checkpoint").learn(64, reset_num_timesteps=False)
    assert resumed.num_timesteps == whole.num_timesteps == steps + 64
    assert weights(resumed) == weights(whole)
