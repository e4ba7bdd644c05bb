"""Whatever an agent reports as proved is proved, and little is lost against the floats of the LP."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx
import numpy as np
import pytest

import polyproof_gym
from polyproof_gym import Problem
from polyproof_gym.problems import make_problem, stability_number
from polyproof_gym.problems.stable_set import FAMILY
from tests.flat import prove

AGENTS = ["random", "random-closed", "bfs", "greedy:width=4", "dual-guided", "static-sherali-adams:level=3"]


def random_stable_set(rng: np.random.Generator, weighted: bool) -> Problem:
    graph = nx.gnp_random_graph(int(rng.integers(5, 16)), float(rng.uniform(0.1, 0.9)), seed=int(rng.integers(2**31)))
    if weighted:
        nx.set_node_attributes(graph, {v: int(rng.integers(1, 10)) for v in graph}, "weight")
    return polyproof_gym.stable_set(graph)


def random_polynomial(rng: np.random.Generator, constrained: bool) -> Problem:
    n = int(rng.integers(2, 5))
    names = [f"x{i + 1}" for i in range(n)]
    terms = [
        f"{int(rng.integers(-9, 10))}/{int(rng.integers(1, 8))} * {' * '.join(rng.choice(names, rng.integers(1, 4)))}"
        for _ in range(int(rng.integers(2, 9)))
    ]
    box = [(int(low), int(low + rng.integers(1, 4))) for low in rng.integers(-3, 3, n)]
    point = [low + (high - low) * float(rng.choice([0, 0.25, 0.5, 1])) for low, high in box]
    constraint = f"{' + '.join(names)} <= {sum(point)}"
    boolean = [names[0]] if rng.random() < 0.3 else []
    return polyproof_gym.polynomial(
        " + ".join(terms),
        variables=names,
        box=[(0, 1) if name in boolean else interval for name, interval in zip(names, box, strict=True)],
        sense="max" if rng.random() < 0.5 else "min",
        constraints=[constraint] if constrained and not boolean else [],
        boolean=boolean,
    )


def random_problems(count: int) -> Iterator[Problem]:
    rng = np.random.default_rng(20)
    makers = (
        lambda: random_stable_set(rng, weighted=False),
        lambda: random_stable_set(rng, weighted=True),
        lambda: random_polynomial(rng, constrained=False),
        lambda: random_polynomial(rng, constrained=True),
        lambda: make_problem(f"random-stable-set:n={rng.integers(10, 20)},index={rng.integers(1000)}"),
        lambda: make_problem(f"random-polynomial:n=3,degree=3,terms=8,index={rng.integers(1000)}"),
    )
    for k in range(count):
        yield makers[k % len(makers)]()


def assert_all_bounds_hold(count: int) -> None:
    for problem in random_problems(count):
        sign = problem.sign
        best = stability_number(problem) if problem.family == FAMILY else problem.incumbent
        agents = [*AGENTS, "clique-cover"] if problem.family == FAMILY else AGENTS
        for agent in agents:
            proof = prove(problem, agent=agent, max_steps=25, seed=1)
            proof.verify()
            assert best is None or sign * proof.bound <= sign * best
            size = 1 + max(abs(float(c)) for c in problem.objective.terms.values())
            assert float(proof.bound) == pytest.approx(proof.promised, abs=1e-6 * size)
            assert proof.search is not None
            assert proof.search.mismatches == 0


def test_bounds_of_all_agents_are_certified() -> None:
    assert_all_bounds_hold(18)


@pytest.mark.slow
def test_bounds_of_all_agents_are_certified_on_many_problems() -> None:
    assert_all_bounds_hold(200)
