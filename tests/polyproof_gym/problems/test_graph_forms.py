from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from agents import prove
from polyproof_gym import BadInput, Problem, make_problem, make_source, stable_set
from polyproof_gym.envs import PolyProofEnv, PolyProofVectorEnv
from polyproof_gym.problems.graph_forms import is_graph, read_graph
from tests.values import Endless, identifier

PATH = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])

PATHS = {
    "networkx": nx.path_graph(3),
    "multigraph": nx.MultiGraph([(0, 1), (1, 2), (0, 1)]),
    "array": PATH,
    "bool": PATH.astype(np.bool_),
    "float": PATH.astype(np.float32),
    "nested lists": PATH.tolist(),
    "nested tuples": tuple(map(tuple, PATH.tolist())),
    "lists of truth values": PATH.astype(np.bool_).tolist(),
    "list of arrays": [*PATH],
    "sparse matrix": sparse.csr_matrix(PATH),
    "sparse array": sparse.coo_array(PATH),
    "edges": [(0, 1), (1, 2)],
    "edges as lists": [[0, 1], [1, 2], [2, 1]],
    "edges in any order": [(2, 1), (1, 0), (1, 2)],
    "set of edges": {(0, 1), (1, 2)},
    "array of edges": np.array([[0, 1], [1, 2], [1, 0]]),
    "NumPy numbers": [(np.int64(0), np.int8(1)), (1, np.uint8(2))],
    "edges of NetworkX": nx.path_graph(3).edges,
    "neighbours": {0: [1], 1: [0, 2], 2: [1]},
    "neighbours in one direction": {0: [], 1: (0, 2), 2: []},
    "neighbours and attributes": nx.to_dict_of_dicts(nx.path_graph(3)),
}


def assert_same(first: Problem, second: Problem) -> None:
    assert (first.ring, first.objective, first.axioms) == (second.ring, second.objective, second.axioms)


@pytest.mark.parametrize("form", PATHS)
def test_all_forms_give_the_same_problem(form: str) -> None:
    expected = stable_set(nx.path_graph(3))
    assert expected.variables == ("x0", "x1", "x2")
    assert_same(stable_set(PATHS[form]), expected)
    assert is_graph(PATHS[form])


@pytest.mark.parametrize("form", PATHS)
def test_a_graph_stands_for_its_problem_everywhere(form: str) -> None:
    graph = PATHS[form]
    assert_same(make_problem(graph), stable_set(graph))
    assert isinstance(make_source(graph), Problem)
    env = PolyProofEnv(graph, max_steps=3)
    env.reset(seed=0)
    assert env.state.problem.variables == ("x0", "x1", "x2")
    env.reset(options={"problem": graph})
    assert prove(graph, max_steps=5).bound == 2
    envs = PolyProofVectorEnv(2, num_workers=1, problem=graph, max_steps=3)
    envs.reset(seed=0)
    envs.close()


def test_gym_make_takes_graphs() -> None:
    import gymnasium as gym

    env = gym.make("PolyProof-v0", problem=nx.petersen_graph(), max_steps=3)
    env.reset(seed=0)
    assert env.unwrapped.state.problem.num_variables == 10  # type: ignore[attr-defined]


@given(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda edge: edge[0] < edge[1]), min_size=1))
def test_forms_agree_on_random_graphs(edges: set[tuple[int, int]]) -> None:
    graph = nx.empty_graph(8)
    graph.add_edges_from(edges)
    matrix = nx.to_numpy_array(graph)
    for given_ in (matrix, matrix.tolist(), sparse.csr_matrix(matrix), nx.to_dict_of_lists(graph)):
        assert stable_set(given_).ring == stable_set(graph).ring
    met = sorted({vertex for edge in edges for vertex in edge})
    assert stable_set([*edges]).ring == stable_set(nx.convert_node_labels_to_integers(graph.subgraph(met))).ring or (
        stable_set([*edges]).variables == tuple(f"x{vertex}" for vertex in met)
    )


@pytest.mark.parametrize(
    ("graph", "names"),
    [
        ([("b", "c"), ("a", "b")], ("xa", "xb", "xc")),
        ([(10, 9), (9, 2)], ("x2", "x9", "x10")),
        ([("b", 1), (1, "a")], ("xb", "x1", "xa")),
        ({"b": ["a"], "a": []}, ("xb", "xa")),
        ([("a b", "c")], ("x1", "x2")),
        ([("v" * 100, "c")], ("x1", "x2")),
        ([(1, "1")], ("x1", "x2")),
        ([((0, 0), (0, 1))], ("x1", "x2")),
        ([[0]], ("x0",)),
        ([[0, 1]], ("x0", "x1")),
        ([[0, 1], [1, 0]], ("x0", "x1")),
        ([[0, 0], [0, 0]], ("x0", "x1")),
    ],
)
def test_vertices_have_an_order_and_give_the_names(graph: Any, names: tuple[str, ...]) -> None:
    assert stable_set(graph).variables == names


def loops() -> Iterator[tuple[int, int]]:
    yield 3, 3


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        ([], "1 to 2000 vertices, got 0"),
        ({}, "1 to 2000 vertices, got 0"),
        (np.zeros((0, 0)), "1 to 2000 vertices, got 0"),
        (np.zeros((2001, 2001), np.bool_), "1 to 2000 vertices, got 2001"),
        (sparse.csr_matrix((10**6, 10**6)), "1 to 2000 vertices, got 1000000"),
        (np.ones((2, 3)), r"square adjacency matrix, got shape \(2, 3\)"),
        (np.zeros((2, 2, 2)), "square adjacency matrix"),
        (sparse.coo_matrix((3, 2)), "square adjacency matrix"),
        ([[0, 1, 0], [1, 0, 1]], "square adjacency matrix, got 2 rows and 3 entries in row 1"),
        ([[0, 1, 1], [1, 0], [1, 0, 0]], "in place of a pair"),
        (np.eye(3), "zeros on the diagonal of an adjacency matrix, got 1 in row 1"),
        ([[0, 1, 0], [0, 0, 1], [0, 1, 0]], "symmetric adjacency matrix, got 1 in row 1, column 2 and 0 in row 2"),
        ([[0, 2, 0], [2, 0, 1], [0, 1, 0]], "0 or 1 in an adjacency matrix, got 2 in row 1, column 2"),
        (np.array([[0, 0.5], [0.5, 0]]), "0 or 1 in an adjacency matrix, got 0.5"),
        (np.array([[0, np.nan], [np.nan, 0]]), "0 or 1 in an adjacency matrix, got nan"),
        (np.array([[0, 1j], [1j, 0]]), "of the numbers 0 and 1, got entries of type complex128"),
        (np.array([["0", "1"], ["1", "0"]]), "of the numbers 0 and 1"),
        ([["0", "1", "0"]] * 3, "0 or 1 in an adjacency matrix, got '0' in row 1"),
        ([[0, 10**400, 0]] * 3, "numbers 0 and 1"),
        ([[1, 0], [0, 1]], r"diagonal.*\(edges are given as tuples"),
        ([[0, 1], [1, 2]], r"\(edges are given as tuples"),
        ([(0, 1, 5)], r"got \(0, 1, 5\) in place of a pair"),
        ([(0,)], "in place of a pair"),
        (["ab", "bc"], "got 'ab' in place of a pair"),
        ([({0}, 1)], "vertices that can be hashed"),
        ([(i, i + 1) for i in range(2000)], "1 to 2000 vertices, got more"),
        (Endless(), "at most 4000000 edges"),
        (loops(), "without loops, got one at x3"),
        ({0: [0]}, "without loops"),
        ({0: [1], 1: [2]}, "vertices of the graph as neighbours of 1, got 2"),
        ({"a": "bc"}, "a list of the neighbours of 'a', got 'bc'"),
        ({(0, 1): 3}, "a list of the neighbours"),
        ({0: [[1]], 1: []}, "vertices of the graph as neighbours of 0"),
        ("petersen", "NetworkX graph.*got 'petersen'"),
        (b"ab", "NetworkX graph"),
        (5, "NetworkX graph"),
        (nx.Graph, "NetworkX graph"),
    ],
    ids=identifier,
)
def test_what_is_no_graph_of_a_stable_set_problem(graph: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message) as error:
        stable_set(graph)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("given_", ["text", b"bytes", 5, None, object(), nx.Graph, len])
def test_what_has_not_even_the_form_of_a_graph(given_: Any) -> None:
    assert not is_graph(given_)
    with pytest.raises(BadInput, match=r"expected a problem|unknown problem"):
        make_problem(given_)


def test_edges_may_be_given_by_a_generator() -> None:
    assert len(read_graph((i, i + 1) for i in range(5)).labels) == 6
