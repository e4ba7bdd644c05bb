from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.wrappers.vector import VectorizeTransformObservation
from sb3_contrib import MaskablePPO
from sb3_contrib.common.maskable.utils import get_action_masks, is_masking_supported
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv, VecMonitor

import polyproof_gym  # noqa: F401  (registers the environments)
from agents.adapters.masked_policy import MaskedActorCriticPolicy
from agents.adapters.proof_vec_env import ProofVecEnv
from agents.ppo import ProofActorCriticPolicy
from polyproof_gym import BadInput
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.wrappers import CompactObservation
from tests.polyproof_gym.envs.helpers import assert_identical

# Forking is the quickest way of starting processes, but newer Pythons advise against it where there are threads.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

SETTINGS: dict[str, Any] = {"problem": "random-stable-set:n_min=4,n_max=8", "max_steps": 7}


def native(num_envs: int = 3, autoreset_mode: str = "Disabled", **settings: Any) -> Any:
    settings = {**SETTINGS, "num_workers": 2, "context": "fork", **settings}
    return gym.make_vec("PolyProof-v0", num_envs=num_envs, autoreset_mode=autoreset_mode, **settings)


@pytest.fixture
def envs() -> Iterator[ProofVecEnv]:
    made = ProofVecEnv(native())
    yield made
    made.close()


def dummy(num_envs: int = 3, **settings: Any) -> DummyVecEnv:
    return DummyVecEnv([lambda: PolyProofEnv(**{**SETTINGS, **settings})] * num_envs)


def some_actions(env: VecEnv, rng: np.random.Generator) -> Any:
    return np.array([rng.choice(np.flatnonzero(mask)) for mask in get_action_masks(env)])


@pytest.mark.parametrize("settings", [{}, {"problem": "complete:n=3", "max_steps": 12, "target": 1}])
def test_it_gives_what_dummy_vec_env_gives(settings: dict[str, Any]) -> None:
    ours, theirs = ProofVecEnv(native(**settings)), dummy(**settings)
    for env in (ours, theirs):
        env.seed(4)
    assert_identical(ours.reset(), dict(theirs.reset()))  # type: ignore[arg-type]
    rng, ends = np.random.default_rng(4), 0
    for _ in range(30):
        assert (get_action_masks(ours) == get_action_masks(theirs)).all()
        actions = some_actions(theirs, rng)
        (observation, rewards, dones, infos), (their_observation, *their_answer, their_infos) = (
            ours.step(actions),
            theirs.step(actions),
        )
        assert_identical(observation, dict(their_observation))  # type: ignore[arg-type]
        assert_identical((rewards, dones), tuple(their_answer))
        for info in their_infos:
            del info["action_mask"]
        assert_identical(tuple(infos), tuple(their_infos))
        for info, their_info in zip(ours.reset_infos, theirs.reset_infos, strict=True):
            assert info == {key: value for key, value in their_info.items() if key != "action_mask"}
        ends += int(dones.sum())
    assert ends > 5
    ours.close()


def test_observations_given_do_not_change_later(envs: ProofVecEnv) -> None:
    rng = np.random.default_rng(0)
    given: Any = envs.reset()
    kept: list[tuple[Any, Any]] = []
    for _ in range(10):
        kept.append((given, deepcopy(given)))
        given = envs.step(some_actions(envs, rng))[0]
    for observation, copied in kept:
        assert_identical(observation, copied)


def test_attributes_and_methods_of_some_environments(envs: ProofVecEnv) -> None:
    envs.reset()
    assert is_masking_supported(envs)
    assert envs.get_attr("max_steps", indices=[0, 2]) == [7, 7]
    assert envs.get_attr("render_mode") == [None] * 3
    assert [mask.dtype for mask in envs.env_method("action_masks", indices=1)] == [np.bool_]
    assert envs.env_method("decode_action", 1, indices=[1]) == [(0, 0, True)]
    envs.set_attr("mark", 5, indices=None)
    envs.set_attr("mark", 6, indices=1)
    assert envs.get_attr("mark") == [5, 6, 5]
    assert not envs.has_attr("nothing_of_this_name")
    assert envs.env_is_wrapped(gym.Wrapper) == [False] * 3


def test_options_reach_the_environments_once(envs: ProofVecEnv) -> None:
    envs.set_options({"problem": "cycle:n=5"})
    envs.reset()
    assert [info["bound"] for info in envs.reset_infos] == [5.0] * 3
    envs.set_options([{"problem": "cycle:n=5"}, {}, {}])
    with pytest.raises(BadInput, match="expected the same options for all environments"):
        envs.reset()


def test_pictures_in_one() -> None:
    envs = ProofVecEnv(native(2, render_mode="rgb_array", num_workers=1))
    envs.reset()
    images = envs.get_images()
    assert len(images) == 2
    picture = envs.render()
    assert picture is not None
    assert picture.dtype == np.uint8
    envs.close()


def test_a_training_is_that_with_dummy_vec_env() -> None:
    """Bit by bit, with the monitor that tells returns."""
    settings: dict[str, Any] = {"n_steps": 16, "batch_size": 16, "n_epochs": 1, "seed": 3, "device": "cpu"}
    trained = []
    for env in (ProofVecEnv(native(2)), dummy(2)):
        model = MaskablePPO(ProofActorCriticPolicy, VecMonitor(env), policy_kwargs={"width": 8}, **settings).learn(64)
        trained.append([parameter.detach().flatten().tolist() for parameter in model.policy.parameters()])
        assert {episode["l"] for episode in model.ep_info_buffer or []} == {7}
        env.close()
    assert trained[0] == trained[1]


def test_vectorized_wrappers_come_before_it() -> None:
    from stable_baselines3 import PPO

    envs = ProofVecEnv(VectorizeTransformObservation(native(2, problem="cycle:n=5"), CompactObservation))
    model = PPO(MaskedActorCriticPolicy, envs, n_steps=16, batch_size=16, n_epochs=1, device="cpu").learn(64)
    assert model.num_timesteps == 64
    assert envs.observation_space == CompactObservation(PolyProofEnv("cycle:n=5", max_steps=7)).observation_space
    envs.close()


@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
def test_new_episodes_must_be_left_to_it(mode: str) -> None:
    envs = native(1, autoreset_mode=mode)
    with pytest.raises(
        BadInput, match="expected a vector environment of PolyProof-v0, native and with autoreset_mode="
    ):
        ProofVecEnv(envs)
    envs.close()


@pytest.mark.parametrize("other", [None, 3, PolyProofEnv("petersen", max_steps=2)])
def test_what_is_no_vector_environment_is_bad_input(other: Any) -> None:
    with pytest.raises(
        BadInput, match="expected a vector environment of PolyProof-v0, native and with autoreset_mode="
    ):
        ProofVecEnv(other)
