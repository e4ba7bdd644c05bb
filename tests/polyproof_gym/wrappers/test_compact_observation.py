from __future__ import annotations

import math
import pickle
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import SyncVectorEnv
from gymnasium.wrappers import FlattenObservation
from gymnasium.wrappers.vector import VectorizeTransformObservation
from numpy.typing import NDArray

import polyproof_gym  # noqa: F401  (registers the environments)
from polyproof_gym import BadInput
from polyproof_gym.envs import PolyProofEnv, PolyProofVectorEnv
from polyproof_gym.wrappers import BooleanMask, CompactObservation
from tests.polyproof_gym.envs.helpers import assert_identical, constrained_problem

SETTINGS: dict[str, dict[str, Any]] = {
    "a graph": {"problem": "petersen", "max_steps": 6},
    "random graphs of several sizes": {"problem": "random-stable-set:n_min=4,n_max=8", "max_steps": 7},
    "a polynomial with constraints": {
        "problem": constrained_problem(),
        "max_steps": 5,
        "rules": "products,constraints",
    },
    "without figures of the LP": {"problem": "petersen", "max_steps": 4, "lp_features": False},
    "squares in slots": {"problem": "motzkin", "max_steps": 4, "rules": ["products", "squares"]},
}
every_setting = pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)


def parts(env: CompactObservation, vector: NDArray[np.float32]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The numbers of the state, of the inequalities and of the variables."""
    inner = env.unwrapped
    assert isinstance(inner, PolyProofEnv)
    split = 3 + 5 * inner.capacity
    return vector[:3], vector[3:split].reshape(-1, 5), vector[split:].reshape(inner.num_variables, 4)


def compressed(value: float) -> float:
    return math.copysign(math.log1p(abs(value)), value)


@every_setting
@pytest.mark.filterwarnings("ignore:.*different from the unwrapped:UserWarning")
def test_passes_the_checker_of_gymnasium(settings: dict[str, Any]) -> None:
    check_env(CompactObservation(PolyProofEnv(**settings)), skip_render_check=True)


@every_setting
def test_a_trajectory_is_that_of_the_environment(settings: dict[str, Any]) -> None:
    wrapped, plain = CompactObservation(PolyProofEnv(**settings)), PolyProofEnv(**settings)
    rng = np.random.default_rng(0)
    (observation, info), (_, other_info) = wrapped.reset(seed=0), plain.reset(seed=0)
    over = False
    while not over:
        assert observation.keys() == {"observation", "action_mask"}
        assert observation["observation"].dtype == np.float32
        assert wrapped.observation_space.contains(observation)
        assert_identical(observation["action_mask"], info["action_mask"])
        assert_identical(info, other_info)
        action = rng.choice(np.flatnonzero(info["action_mask"]))
        observation, *answer, info = wrapped.step(action)
        _, *other_answer, other_info = plain.step(action)
        assert answer == other_answer
        over = bool(answer[1] or answer[2])


def test_the_numbers_are_what_the_proof_says() -> None:
    env = CompactObservation(PolyProofEnv("random-stable-set:n=8", max_steps=10, max_degree=3, max_terms=9))
    most_terms, inner = 9, env.unwrapped
    assert isinstance(inner, PolyProofEnv)
    _, info = env.reset(seed=2)
    start, rng = info["bound"], np.random.default_rng(2)
    for step in range(1, 7):
        observation, *_, info = env.step(rng.choice(np.flatnonzero(info["action_mask"])))
        state, inequalities, variables = parts(env, observation["observation"])
        proof = inner.state
        incumbent = float(proof.problem.incumbent or 0)
        assert state == pytest.approx([compressed((start - info["bound"]) / (start - incumbent)), 1 - step / 10, 1])
        assert inequalities[:, 0].tolist() == [1.0] * len(proof.memory) + [0.0] * (10 - step)
        assert not inequalities[len(proof.memory) :].any()
        assert variables[:, 0].tolist() == [1.0] * 8
        assert variables[:, 1] == pytest.approx(np.asarray(proof.problem.ring.exclusion_matrix).mean(axis=1))
        moments = proof.solution.moments
        for i in range(8):
            row = proof.memory.row_of[(i,)]
            assert variables[i, 3] == pytest.approx(compressed(moments[row]), abs=1e-6)
        for j in range(len(proof.memory)):
            polynomial = proof.memory[j]
            scale = max(abs(float(c)) for c in polynomial.terms.values())
            expected = sum(float(c) / scale * moments[proof.memory.row_of[m]] for m, c in polynomial.terms.items())
            assert inequalities[j, 1] * most_terms == pytest.approx(len(polynomial.terms))
            assert inequalities[j, 2] * 3 == pytest.approx(max(map(len, polynomial.terms)))
            assert inequalities[j, 4] == pytest.approx(compressed(expected), abs=1e-5)
    assert variables[:, 2].tolist() == [-1.0] * 8  # of the objective that is minimised


def test_without_figures_of_the_linear_program_they_are_zero() -> None:
    env = CompactObservation(PolyProofEnv("petersen", max_steps=4, lp_features=False))
    _, inequalities, variables = parts(env, env.reset(seed=0)[0]["observation"])
    assert inequalities[:, :3].any()
    assert not inequalities[:, 3:].any()
    assert not variables[:, 3].any()


def test_it_composes_and_entries_have_the_names_given() -> None:
    plain = gym.make("PolyProof-v0", problem="petersen", max_steps=4)
    env = CompactObservation(BooleanMask(plain), observation_key="obs", mask_key="mask")
    observation, info = env.reset(seed=0)
    assert observation.keys() == {"obs", "mask"}
    assert observation["mask"].dtype == np.bool_
    assert (observation["mask"] == env.get_wrapper_attr("action_masks")()).all()
    flat = FlattenObservation(env)
    assert flat.observation_space.contains(flat.reset(seed=0)[0])
    assert info["action_mask"].dtype == np.int8


def test_a_spec_and_a_pickle_make_it_again() -> None:
    env = CompactObservation(gym.make("PolyProof-v0", problem="cycle:n=5", max_steps=3), mask_key="mask")
    assert env.spec is not None
    again = gym.make(EnvSpec.from_json(env.spec.to_json()))
    copied = pickle.loads(pickle.dumps(env))
    assert_identical(again.reset(seed=1), env.reset(seed=1))
    assert_identical(copied.reset(seed=1), env.reset(seed=1))


def test_vector_environments_show_what_the_single_ones_show() -> None:
    settings = SETTINGS["random graphs of several sizes"]
    native = VectorizeTransformObservation(PolyProofVectorEnv(3, num_workers=1, **settings), CompactObservation)
    single = SyncVectorEnv([lambda: CompactObservation(PolyProofEnv(**settings))] * 3)
    assert native.single_observation_space == single.single_observation_space
    observation, infos = native.reset(seed=5)
    assert_identical(observation, single.reset(seed=5)[0])
    rng = np.random.default_rng(5)
    for _ in range(12):
        actions = np.array([rng.choice(np.flatnonzero(mask)) if mask.any() else 0 for mask in infos["action_mask"]])
        (observation, *answer, infos), (theirs, *their_answer, _) = native.step(actions), single.step(actions)
        assert_identical(observation, theirs)
        assert_identical(tuple(answer), tuple(their_answer))
    native.close()
    single.close()


@pytest.mark.parametrize("names", [("a", "a"), ("observation", None), (1, "action_mask")])
def test_names_are_two_different_texts(names: tuple[Any, Any]) -> None:
    with pytest.raises(BadInput, match="expected two different names for observation_key and mask_key, got "):
        CompactObservation(PolyProofEnv("petersen"), *names)


def test_other_environments_are_bad_input() -> None:
    env = CompactObservation(PolyProofEnv("petersen", max_steps=2))
    for other in (env, gym.make("CartPole-v1"), 3):
        with pytest.raises(BadInput, match="expected an environment whose observations have inequality_monomials, "):
            CompactObservation(other)  # type: ignore[arg-type]
