from __future__ import annotations

import math

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.benchmark.theta import lovasz_theta
from polyproof_gym import make_problem

KNOWN = {
    "cycle:n=5": math.sqrt(5),
    "cycle:n=7": 7 * math.cos(math.pi / 7) / (1 + math.cos(math.pi / 7)),
    "cycle:n=9": 9 * math.cos(math.pi / 9) / (1 + math.cos(math.pi / 9)),
    "paley:q=13": math.sqrt(13),
    "paley:q=17": math.sqrt(17),
    "complete:n=6": 1.0,
    "petersen": 4.0,
    "kneser:n=6,k=2": 5.0,
    "mycielski:k=4": 5.0,
    "cycle-complement:n=7": 2.1099,
    "dodecahedral": 8.5410,
}


@pytest.mark.parametrize(("spec", "value"), KNOWN.items())
def test_closed_forms_and_published_values(spec: str, value: float) -> None:
    problem = make_problem(spec)
    theta, rows, columns = lovasz_theta(problem.num_variables, problem.ring.exclusive)
    assert theta == pytest.approx(value, abs=1e-4)
    n, edges = problem.num_variables, len(problem.ring.exclusive)
    assert rows == 1 + n * (n + 1) // 2
    assert columns == n * (n + 1) // 2 - edges


def test_without_edges_all_vertices_are_stable() -> None:
    assert lovasz_theta(4, [])[0] == pytest.approx(4.0, abs=1e-6)


@given(st.integers(2, 8), st.floats(0.0, 1.0), st.integers(0, 2**20))
@settings(max_examples=25, deadline=None)
def test_between_the_stability_number_and_the_clique_cover_number(n: int, p: float, seed: int) -> None:
    graph = nx.gnp_random_graph(n, p, seed=seed)
    complement = nx.complement(graph)
    alpha = max(map(len, nx.find_cliques(complement)))
    cover = max(nx.greedy_color(complement).values()) + 1  # at least the clique cover number
    theta = lovasz_theta(n, graph.edges)[0]
    assert alpha - 1e-5 <= theta <= cover + 1e-5


def test_the_time_limit_ends_it() -> None:
    problem = make_problem("random-stable-set:n=50,index=0")
    with pytest.raises(TimeoutError):
        lovasz_theta(50, problem.ring.exclusive, time_limit=1e-9)
