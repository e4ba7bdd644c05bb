from __future__ import annotations

import copy
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env
from sb3_contrib.common.maskable.utils import get_action_masks
from stable_baselines3.common.env_checker import check_env as sb3_check_env

import polyproof_gym
from agents.scoring import shortlist
from agents.scoring.candidates import LENGTH, PHASES
from agents.scoring.environment import CandidateChoices
from polyproof_gym import BadInput
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.problems import Mixture, RandomPolynomial, RandomStableSet
from tests.agents.scoring.states import PROBLEMS
from tests.polyproof_gym.envs.helpers import assert_identical

BUDGET = [*PHASES].index("budget")

MIXTURE = Mixture((RandomStableSet(4, 9), RandomStableSet(7, 7, max_weight=5), RandomPolynomial(5, 3, 8, boolean=1)))


def choices(problem: Any = "petersen", **settings: Any) -> CandidateChoices:
    return CandidateChoices(PolyProofEnv(problem, **{"max_steps": 12, "lp_features": False, **settings}))


def proof_of(env: CandidateChoices) -> polyproof_gym.ProofState:
    inner = env.unwrapped
    assert isinstance(inner, PolyProofEnv)
    return inner.state


@pytest.mark.filterwarnings("ignore:.*is different from the unwrapped version")
@pytest.mark.filterwarnings("ignore:Your observation features has an unconventional shape")
@pytest.mark.parametrize("problem", ["petersen", "random-stable-set:n=30", "caprasse", MIXTURE])
def test_passes_the_checkers(problem: Any) -> None:
    check_env(choices(problem), skip_render_check=True)
    sb3_check_env(choices(problem))


def test_spec_survives_json() -> None:
    env: gym.Env[Any, Any] = CandidateChoices(gym.make("PolyProof-v0", problem="random-stable-set:n=8", max_steps=6))
    assert env.spec is not None
    again = gym.make(EnvSpec.from_json(env.spec.to_json()))
    assert again.observation_space == env.observation_space
    assert again.action_space == env.action_space
    assert_identical(again.reset(seed=3), env.reset(seed=3))


@pytest.mark.parametrize("name", PROBLEMS)
def test_it_shows_the_shortlist_and_derives_what_is_chosen(name: str) -> None:
    env, rng = choices(PROBLEMS[name](), max_steps=10), np.random.default_rng(0)
    observation, info = env.reset(seed=0)
    bound = info["bound"]
    for _ in range(10):
        candidates, state = shortlist(proof_of(env)), proof_of(env)
        number = len(candidates.actions)
        assert env.observation_space.contains(observation)
        np.testing.assert_array_equal(observation["features"][:number], candidates.features)
        assert not observation["features"][number:].any()
        np.testing.assert_array_equal(observation["phases"], candidates.phases)
        assert observation["mask"].tolist() == [1] * number + [0] * (LENGTH - number)
        assert (get_action_masks(env) == (observation["mask"] > 0)).all()
        choice = int(rng.integers(number))
        derived = state.conclusion(int(candidates.actions[choice]))
        size = len(state.memory)
        observation, reward, _, truncated, info = env.step(np.int64(choice))
        assert not info["invalid_action"]
        assert state.memory[size] == derived
        assert (float(reward) > 0) == (info["bound"] != bound)
        bound = info["bound"]
    assert truncated


def test_numbers_without_a_candidate_are_invalid_actions() -> None:
    env = choices()
    observation, info = env.reset(seed=0)
    number = int(observation["mask"].sum())
    assert number < LENGTH
    for step, action in enumerate((number, LENGTH - 1, LENGTH, -1, -(10**20), 10**20), 1):
        after, reward, terminated, truncated, told = env.step(action)  # type: ignore[arg-type]
        assert (reward, terminated, truncated, told["invalid_action"]) == (0.0, False, False, True)
        assert told["bound"] == info["bound"]
        assert_identical(after, observation)
        assert proof_of(env).steps == 0
        assert step < 12


@pytest.mark.parametrize("action", [None, 1.5, "first", np.zeros(2), float("nan"), True])
def test_actions_that_are_no_numbers_are_refused(action: Any) -> None:
    env = choices()
    env.reset(seed=0)
    with pytest.raises(BadInput, match="expected a whole number as action, got"):
        env.step(action)


def test_where_nothing_is_left_there_is_one_number_to_choose_and_it_is_invalid() -> None:
    env = choices("complete:n=2", max_degree=1)
    observation, _ = env.reset(seed=0)
    terminated = False
    while not terminated:
        observation, _, terminated, truncated, info = env.step(np.int64(0))
        assert not truncated
    assert not info["action_mask"].any()
    assert observation["mask"].sum() == env.action_masks().sum() == 1
    assert env.observation_space.contains(observation)
    *_, info = env.step(np.int64(0))
    assert info["invalid_action"]


# Step budgets --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("budget", [1, 5, 12])
@pytest.mark.parametrize("action", [0, LENGTH - 1])
def test_the_budget_of_an_episode_is_respected_and_shown(budget: int, action: int) -> None:
    env = choices()
    observation, _ = env.reset(seed=0, options={"max_steps": budget})
    for step in range(1, budget + 1):
        assert observation["phases"][BUDGET] == pytest.approx((step - 1 if action == 0 else 0) / budget - 0.5)
        observation, _, terminated, truncated, _ = env.step(np.int64(action))
        assert (terminated, truncated) == (False, step == budget)
    _, reward, _, truncated, info = env.step(np.int64(0))
    assert (reward, truncated, info["invalid_action"]) == (0.0, True, True)


def test_a_budget_is_that_of_one_episode() -> None:
    env = choices()
    env.reset(seed=0, options={"max_steps": 2, "problem": "petersen"})
    observation, _ = env.reset(options={})
    for step in range(1, 13):
        observation, _, _, truncated, _ = env.step(np.int64(0))
        assert truncated is (step == 12)
    assert observation["phases"][BUDGET] == 0.5


@pytest.mark.parametrize("budget", [0, -1, 13, 10**30, 2.0, "2", None, True, float("nan")])
def test_bad_budgets_are_refused(budget: Any) -> None:
    env = choices()
    first = env.reset(seed=0)
    with pytest.raises(BadInput, match="expected a whole number from 1 to 12 as max_steps, got"):
        env.reset(options={"max_steps": budget})
    assert_identical(env.reset(seed=0), first)


@pytest.mark.parametrize("options", [3, [], {"steps": 3}, {"max_steps": 3, "size": 1}, "max_steps"])
def test_other_options_are_refused(options: Any) -> None:
    with pytest.raises(BadInput, match="expected options="):
        choices().reset(options=options)


def test_the_options_stay_as_they_are() -> None:
    options = {"max_steps": 3, "problem": "petersen"}
    choices().reset(options=options)
    assert options == {"max_steps": 3, "problem": "petersen"}


# Episodes ------------------------------------------------------------------------------------------------------------


def played(env: CandidateChoices, seed: int) -> tuple[Any, ...]:
    rng, (observation, info) = np.random.default_rng(seed), env.reset(seed=seed)
    steps: list[Any] = [(observation, info)]
    is_over = False
    while not is_over:
        steps.append(env.step(rng.choice(np.flatnonzero(observation["mask"]))))
        observation, is_over = steps[-1][0], steps[-1][2] or steps[-1][3]
    return tuple(steps)


def test_one_seed_means_one_episode() -> None:
    for seed in range(3):
        assert_identical(played(choices(MIXTURE), seed), played(choices(MIXTURE), seed))


def test_it_can_be_copied_within_an_episode() -> None:
    env = choices()
    env.reset(seed=0)
    env.step(np.int64(3))
    twin = copy.deepcopy(env)
    for action in (2, 0, 5):
        assert_identical(env.step(np.int64(action)), twin.step(np.int64(action)))


def test_rewards_and_ends_are_those_of_the_environment() -> None:
    for reward in ("gap", "ratio", "log"):
        env = choices("complete:n=4", reward=reward, target="incumbent")
        plain = PolyProofEnv("complete:n=4", max_steps=12, reward=reward, target="incumbent")
        env.reset(seed=0)
        plain.reset(seed=0)
        is_over = False
        while not is_over:
            action = shortlist(proof_of(env)).actions[0]
            _, earned, terminated, truncated, _ = env.step(np.int64(0))
            assert (earned, terminated, truncated) == plain.step(int(action))[1:4]
            is_over = terminated or truncated
        assert terminated
