from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import gymnasium as gym
import networkx as nx
import numpy as np
import pytest

import polyproof_gym
from agents import Agent, StepAgent, make_agent, prove
from agents.baselines import CliqueCoverAgent, DualGuidedAgent, EstimateGuidedAgent, GreedyAgent
from agents.baselines.dual_guided import keeps_pace
from polyproof_gym import BadInput, Problem, ProofState
from polyproof_gym.problems import make_problem, stability_number
from polyproof_gym.problems.stable_set import graph_of
from polyproof_gym.proofs import FEATURES, Times
from tests.polyproof_gym.envs.helpers import constrained_problem, mixed_problem, unwrapped, weighted_stable_set

STEP_AGENTS = ["random", "random-closed", "bfs", "greedy:width=10", "dual-guided", "estimate-guided"]

PROBLEMS: dict[str, Callable[[], Problem]] = {
    "petersen": lambda: make_problem("petersen"),
    "random-graph": lambda: make_problem("random-stable-set:n=12"),
    "weighted": weighted_stable_set,
    "caprasse": lambda: make_problem("caprasse"),
    "rd": lambda: make_problem("rd"),
    "constrained": constrained_problem,
    "mixed": mixed_problem,
}


def step_agent(spec: str) -> StepAgent:
    agent = make_agent(spec)
    assert isinstance(agent, StepAgent)
    return agent


def actions_of(agent: str, problem: Problem, steps: int, seed: int = 0) -> list[int]:
    state = ProofState(problem, max_steps=steps)
    chooser, rng = step_agent(agent), np.random.default_rng(seed)
    actions: list[int] = []
    for _ in range(steps):
        action = chooser.act(state, rng)
        if action is None:
            break
        state.apply(action)
        actions.append(action)
    return actions


@pytest.mark.parametrize("agent", STEP_AGENTS)
@pytest.mark.parametrize("name", PROBLEMS)
def test_agents_only_take_valid_actions(name: str, agent: str) -> None:
    state = ProofState(PROBLEMS[name](), max_steps=25)
    chooser, rng = step_agent(agent), np.random.default_rng(0)
    for _ in range(25):
        action = chooser.act(state, rng)
        assert action is not None
        assert type(action) is int
        assert state.action_mask()[action]
        state.apply(action)
    assert state.steps == 25


@pytest.mark.parametrize("agent", [*STEP_AGENTS, "clique-cover"])
def test_agents_stop_where_nothing_is_left(agent: str) -> None:
    state = ProofState(make_problem("complete:n=3"), max_steps=500)
    chooser, rng = step_agent(agent), np.random.default_rng(0)
    while (action := chooser.act(state, rng)) is not None:
        state.apply(action)
    assert state.steps < 500
    assert agent == "clique-cover" or not state.action_mask().any()
    assert chooser.advance(state, rng) == 0


@pytest.mark.parametrize("agent", ["random", "random-closed"])
@pytest.mark.parametrize("name", ["random-graph", "caprasse"])
def test_random_agents_repeat_for_the_same_seed_and_differ_between_seeds(name: str, agent: str) -> None:
    problem = PROBLEMS[name]()
    one, again, other = (actions_of(agent, problem, 20, seed) for seed in (1, 1, 2))
    assert one == again
    assert one != other


@pytest.mark.parametrize("agent", ["bfs", "greedy:width=10", "dual-guided", "estimate-guided"])
def test_the_other_agents_do_not_depend_on_the_seed(agent: str) -> None:
    problem = make_problem("random-stable-set:n=10")
    assert actions_of(agent, problem, 15, seed=1) == actions_of(agent, problem, 15, seed=2)


def test_random_agents_leave_no_valid_action_out() -> None:
    state = ProofState(make_problem("cycle:n=5"), max_steps=1)
    rng = np.random.default_rng(0)
    for agent, allowed in (("random", state.action_mask()), ("random-closed", state.closed())):
        taken = {step_agent(agent).act(state, rng) for _ in range(600)}
        assert taken == set(np.flatnonzero(allowed).tolist())


def test_random_closed_takes_others_where_nothing_is_closed() -> None:
    state = ProofState(make_problem("rd"), max_steps=40)
    chooser, rng = step_agent("random-closed"), np.random.default_rng(0)
    opened = 0
    for _ in range(40):
        closed = state.closed()
        action = chooser.act(state, rng)
        assert action is not None
        assert closed[action] or not closed.any()
        opened += not closed.any()
        state.apply(action)
    assert opened


def test_breadth_first_order() -> None:
    state = ProofState(make_problem("random-stable-set:n=6,p_min=0.2,p_max=0.3"), max_steps=60)
    for action in actions_of("bfs", state.problem, 60):
        assert action == np.flatnonzero(state.action_mask())[0]
        state.apply(action)
    parents = [reason.parents[0] for reason in state.memory.reasons if isinstance(reason, Times)]
    assert parents == sorted(parents)


@pytest.mark.parametrize("name", PROBLEMS)
def test_dual_guided_takes_a_most_violated_closed_action_whenever_there_is_one(name: str) -> None:
    state = ProofState(PROBLEMS[name](), max_steps=40)
    rng = np.random.default_rng(0)
    violations = 0
    for _ in range(40):
        expectations, closed = state.expectations(), state.closed()
        action = DualGuidedAgent().act(state, rng)
        if action is None:
            assert not state.action_mask().any()
            break
        violated = closed & (expectations < -1e-8)
        if violated.any():
            violations += 1
            assert violated[action]
            assert expectations[action] == pytest.approx(expectations[violated].min(), abs=1e-8)
        state.apply(action)
    assert violations


def test_ties_go_to_the_longer_conclusion() -> None:
    state = ProofState(make_problem("complete:n=5"), max_steps=10)
    rng = np.random.default_rng(0)
    lengths = []
    for _ in range(4):
        number = len(state.memory)
        DualGuidedAgent().advance(state, rng)
        lengths.append(len(state.memory[number]))
    assert lengths == [3, 4, 5, 6]
    assert state.bound == pytest.approx(1.0)


@pytest.mark.parametrize("name", PROBLEMS)
def test_estimate_guided_takes_a_most_violated_action(name: str) -> None:
    """By estimated moments; an action that brings new monomials must be violated by 0.15 more.

    Where variables exclude each other, near ties count as ties, and the longest go to the smallest weighted degree.
    """
    state = ProofState(PROBLEMS[name](), max_steps=20)
    tie = 0.01 if state.problem.ring.num_exclusive else 1e-6
    names = [*FEATURES]
    for _ in range(20):
        action = EstimateGuidedAgent().act(state, np.random.default_rng(0))
        assert action is not None
        worth = state.expectations(state.estimated_moments()) + 0.15 * ~state.closed()
        ties = np.flatnonzero(state.action_mask() & (worth <= worth[state.action_mask()].min() + tie))
        assert action in ties
        features = state.features(ties, state.estimated_moments())
        lengths, degrees = features[:, names.index("terms")], features[:, names.index("weighted degree")]
        chosen = ties.tolist().index(action)
        assert lengths[chosen] == lengths.max()
        assert degrees[chosen] <= degrees[lengths == lengths.max()].min() + 1e-6
        state.apply(action)


@pytest.mark.parametrize(("cycle", "bound", "steps"), [(5, 2, 8), (7, 3, 20), (9, 4, 40)])
def test_estimate_guided_solves_odd_cycles(cycle: int, bound: int, steps: int) -> None:
    """Dual guidance needs 60 steps for the last, if it gets there."""
    proof = prove(f"cycle:n={cycle}", "estimate-guided", max_steps=steps)
    proof.verify()
    assert proof.bound == bound


def test_estimates_of_few_rounds_have_a_name_of_their_own() -> None:
    assert make_agent("estimate-guided:rounds=20").name == "estimate-guided:rounds=20"
    assert make_agent("estimate-guided").name == "estimate-guided"


@pytest.mark.parametrize("rounds", [0, 10_001])
def test_rounds_of_estimates_out_of_range_are_refused(rounds: int) -> None:
    with pytest.raises(BadInput, match=f"from 1 to 10000 as rounds of estimate-guided, got {rounds}"):
        make_agent(f"estimate-guided:rounds={rounds}")


@pytest.mark.parametrize("name", PROBLEMS)
def test_greedy_is_at_least_as_good_one_step_ahead(name: str) -> None:
    state = ProofState(PROBLEMS[name](), max_steps=20)
    rng = np.random.default_rng(0)
    greedy = GreedyAgent(width=10**6)
    for _ in range(20):
        bold, cautious = (agent.act(state, rng) for agent in (DualGuidedAgent(), greedy))
        assert bold is not None
        assert cautious is not None
        if state.closed()[bold]:
            value = state.value_of(bold)
            assert state.value_of(cautious) >= value - 1e-7 * (1.0 + abs(value))
        state.apply(cautious)


def test_greedy_finds_the_best_of_all_actions() -> None:
    state = ProofState(make_problem("random-stable-set:n=8"), max_steps=15)
    rng = np.random.default_rng(0)
    for _ in range(10):
        bounds = []
        for action in np.flatnonzero(state.action_mask()).tolist():
            twin = state.clone()
            twin.apply(action)
            bounds.append(twin.bound)
        GreedyAgent(width=10**6).advance(state, rng)
        assert state.bound == pytest.approx(min(bounds), abs=1e-7)


def test_one_step_of_look_ahead_of_width_one_follows_the_most_violated_action() -> None:
    state = ProofState(make_problem("petersen"), max_steps=10)
    rng = np.random.default_rng(0)
    for _ in range(8):
        expectations = state.expectations()
        action = GreedyAgent(width=1).act(state, rng)
        assert action is not None
        assert expectations[action] == pytest.approx(expectations.min(), abs=1e-8)
        state.apply(action)


# Clique covers -------------------------------------------------------------------------------------------------------


def cliques_of(state: ProofState) -> list[set[int]]:
    """The cliques whose inequalities a state knows, without those inside a larger one."""
    found = []
    for j in range(len(state.memory)):
        terms = dict(state.memory[j].terms)
        if terms.pop((), 0) == 1 and all(c == -1 and len(m) == 1 for m, c in terms.items()):
            found.append({m[0] for m in terms})
    return [clique for clique in found if not any(clique < other for other in found)]


@pytest.mark.parametrize(
    "spec",
    [
        "petersen",
        "complete:n=6",
        "cycle:n=7",
        "path:n=1",
        "path:n=6",
        "complete-bipartite:a=3,b=4",
        "paley:q=13",
        "icosahedral",
        "karate",
        *(f"random-stable-set:n=20,index={i}" for i in range(5)),
        "random-stable-set:n=15,p_min=0.1,p_max=0.2",
    ],
)
def test_clique_cover_proves_the_number_of_its_cliques(spec: str) -> None:
    problem = make_problem(spec)
    graph = graph_of(problem)
    state = ProofState(problem, max_steps=200)
    agent, rng = CliqueCoverAgent(), np.random.default_rng(0)
    while agent.advance(state, rng):
        pass
    cliques = cliques_of(state)
    assert set().union(*cliques) == set(graph)
    assert sum(map(len, cliques)) == len(graph)
    assert all(graph.has_edge(u, v) for clique in cliques for u in clique for v in clique if u != v)
    assert state.bound == pytest.approx(len(cliques))
    assert state.steps == len(graph) - len(cliques)
    assert state.bound >= nx.max_weight_clique(nx.complement(graph), weight=None)[1] - 1e-9


def test_clique_cover_with_weights_is_valid() -> None:
    proof = prove(weighted_stable_set(), agent="clique-cover")
    proof.verify()
    assert proof.bound < proof.problem.trivial_bound


@pytest.mark.parametrize("problem", ["caprasse", constrained_problem(), mixed_problem()])
def test_clique_cover_refuses_other_problems(problem: Problem | str) -> None:
    with pytest.raises(BadInput, match="clique-cover: expected a stable set problem"):
        prove(problem, agent="clique-cover")


def test_clique_cover_within_a_budget_that_is_too_small() -> None:
    proof = prove("random-stable-set:n=20", agent="clique-cover", max_steps=3)
    proof.verify()
    assert proof.search is not None
    assert proof.search.steps == 3


# Agents of one's own, and in the environment ------------------------------------------------------------------------


class Zigzag:
    """Multiplies the newest inequality by one variable after the other."""

    name = "zigzag"

    def require(self, problem: Problem) -> None:
        if problem.num_variables > 30:
            raise BadInput("zigzag: expected at most 30 variables")

    def advance(self, state: ProofState, rng: np.random.Generator) -> int:
        newest = len(state.memory) - 1
        for i in range(state.problem.num_variables):
            action = state.action(Times(newest, i, complement=True))
            if state.action_mask()[action]:
                state.apply(action)
                return 1
        return 0


def test_any_object_that_follows_the_protocol_can_prove() -> None:
    agent: Agent = Zigzag()
    proof = prove("petersen", agent=agent, max_steps=5)
    proof.verify()
    assert proof.search is not None
    assert proof.search.agent == "zigzag"
    assert 0 < proof.search.steps <= 5
    assert proof.bound >= 4
    with pytest.raises(BadInput, match="zigzag"):
        prove("random-stable-set:n=40", agent=agent)


@pytest.mark.parametrize("agent", STEP_AGENTS)
def test_agents_act_in_the_environment_as_they_do_on_their_own(agent: str) -> None:
    env = gym.make("PolyProof-v0", problem="random-stable-set:n=10,index=4", max_steps=15)
    inner = unwrapped(env)
    env.reset(seed=0)
    chooser, rng = step_agent(agent), np.random.default_rng(3)
    actions = []
    for _ in range(15):
        action = chooser.act(inner.state, rng)
        assert action is not None
        *_, info = env.step(action)
        assert not info["invalid_action"]
        actions.append(action)
    env.close()
    assert actions == actions_of(agent, make_problem("random-stable-set:n=10,index=4"), 15, seed=3)


@pytest.mark.parametrize("agent", ["dual-guided", "estimate-guided", "greedy:width=10", "random-closed"])
def test_no_agent_proves_less_than_the_stability_number(agent: str) -> None:
    for index in range(4):
        problem = make_problem(f"random-stable-set:n=11,index={index}")
        assert prove(problem, agent=agent, max_steps=40).bound >= stability_number(problem)


def test_agents_on_a_problem_with_one_variable() -> None:
    problem = polyproof_gym.polynomial("x^2 - x", box="unit")
    for agent in STEP_AGENTS:
        proof = prove(problem, agent=agent, max_steps=30)
        proof.verify()
        assert proof.bound <= -0.25


def test_pace_is_the_share_of_the_gap_for_each_step_that_is_left() -> None:
    state = ProofState(make_problem("magnetism"), max_steps=10, rules="products,squares")
    bound, gap = state.bound, -0.25 - state.bound
    assert keeps_pace(state, bound + gap / 9)
    assert not keeps_pace(state, bound + gap / 11)
    assert not keeps_pace(state, bound)
    state = ProofState(replace(state.problem, feasible_point=None), max_steps=10, rules="products,squares")
    assert keeps_pace(state, bound + 1e-3)  # nothing is known that it could be measured by
    assert not keeps_pace(state, bound)
