from __future__ import annotations

import re

import numpy as np
import pytest

from agents import Search, make_agent, prove
from agents.planning import neighbourhood_search
from agents.planning.auto import AutoAgent
from agents.planning.branch import BranchAgent, BranchCasesAgent
from agents.planning.neighbourhood_search import NeighbourhoodSearchAgent
from polyproof_gym import BadInput, make_problem, stopping
from polyproof_gym.problems import Problem
from polyproof_gym.problems.generators import RandomStableSet
from polyproof_gym.problems.registry import REGISTRY
from polyproof_gym.problems.stable_set import FAMILY, stability_number
from polyproof_gym.proofs import ProofState, ProofTree
from tests.agents.planning.workers import Workers


def test_graphs_of_25_vertices_are_solved_in_a_hundred_steps() -> None:
    for index in range(20):
        problem = RandomStableSet(25, 25).held_out(5000 + index)
        proof = prove(problem, "branch:cases=0", max_steps=100)
        assert proof.bound == stability_number(problem)
        assert proof.search is not None
        assert proof.search.stopped == "goal"
        proof.verify()


@pytest.mark.parametrize("spec", [entry.example for entry in REGISTRY.values() if entry.family == FAMILY])
def test_named_graphs_are_solved(spec: str) -> None:
    problem = make_problem(spec)
    proof = prove(problem, "branch:cases=0", max_steps=1000)
    assert proof.bound == (stability_number(problem) if problem.optimum is None else problem.optimum)
    proof.verify()


def test_weights() -> None:
    for index in range(5):
        problem = RandomStableSet(25, 25, max_weight=9).held_out(index)
        proof = prove(problem, "branch:cases=0", max_steps=400)
        assert proof.bound == stability_number(problem)
        proof.verify()


def test_more_steps_prove_more() -> None:
    bounds = [
        prove("random-stable-set:n=50,index=3", "branch:cases=0", max_steps=steps).bound
        for steps in (0, 30, 60, 200, 600)
    ]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[-1] == 7


def test_it_makes_no_more_steps_than_it_has() -> None:
    for steps in (0, 1, 17, 60):
        search = Search("random-stable-set:n=50,index=3", "branch:cases=0", max_steps=steps)
        search.run()
        assert search.state.steps <= steps
        assert len(search.bounds) == search.state.steps + 1


def test_clique_inequalities_come_first_and_prove_a_bound() -> None:
    search = Search("random-stable-set:n=50,index=3", "branch:cases=0", max_steps=100)
    search.run()
    assert search.bounds[45] < 15
    assert search.bounds == sorted(search.bounds, reverse=True)


def test_it_makes_the_first_proof_of_a_neighbourhood_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbourhood_search, "BRANCH_SECONDS", 1000)  # both come to their end in less than a second
    problem = make_problem("random-stable-set:n=50,index=5")
    alone = prove(problem, "branch:cases=0,seconds=1000", max_steps=60)
    improved = prove(problem, NeighbourhoodSearchAgent(5, learned=0), max_steps=60)
    assert improved.bound <= alone.bound
    improved.verify()


def test_it_goes_on_from_what_is_known() -> None:
    search = Search("cycle:n=7", "branch:cases=0", max_steps=30)
    state, rng = search.state, np.random.default_rng(0)
    for _ in range(3):
        state.apply(int(rng.choice(np.flatnonzero(state.action_mask()))))
    proof = search.run()
    assert proof.bound == 3
    proof.verify()


@pytest.mark.parametrize("spec", ["caprasse", "random-polynomial:n=3,degree=3,terms=8,index=0"])
def test_other_problems_are_refused_in_one_line(spec: str) -> None:
    with pytest.raises(BadInput) as caught:
        prove(spec, "branch")
    assert re.fullmatch(
        r"branch: expected Boolean variables, .*, as in a stable set problem, got .*", str(caught.value)
    )


def test_settings() -> None:
    for name in ("branch", "branch:seconds=3", "branch:cases=0", "branch:cases=0,seconds=3"):
        assert make_agent(name).name == name
    with pytest.raises(BadInput, match="seconds of branch"):
        make_agent("branch:seconds=-1")
    with pytest.raises(BadInput, match="cases of branch"):
        make_agent("branch:cases=2")


def hard() -> Problem:
    return make_problem("random-stable-set:n=300,p_min=0.05,p_max=0.05,index=0")


@pytest.mark.parametrize("index", range(4))
def test_cases_solve_what_products_would_take_thousands_of_steps_for(index: int) -> None:
    proof = prove(f"random-stable-set:n=100,index={index}", "branch", max_steps=1)
    assert isinstance(proof, ProofTree)
    assert proof.status == "optimal"
    assert proof.search is not None
    assert (proof.search.stopped, proof.search.steps) == ("goal", 0)
    proof.verify()


def test_a_better_set_than_was_known_shows_that_the_bound_is_tight() -> None:
    problem = make_problem("random-stable-set:n=200,p_min=0.7,p_max=0.7,index=1")
    proof = BranchAgent().proof_by_cases(problem)
    assert proof.status == "optimal"
    assert problem.incumbent is not None
    assert proof.bound >= problem.incumbent
    proof.verify()


def test_out_of_time_it_proves_what_it_can() -> None:
    problem = hard()
    first = BranchAgent(seconds=0).proof_by_cases(problem)
    later = BranchAgent(seconds=1).proof_by_cases(problem)
    assert later.status == first.status == "bounded"
    assert later.bound <= first.bound
    first.verify()


@pytest.mark.slow
def test_trees_that_would_not_be_checked_are_not_the_end() -> None:
    """The stability number is 12, which takes more than ten thousand cases."""
    proof = prove("random-stable-set:n=300,p_min=0.5,p_max=0.5,index=0", "branch:seconds=1000")
    assert proof.bound == 14
    proof.verify()


@pytest.mark.slow
def test_they_are_not_the_end_in_auto_either() -> None:
    problem = make_problem("random-stable-set:n=300,p_min=0.5,p_max=0.5,index=0")
    agent, state, rng = AutoAgent(seconds=2000), ProofState(problem, max_steps=1), np.random.default_rng(0)
    while agent.activity(state) in ("", "branch and bound"):
        assert agent.advance(state, rng)
    proof = agent.best_proof(state)
    assert proof is not None
    assert proof.bound == 14
    proof.verify()


@pytest.mark.parametrize("agent", [BranchAgent(), BranchCasesAgent(), AutoAgent()], ids=lambda agent: agent.name)
def test_others_may_make_parts_of_trees(agent: BranchAgent | AutoAgent) -> None:
    problem = make_problem("random-stable-set:n=100,p_min=0.25,p_max=0.25,index=0")
    alone = prove(problem, make_agent(agent.name))
    workers = Workers(3)
    agent.work_with(workers)
    assert prove(problem, agent).to_json() == alone.to_json()
    assert workers.tasks


def test_a_stop_ends_the_search() -> None:
    with stopping.time_limit(0.0):
        proof = BranchAgent().proof_by_cases(hard())
    assert proof.status == "bounded"
    assert proof.bound == BranchAgent(seconds=0).proof_by_cases(hard()).bound
    proof.verify()
