from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stable_baselines3.common.vec_env import DummyVecEnv

from agents import AGENTS, StepAgent, make_agent, prove
from agents.agent import ProvingAgent
from polyproof_gym import BadInput, Proof, ProofState, load_proof, make_problem, polynomial
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.polynomials import Polynomial
from polyproof_gym.problems import Problem
from polyproof_gym.problems.cases import Split, cases_of, shape_of_cases
from polyproof_gym.proofs import Clique, Gap, OpenLeaves, ProofTree, Renamed, Square, Times, TimesLine
from polyproof_gym.proofs.case_state import state_of_case
from tests.polyproof_gym.envs.helpers import (
    constrained_problem,
    inequalities_of,
    mixed_problem,
    num_actions,
    objective_of,
    valid_actions,
    weighted_stable_set,
)
from tests.polyproof_gym.proofs.trees import cubic

RULES: dict[str, list[str]] = {
    "products": ["products", "splits"],
    "splits alone": ["splits"],
    "all": ["splits:leaves=5", "products", "constraints", "squares:slots=4", "gaps"],
}
PROBLEMS: dict[str, Callable[[], Problem]] = {
    "constrained": constrained_problem,
    "cubic": cubic,
    "mixed": mixed_problem,
    "weighted": weighted_stable_set,
    "petersen": lambda: make_problem("petersen"),
    "motzkin": lambda: make_problem("motzkin"),
    "maximum": lambda: polynomial("3*x*y - 2*y*z + x", boolean="x y z", constraints=["x + y + z >= 1"], sense="max"),
    "integer": lambda: polynomial(
        "a*b - a^2 + t", box={"a": (-2, 3), "b": (0, 2), "t": (0, 1)}, integer="a b", constraints=["a + 2*b <= 4 - t"]
    ),
    "no points": lambda: polynomial("x*y", box=[(0, 1)] * 2, constraints=["x + y >= 3/2", "x - y >= 3/5"]),
    "constant": lambda: polynomial("3 + 0*x", box=[(0, 1)], variables="x"),
}
every_problem = pytest.mark.parametrize("name", PROBLEMS)
every_rules = pytest.mark.parametrize("rules", RULES)

Step = tuple[Any, float, bool, bool, dict[str, Any]]


def random_steps(env: PolyProofEnv, rng: np.random.Generator, share: float = 0.4) -> Iterator[Step]:
    """Random valid actions to the end of the episode, a share of them splits."""
    over = False
    while not over and len(valid := valid_actions(env)):
        splits = [int(a) for a in valid if env.state.split_variable(int(a)) is not None]
        chosen = splits if splits and rng.random() < share else valid
        observation, reward, terminated, truncated, info = env.step(int(rng.choice(chosen)))
        yield observation, float(reward), terminated, truncated, info
        over = terminated or truncated


# Soundness ------------------------------------------------------------------------------------------------------------


@every_problem
@every_rules
def test_random_episodes_keep_every_promise(name: str, rules: str) -> None:
    problem = PROBLEMS[name]()
    env = PolyProofEnv(problem, max_steps=20, rules=RULES[rules], reward="raw")
    sign, incumbent = problem.sign, problem.incumbent
    for seed in range(2):
        _, info = env.reset(seed=seed)
        bound, total, initial = info["bound"], 0.0, info["bound"]
        for observation, reward, _, _, info in random_steps(env, np.random.default_rng(seed)):
            assert observation in env.observation_space
            np.testing.assert_array_equal(observation["action_mask"], env.action_masks())
            assert info["num_inequalities"] == len(env.state.memory) == observation["num_inequalities"][0]
            assert info["num_leaves"] == env.leaves.num_leaves
            assert not info["invalid_action"]
            assert reward >= 0
            assert sign * info["bound"] >= sign * bound
            assert env.leaves.bound == info["bound"]
            bound, total = info["bound"], total + reward
            if incumbent is not None:
                assert sign * bound <= sign * float(incumbent) + 1e-6 * (1 + abs(float(incumbent)))
        assert total == pytest.approx(abs(bound - initial), rel=1e-9, abs=1e-9)
        assert env.leaves.steps <= 20
        proof = env.proof()
        proof.verify()
        assert float(proof.bound) == pytest.approx(bound, rel=1e-6, abs=1e-6)
        assert proof.num_leaves <= info["num_leaves"]
        for action in [*range(0, num_actions(env), 7), -1, num_actions(env)]:
            _, earned, *_, after = env.step(action)
            assert (float(earned), after["invalid_action"], after["bound"]) == (0.0, True, bound)


@every_problem
def test_an_observation_shows_the_worst_leaf(name: str) -> None:
    env = PolyProofEnv(PROBLEMS[name](), max_steps=12, rules=["products", "splits"])
    env.reset(seed=0)
    for observation, *_ in random_steps(env, np.random.default_rng(3)):
        state = env.state
        shown = inequalities_of(env, observation)
        for j, terms in enumerate(shown):
            exact = {m: Fraction(c) for m, c in state.memory[j].terms.items()}
            largest = max(map(abs, exact.values()))
            assert terms == pytest.approx({m: float(c / largest) for m, c in exact.items()})
        assert len(shown) == len(state.memory)
        minimised = state.problem.minimised.terms
        size = max((abs(float(c)) for c in minimised.values()), default=1.0)
        assert objective_of(env, observation) == pytest.approx({m: float(c) / size for m, c in minimised.items()})
        assert set(np.flatnonzero(observation["idempotent"]).tolist()) == set(state.problem.ring.idempotent)


def test_the_bound_is_that_of_the_worst_leaf_which_is_shown() -> None:
    leaves = OpenLeaves(ProofState(polynomial("x - x^2", box=[(-1, 2)]), max_steps=9, rules=["splits"]))
    assert leaves.bound == leaves.shown.bound
    for _ in range(6):
        leaves.shown.apply(0)
        leaves.follow()
        tree = leaves.proof()
        assert isinstance(tree, ProofTree)
        bounds = [float(part.node.proof(part.case).bound) for part in tree.cases()]
        assert leaves.bound == pytest.approx(min(bounds))
        place, path = leaves.place
        assert bounds[place] == pytest.approx(min(bounds))
        assert path == [part.path for part in tree.cases()][place]
    assert (leaves.num_splits, leaves.num_leaves, leaves.steps) == (6, 7, 6)


def test_cases_that_prove_less_than_the_whole_leave_the_bound_as_it_is() -> None:
    """What is derived is lost where a limit keeps it from being derived again: here, one on the number of terms."""
    problem = polynomial("x^2*y^2 - x*y + y", box=[(-1, 1)] * 2)
    state = ProofState(problem, max_steps=30, rules=["squares", "splits"])
    agent, rng = make_agent("dual-guided"), np.random.default_rng(0)
    for _ in range(10):
        assert agent.advance(state, rng)
    state.limits = type(state.limits)(state.limits.max_degree, 3)
    leaves, before = OpenLeaves(state), state.bound
    action = state.split_action(0)
    assert action is not None
    state.apply(action)
    assert leaves.follow()
    assert leaves.bound == before > leaves.shown.bound
    proof = leaves.proof()
    proof.verify()
    assert isinstance(proof, Proof)
    assert float(proof.bound) == pytest.approx(before)
    assert proof.num_leaves == 1


def test_no_more_leaves_than_the_rule_allows() -> None:
    env = PolyProofEnv("motzkin", max_steps=30, rules=["splits:leaves=4", "products"])
    env.reset(seed=0)
    most = max(info["num_leaves"] for *_, info in random_steps(env, np.random.default_rng(0), 1.0))
    assert most == 4
    assert not env.action_masks()[:2].any()


def test_the_target_is_reached_once_all_leaves_reach_it() -> None:
    env = PolyProofEnv("cycle:n=5", max_steps=50, rules=["splits"], target=2)
    _, info = env.reset()
    *_, (_, _, terminated, truncated, info) = random_steps(env, np.random.default_rng(0))
    assert (terminated, truncated, info["is_success"]) == (True, False, True)
    proof = env.proof()
    proof.verify()
    assert proof.bound == 2


def test_where_all_variables_are_fixed_the_episode_ends() -> None:
    env = PolyProofEnv(polynomial("x*y - x", boolean="x y"), max_steps=50, rules=["splits"])
    env.reset()
    *_, (_, _, terminated, truncated, info) = random_steps(env, np.random.default_rng(0))
    assert (terminated, truncated) == (True, False)
    assert info["bound"] == -1


def test_a_deep_tree_is_saved_copied_and_read_again(tmp_path: Path) -> None:
    names = [f"x{i}" for i in range(90)]
    problem = polynomial(" + ".join(names), boolean=names, sense="max")
    env = PolyProofEnv(problem, max_steps=80, rules=["splits"])
    _, info = env.reset()
    while info["num_leaves"] < 81:
        *_, info = env.step(int(valid_actions(env)[0]))
    twin = pickle.loads(pickle.dumps(copy.deepcopy(env)))
    proof = twin.proof()
    proof.save(tmp_path / "proof.json")
    again = load_proof(tmp_path / "proof.json")
    for tree in (proof, again):
        assert isinstance(tree, ProofTree)
        assert tree.node_to_json() == env.proof().node_to_json()
        assert max(len(part.path) for part in tree.cases()) == 80


# What leaves inherit --------------------------------------------------------------------------------------------------


@given(seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=20)
@pytest.mark.parametrize("name", ["constrained", "mixed", "weighted", "integer"])
def test_what_a_leaf_inherits_holds_there(name: str, seed: int) -> None:
    """Every line of a leaf follows from those before it, within the limits."""
    problem, rng = PROBLEMS[name](), np.random.default_rng(seed)
    state = ProofState(problem, max_steps=12, rules=["products", "constraints", "gaps"])
    for _ in range(8):
        state.apply(int(rng.choice(np.flatnonzero(state.action_mask()))))
    i = int(rng.integers(problem.num_variables))
    low, high = problem.box[i]
    value = low if i in problem.ring.idempotent | problem.integer else Fraction(low + high) / 2
    for case in cases_of(problem, Split(i, value)):
        leaf = state_of_case(state, case)
        assert leaf.steps <= state.steps
        assert leaf.num_actions == state.num_actions
        for j, reason in enumerate(leaf.memory.reasons):
            reason.require(case.problem)
            assert all(parent < j for parent in reason.parents)
            assert leaf.memory.conclusion(reason) == leaf.memory[j]
            assert len(leaf.memory[j]) <= state.limits.max_terms


def test_on_a_graph_a_leaf_inherits_all_that_is_left() -> None:
    problem = make_problem("complete:n=4")
    state = ProofState(problem, max_steps=9, rules=["products", "splits"])
    line = 1
    for i in (1, 2, 3):
        line = state.apply(state.action(Times(line, i, True)))
    below, above = (state_of_case(state, case) for case in cases_of(problem, Split(1, 0)))
    x0, _, x2, x3 = (Polynomial.variable(below.problem.ring, i) for i in range(4))
    assert 1 - x0 - x2 - x3 in below.memory
    assert state.bound == below.bound == above.bound == pytest.approx(1)


def test_reasons_in_a_case() -> None:
    problem = polynomial("a*x - x^2", box={"a": (0, 9), "x": (-1, 3)}, integer="a", variables="a x")
    x = Polynomial.variable(problem.ring, 1)
    low, high = (case.problem for case in cases_of(problem, Split(0, 0)))
    below, above = (case.problem for case in cases_of(problem, Split(1, 1)))
    assert Times(3, 0, True).in_case(problem, low) is None
    assert Times(3, 0, True).in_case(problem, high) == Times(3, 0, True)
    assert TimesLine(3, 4).in_case(problem, high) == TimesLine(3, 4)
    assert Gap.of(problem, 0, 0).in_case(problem, high) is None
    assert Gap.of(problem, 0, 5).in_case(problem, high) == Gap.of(high, 0, 5)
    assert Renamed(0, (1, 0)).in_case(problem, low) is None
    # The zero of x - a in the problem's unit coordinates is where it was.
    for case, end in ((below, 0), (above, 1)):
        square = Square(2 * x - 1).in_case(problem, case)
        assert square.root.evaluate((0, 1 - end)) == 0
    for case in (case.problem for case in cases_of(make_problem("complete:n=3"), Split(1, 0))):
        fixed = case.box[1] == (1, 1)
        assert Clique((0, 1, 2)).in_case(case, case) == (None if fixed else Clique((0, 2)))


def test_products_with_what_is_fixed_are_masked() -> None:
    case, _ = cases_of(make_problem("petersen"), Split(3, 0))
    state = ProofState(case.problem, max_steps=5)
    valid = [state.reason(int(action)) for action in np.flatnonzero(state.action_mask())]
    assert valid
    assert all(isinstance(reason, Times) and reason.variable != 3 for reason in valid)


def test_limits_on_the_sizes_of_cases() -> None:
    problem = polynomial("x^3*y^2 - 5", box="unit")
    assert shape_of_cases(problem).objective_terms == 13
    assert shape_of_cases(make_problem("petersen")) == make_problem("petersen").shape
    for name in PROBLEMS:
        problem = PROBLEMS[name]()
        limit, rng, case = shape_of_cases(problem), np.random.default_rng(0), problem
        for _ in range(4):
            i = int(rng.integers(problem.num_variables))
            low, high = case.box[i]
            if low == high:
                continue
            value = low if i in case.ring.idempotent | case.integer else Fraction(2 * low + high) / 3
            case = cases_of(case, Split(i, value))[int(rng.integers(2))].problem
            assert case.shape.max_terms <= limit.max_terms
            assert case.shape.objective_terms <= limit.objective_terms
            assert case.shape.num_axioms <= limit.num_axioms


def test_a_problem_whose_cases_do_not_fit_is_bad_input() -> None:
    env = PolyProofEnv("random-polynomial:n=3,degree=2,terms=2", rules=["splits"])
    env.reset(seed=0)
    env.reset(options={"problem": polynomial("x^2 - y", box="unit")})
    with pytest.raises(BadInput, match="larger than the problems"):
        env.reset(options={"problem": "motzkin"})


# Environments and agents ----------------------------------------------------------------------------------------------


def test_the_text_tells_which_case_is_shown() -> None:
    env = PolyProofEnv(PROBLEMS["integer"](), max_steps=9, rules=["splits"], render_mode="ansi")
    env.reset()
    assert "Case" not in env.render()
    for _, _, _, _, info in random_steps(env, np.random.default_rng(0)):
        text = env.render()
        place, path = env.leaves.place
        assert f"Case {place + 1} of {info['num_leaves']}, the worst: " in text
        assert f"{info['bound']:.10g}" in text
        (variable, value), side = path[-1]
        name = env.leaves.problem.variables[variable]
        above = value + 1 if name in "ab" else value
        assert text.splitlines()[1].endswith(f"{name} <= {value}" if side == "lower" else f"{name} >= {above}")


def test_vector_environments_of_stable_baselines3() -> None:
    envs = DummyVecEnv([lambda: PolyProofEnv("motzkin", max_steps=6, rules=["products", "splits"])] * 2)
    observations, rng = envs.reset(), np.random.default_rng(0)
    assert isinstance(observations, dict)
    for _ in range(14):
        actions = np.array([rng.choice(np.flatnonzero(mask)[-4:]) for mask in observations["action_mask"]])
        observations, rewards, _, infos = envs.step(actions)
        assert isinstance(observations, dict)
        assert (rewards >= 0).all()
        assert not any(info["invalid_action"] for info in infos)


STEP_AGENTS = [
    name for name in AGENTS if isinstance(agent := make_agent(name), StepAgent) and not isinstance(agent, ProvingAgent)
]


@pytest.mark.parametrize("agent", STEP_AGENTS)
@pytest.mark.parametrize("name", ["petersen", "motzkin", "constrained"])
def test_agents_may_split_and_need_not(agent: str, name: str) -> None:
    agent += ":rounds=2" if agent == "neighbourhood-search" else ""
    try:
        proof = prove(PROBLEMS[name](), agent, max_steps=25, rules=["products", "splits"])
    except BadInput:  # of an agent that works on other problems only
        return
    proof.verify()
    assert proof.search is not None
    assert proof.search.steps <= 25
    assert proof.search.bounds[-1] == pytest.approx(float(proof.bound), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("agent", ["auto", "cases:seconds=2", "branch"])
def test_agents_that_find_whole_proofs_make_cases_of_their_own(agent: str) -> None:
    proof = prove("petersen", agent, max_steps=20, rules=["products", "splits"], seconds=3)
    proof.verify()
    assert proof.problem.name == "petersen"


@pytest.mark.parametrize(("spec", "steps"), [("caprasse", 100), ("motzkin", 100)])
def test_dual_guided_proves_more_with_splits(spec: str, steps: int) -> None:
    without, with_splits = (
        prove(spec, "dual-guided", max_steps=steps, rules=rules) for rules in (["products"], ["products", "splits"])
    )
    with_splits.verify()
    assert with_splits.num_leaves > 1
    assert with_splits.gap is not None
    assert without.gap is not None
    assert with_splits.gap < without.gap / 10
