from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.networks import ObservationLayout
from agents.networks.observing import StateObserver
from agents.scoring import shortlist
from agents.scoring.candidates import LENGTH, scarcity
from agents.scoring.observation import CandidateObservations, candidate_spaces
from agents.step_budgets import StepBudgets
from polyproof_gym.envs import PolyProofEnv

ENTRIES = candidate_spaces(0)


def assert_shows(observation: dict[str, NDArray[Any]], env: CandidateObservations, budget: int) -> None:
    proof = env.unwrapped
    assert isinstance(proof, PolyProofEnv)
    candidates = shortlist(proof.state, budget).counting(scarcity(proof.state.problem, budget))
    count, nothing = len(candidates.actions), proof.state.num_actions
    assert observation["candidates"].tolist() == [*candidates.actions, *[nothing] * (LENGTH - count)]
    np.testing.assert_array_equal(observation["candidate_features"][:count], candidates.features)
    np.testing.assert_allclose(observation["phases"], candidates.phases, rtol=1e-6)


@pytest.mark.parametrize("problem", ["random-stable-set:n_min=4,n_max=9", "caprasse"])
def test_observations_list_the_candidates_of_the_state(problem: str) -> None:
    env = CandidateObservations(PolyProofEnv(problem, max_steps=12))
    for seed in range(3):
        observation, info = env.reset(seed=seed)
        over = False
        while not over:
            assert_shows(observation, env, 12)
            assert env.observation_space.contains(observation)
            action = next(int(action) for action in observation["candidates"])
            assert info["action_mask"][action]
            observation, _, terminated, truncated, info = env.step(np.int64(action))
            over = terminated or truncated
        assert env.observation_space.contains(observation)


def test_phases_follow_random_budgets() -> None:
    budgets = StepBudgets(PolyProofEnv("random-stable-set:n=6", max_steps=24), (1.0, 4.0))
    env = CandidateObservations(budgets)
    for seed in range(5):
        observation, _ = env.reset(seed=seed)
        for _ in range(3):
            assert_shows(observation, env, budgets.budget)
            observation, *_ = env.step(np.int64(observation["candidates"][0]))


def test_a_state_is_observed_alike_outside_the_environment() -> None:
    env = CandidateObservations(PolyProofEnv("random-stable-set:n=8", max_steps=10))
    observation, _ = env.reset(seed=0)
    observer = StateObserver(lp_features=True, candidates=True)
    for _ in range(10):
        seen = observer.observe(env.get_wrapper_attr("state"))
        assert observer.layout == ObservationLayout.of(env.observation_space)
        assert seen.keys() == observation.keys()
        for key in ENTRIES:
            np.testing.assert_array_equal(seen[key], observation[key])
        observation, *_ = env.step(np.int64(observation["candidates"][0]))
