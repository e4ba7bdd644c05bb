from __future__ import annotations

import json

import numpy as np
import pytest

from agents.pretrained import DESCRIPTION, WEIGHTS, pretrained_agents
from polyproof_gym import make_problem
from polyproof_gym.problems import stability_number
from tests.flat import prove

AGENTS = pretrained_agents()
every_agent = pytest.mark.parametrize("name", AGENTS)
PROBLEMS = [f"random-stable-set:n=18,index={index}" for index in range(7000, 7004)]


@every_agent
def test_an_agent_is_small_and_says_how_it_was_trained(name: str) -> None:
    folder = AGENTS[name]
    assert (folder / WEIGHTS).stat().st_size < 300_000
    record = json.loads((folder / "training.json").read_text())
    assert record["seed"] == 0
    assert record["command"].startswith("python -m experiments.train --config experiments/configs/")
    assert {"python", "torch", "highspy"} <= set(record["versions"])
    assert json.loads((folder / DESCRIPTION).read_text())["name"] == name


@every_agent
def test_it_proves_far_more_than_chance_on_graphs_it_has_not_seen(name: str) -> None:
    """In 30 steps on 18 vertices; random closed products leave a mean bound of about 6."""
    problems = [make_problem(spec) for spec in PROBLEMS]
    bounds = []
    for problem in problems:
        proof = prove(problem, name, max_steps=30)
        proof.verify()
        assert proof.bound >= stability_number(problem)
        assert proof.search is not None
        assert proof.search.agent == name
        bounds.append(float(proof.bound))
    chance = [float(prove(problem, "random-closed", max_steps=30).bound) for problem in problems]
    assert np.mean(bounds) < np.mean(chance) - 1.0


@every_agent
def test_with_planning_it_proves_at_least_as_much(name: str) -> None:
    problem = make_problem(PROBLEMS[0])
    planned = prove(problem, f"{name}:rounds=10", max_steps=25)
    planned.verify()
    assert planned.search is not None
    assert planned.search.agent == f"{name}:rounds=10"
    assert planned.bound <= prove(problem, name, max_steps=25).bound


@every_agent
def test_it_works_on_other_families_and_sampled(name: str) -> None:
    for problem in ("petersen", "caprasse"):
        proof = prove(problem, f"{name}:sampled=1", max_steps=8, seed=1)
        proof.verify()
        assert proof.search is not None
        assert proof.search.steps == 8


def test_where_no_variables_exclude_each_other_learned_has_other_weights() -> None:
    quadratic = make_problem("random-polynomial:n=10,degree=2,terms=30,boolean=1,index=7000")
    of_graphs, of_polynomials = (prove(quadratic, name, max_steps=20) for name in ("learned", "learned-polynomials"))
    assert of_graphs.reasons == of_polynomials.reasons
    graph = make_problem(PROBLEMS[0])
    of_graphs, of_polynomials = (prove(graph, name, max_steps=30) for name in ("learned", "learned-polynomials"))
    assert of_graphs.reasons != of_polynomials.reasons
