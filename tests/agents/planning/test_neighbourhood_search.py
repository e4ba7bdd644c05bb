from __future__ import annotations

import numpy as np
import pytest

from agents import make_agent
from agents.baselines import DualGuidedAgent, EstimateGuidedAgent
from agents.planning.neighbourhood_search import NeighbourhoodSearch, NeighbourhoodSearchAgent, guides_for, plain_guides
from agents.scoring import Scorer, prior_weights
from polyproof_gym import BadInput, Problem, make_problem
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.problems import relabelled, stability_number
from polyproof_gym.proofs import ProofState
from tests.flat import prove


def search(problem: Problem, steps: int, seed: int = 0) -> NeighbourhoodSearch:
    return NeighbourhoodSearch(ProofState(problem, max_steps=steps), plain_guides(), np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(3))
def test_it_never_gets_worse_keeps_to_the_budget_and_never_passes_the_optimum(seed: int) -> None:
    problem = make_problem(f"random-stable-set:n=18,index={7000 + seed}")
    planner = search(problem, 30, seed)
    value, length = planner.value, planner.length
    for _ in range(6):
        planner.improve(3)
        assert planner.value >= value - 1e-9
        assert planner.value > value + 1e-9 or planner.length <= length
        value, length = planner.value, planner.length
        assert length <= 30
        assert -value >= stability_number(problem) - 1e-9


def test_the_agent_derives_what_the_search_found() -> None:
    problem = make_problem("random-stable-set:n=20,index=7001")
    planner = search(problem, 32)
    planner.improve(20)
    proof = prove(problem, NeighbourhoodSearchAgent(20), max_steps=32, seed=0)
    proof.verify()
    assert float(proof.bound) == pytest.approx(-planner.value)


def test_it_beats_its_guide_within_the_same_steps() -> None:
    """Eight graphs with 25 vertices and 45 steps; dual guidance wins on none of them."""
    problems = [make_problem(f"random-stable-set:n=25,index={index}") for index in range(7000, 7008)]
    ours, guides = (
        np.array([float(prove(problem, agent, max_steps=45).bound) for problem in problems])
        for agent in ("neighbourhood-search:rounds=15", "dual-guided")
    )
    assert (ours <= guides + 1e-9).all()
    assert ours.mean() < guides.mean() - 0.1


@pytest.mark.parametrize(
    ("spec", "bound", "steps"), [("cycle:n=5", 2, 8), ("cycle:n=7", 3, 12), ("cycle:n=9", 4, 20), ("petersen", 4, 20)]
)
def test_short_proofs_without_cliques_whatever_the_graph_is_called(spec: str, bound: int, steps: int) -> None:
    """Of three relabelled graphs each; the shortest known have 6, 10, 14 and 12 derivations."""
    for seed in range(3):
        problem = relabelled(make_problem(spec), np.random.default_rng(seed))
        proof = prove(problem, "neighbourhood-search", max_steps=60, seed=seed)
        proof.verify()
        assert proof.bound == bound
        assert proof.search is not None
        assert proof.search.steps <= steps


def test_the_first_proof_is_the_best_of_those_of_the_guides() -> None:
    """Whichever that is: dual guidance on a box, estimates on a graph."""
    for spec in ("caprasse", "cycle:n=9"):
        values = [
            NeighbourhoodSearch(ProofState(make_problem(spec), max_steps=40), guides, np.random.default_rng(0)).value
            for guides in ([DualGuidedAgent()], [EstimateGuidedAgent()], [DualGuidedAgent(), EstimateGuidedAgent()])
        ]
        assert values[2] == max(values)
        assert (values[0] > values[1]) == (spec == "caprasse")


def test_what_is_known_already_is_used() -> None:
    problem = make_problem("petersen")
    state = ProofState(problem, max_steps=60)
    agent, rng = NeighbourhoodSearchAgent(10), np.random.default_rng(0)
    guide = DualGuidedAgent()
    for _ in range(10):
        guide.advance(state, rng)
    before = state.bound
    while state.steps_left and agent.advance(state, rng):
        pass
    assert state.bound <= before
    assert state.steps == 60


def test_once_the_goal_is_reached_proofs_become_shorter() -> None:
    planner = search(make_problem("cycle:n=5"), 30)
    assert -planner.value == pytest.approx(2.0)
    before = planner.length
    planner.improve(40)
    assert -planner.value == pytest.approx(2.0)
    assert planner.length <= min(before, 8)


def test_it_works_on_polynomials_on_boxes() -> None:
    proof = prove("butcher", "neighbourhood-search:rounds=5", max_steps=40)
    proof.verify()
    assert float(proof.bound) == pytest.approx(-2159 / 1500)


def test_one_seed_one_proof() -> None:
    problem = make_problem("random-stable-set:n=15,index=7000")
    first, second = (prove(problem, "neighbourhood-search:rounds=5", max_steps=25, seed=4) for _ in range(2))
    assert first.lines == second.lines


def test_a_number_of_rounds_below_one_is_refused() -> None:
    with pytest.raises(BadInput, match="whole number from 1 to 1000000000 as rounds"):
        make_agent("neighbourhood-search:rounds=0")


def test_in_the_environment_it_plans_for_the_steps_of_the_episode() -> None:
    """Smaller problems leave room for more inequalities than an episode has steps."""
    env = PolyProofEnv("random-stable-set:n_min=8,n_max=20", max_steps=9)
    problem = make_problem("random-stable-set:n=9,index=7000")
    env.reset(options={"problem": problem})
    alone = ProofState(problem, max_steps=9, limits=env.state.limits)
    assert env.state.steps_left == alone.steps_left == 9
    for state in (env.state, alone):
        agent, rng = NeighbourhoodSearchAgent(5), np.random.default_rng(0)
        for _ in range(9):
            agent.advance(state, rng)
        assert state.steps_left == 0
    assert env.state.memory.reasons == alone.memory.reasons


def test_proofs_that_take_turns_keep_their_plans() -> None:
    problems = [make_problem("petersen"), make_problem("random-stable-set:n=12,index=7000")]
    agent = NeighbourhoodSearchAgent(5)
    states = [ProofState(problem, max_steps=12) for problem in problems]
    rngs = [np.random.default_rng(number) for number in range(2)]
    for _ in range(12):
        for state, rng in zip(states, rngs, strict=True):
            agent.advance(state, rng)
    for number, problem in enumerate(problems):
        alone, rng = ProofState(problem, max_steps=12), np.random.default_rng(number)
        single = NeighbourhoodSearchAgent(5)
        for _ in range(12):
            single.advance(alone, rng)
        assert alone.memory.reasons == states[number].memory.reasons


def test_a_search_without_guides_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one guide"):
        NeighbourhoodSearch(
            ProofState(make_problem("petersen")), [], np.random.default_rng(0), first=[DualGuidedAgent()]
        )


@pytest.mark.parametrize(
    ("spec", "steps", "names"),
    [
        ("random-stable-set:n=20,index=0", 40, ["estimate-guided", "scoring"]),
        ("random-stable-set:n=20,max_weight=9,index=0", 40, ["dual-guided", "estimate-guided", "scoring"]),
        ("random-stable-set:n=20,index=0", 70, ["dual-guided", "estimate-guided"]),
        ("caprasse", 8, ["dual-guided", "estimate-guided"]),
    ],
)
def test_the_learned_scorer_guides_where_it_has_something_to_say(spec: str, steps: int, names: list[str]) -> None:
    state, scorer = ProofState(make_problem(spec), max_steps=steps), Scorer(prior_weights())
    assert [guide.name for guide in guides_for(state, scorer)] == names
    assert [guide.name for guide in guides_for(state, None)] == ["dual-guided", "estimate-guided"]
    assert make_agent("neighbourhood-search:rounds=3,learned=0").name == "neighbourhood-search:rounds=3,learned=0"
    with pytest.raises(BadInput, match="expected a whole number from 0 to 1 as learned"):
        make_agent("neighbourhood-search:learned=2")
