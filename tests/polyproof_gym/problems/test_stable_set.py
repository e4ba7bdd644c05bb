from fractions import Fraction
from itertools import combinations
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Rational
from polyproof_gym.problems import Problem, stability_number, stable_set
from polyproof_gym.problems.problem import unit_box_axioms
from polyproof_gym.problems.stable_set import graph_of, greedy_stable_set, stable_set_from_edges


@st.composite
def weighted_graphs(draw: st.DrawFn, max_vertices: int = 8) -> Any:
    n = draw(st.integers(1, max_vertices))
    pairs = list(combinations(range(n), 2))
    graph = nx.Graph()
    weights = st.just(1) if draw(st.booleans()) else st.integers(0, 6)
    for vertex in range(n):
        graph.add_node(vertex, weight=draw(weights))
    graph.add_edges_from(draw(st.sets(st.sampled_from(pairs))) if pairs else [])
    return graph


def best_weight(graph: Any) -> int:
    """The largest weight of a stable set, by trying all sets."""
    best = 0
    for size in range(len(graph) + 1):
        for chosen in combinations(graph.nodes, size):
            if not any(graph.has_edge(u, v) for u, v in combinations(chosen, 2)):
                best = max(best, sum(graph.nodes[v]["weight"] for v in chosen))
    return best


def labelled(*vertices: Any, weights: Any = None) -> Any:
    graph = nx.Graph()
    for i, vertex in enumerate(vertices):
        graph.add_node(vertex, **({} if weights is None else {"weight": weights[i]}))
    return graph


def weights_of(problem: Problem) -> list[Rational]:
    return [problem.objective.terms.get((i,), 0) for i in range(problem.num_variables)]


def test_the_problem_of_a_graph() -> None:
    problem = stable_set(nx.cycle_graph(5), name="pentagon", optimum=2)
    assert problem.variables == ("x0", "x1", "x2", "x3", "x4")
    assert str(problem.objective) == "x0 + x1 + x2 + x3 + x4"
    assert problem.ring.exclusive == {(0, 1), (1, 2), (2, 3), (3, 4), (0, 4)}
    assert problem.ring.idempotent == set(range(5))
    assert problem.axioms == tuple(unit_box_axioms(problem.ring))
    assert (problem.name, problem.family, problem.sense) == ("pentagon", "stable-set", "max")
    assert problem.box == ((0, 1),) * 5
    assert problem.optimum == problem.incumbent == 2


@settings(deadline=None, max_examples=60)
@given(weighted_graphs())
def test_greedy_point_is_a_stable_set_and_the_search_is_exact(graph: Any) -> None:
    problem = stable_set(graph)
    point = problem.feasible_point
    assert point is not None
    assert set(point) <= {0, 1}
    assert not any(point[u] and point[v] for u, v in graph.edges)
    assert problem.incumbent == sum(graph.nodes[v]["weight"] for v in graph if point[v])
    best = best_weight(graph)
    assert stability_number(problem) == best
    assert problem.incumbent <= best


@settings(deadline=None, max_examples=40)
@given(weighted_graphs())
def test_the_graph_comes_back(graph: Any) -> None:
    again = graph_of(stable_set(graph))
    assert {frozenset(edge) for edge in again.edges} == {frozenset(edge) for edge in graph.edges}
    assert dict(again.nodes(data="weight")) == dict(graph.nodes(data="weight"))


@pytest.mark.parametrize(("n", "p"), [(20, 0.1), (60, 0.5), (120, 0.9)])
def test_greedy_sets_are_maximal_stable_sets_of_larger_graphs(n: int, p: float) -> None:
    graph = nx.gnp_random_graph(n, p, seed=1)
    chosen = greedy_stable_set(stable_set(graph).ring, [1] * n)
    assert nx.is_dominating_set(graph, chosen)
    assert not graph.subgraph(chosen).edges


@pytest.mark.parametrize(
    ("weights", "exact"),
    [
        ([1, 2, 3], [1, 2, 3]),
        ([0.1, "1/3", 2.5], [Fraction(1, 10), Fraction(1, 3), Fraction(5, 2)]),
        ([0, 0, 1], [0, 0, 1]),
        ([np.int64(3), np.float64(0.3), Fraction(1, 7)], [3, Fraction(3, 10), Fraction(1, 7)]),
        ([np.int64(2**62)] * 3, [2**62] * 3),
        ([10**400, 1, 2], [10**400, 1, 2]),
    ],
    ids=["whole", "decimal", "zero", "numpy", "large numpy", "beyond floats"],
)
def test_weights_are_exact(weights: list[Any], exact: list[Rational]) -> None:
    problem = stable_set(labelled(*"abc", weights=weights))
    assert weights_of(problem) == exact
    assert problem.incumbent == sum(exact)


@pytest.mark.parametrize("weight", [-1, "-1/2", float("nan"), float("inf"), "heavy", None, "1/0", [1]])
def test_bad_weights_name_the_vertex(weight: Any) -> None:
    with pytest.raises(BadInput, match="weight of xb"):
        stable_set(labelled("a", "b", weights=[1, weight]))


@pytest.mark.parametrize(
    ("vertices", "names"),
    [
        (["ann", "bob"], ("xann", "xbob")),
        ([7, 3], ("x7", "x3")),
        ([(0, 1), (1, 0)], ("x1", "x2")),
        (["a b", "c"], ("x1", "x2")),
        ([1, "1"], ("x1", "x2")),
        (["", "a"], ("x1", "x2")),
        (["a\nb", "c"], ("x1", "x2")),
        (["a\n", "c"], ("x1", "x2")),
    ],
)
def test_variables_are_named_after_vertices_where_possible(vertices: list[Any], names: tuple[str, ...]) -> None:
    assert stable_set(labelled(*vertices)).variables == names


def test_edges_follow_the_labels() -> None:
    graph = labelled("c", "a", "b")
    graph.add_edge("b", "c")
    problem = stable_set(graph)
    assert problem.ring.exclusive == {(0, 2)}
    assert stability_number(problem) == 2


def test_parallel_edges_count_once() -> None:
    graph = nx.MultiGraph([(0, 1), (0, 1), (1, 2)])
    assert stable_set(graph).ring.exclusive == {(0, 1), (1, 2)}


def test_the_name_is_that_of_the_graph_unless_given() -> None:
    graph = nx.Graph([("a", "b"), ("b", "c")], name="P3")
    assert stable_set(graph).name == "P3"
    assert stable_set(graph, name="mine").name == "mine"
    assert stable_set(nx.path_graph(3)).name


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (nx.Graph(), "1 to 2000 vertices, got 0"),
        (nx.empty_graph(2001), "1 to 2000 vertices, got 2001"),
        (nx.DiGraph([(0, 1)]), "undirected"),
        (nx.MultiDiGraph([(0, 1)]), "undirected"),
        (nx.Graph([("u", "v"), ("v", "v")]), "without loops, got one at xv"),
    ],
)
def test_graphs_without_a_stable_set_problem_are_refused(graph: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        stable_set(graph)


def test_from_edges_checks_too() -> None:
    with pytest.raises(BadInput, match="loops"):
        stable_set_from_edges(["a", "b"], [(1, 1)])
    with pytest.raises(BadInput, match="vertices"):
        stable_set_from_edges([], [])


def test_edges_make_products_vanish() -> None:
    problem = stable_set_from_edges(["a", "b", "c"], [(1, 0), (0, 1)])
    a, b, c = (Polynomial.variable(problem.ring, i) for i in range(3))
    assert not a * b
    assert a * c
    assert problem.incumbent == 2
