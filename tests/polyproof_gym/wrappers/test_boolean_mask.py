from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env

import polyproof_gym  # noqa: F401  (registers the environments)
from polyproof_gym import BadInput
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.wrappers import BooleanMask
from tests.polyproof_gym.envs.helpers import assert_identical


def environments() -> tuple[BooleanMask, PolyProofEnv]:
    return BooleanMask(PolyProofEnv("petersen", max_steps=6)), PolyProofEnv("petersen", max_steps=6)


@pytest.mark.filterwarnings(
    "ignore:.*not an `Env.unwrapped`.*:UserWarning", "ignore:.*different from the unwrapped:UserWarning"
)
def test_passes_the_checker_of_gymnasium() -> None:
    check_env(environments()[0], skip_render_check=True)


def test_a_trajectory_is_that_of_the_environment_but_for_the_type_of_the_mask() -> None:
    wrapped, plain = environments()
    rng = np.random.default_rng(0)
    (observation, info), (their_observation, their_info) = wrapped.reset(seed=0), plain.reset(seed=0)
    over = False
    while not over:
        assert observation["action_mask"].dtype == np.bool_
        assert wrapped.observation_space.contains(observation)
        assert_identical({**observation, "action_mask": observation["action_mask"].view(np.int8)}, their_observation)
        assert_identical(info, their_info)
        action = rng.choice(np.flatnonzero(observation["action_mask"]))
        observation, reward, terminated, over, info = wrapped.step(action)
        their_observation, *answer, their_info = plain.step(action)
        assert [reward, terminated, over] == answer


def test_samples_take_the_mask_of_the_information() -> None:
    wrapped, _ = environments()
    observation, info = wrapped.reset(seed=0)
    assert observation["action_mask"][wrapped.action_space.sample(info["action_mask"])]


def test_a_spec_makes_it_again() -> None:
    env = BooleanMask(gym.make("PolyProof-v0", problem="cycle:n=5", max_steps=3))
    assert env.spec is not None
    again = gym.make(EnvSpec.from_json(env.spec.to_json()))
    assert isinstance(again, BooleanMask)
    assert_identical(again.reset(seed=1), env.reset(seed=1))


def test_other_environments_are_bad_input() -> None:
    with pytest.raises(BadInput, match="expected an environment whose observations have action_mask, got <"):
        BooleanMask(gym.make("CartPole-v1"))
