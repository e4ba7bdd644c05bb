from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env
from hypothesis import given, settings
from hypothesis import strategies as st
from stable_baselines3.common.env_checker import check_env as sb3_check_env

import polyproof_gym
from polyproof_gym import BadInput, Problem
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.polynomials import Monomial, Polynomial, Ring
from polyproof_gym.problems import RandomStableSet
from polyproof_gym.problems.box_polynomial import problem_on_unit_box
from polyproof_gym.problems.problem import ProblemGenerator
from polyproof_gym.problems.stable_set import stable_set_from_edges
from polyproof_gym.proofs import Times
from tests.polyproof_gym.envs.helpers import (
    admissible_products,
    advance,
    assert_identical,
    constrained_problem,
    inequalities_of,
    linprog_bound,
    mixed_problem,
    num_actions,
    objective_of,
    trivial_bound,
    unwrapped,
    valid_actions,
    weighted_stable_set,
    without_incumbent,
)
from tests.rules import USABLE_RULES

REGISTERED = sorted(name for name in gym.registry if name.startswith("PolyProof"))

FAMILIES: dict[str, Callable[[], str | Problem]] = {
    "random-stable-set": lambda: "random-stable-set:n=10",
    "cycle": lambda: "cycle:n=7",
    "petersen": lambda: "petersen",
    "caprasse": lambda: "caprasse",
    "lv": lambda: "lv",
    "motzkin": lambda: "motzkin",
    "random-polynomial": lambda: "random-polynomial",
    "robust-margin": lambda: "robust-margin:latent=4",
    "robust-margin in a ball": lambda: "robust-margin:model=iris-quadratic,latent=2,radius=0.1,norm=2",
    "constrained": constrained_problem,
    "mixed": mixed_problem,
    "weighted": weighted_stable_set,
}
every_family = pytest.mark.parametrize("family", FAMILIES)


def _make(family: str, **settings: Any) -> PolyProofEnv:
    return PolyProofEnv(FAMILIES[family](), **settings)


# The interfaces of Gymnasium and Stable-Baselines3 --------------------------------------------------------------------


def test_registered_environments() -> None:
    assert {"PolyProof-v0", "PolyProof-StableSet25-v0", "PolyProof-Caprasse-v0", "PolyProof-RobustMargin-v0"} <= set(
        REGISTERED
    )


@pytest.mark.parametrize("name", REGISTERED)
def test_passes_the_checker_of_gymnasium(name: str) -> None:
    env = gym.make(name)
    check_env(env.unwrapped, skip_render_check=False)
    assert env.spec is not None


@pytest.mark.parametrize("lp_features", [True, False])
@pytest.mark.parametrize("name", REGISTERED)
def test_passes_the_checker_of_stable_baselines3(name: str, lp_features: bool) -> None:
    env = gym.make(name, lp_features=lp_features)
    sb3_check_env(env.unwrapped)
    assert env.action_space == env.unwrapped.action_space


@pytest.mark.parametrize("lp_features", [True, False])
def test_passes_the_checkers_with_all_rules(lp_features: bool) -> None:
    env = PolyProofEnv(constrained_problem(), max_steps=8, rules=USABLE_RULES, lp_features=lp_features)
    check_env(env, skip_render_check=True)
    sb3_check_env(env)


@pytest.mark.parametrize("name", REGISTERED)
def test_spec_survives_json(name: str) -> None:
    env = gym.make(name, max_steps=5, reward="raw", target="incumbent")
    assert env.spec is not None
    again = gym.make(EnvSpec.from_json(env.spec.to_json()))
    assert again.observation_space == env.observation_space
    assert again.action_space == env.action_space
    assert_identical(again.reset(seed=3), env.reset(seed=3))


@pytest.mark.parametrize("name", REGISTERED)
def test_same_seed_and_actions_give_the_same_episode(name: str) -> None:
    one, other = gym.make(name), gym.make(name)
    assert_identical(one.reset(seed=11), other.reset(seed=11))
    rng = np.random.default_rng(0)
    for _ in range(15):
        action = int(rng.choice(valid_actions(unwrapped(one))))
        assert_identical(one.step(action), other.step(action))


# Child processes that are not forked: what is sent to them must be picklable, and threads do no harm.
@pytest.mark.parametrize(("mode", "settings"), [("sync", {}), ("async", {"context": "spawn"})])
def test_vector_environments(mode: str, settings: dict[str, Any]) -> None:
    envs = gym.make_vec(
        "PolyProof-v0", 2, vectorization_mode=mode, vector_kwargs=settings, problem="random-stable-set:n=6"
    )
    try:
        observations, infos = envs.reset(seed=0)
        assert observations in envs.observation_space
        for _ in range(5):
            masks = infos["action_mask"]
            actions = np.array([int(np.flatnonzero(mask)[0]) for mask in masks])
            observations, rewards, _, _, infos = envs.step(actions)
            assert observations in envs.observation_space
            assert rewards.shape == (2,)
            assert not infos["invalid_action"].any()
    finally:
        envs.close()


# Copies ---------------------------------------------------------------------------------------------------------------


def _pickled(env: gym.Env[Any, Any]) -> gym.Env[Any, Any]:
    copied: gym.Env[Any, Any] = pickle.loads(pickle.dumps(env))
    return copied


def _cloned(env: gym.Env[Any, Any]) -> gym.Env[Any, Any]:
    return unwrapped(env).clone()


every_copy = pytest.mark.parametrize("copied", [_pickled, copy.deepcopy, _cloned])


@every_copy
@every_family
@pytest.mark.parametrize("reward", ["gap", "raw"])
def test_copies_go_on_like_the_original(
    copied: Callable[[gym.Env[Any, Any]], gym.Env[Any, Any]], family: str, reward: str
) -> None:
    env = gym.make("PolyProof-v0", problem=FAMILIES[family](), max_steps=40, reward=reward)
    env.reset(seed=5)
    rng = np.random.default_rng(1)
    list(advance(unwrapped(env), 7, rng))
    twin = copied(env)
    for _ in range(20):
        action = int(rng.choice(valid_actions(unwrapped(env))))
        assert_identical(env.step(action), twin.step(action))
    assert_identical(env.reset(), twin.reset())  # the random numbers are copied as well


@every_copy
@pytest.mark.parametrize("family", ["petersen", "caprasse"])
def test_steps_of_a_copy_do_not_touch_the_original(
    copied: Callable[[gym.Env[Any, Any]], gym.Env[Any, Any]], family: str
) -> None:
    env, undisturbed = (_make(family, max_steps=40) for _ in range(2))
    env.reset(seed=0)
    undisturbed.reset(seed=0)
    actions = [int(a) for a in valid_actions(env)[:9:3]]
    for action in actions:
        env.step(action)
        undisturbed.step(action)
    twin = unwrapped(copied(env))
    list(advance(twin, 10, np.random.default_rng(0)))
    assert len(twin.state.memory) == len(env.state.memory) + 10
    np.testing.assert_array_equal(env.action_masks(), undisturbed.action_masks())
    action = int(valid_actions(env)[-1])
    assert_identical(env.step(action), undisturbed.step(action))


def test_an_environment_can_be_pickled_before_its_first_reset() -> None:
    env = PolyProofEnv("random-stable-set:n=6")
    twin: PolyProofEnv = pickle.loads(pickle.dumps(env))
    assert_identical(env.reset(seed=2), twin.reset(seed=2))


def test_earlier_observations_do_not_change_later() -> None:
    env = _make("petersen", max_steps=20)
    observation, info = env.reset(seed=0)
    kept = copy.deepcopy((observation, info))
    for later in advance(env, 10, np.random.default_rng(0)):
        assert later[0]["step"] > 0
    assert_identical((observation, info), kept)


# Long random runs -----------------------------------------------------------------------------------------------------


RANDOM_EPISODES: list[Any] = [
    *(pytest.param(partial(_make, family, max_steps=50), 150, id=family) for family in FAMILIES),
    *(
        pytest.param(partial(_make, family, max_steps=50), 10_000, id=f"{family}, long", marks=pytest.mark.slow)
        for family in FAMILIES
    ),
    *(
        pytest.param(
            lambda make=make: PolyProofEnv(make(), max_steps=50, rules=USABLE_RULES), 150, id=f"{name}, all rules"
        )
        for name, make in {
            "constrained": constrained_problem,
            "mixed": mixed_problem,
            "mixed ring": lambda: _mixed_ring_problem(),
        }.items()
    ),
]


@pytest.mark.parametrize(("make", "steps"), RANDOM_EPISODES)
def test_random_episodes_keep_every_promise(make: Callable[[], PolyProofEnv], steps: int) -> None:
    env = make()
    rng = np.random.default_rng(7)
    taken = 0
    while taken < steps:
        observation, info = env.reset(seed=taken)
        problem = env.state.problem
        sign = 1 if problem.sense == "min" else -1
        initial = bound = info["bound"]
        total = 0.0
        over = False
        while not over:
            assert observation in env.observation_space
            assert info["num_inequalities"] == len(env.state.memory)
            for limit in (problem.incumbent, problem.optimum):
                if limit is not None:
                    assert sign * bound <= sign * float(limit) + 1e-6 * (1 + abs(float(limit)))
            actions = valid_actions(env)
            action = int(rng.integers(num_actions(env)) if rng.random() < 0.05 else rng.choice(actions))
            observation, step_reward, terminated, truncated, info = env.step(action)
            reward = float(step_reward)
            assert reward >= 0
            assert sign * info["bound"] >= sign * bound
            bound, total, taken = info["bound"], total + reward, taken + 1
            over = terminated or truncated
        assert problem.incumbent is not None
        gap = abs(float(problem.incumbent) - initial)
        assert total * gap == pytest.approx(abs(bound - initial), rel=1e-9, abs=1e-9)
        assert total <= 1 + 1e-6


# Valid actions --------------------------------------------------------------------------------------------------------


def _small_box_polynomial() -> Problem:
    return polyproof_gym.polynomial("x1^2*x2 - x2*x3 + x3^2 - x1", box="unit")


def _edgeless(n: int) -> Any:
    import networkx as nx

    return nx.empty_graph(n)


def _mixed_ring_problem() -> Problem:
    ring = Ring(["x", "y", "z"], idempotent=[0], exclusive=[(0, 2)])
    x, y, z = (Polynomial.variable(ring, i) for i in range(3))
    return problem_on_unit_box("mixed ring", x * y - 2 * y * z + z * z, constraints=[1 - x - z])


MASKED: dict[str, tuple[Callable[[], str | Problem], dict[str, Any]]] = {
    "edges": (lambda: "cycle:n=5", {}),
    "edges, few terms": (lambda: "cycle-complement:n=7", {"max_terms": 4}),
    "edges, low degree": (lambda: "petersen", {"max_degree": 1}),
    "edges, two terms": (lambda: "cycle:n=5", {"max_terms": 2, "max_degree": 2}),
    "dense": (lambda: "random-stable-set:n=8,p_min=0.7", {}),
    "no edges": (lambda: polyproof_gym.stable_set(_edgeless(4)), {"max_degree": 3}),
    "free": (_small_box_polynomial, {}),
    "free, few terms": (_small_box_polynomial, {"max_terms": 3}),
    "free, low degree": (_small_box_polynomial, {"max_degree": 3}),
    "constrained": (constrained_problem, {"max_terms": 6}),
    "mixed": (mixed_problem, {"max_terms": 5, "max_degree": 3}),
    "mixed with an exclusive pair": (_mixed_ring_problem, {"max_terms": 5}),
    "weighted": (weighted_stable_set, {}),
}


@pytest.mark.parametrize("name", MASKED)
def test_mask_is_exactly_the_set_of_admissible_products(name: str) -> None:
    make, limits = MASKED[name]
    env = PolyProofEnv(make(), max_steps=25, **limits)
    env.reset(seed=0)
    assert set(valid_actions(env).tolist()) == admissible_products(env)
    for observation, *_, info in advance(env, 25, np.random.default_rng(3)):
        mask = env.action_masks()
        assert set(np.flatnonzero(mask).tolist()) == admissible_products(env)
        assert mask.dtype == np.bool_
        assert info["action_mask"].dtype == observation["action_mask"].dtype == np.int8
        np.testing.assert_array_equal(mask, info["action_mask"])
        np.testing.assert_array_equal(mask, observation["action_mask"])


@pytest.mark.parametrize(
    ("problem", "steps", "settings"),
    [
        ("random-polynomial:n=50", 3, {}),
        ("random-stable-set:n=50,p_min=0.1", 3, {}),
        ("random-stable-set:n=30,p_max=0,p_min=0", 3, {}),
        ("random-polynomial:n=2", 60, {"max_degree": 12}),
        ("random-polynomial:n=1,degree=1", 60, {"max_degree": 20}),
    ],
)
def test_mask_with_many_variables_or_high_degree(problem: str, steps: int, settings: dict[str, Any]) -> None:
    env = PolyProofEnv(problem, max_steps=steps, **settings)
    env.reset(seed=0)
    assert set(valid_actions(env).tolist()) == admissible_products(env)
    assert len(list(advance(env, steps, np.random.default_rng(0)))) == steps
    assert set(valid_actions(env).tolist()) == admissible_products(env)


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 6), terms=st.integers(2, 8), degree=st.integers(1, 4))
@settings(deadline=None, max_examples=25)
def test_mask_on_random_polynomials(seed: int, n: int, terms: int, degree: int) -> None:
    env = PolyProofEnv(f"random-polynomial:n={n},degree=1,terms=4", max_steps=8, max_terms=terms, max_degree=degree)
    env.reset(seed=seed)
    for _ in advance(env, 8, np.random.default_rng(seed)):
        assert set(valid_actions(env).tolist()) == admissible_products(env)


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 6), p=st.floats(0, 1), terms=st.integers(2, 8))
@settings(deadline=None, max_examples=25)
def test_mask_on_random_graphs(seed: int, n: int, p: float, terms: int) -> None:
    env = PolyProofEnv(RandomStableSet(n, n, p, p), max_steps=8, max_terms=terms)
    env.reset(seed=seed)
    for _ in advance(env, 8, np.random.default_rng(seed)):
        assert set(valid_actions(env).tolist()) == admissible_products(env)


def _first_masked(env: PolyProofEnv) -> int:
    return int(np.flatnonzero(~env.action_masks()[: len(env.state.memory) * env.num_variables * 2])[0])


def _beyond_the_memory(env: PolyProofEnv) -> int:
    return env.encode_action(len(env.state.memory), 0, False)


def _last_action(env: PolyProofEnv) -> int:
    return num_actions(env) - 1


@pytest.mark.parametrize("choose", [_first_masked, _beyond_the_memory, _last_action])
@pytest.mark.parametrize("family", ["petersen", "caprasse", "mixed"])
def test_invalid_action_changes_nothing_but_the_step(family: str, choose: Callable[[PolyProofEnv], int]) -> None:
    env = _make(family, max_steps=30)
    env.reset(seed=0)
    before, *_, info_before = list(advance(env, 5, np.random.default_rng(0)))[-1]
    polynomials = [env.state.memory[j] for j in range(len(env.state.memory))]
    observation, reward, terminated, truncated, info = env.step(choose(env))
    assert reward == 0
    assert not terminated
    assert not truncated
    assert info.pop("invalid_action") is True
    assert info_before.pop("invalid_action") is False
    assert_identical(info, info_before)
    assert observation.pop("step")[0] == before.pop("step")[0] + 1
    assert_identical(observation, before)
    assert [env.state.memory[j] for j in range(len(env.state.memory))] == polynomials


CYCLE = PolyProofEnv("cycle:n=5", max_steps=25)


@given(inequality=st.integers(0, 34), variable=st.integers(0, 4), complement=st.booleans())
@settings(deadline=None, max_examples=100)
def test_encoding_of_actions(inequality: int, variable: int, complement: bool) -> None:
    action = CYCLE.encode_action(inequality, variable, complement)
    assert action == (inequality * 5 + variable) * 2 + complement
    assert action in CYCLE.action_space
    assert CYCLE.decode_action(action) == (inequality, variable, complement)


@given(action=st.integers(0, num_actions(CYCLE) - 1))
@settings(deadline=None, max_examples=100)
def test_decoding_of_actions(action: int) -> None:
    assert CYCLE.encode_action(*CYCLE.decode_action(action)) == action


def test_action_space_follows_the_contract() -> None:
    assert num_actions(CYCLE) == (10 + 25) * 5 * 2


@pytest.mark.parametrize("action", [-1, 35 * 5 * 2, 10**9])
def test_decoding_out_of_range_raises(action: int) -> None:
    with pytest.raises(ValueError, match=str(action)):
        CYCLE.decode_action(action)


@pytest.mark.parametrize(("inequality", "variable"), [(-1, 0), (35, 0), (0, -1), (0, 5)])
def test_encoding_out_of_range_raises(inequality: int, variable: int) -> None:
    with pytest.raises(ValueError, match=r"\d"):
        CYCLE.encode_action(inequality, variable, False)


def test_products_that_bring_new_monomials_are_valid() -> None:
    env = _make("cycle")
    env.reset()
    action = env.encode_action(1, 2, False)  # (1 - x1) * x3, where 1 and 3 are no neighbours
    monomials = len(env.state.memory.monomials)
    assert env.action_masks()[action]
    _, _, _, _, info = env.step(action)
    assert not info["invalid_action"]
    assert len(env.state.memory.monomials) == monomials + 1


def test_an_odd_cycle_can_be_proved() -> None:
    """C5 needs products with new monomials: the sum of its edge inequalities alone gives 5/2."""
    env = PolyProofEnv("cycle:n=5", target="incumbent", max_steps=60)
    env.reset()
    terminated = False
    # All products of two and then three axioms: the Sherali-Adams hierarchy, which is exact at level 3.
    for j in range(60):
        for i in range(5):
            for complement in (False, True):
                action = env.encode_action(j, i, complement)
                if not terminated and env.action_masks()[action]:
                    _, _, terminated, truncated, info = env.step(action)
                    if truncated:
                        break
    assert terminated
    assert info["is_success"]
    assert info["bound"] == pytest.approx(2)


# Arguments and the end of an episode ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {"max_steps": 0},
        {"target": "optimum"},
        {"render_mode": "gui"},
        {"problem": "petersson"},
        {"max_degree": 0},
        {"max_terms": 1},
    ],
    ids=str,
)
def test_unusable_arguments_are_bad_input(settings: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        PolyProofEnv(**{"problem": "petersen", **settings})


@pytest.mark.parametrize(("target", "expected"), [(1, 1), (1.0, 1), ("incumbent", 1), (2, 2)])
def test_reaching_the_target_terminates(target: Any, expected: float) -> None:
    env = PolyProofEnv("complete:n=4", target=target)
    _, info = env.reset()
    assert info["is_success"] is False
    parent, ends = 1, []
    for vertex in (1, 2, 3):  # 1 - x1, times 1 - x2, times 1 - x3, times 1 - x4
        _, _, terminated, truncated, info = env.step(env.encode_action(parent, vertex, True))
        parent = len(env.state.memory) - 1
        ends.append((info["bound"], terminated, truncated, info["is_success"]))
        if terminated:
            break
    reached = [bound <= expected + 1e-9 for bound, *_ in ends]
    assert [terminated for _, terminated, _, _ in ends] == reached
    assert [success for *_, success in ends] == reached
    assert [bound for bound, *_ in ends] == pytest.approx([3, 2, 1][: len(ends)])
    assert ends[-1][0] == pytest.approx(expected)


def test_without_an_incumbent_the_target_is_not_reached() -> None:
    env = PolyProofEnv(without_incumbent(polyproof_gym.make_problem("complete:n=2")), target="incumbent")
    env.reset()
    _, _, terminated, _, info = env.step(env.encode_action(1, 1, True))
    assert info["bound"] == pytest.approx(1)
    assert info["is_success"] is False
    assert terminated is not bool(env.action_masks().any())  # over only because nothing is left


def test_success_without_a_target_means_that_the_incumbent_is_met() -> None:
    env = PolyProofEnv("complete:n=2")
    env.reset()
    _, _, _, _, info = env.step(env.encode_action(1, 1, True))
    assert info["bound"] == pytest.approx(1)
    assert info["is_success"] is True


def test_after_the_last_step_every_action_is_invalid() -> None:
    env = PolyProofEnv("petersen", max_steps=5)
    env.reset(seed=0)
    *_, (_, _, _, truncated, info) = advance(env, 5, np.random.default_rng(0))
    assert truncated
    size = len(env.state.memory)
    for action in range(num_actions(env)):
        _, reward, _, truncated, after = env.step(action)
        assert (reward, truncated, after["invalid_action"]) == (0.0, True, True)
        assert (after["bound"], len(env.state.memory)) == (info["bound"], size)


def test_after_the_target_every_action_is_invalid() -> None:
    env = PolyProofEnv("complete:n=4", target=3)
    env.reset(seed=0)
    _, _, terminated, truncated, _ = env.step(env.encode_action(1, 1, True))
    assert terminated
    assert not truncated
    size = len(env.state.memory)
    for action in valid_actions(env).tolist():
        _, reward, terminated, _, info = env.step(action)
        assert (reward, terminated, info["invalid_action"]) == (0.0, True, True)
        assert len(env.state.memory) == size
    env.reset(seed=0)
    *_, info = env.step(env.encode_action(1, 1, True))
    assert not info["invalid_action"]


@pytest.mark.parametrize("invalid", [False, True])
def test_truncated_after_max_steps(invalid: bool) -> None:
    env = PolyProofEnv("petersen", max_steps=6)
    env.reset()
    for step in range(1, 7):
        action = _last_action(env) if invalid else int(valid_actions(env)[0])
        observation, _, terminated, truncated, _ = env.step(action)
        assert truncated is (step == 6)
        assert terminated is False
        assert observation["step"][0] == step


def test_terminated_when_nothing_is_left_to_derive() -> None:
    env = PolyProofEnv("complete:n=2", max_degree=1)
    env.reset()
    ((_, _, terminated, truncated, _),) = advance(env, 100, np.random.default_rng(0))
    assert terminated is True
    assert truncated is False
    assert not env.action_masks().any()
    assert env.state.bound == pytest.approx(1)


def test_nothing_to_derive_from_the_start() -> None:
    env = PolyProofEnv("complete:n=1")
    observation, info = env.reset()
    assert not observation["action_mask"].any()
    _, reward, terminated, truncated, info = env.step(0)
    assert (float(reward), terminated, truncated) == (0, True, False)
    assert info["invalid_action"] is True


# The bound ------------------------------------------------------------------------------------------------------------


def test_before_the_lp_is_feasible_the_bound_is_the_trivial_one() -> None:
    env = _make("caprasse")
    observation, info = env.reset()
    assert linprog_bound(env.state) == -np.inf
    assert info["bound"] == trivial_bound(env.state.problem)
    assert not observation["has_lp_bound"][0]


@every_family
def test_bound_is_that_of_an_independent_linear_program(family: str) -> None:
    env = _make(family, max_steps=80)
    env.reset(seed=1)
    problem = env.state.problem
    sign = 1 if problem.sense == "min" else -1
    for step, (observation, *_, info) in enumerate(advance(env, 80, np.random.default_rng(2))):
        if step % 8 == 0 or step > 76:
            lp = linprog_bound(env.state)
            expected = max(trivial_bound(problem), lp)
            assert sign * info["bound"] == pytest.approx(expected, rel=1e-6, abs=1e-6)
            assert bool(observation["has_lp_bound"][0]) == (lp > -np.inf)


@pytest.mark.parametrize("family", ["caprasse", "lv"])
def test_bound_from_the_moment_the_lp_becomes_feasible(family: str) -> None:
    """All products of low degree in order, so that the LP turns feasible within the episode."""
    env = _make(family, max_steps=700)
    env.reset()
    problem = env.state.problem
    was_feasible = is_feasible = False
    over = False
    while not over and not was_feasible:
        observation, _, terminated, truncated, info = env.step(int(valid_actions(env)[0]))
        over = terminated or truncated
        was_feasible, is_feasible = is_feasible, bool(observation["has_lp_bound"][0])
        if is_feasible:
            expected = max(trivial_bound(problem), linprog_bound(env.state))
            assert info["bound"] == pytest.approx(expected, rel=1e-6)
    assert was_feasible


# The problem of an episode --------------------------------------------------------------------------------------------


SMALLER: list[tuple[str | Problem | ProblemGenerator, int]] = [
    ("cycle:n=5", 5),
    (polyproof_gym.make_problem("petersen"), 10),
    (RandomStableSet(4, 4), 4),
    ("random-stable-set:n=6,index=3", 6),
]


@pytest.mark.parametrize(("choice", "n"), SMALLER, ids=lambda value: str(getattr(value, "name", value)))
def test_reset_with_another_problem(choice: str | Problem | ProblemGenerator, n: int) -> None:
    env = PolyProofEnv("random-stable-set:n=12", max_steps=20)
    observation, _ = env.reset(seed=0, options={"problem": choice})
    assert env.state.problem.num_variables == n
    assert observation in env.observation_space
    assert set(valid_actions(env).tolist()) == admissible_products(env)
    for observation, *_ in advance(env, 20, np.random.default_rng(0)):
        assert observation in env.observation_space
        assert set(valid_actions(env).tolist()) == admissible_products(env)
        assert observation["num_inequalities"][0] == len(inequalities_of(env, observation))
    env.reset()
    assert env.state.problem.num_variables == 12  # for one episode only


def test_a_smaller_problem_gives_the_same_rewards_as_on_its_own() -> None:
    large, exact = PolyProofEnv("random-stable-set:n=12"), PolyProofEnv("petersen")
    large.reset(options={"problem": "petersen"})
    exact.reset()
    rng = np.random.default_rng(4)
    for _ in range(20):
        action = int(rng.choice(valid_actions(exact)))
        _, reward, _, _, info = exact.step(action)
        _, padded_reward, _, _, padded_info = large.step(large.encode_action(*exact.decode_action(action)))
        assert padded_reward == reward
        assert padded_info["bound"] == info["bound"]


@pytest.mark.parametrize(
    "choice",
    ["cycle:n=13", "caprasse", "magnetism", "random-stable-set:n=20", RandomStableSet(14, 15), "cycle", "nonsense"],
    ids=str,
)
def test_reset_with_a_problem_that_does_not_fit_is_bad_input(choice: Any) -> None:
    env = PolyProofEnv("random-stable-set:n=12")
    env.reset(seed=0)
    with pytest.raises(BadInput):
        env.reset(options={"problem": choice})


def test_an_environment_without_rules_is_bad_input() -> None:
    with pytest.raises(BadInput, match="at least one inference rule"):
        PolyProofEnv("petersen", rules=())


def test_seed_repeats_the_problem_drawn() -> None:
    env = PolyProofEnv("random-stable-set:n=12")
    objectives: list[frozenset[tuple[int, int]]] = []
    for seed in (1, 2, 1, 2, None):
        env.reset(seed=seed)
        objectives.append(env.state.problem.ring.exclusive)
    assert objectives[0] == objectives[2]
    assert objectives[1] == objectives[3]
    assert len(set(objectives)) == 3


# Symmetry -------------------------------------------------------------------------------------------------------------


def _renamed(polynomial: Polynomial, ring: Ring, image: list[int]) -> Polynomial:
    return Polynomial.of(ring, (([image[i] for i in m], c) for m, c in polynomial.terms.items()))


def _permuted(problem: Problem, image: list[int], order: list[int]) -> Problem:
    """The problem with variable ``i`` called ``image[i]``, and axiom ``order[k]`` as its ``k``-th."""
    n = problem.num_variables
    inverse = [image.index(i) for i in range(n)]
    ring = Ring(
        problem.ring.variables,
        idempotent=[image[i] for i in problem.ring.idempotent],
        exclusive=[(image[i], image[j]) for i, j in problem.ring.exclusive],
    )
    assert problem.feasible_point is not None
    return replace(
        problem,
        objective=_renamed(problem.objective, ring, image),
        axioms=tuple(_renamed(problem.axioms[k], ring, image) for k in order),
        box=tuple(problem.box[inverse[i]] for i in range(n)),
        feasible_point=tuple(problem.feasible_point[inverse[i]] for i in range(n)),
    )


def _back(monomial: Monomial, image: list[int]) -> Monomial:
    return tuple(sorted(image.index(i) for i in monomial))


def _assert_same_up_to_names(
    env: PolyProofEnv, observation: Any, other: PolyProofEnv, renamed: Any, image: list[int]
) -> None:
    ours = {frozenset(terms.items()) for terms in inequalities_of(env, observation)}
    theirs = {
        frozenset((_back(m, image), value) for m, value in terms.items()) for terms in inequalities_of(other, renamed)
    }
    assert ours == theirs
    assert objective_of(env, observation) == {
        _back(m, image): value for m, value in objective_of(other, renamed).items()
    }
    for key in ("num_inequalities", "num_monomials", "step"):
        np.testing.assert_array_equal(observation[key], renamed[key])
    np.testing.assert_allclose(observation["bound"], renamed["bound"], rtol=1e-6, atol=1e-6)


def _assert_same_play(
    problem: Problem, image: list[int], order: list[int], seed: int, steps: int = 12, rules: Sequence[str] | None = None
) -> None:
    env, other = (PolyProofEnv(each, max_steps=20, rules=rules) for each in (problem, _permuted(problem, image, order)))

    def corresponding(action: int) -> int:
        variable = env.state.split_variable(action)
        if variable is not None:
            split = other.state.split_action(image[variable])
            assert split is not None
            return split
        if action >= num_actions(env) - env.state.num_slots:
            theirs = _renamed(env.state.conclusion(action), other.state.problem.ring, image)
            assert other.state.conclusion(action) == theirs
            return action
        memory, ring = other.state.memory, other.state.problem.ring
        theirs_of = ((j, memory.number_of(_renamed(env.state.memory[j], ring, image))) for j in range(len(memory)))
        reason = env.state.reason(action).renumbered({j: number for j, number in theirs_of if number is not None})
        if isinstance(reason, Times):
            reason = replace(reason, variable=image[reason.variable])
        return other.state.action(reason)

    (observation, info), (renamed, renamed_info) = env.reset(), other.reset()
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        _assert_same_up_to_names(env, observation, other, renamed, image)
        assert info["bound"] == pytest.approx(renamed_info["bound"], rel=1e-7, abs=1e-7)
        actions = valid_actions(env)
        assert {corresponding(int(a)) for a in actions} == set(valid_actions(other).tolist())
        if not len(actions):
            return
        action = int(rng.choice(actions))
        its_action = corresponding(action)
        observation, reward, _, _, info = env.step(action)
        renamed, renamed_reward, _, _, renamed_info = other.step(its_action)
        assert float(reward) == pytest.approx(float(renamed_reward), abs=1e-7)


@given(data=st.data(), n=st.integers(2, 7), seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=30)
@pytest.mark.parametrize("rules", [None, ["products", "splits"]])
def test_names_and_order_do_not_matter_on_graphs(
    rules: Sequence[str] | None, data: st.DataObject, n: int, seed: int
) -> None:
    pairs = [(i, j) for j in range(n) for i in range(j)]
    edges = data.draw(st.lists(st.sampled_from(pairs), unique=True))
    problem = stable_set_from_edges([f"x{i + 1}" for i in range(n)], edges)
    image, order = data.draw(st.permutations(range(n))), data.draw(st.permutations(range(2 * n)))
    _assert_same_play(problem, image, order, seed, rules=rules)


@given(image=st.permutations(range(3)), order=st.permutations(range(8)), seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=25)
@pytest.mark.parametrize(
    "rules",
    [
        None,
        ["products", "constraints"],
        ["products", "constraints", "squares"],
        ["splits", "constraints"],
        ["splits", "products"],
    ],
)
def test_names_and_order_do_not_matter_on_boxes(
    rules: Sequence[str] | None, image: list[int], order: list[int], seed: int
) -> None:
    _assert_same_play(constrained_problem(), image, order, seed, rules=rules)


@pytest.mark.parametrize("spec", ["random-polynomial:n=3,index=1", "random-polynomial:n=4,boolean=1,index=0", "heart"])
@pytest.mark.parametrize("seed", range(3))
def test_names_and_order_do_not_matter_to_the_choice_of_squares(spec: str, seed: int) -> None:
    problem, rng = polyproof_gym.make_problem(spec), np.random.default_rng(seed)
    image, order = (rng.permutation(size).tolist() for size in (problem.num_variables, len(problem.axioms)))
    _assert_same_play(problem, image, order, seed, rules=["squares"])


@pytest.mark.parametrize("rules", [["products"], ["products", "constraints"]])
def test_an_episode_ends_at_once_when_nothing_valid_is_left(rules: list[str]) -> None:
    """Also where the mask is put together from several rules' blocks."""
    env = PolyProofEnv("complete:n=2", max_steps=50, rules=rules)
    _, info = env.reset(seed=0)
    terminated = False
    while not terminated:
        assert info["action_mask"].any()
        _, _, terminated, truncated, info = env.step(int(np.flatnonzero(info["action_mask"])[-1]))
        assert not truncated
    assert not info["action_mask"].any()


# Sets without points -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reward", ["gap", "raw", "log"])
@pytest.mark.parametrize(
    ("objective", "box", "constraints"),
    [
        ("x", [(0, 1)], ["x >= 2"]),
        ("x^3 - x", [(-1, 1)], ["x^2 == -1"]),
        ("x*y", [(0, 1), (0, 1)], ["x + y >= 3/2", "x - y >= 3/5"]),
        ("x^2*y^2", [(0, 3), (0, 3)], ["x*y >= 2", "x + y <= 2"]),
    ],
)
def test_episodes_on_sets_without_points(objective: str, box: Any, constraints: list[str], reward: str) -> None:
    problem = polyproof_gym.polynomial(objective, box=box, constraints=constraints)
    env = gym.make("PolyProof-v0", problem=problem, max_steps=25, reward=reward)
    check_env(env.unwrapped, skip_render_check=True)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        observation, info = env.reset(seed=seed)
        before, ended = info["bound"], False
        while not ended:
            observation, earned, terminated, truncated, info = env.step(rng.choice(valid_actions(unwrapped(env))))
            assert all(np.isfinite(array).all() for array in observation.values())
            assert observation in env.observation_space
            assert np.isfinite(float(earned))
            assert np.isfinite(info["bound"])
            assert info["bound"] >= before - 1e-9
            before, ended = info["bound"], terminated or truncated
        proof = unwrapped(env).proof()
        proof.verify()
        assert proof.status in ("bounded", "infeasible")
