from __future__ import annotations

import numpy as np
import pytest

from agents.imitation.demonstrations import Demonstration, Observation, demonstrate, stacked
from polyproof_gym import make_problem
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.problems import make_source

SPEC = "random-stable-set:n_min=6,n_max=9"


class Watcher:
    """A student that scores at random and keeps what it is shown."""

    def __init__(self, actions: int) -> None:
        self.seen: list[Observation] = []
        self._rng, self._actions = np.random.default_rng(0), actions

    def __call__(self, observation: Observation) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        self.seen.append({key: array.copy() for key, array in observation.items()})
        return self._rng.normal(size=self._actions)


def shown(trust: float, budget: int = 12, index: int = 0) -> tuple[Demonstration, Watcher, PolyProofEnv]:
    env = PolyProofEnv(make_source(SPEC), max_steps=15)
    watcher = Watcher(int(env.action_space.n))  # type: ignore[attr-defined]
    problem = make_problem(f"{SPEC},index={index}")
    return demonstrate(env, problem, budget, 3, watcher, trust, np.random.default_rng(1)), watcher, env


@pytest.mark.parametrize("index", range(3))
def test_a_demonstration_gives_the_observations_that_the_student_saw(index: int) -> None:
    demonstration, watcher, env = shown(trust=1.0, index=index)
    assert len(demonstration) == len(watcher.seen) == demonstration.tried >= 2
    for step, expected in enumerate(watcher.seen):
        observation = demonstration.observation(step)
        assert observation in env.observation_space
        assert observation.keys() == expected.keys()
        for key, array in observation.items():
            assert array.dtype == expected[key].dtype
            np.testing.assert_array_equal(array, expected[key], err_msg=key)


def test_but_for_the_step_they_are_those_of_the_environment() -> None:
    demonstration, _, _ = shown(trust=0.0)
    env = PolyProofEnv(make_source(SPEC), max_steps=15)
    observation, _ = env.reset(options={"problem": make_problem(f"{SPEC},index=0")})
    for step, moment in enumerate(demonstration.moments):
        stored = demonstration.observation(step)
        for key in observation.keys() - {"step"}:
            np.testing.assert_array_equal(stored[key], observation[key], err_msg=key)
        assert stored["step"].tolist() == [round(step * 15 / 12)]
        assert observation["action_mask"][moment.good].all()
        observation, *_ = env.step(int(moment.good[0]))


def test_no_longer_than_the_budget() -> None:
    demonstration, _, _ = shown(trust=1.0, budget=4)
    assert len(demonstration) == 4
    assert demonstration.hits <= demonstration.tried == 4


def test_a_batch_is_stacked_entry_by_entry() -> None:
    demonstration, _, _ = shown(trust=0.5)
    batch, good = stacked([(demonstration, 1), (demonstration, 0)])
    for row, step in enumerate((1, 0)):
        for key, array in demonstration.observation(step).items():
            np.testing.assert_array_equal(batch[key][row], array)
        np.testing.assert_array_equal(good[row], demonstration.moments[step].good)
