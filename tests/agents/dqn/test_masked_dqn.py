from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3 import DQN
from stable_baselines3.common.vec_env import DummyVecEnv
from stable_baselines3.dqn.policies import QNetwork

import polyproof_gym  # noqa: F401  (registers the environments)
from agents.checkpoint import load_checkpoint, save_checkpoint
from agents.dqn import MASK, MaskedDQN
from agents.dqn.policies import INVALID
from agents.networks import Start
from agents.replay_buffer import EpisodeReplayBuffer
from agents.scoring import prior_weights
from agents.scoring.observation import CandidateObservations
from polyproof_gym import BadInput
from polyproof_gym.envs import PolyProofEnv

LENGTH, ACTIONS = 6, 40


class Corridor(gym.Env[Any, Any]):
    """Six rooms in a row; in each, two of forty doors are real: one leads on and one leads back to the start.

    Doors that are not real lead nowhere and cost 1. The last room ends the episode with 1, and has no real door.
    """

    def __init__(self, limit: int = 20) -> None:
        self.observation_space = spaces.Dict(
            {MASK: spaces.MultiBinary(ACTIONS), "room": spaces.Box(0, 1, (LENGTH,), np.float32)}
        )
        self.action_space = spaces.Discrete(ACTIONS)
        rng = np.random.default_rng(0)
        self.doors = [rng.choice(ACTIONS, 2, replace=False).tolist() for _ in range(LENGTH - 1)]
        self.limit = limit
        self.wrong = 0

    def _observation(self) -> dict[str, NDArray[Any]]:
        mask = np.zeros(ACTIONS, np.int8)
        if self.room < LENGTH - 1:
            mask[self.doors[self.room]] = 1
        return {MASK: mask, "room": np.eye(LENGTH, dtype=np.float32)[self.room]}

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        super().reset(seed=seed)
        self.room = self.steps = 0
        return self._observation(), {}

    def step(self, action: int) -> tuple[dict[str, NDArray[Any]], float, bool, bool, dict[str, Any]]:
        self.steps += 1
        on, back = self.doors[self.room]
        reward = 0.0
        if action == on:
            self.room += 1
            reward = float(self.room == LENGTH - 1)
        elif action == back:
            self.room = 0
        else:
            self.wrong += 1
            reward = -1.0
        return self._observation(), reward, self.room == LENGTH - 1, self.steps >= self.limit, {}


def model_of(env: Any, algorithm: type[DQN] = MaskedDQN, **settings: Any) -> DQN:
    defaults: dict[str, Any] = {
        "learning_starts": 200,
        "buffer_size": 5000,
        "batch_size": 32,
        "learning_rate": 3e-3,
        "train_freq": 1,
        "target_update_interval": 100,
        "exploration_fraction": 0.5,
        "gamma": 0.9,
        "policy_kwargs": {"net_arch": [32]},
        "seed": 0,
        "device": "cpu",
    }
    return algorithm("MultiInputPolicy", env, **{**defaults, **settings})


def score(model: DQN) -> tuple[float, int]:
    """Return and length of one greedy episode."""
    env = Corridor()
    observation, _ = env.reset(seed=1)
    total, done = 0.0, False
    while not done:
        action, _ = model.predict(observation, deterministic=True)
        observation, reward, terminated, truncated, _ = env.step(int(action))
        total, done = total + reward, terminated or truncated
    return total, env.steps


@pytest.mark.parametrize("double", [False, True])
def test_it_learns_the_corridor(double: bool) -> None:
    """It finds the way of 5 doors. Random valid doors score 0.28 on average; unmasked DQN, trained alike, 0."""
    env = Corridor()
    model = model_of(env, double=double)
    model.learn(2500)
    assert score(model) == (1.0, 5)
    assert env.wrong == 0


def test_in_ten_thousand_decisions_none_is_invalid() -> None:
    env = DummyVecEnv([Corridor] * 4)
    model = model_of(env, learning_starts=2000, train_freq=8)
    model.learn(10_000)
    assert sum(corridor.wrong for corridor in env.envs) == 0  # type: ignore[attr-defined]
    assert model.num_timesteps >= 10_000


def test_targets_take_the_best_valid_action_and_nothing_where_there_is_none() -> None:
    model = model_of(Corridor(), double=False)
    masks = np.zeros((3, ACTIONS), np.float32)
    masks[0, :], masks[1, 7] = 1, 1
    observations = {MASK: torch.from_numpy(masks), "room": torch.eye(LENGTH)[:3]}
    assert isinstance(model, MaskedDQN)
    raw = QNetwork.forward(model.q_net_target, observations).detach()
    values = model._values(observations).flatten().tolist()
    assert values == pytest.approx([raw[0].max().item(), raw[1, 7].item(), 0.0])
    assert (model.q_net(observations)[1] <= INVALID).sum() == ACTIONS - 1


def test_double_q_learning_asks_the_target_network_about_the_choice_of_the_other() -> None:
    model = model_of(Corridor(), double=True)
    assert isinstance(model, MaskedDQN)
    with torch.no_grad():
        for parameter in model.q_net.parameters():
            parameter.add_(torch.randn_like(parameter))
    observations = {MASK: torch.ones(LENGTH, ACTIONS), "room": torch.eye(LENGTH)}
    choice = model.q_net(observations).argmax(dim=1)
    expected = model.q_net_target(observations)[torch.arange(LENGTH), choice]
    assert model._values(observations).flatten().tolist() == pytest.approx(expected.tolist())


def weights(model: DQN) -> list[list[float]]:
    return [parameter.detach().flatten().tolist() for parameter in model.policy.parameters()]


def test_two_trainings_with_one_seed_agree() -> None:
    first, second = (weights(model_of(Corridor()).learn(600)) for _ in range(2))
    assert first == second


def test_what_is_saved_is_loaded_and_goes_on_learning(tmp_path: Path) -> None:
    model = model_of(Corridor(), double=False)
    model.learn(500)
    model.save(tmp_path / "model.zip")
    loaded = MaskedDQN.load(tmp_path / "model.zip", env=Corridor())
    assert weights(loaded) == weights(model)
    assert loaded.double is False
    loaded.learn(300, reset_num_timesteps=False)
    assert loaded.num_timesteps == 800


def test_it_proves_with_the_compact_replay_buffer() -> None:
    env = gym.make("PolyProof-v0", problem="cycle:n=5", max_steps=12)
    model = model_of(env, replay_buffer_class=EpisodeReplayBuffer, learning_starts=50, train_freq=4)
    invalid: list[bool] = []

    def note(local: dict[str, Any], _: dict[str, Any]) -> bool:
        invalid.append(local["infos"][0]["invalid_action"])
        return True

    model.learn(200, callback=note)
    assert len(invalid) == 200
    assert not any(invalid)


@pytest.mark.parametrize("features", ["dual", "paper"])
def test_the_equivariant_policy_learns_is_saved_and_its_weights_fit_another_size(tmp_path: Path, features: str) -> None:
    env = gym.make("PolyProof-v0", problem="cycle:n=5", max_steps=8)
    kwargs = {"features": features, "width": 8}
    model = MaskedDQN(
        "ProofPolicy",
        env,
        policy_kwargs=kwargs,
        replay_buffer_class=EpisodeReplayBuffer,
        replay_buffer_kwargs={"n_steps": 3},
        learning_starts=20,
        batch_size=8,
        seed=0,
        device="cpu",
    )
    before = weights(model)
    model.learn(60)
    assert weights(model) != before
    model.save(tmp_path / "model.zip")
    loaded = MaskedDQN.load(tmp_path / "model.zip", env=env)
    observation, _ = env.reset(seed=3)
    assert loaded.predict(observation, deterministic=True)[0] == model.predict(observation, deterministic=True)[0]
    larger = gym.make("PolyProof-v0", problem="petersen", max_steps=8)
    other = MaskedDQN("ProofPolicy", larger, policy_kwargs=kwargs, buffer_size=100, device="cpu")
    other.policy.load_state_dict(model.policy.state_dict())
    observation, info = larger.reset(seed=0)
    for _ in range(8):
        action, _ = other.predict(observation, deterministic=True)
        assert info["action_mask"][int(action)]
        observation, _, _, _, info = larger.step(int(action))


def test_the_equivariant_policy_learns_to_prove_the_triangle() -> None:
    """``x1 + x2 + x3 <= 1`` in 2 steps, where there is no room for a step in vain; random valid actions reach 1.74."""
    env = gym.make("PolyProof-v0", problem="cycle:n=3", max_steps=2, reward="raw")
    model = MaskedDQN(
        "ProofPolicy",
        env,
        policy_kwargs={"width": 16},
        replay_buffer_class=EpisodeReplayBuffer,
        learning_starts=100,
        learning_rate=3e-3,
        train_freq=2,
        target_update_interval=1,
        tau=0.02,
        exploration_fraction=0.5,
        gamma=0.9,
        seed=0,
        device="cpu",
    )
    model.learn(700)
    observation, _ = env.reset(seed=0)
    for _ in range(2):
        action, _ = model.predict(observation, deterministic=True)
        observation, *_, info = env.step(action)
    assert info["bound"] == pytest.approx(1.0)


def test_observations_without_a_mask_are_refused() -> None:
    with pytest.raises(BadInput, match="action_mask"):
        MaskedDQN("MultiInputPolicy", gym.make("CartPole-v1"))


def noisy_model(envs: int, noise: float) -> MaskedDQN:
    def make() -> CandidateObservations:
        return CandidateObservations(PolyProofEnv("random-stable-set:n=12", max_steps=20, reward="raw"))

    return MaskedDQN(
        "ProofPolicy",
        DummyVecEnv([make] * envs),
        policy_kwargs={"width": 8, "rounds": 1, "start": Start(prior_weights(), 100.0, 0.02)},
        noise=noise,
        learning_starts=1000,
        buffer_size=100,
        seed=0,
        device="cpu",
    )


def test_noisy_weights_last_for_an_episode_and_explore_far_better_than_chance() -> None:
    """They are the only exploration, in the warm-up as well."""

    def explore(model: MaskedDQN) -> tuple[float, list[NDArray[Any]]]:
        rewards, weights = [], []

        def note(local: dict[str, Any], _: dict[str, Any]) -> bool:
            rewards.append(float(local["rewards"].sum()))
            weights.append(model._of_episodes.copy())
            return True

        model.learn(120, callback=note)
        return float(np.sum(rewards)), weights

    noisy, weights = explore(noisy_model(2, noise=0.5))
    for step, (before, after) in enumerate(itertools.pairwise(weights), 1):
        assert (before == after).all() == (step % 20 != 0)
    assert (weights[0][0] != weights[0][1]).any()
    assert noisy > 1.2 * explore(noisy_model(2, noise=0.0))[0]


def test_noisy_weights_outlast_an_interruption(tmp_path: Path) -> None:
    """A model that is saved amid an episode goes on as if it had not been."""
    whole, cut = noisy_model(2, noise=0.5), noisy_model(2, noise=0.5)
    for model in (whole, cut):
        model.learn(30)
    save_checkpoint(cut, tmp_path)
    whole.learn(10, reset_num_timesteps=False)
    again = load_checkpoint(MaskedDQN, tmp_path)
    again.learn(10, reset_num_timesteps=False)
    assert (again._of_episodes == whole._of_episodes).all()
    np.testing.assert_equal(again._last_obs, whole._last_obs)


@pytest.mark.parametrize("noise", [-1.0, math.nan, math.inf, 1e300])
def test_noise_out_of_range_is_refused(noise: float) -> None:
    with pytest.raises(BadInput, match="expected noise from 0 to"):
        noisy_model(1, noise)


def test_noise_needs_weights() -> None:
    env = gym.make("PolyProof-v0", problem="cycle:n=5", max_steps=5)
    for policy in ("ProofPolicy", "MultiInputPolicy"):
        with pytest.raises(BadInput, match="needs a ProofPolicy with a start"):
            MaskedDQN(policy, env, noise=0.5, buffer_size=100)


def test_the_value_of_an_action_that_the_mask_leaves_out_can_be_learned() -> None:
    """Another policy may take one where a wrapper has taken valid actions away."""
    model = MaskedDQN("MultiInputPolicy", Corridor(), buffer_size=10, seed=0, device="cpu")
    observation = {key: torch.from_numpy(array)[None] for key, array in Corridor().reset()[0].items()}
    masked_out = observation[MASK].argmin(dim=1, keepdim=True)
    network: Any = model.q_net
    values = network.values_of(observation, masked_out)
    assert values.abs().item() < 100
    assert network(observation).gather(1, masked_out).item() == INVALID
