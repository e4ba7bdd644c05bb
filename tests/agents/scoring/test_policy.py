from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sb3_contrib import ARS

from agents.scoring import Scorer, ScoringAgent, prior_weights, shortlist
from agents.scoring.candidates import LENGTH
from agents.scoring.environment import CandidateChoices, arrays_of
from agents.scoring.policy import CandidatePolicy
from agents.scoring.scorer import SHAPE, weight_scales
from polyproof_gym.envs import PolyProofEnv
from tests.agents.scoring.states import PROBLEMS, states_of

LEARNED = int((weight_scales() > 0).sum())
"""Number of weights that can change."""


def environment(problem: str = "random-stable-set:n=8", max_steps: int = 6) -> CandidateChoices:
    return CandidateChoices(PolyProofEnv(problem, max_steps=max_steps, lp_features=False))


def random_policy(seed: int, start: np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None = None) -> CandidatePolicy:
    env = environment()
    policy = CandidatePolicy(env.observation_space, env.action_space, start)
    policy.load_from_vector(np.random.default_rng(seed).normal(size=LEARNED).astype(np.float32))
    return policy


def test_its_parameters_are_measured_from_the_start_in_units_of_their_scales() -> None:
    env = environment()
    policy = CandidatePolicy(env.observation_space, env.action_space)
    assert (policy.parameters_to_vector() == 0).all()
    np.testing.assert_array_equal(policy.scorer().weights, prior_weights())
    start, parameters = np.full(SHAPE, 2.0), np.arange(LEARNED, dtype=np.float32)
    policy = CandidatePolicy(env.observation_space, env.action_space, start)
    policy.load_from_vector(parameters)
    weights = policy.scorer().weights
    np.testing.assert_array_equal(weights[0], start[0])
    np.testing.assert_allclose(weights[1:], 2.0 + weight_scales()[1:] * parameters.reshape(-1, SHAPE[1]))


@pytest.mark.parametrize("name", PROBLEMS)
def test_it_chooses_what_the_agent_of_its_scorer_chooses(name: str) -> None:
    rng = np.random.default_rng(0)
    for step, state in enumerate(states_of(name, 10)):
        candidates = shortlist(state)
        policies = [random_policy(step), random_policy(step, np.zeros(SHAPE))]
        policies[1].load_from_vector(np.zeros(LEARNED, np.float32))
        for policy in policies:
            choice, _ = policy.predict(arrays_of(candidates), deterministic=True)
            assert candidates.actions[choice] == ScoringAgent(policy.scorer()).act(state, rng)


def test_it_chooses_for_several_observations_at_once() -> None:
    policy = random_policy(3)
    several = [arrays_of(shortlist(state)) for state in states_of("random graph", 8)]
    at_once = policy({key: torch.from_numpy(np.stack([one[key] for one in several])) for key in several[0]})
    alone = [int(policy({key: torch.from_numpy(array) for key, array in one.items()})) for one in several]
    assert at_once.tolist() == alone


def test_reordering_candidates_reorders_the_choice() -> None:
    rng = np.random.default_rng(0)
    for seed in range(20):
        policy = random_policy(seed)
        mask = (rng.random(LENGTH) < 0.7).astype(np.int8)
        features = rng.normal(size=(LENGTH, SHAPE[1])).astype(np.float32) * mask[:, None]
        phases = np.array([1.0, 1.0, 0.2, 1.0], np.float32)
        choice, _ = policy.predict({"features": features, "phases": phases, "mask": mask})
        assert mask[choice]
        order = rng.permutation(LENGTH)
        there, _ = policy.predict({"features": features[order], "phases": phases, "mask": mask[order]})
        assert order[there] == choice


def test_only_candidates_are_chosen_even_where_all_their_scores_are_low() -> None:
    policy = random_policy(0, np.full(SHAPE, -1e6))
    features = np.zeros((LENGTH, SHAPE[1]), np.float32)
    features[100:103] = 5.0
    mask = np.zeros(LENGTH, np.int8)
    mask[100:103] = 1
    choice, _ = policy.predict({"features": features, "phases": np.ones(SHAPE[0], np.float32), "mask": mask})
    assert choice == 100


def test_sb3s_ars_learns_with_it_and_is_saved_and_loaded(tmp_path: Path) -> None:
    env = environment()
    start = np.random.default_rng(0).normal(size=SHAPE)
    model = ARS(CandidatePolicy, env, n_delta=2, delta_std=1.0, policy_kwargs={"start": start}, seed=0)
    model.learn(60)
    parameters = model.policy.parameters_to_vector()
    assert np.abs(parameters).max() > 0
    model.save(tmp_path / "model.zip")
    loaded = ARS.load(tmp_path / "model.zip", env=env)
    np.testing.assert_array_equal(loaded.policy.parameters_to_vector(), parameters)
    policies: list[Any] = [model.policy, loaded.policy]
    scorers = [policy.scorer() for policy in policies]
    np.testing.assert_array_equal(scorers[0].weights, scorers[1].weights)
    observation, _ = env.reset(seed=5)
    is_over = False
    while not is_over:
        choice, _ = model.predict(observation)
        assert choice == loaded.predict(observation)[0]
        observation, _, terminated, truncated, info = env.step(np.int64(choice))
        assert not info["invalid_action"]
        is_over = terminated or truncated
    loaded.learn(30, reset_num_timesteps=False)
    assert not np.array_equal(loaded.policy.parameters_to_vector(), parameters)


def test_the_policy_is_saved_and_loaded_by_itself(tmp_path: Path) -> None:
    policy = random_policy(1, np.random.default_rng(1).normal(size=SHAPE))
    policy.save(str(tmp_path / "policy.zip"))
    loaded = CandidatePolicy.load(str(tmp_path / "policy.zip"))
    assert isinstance(loaded.scorer(), Scorer)
    np.testing.assert_array_equal(loaded.scorer().weights, policy.scorer().weights)
