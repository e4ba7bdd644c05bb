from __future__ import annotations

import numpy as np
import pytest

from agents import make_agent, prove
from agents.baselines import DualGuidedAgent
from agents.neighbourhood_search import NeighbourhoodSearch, NeighbourhoodSearchAgent
from polyproof_gym import BadInput, Problem, make_problem
from polyproof_gym.problems import stability_number
from polyproof_gym.proofs import ProofState


def search(problem: Problem, steps: int, seed: int = 0) -> NeighbourhoodSearch:
    return NeighbourhoodSearch(
        ProofState(problem, max_steps=steps), DualGuidedAgent(random_ties=True), np.random.default_rng(seed)
    )


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
    with pytest.raises(BadInput, match="rounds >= 1"):
        make_agent("neighbourhood-search:rounds=0")
