from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import polyproof_gym
from polyproof_gym import BadInput, Problem
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.proofs import Times
from tests.polyproof_gym.envs.helpers import (
    FloatTerms,
    advance,
    assert_identical,
    constrained_problem,
    exact_terms,
    inequalities_of,
    mixed_problem,
    monomials_of,
    num_actions,
    objective_of,
    trivial_bound,
    weighted_stable_set,
)

LP_FEATURES = {"multipliers", "pseudo_moments", "has_lp_bound"}

Observation = dict[str, NDArray[Any]]
PROBLEMS: dict[str, Callable[[], str | Problem]] = {
    "cycle": lambda: "cycle:n=5",
    "petersen": lambda: "petersen",
    "random graphs": lambda: "random-stable-set:n_min=4,n_max=12",
    "weighted": weighted_stable_set,
    "caprasse": lambda: "caprasse",
    "robust margins": lambda: "robust-margin:model=iris-quadratic,latent=2,norm=2",
    "constrained": constrained_problem,
    "mixed": mixed_problem,
    "maximum": lambda: polyproof_gym.polynomial("3*x1*x2 - 2*x1^2 + 1/3", sense="max", box=[(-1, 1), (0, 3)]),
}
every_problem = pytest.mark.parametrize("name", PROBLEMS)


def _episode(name: str, steps: int = 30, **settings: Any) -> tuple[PolyProofEnv, list[tuple[Observation, Any]]]:
    """The observations and infos of a random episode."""
    env = PolyProofEnv(PROBLEMS[name](), max_steps=steps, **settings)
    seen = [env.reset(seed=4)]
    seen += [(observation, info) for observation, *_, info in advance(env, steps, np.random.default_rng(0))]
    return env, seen


def _scaled(terms: dict[tuple[int, ...], Any]) -> FloatTerms:
    size = max(abs(c) for c in terms.values())
    return {monomial: float(np.float32(float(c / size))) for monomial, c in terms.items()}


def _objective_size(problem: Problem) -> float:
    return max(abs(float(c)) for c in problem.objective.terms.values())


def _dot(weights: NDArray[Any], values: NDArray[Any]) -> float:
    return float(weights.astype(np.float64) @ values.astype(np.float64))


# The set of inequalities ----------------------------------------------------------------------------------------------


@every_problem
def test_every_known_inequality_can_be_read_off(name: str) -> None:
    env, seen = _episode(name)
    memory = env.state.memory
    for observation, info in seen:
        count = info["num_inequalities"]
        assert observation["num_inequalities"][0] == count
        expected = [_scaled(exact_terms(memory[j])) for j in range(count)]
        assert inequalities_of(env, observation) == expected
    assert len(memory) > seen[0][1]["num_inequalities"]


@every_problem
def test_objective_can_be_read_off(name: str) -> None:
    env, seen = _episode(name, steps=3)
    problem = env.state.problem
    sign = 1 if problem.sense == "min" else -1
    expected = _scaled({monomial: sign * c for monomial, c in exact_terms(problem.objective).items()})
    for observation, _ in seen:
        assert objective_of(env, observation) == expected


@every_problem
def test_rules_of_the_ring_can_be_read_off(name: str) -> None:
    env, seen = _episode(name, steps=3)
    ring = env.state.problem.ring
    pairs = {pair for i, j in ring.exclusive for pair in ((i, j), (j, i))}
    for observation, _ in seen:
        exclusive = observation["exclusive"].reshape(env.num_variables, env.num_variables)
        assert set(map(tuple, np.argwhere(exclusive).tolist())) == pairs
        assert set(np.flatnonzero(observation["idempotent"]).tolist()) == ring.idempotent


@every_problem
def test_monomials_are_distinct_and_begin_with_one(name: str) -> None:
    env, seen = _episode(name)
    for observation, _ in seen:
        monomials = monomials_of(env, observation)
        assert monomials[0] == ()
        assert len(set(monomials)) == len(monomials) == observation["num_monomials"][0]
        assert all(env.state.problem.ring.normal_form(monomial) == monomial for monomial in monomials)


@every_problem
def test_padding_is_as_documented(name: str) -> None:
    env, seen = _episode(name)
    for observation, _ in seen:
        inequalities, monomials = observation["num_inequalities"][0], observation["num_monomials"][0]
        rows = observation["inequality_monomials"].reshape(env.capacity, -1)
        values = observation["inequality_coefficients"].reshape(env.capacity, -1)
        table = observation["monomials"].reshape(-1, env.state.limits.max_degree)
        assert not rows[inequalities:].any()
        assert not values[inequalities:].any()
        assert not rows[values == 0].any()
        assert (table[monomials:] == env.num_variables).all()
        assert not observation["objective"][1 + len(env.state.problem.objective) :].any()
        assert not observation["multipliers"][inequalities:].any()
        assert not observation["pseudo_moments"][monomials:].any()


@every_problem
def test_the_memory_only_grows_within_an_episode(name: str) -> None:
    env, seen = _episode(name)
    last = seen[-1][0]
    for observation, _ in seen:
        count = int(observation["num_inequalities"][0])
        assert inequalities_of(env, observation) == inequalities_of(env, last)[:count]
        assert monomials_of(env, last)[: int(observation["num_monomials"][0])] == monomials_of(env, observation)


def test_a_new_episode_begins_with_nothing_of_the_last() -> None:
    env, seen = _episode("random graphs")
    assert_identical(env.reset(seed=4), seen[0])


# Shapes ---------------------------------------------------------------------------------------------------------------


@every_problem
def test_shapes_and_types_follow_the_documentation(name: str) -> None:
    env, seen = _episode(name, steps=4, max_degree=5, max_terms=70)
    observation = seen[-1][0]
    axioms = 2 * 12 if name == "random graphs" else seen[0][1]["num_inequalities"]
    shape = env.state.problem.shape
    objective_terms = 12 if name == "random graphs" else shape.objective_terms
    capacity, monomials = axioms + 4, len(observation["pseudo_moments"])
    assert env.capacity == capacity
    expected: dict[str, tuple[int, type[np.generic]]] = {
        "inequality_monomials": (capacity * 70, np.int16 if monomials <= 2**15 else np.int32),
        "inequality_coefficients": (capacity * 70, np.float32),
        "num_inequalities": (1, np.int32),
        "monomials": (monomials * 5, np.int8),
        "num_monomials": (1, np.int32),
        "objective": (1 + objective_terms, np.float32),
        "exclusive": (env.num_variables**2, np.int8),
        "idempotent": (env.num_variables, np.int8),
        "bound": (1, np.float32),
        "step": (1, np.int32),
        "action_mask": (num_actions(env), np.int8),
        "multipliers": (capacity, np.float32),
        "pseudo_moments": (monomials, np.float32),
        "has_lp_bound": (1, np.int8),
    }
    assert {key: (value.size, value.dtype.type) for key, value in observation.items()} == expected
    assert all(value.ndim == 1 for value in observation.values())


def test_monomials_beyond_sixteen_bits_have_numbers() -> None:
    env = PolyProofEnv("heart", max_steps=500, max_degree=10, max_terms=100)
    observation, _ = env.reset()
    assert len(observation["pseudo_moments"]) > 2**15
    assert observation["inequality_monomials"].dtype == np.int32
    assert inequalities_of(env, observation) == [_scaled(exact_terms(axiom)) for axiom in env.state.problem.axioms]


@every_problem
def test_without_lp_features_only_these_are_missing(name: str) -> None:
    _, seen = _episode(name)
    bare_env, bare = _episode(name, lp_features=False)
    for (observation, info), (bare_observation, bare_info) in zip(seen, bare, strict=True):
        assert bare_observation in bare_env.observation_space
        assert observation.keys() - bare_observation.keys() == LP_FEATURES
        assert_identical({k: v for k, v in observation.items() if k not in LP_FEATURES}, bare_observation)
        assert_identical(info, bare_info)


# The bound and what the linear program found --------------------------------------------------------------------------


@every_problem
def test_bound_is_the_share_of_the_gap_that_is_closed(name: str) -> None:
    env, seen = _episode(name)
    incumbent = env.state.problem.incumbent
    assert incumbent is not None
    initial = seen[0][1]["bound"]
    for step, (observation, info) in enumerate(seen):
        expected = abs(info["bound"] - initial) / abs(float(incumbent) - initial)
        assert observation["bound"][0] == pytest.approx(expected, rel=1e-6, abs=1e-9)
        assert observation["step"][0] == step


@pytest.mark.parametrize("name", sorted(PROBLEMS.keys() - {"caprasse"}))
def test_multipliers_and_pseudo_moments_prove_the_bound(name: str) -> None:
    """Strong duality: what the multipliers leave of the objective is a constant, and the moments give the same one."""
    env, seen = _episode(name, steps=60)
    problem = env.state.problem
    sign, size = (1 if problem.sense == "min" else -1), _objective_size(problem)
    checked = 0
    for observation, info in seen:
        if not observation["has_lp_bound"][0]:
            continue
        multipliers, moments = observation["multipliers"].astype(np.float64), observation["pseudo_moments"]
        tolerance = 1e-6 * (1.0 + multipliers.sum())
        remainder: FloatTerms = dict(objective_of(env, observation))
        for multiplier, terms in zip(multipliers, inequalities_of(env, observation), strict=False):
            for monomial, coefficient in terms.items():
                remainder[monomial] = remainder.get(monomial, 0.0) - float(multiplier) * coefficient
        constant = remainder.pop((), 0.0)
        assert max(map(abs, remainder.values()), default=0.0) <= tolerance
        objective = observation["objective"]
        assert _dot(moments[: len(objective)], objective) == pytest.approx(constant, abs=tolerance)
        proved = max(constant * size, trivial_bound(problem))
        assert sign * info["bound"] == pytest.approx(proved, abs=tolerance * size)
        checked += 1
    assert checked


@every_problem
def test_pseudo_moments_are_a_pseudo_expectation(name: str) -> None:
    env, seen = _episode(name, steps=60)
    for observation, _ in seen:
        moments = observation["pseudo_moments"]
        monomials = monomials_of(env, observation)
        value = dict(zip(monomials, moments.tolist(), strict=False))
        assert value[()] == pytest.approx(float(observation["has_lp_bound"][0]), abs=1e-6)
        size = 1.0 + float(np.abs(moments).max())
        for terms in inequalities_of(env, observation):
            assert sum(c * value[m] for m, c in terms.items()) >= -1e-6 * size


def test_has_lp_bound_only_when_there_is_one() -> None:
    _, seen = _episode("caprasse")
    assert not any(observation["has_lp_bound"][0] for observation, _ in seen)
    _, seen = _episode("petersen")
    assert all(observation["has_lp_bound"][0] for observation, _ in seen)


# What is written anew -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lp_features", [True, False])
def test_nothing_of_a_larger_problem_is_left_for_a_smaller_one(lp_features: bool) -> None:
    used = PolyProofEnv("random-stable-set:n=12", max_steps=30, lp_features=lp_features)
    used.reset(seed=0)
    assert len(list(advance(used, 30, np.random.default_rng(0)))) == 30
    fresh = PolyProofEnv("random-stable-set:n=12", max_steps=30, lp_features=lp_features)
    assert_identical(used.reset(options={"problem": "cycle:n=5"}), fresh.reset(options={"problem": "cycle:n=5"}))


@every_problem
@pytest.mark.parametrize("lp_features", [True, False])
def test_arrays_given_hold_what_is_otherwise_returned(name: str, lp_features: bool) -> None:
    env, seen = _episode(name, lp_features=lp_features)
    buffers = {key: np.full_like(array, 77) for key, array in seen[0][0].items()}
    env.observe_into(buffers)
    observation, info = env.reset(seed=4)
    assert observation is buffers
    assert_identical((buffers, info), seen[0])
    steps = advance(env, 30, np.random.default_rng(0))
    for (observation, *_, info), expected in zip(steps, seen[1:], strict=True):
        assert observation is buffers
        assert_identical((buffers, info), expected)


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda array: array[:-1],
        lambda array: array.astype(np.float16),
        lambda array: np.repeat(array, 2)[::2],
        lambda array: array.reshape(1, -1),
        _read_only,
        lambda array: None,
    ],
)
@pytest.mark.parametrize("key", ["inequality_monomials", "multipliers", "action_mask"])
def test_arrays_that_do_not_fit_are_refused(spoiled: Callable[[NDArray[Any]], Any], key: str) -> None:
    env = PolyProofEnv("petersen", max_steps=3)
    observation, _ = env.reset()
    with pytest.raises(BadInput, match=f"expected a contiguous, writable array of shape .* for {key}"):
        env.observe_into({**observation, key: spoiled(observation[key].copy())})
    assert_identical(env.reset()[0], observation)


@pytest.mark.parametrize("copied", [PolyProofEnv.clone, copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_copies_do_not_write_into_the_arrays_given(copied: Callable[[PolyProofEnv], PolyProofEnv]) -> None:
    env, seen = _episode("petersen", steps=3)
    buffers = {key: array.copy() for key, array in seen[0][0].items()}
    env.observe_into(buffers)
    env.reset(seed=4)
    twin = copied(env)
    first, second = advance(twin, 2, np.random.default_rng(0))
    assert_identical(buffers, seen[0][0])
    assert_identical(first[0], seen[1][0])
    assert_identical(second[0], seen[2][0])


def test_a_proof_that_outgrows_the_observation_is_an_error() -> None:
    env = PolyProofEnv("petersen", max_steps=2)
    env.reset()
    for variable in (1, 2, 3):
        env.state.derive(Times(1, variable, True))
    with pytest.raises(ValueError, match="inequalities"):
        env.step(0)


def test_terms_beyond_the_limit_are_an_error() -> None:
    env = PolyProofEnv("cycle:n=5", max_steps=5, max_terms=2)
    env.reset()
    env.state.derive(Times(5, 3, True))  # (1 - x3) (1 - x4)
    with pytest.raises(ValueError, match="terms"):
        env.step(0)


def test_degrees_beyond_the_limit_are_an_error() -> None:
    env = PolyProofEnv(polyproof_gym.polynomial("x*y - z", box="unit"), max_steps=5, max_degree=2)
    env.reset()
    env.state.derive(Times(env.state.derive(Times(0, 1, False)), 2, False))  # x y z
    with pytest.raises(ValueError, match="monomial of degree 3"):
        env.step(0)


def test_after_an_error_nothing_is_left_for_the_next_episode() -> None:
    env = PolyProofEnv("cycle:n=5", max_steps=5, max_terms=3, max_degree=2)
    start, _ = env.reset()
    env.state.derive(Times(5, 3, True))  # has room: 1 - x3 - x4
    env.state.derive(Times(len(env.state.memory) - 1, 0, True))  # has none
    with pytest.raises(ValueError, match="terms"):
        env.step(env.encode_action(9, 2, True))
    again, _ = env.reset()
    assert_identical(again, start)


# Memory ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lp_features", [True, False])
@pytest.mark.parametrize("name", ["petersen", "random graphs", "constrained"])
def test_bytes_of_an_observation(name: str, lp_features: bool) -> None:
    env, seen = _episode(name, steps=2, lp_features=lp_features)
    assert env.observation_bytes == sum(array.nbytes for array in seen[0][0].values())
