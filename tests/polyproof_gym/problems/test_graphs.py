from collections.abc import Callable
from functools import partial
from typing import Any

import networkx as nx
import numpy as np
import pytest

from polyproof_gym.errors import BadInput
from polyproof_gym.problems import REGISTRY, graphs, make_problem, stability_number, stable_set


@pytest.mark.parametrize(
    ("spec", "n", "m", "optimum"),
    [
        ("cycle:n=5", 5, 5, 2),
        ("cycle:n=7", 7, 7, 3),
        ("cycle:n=9", 9, 9, 4),
        ("cycle-complement:n=7", 7, 14, 2),
        ("wheel:n=6", 6, 10, 2),
        ("complete:n=6", 6, 15, 1),
        ("petersen", 10, 15, 4),
        ("kneser:n=5,k=2", 10, 15, 4),
        ("mycielski:k=3", 5, 5, 2),
        ("mycielski:k=4", 11, 20, 5),
        ("mycielski:k=5", 23, 71, 11),
        ("paley:q=13", 13, 39, 3),
        ("paley:q=17", 17, 68, 3),
        ("kneser:n=6,k=2", 15, 45, 5),
        ("dodecahedral", 20, 30, 8),
        ("icosahedral", 12, 30, 3),
        ("octahedral", 6, 12, 2),
        ("frucht", 12, 18, 5),
        ("heawood", 14, 21, 7),
        ("karate", 34, 78, 20),
        ("path:n=6", 6, 5, 3),
        ("grid:rows=3,columns=4", 12, 17, 6),
        ("complete-bipartite:a=2,b=3", 5, 6, 3),
        ("hamming:d=3,q=2", 8, 12, 4),
        ("johnson:n=5,k=2", 10, 30, 2),
        ("circulant:n=8,j=2", 8, 16, 2),
    ],
)
def test_sizes_and_optima_of_known_graphs(spec: str, n: int, m: int, optimum: int) -> None:
    problem = make_problem(spec)
    assert problem.num_variables == n
    assert len(problem.ring.exclusive) == m
    assert problem.optimum == optimum
    assert problem.incumbent is not None
    assert problem.incumbent <= optimum


def cases() -> list[tuple[Callable[..., graphs.NamedGraph], tuple[int, ...]]]:
    """Every family over a range of parameters, the smallest ones included."""
    one = {
        graphs.cycle: range(3, 13),
        graphs.cycle_complement: range(3, 13),
        graphs.path: range(1, 13),
        graphs.wheel: range(4, 13),
        graphs.complete: range(1, 9),
        graphs.paley: (5, 13, 17, 29, 37),
        graphs.mycielski: (2, 3, 4, 5),
    }
    found: list[tuple[Callable[..., graphs.NamedGraph], tuple[int, ...]]] = [
        (builder, (value,)) for builder, values in one.items() for value in values
    ]
    found += [(graphs.complete_bipartite, (a, b)) for a in range(1, 5) for b in range(1, 5)]
    found += [(graphs.grid, (rows, columns)) for rows in range(1, 5) for columns in range(1, 6)]
    found += [(graphs.circulant, (n, j)) for n in range(3, 15) for j in range(1, n // 2 + 1)]
    found += [(graphs.kneser, (n, k)) for n in range(2, 8) for k in range(1, n // 2 + 1)]
    found += [(graphs.johnson, (n, k)) for n in range(2, 7) for k in range(1, n)]
    found += [
        (graphs.hamming, pair) for pair in [(1, 1), (3, 1), (1, 5), (2, 2), (2, 3), (2, 4), (3, 2), (4, 2), (3, 3)]
    ]
    return found


@pytest.mark.parametrize(("builder", "parameters"), cases(), ids=lambda v: v.__name__ if callable(v) else str(v))
def test_optimum_is_the_stability_number(
    builder: Callable[..., graphs.NamedGraph], parameters: tuple[int, ...]
) -> None:
    graph, optimum = builder(*parameters)
    assert stable_set(graph).variables == tuple(f"x{i}" for i in range(len(graph)))
    if builder is graphs.johnson and 2 < parameters[1] < parameters[0] - 2:
        assert optimum is None
    else:
        assert optimum == stability_number(stable_set(graph))


@pytest.mark.parametrize("spec", [entry.example for entry in REGISTRY.values() if entry.family == "stable-set"])
def test_optimum_of_every_example_is_the_stability_number(spec: str) -> None:
    problem = make_problem(spec)
    best = stability_number(problem)
    assert problem.incumbent is not None
    assert problem.incumbent <= best
    assert problem.optimum == (None if spec.startswith("random") else best)


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        (graphs.circulant(9, 1)[0], nx.cycle_graph(9)),
        (graphs.circulant(7, 3)[0], nx.complete_graph(7)),
        (graphs.kneser(5, 2)[0], nx.petersen_graph()),
        (graphs.kneser(4, 2)[0], nx.Graph([(0, 1), (2, 3), (4, 5)])),
        (graphs.johnson(4, 2)[0], nx.octahedral_graph()),
        (graphs.hamming(3, 2)[0], nx.hypercube_graph(3)),
        (graphs.hamming(1, 4)[0], nx.complete_graph(4)),
        (graphs.paley(5)[0], nx.cycle_graph(5)),
        (graphs.paley(13)[0], nx.complement(nx.from_numpy_array(graphs.paley(13)[0]))),
        (graphs.mycielski(3)[0], nx.cycle_graph(5)),
        (graphs.wheel(4)[0], nx.complete_graph(4)),
        (graphs.grid(2, 2)[0], nx.cycle_graph(4)),
        (graphs.cycle_complement(5)[0], nx.cycle_graph(5)),
    ],
)
def test_graphs_that_coincide(graph: Any, expected: Any) -> None:
    assert nx.is_isomorphic(nx.from_numpy_array(graph), expected)


@pytest.mark.parametrize("q", [13, 17, 29])
def test_paley_graphs_are_regular(q: int) -> None:
    graph, _ = graphs.paley(q)
    assert isinstance(graph, np.ndarray)
    assert set(graph.sum(axis=1).tolist()) == {(q - 1) // 2}


@pytest.mark.parametrize(
    "build",
    [
        partial(graphs.cycle, 2),
        partial(graphs.cycle, -5),
        partial(graphs.cycle_complement, 2),
        partial(graphs.path, 0),
        partial(graphs.wheel, 3),
        partial(graphs.complete, 0),
        partial(graphs.complete_bipartite, 0, 3),
        partial(graphs.complete_bipartite, 3, -1),
        partial(graphs.grid, 0, 2),
        partial(graphs.grid, 2, 0),
        partial(graphs.circulant, 2, 1),
        partial(graphs.circulant, 8, 0),
        partial(graphs.circulant, 8, 5),
        partial(graphs.paley, 7),
        partial(graphs.paley, 9),
        partial(graphs.paley, 21),
        partial(graphs.paley, 1),
        partial(graphs.paley, -3),
        partial(graphs.kneser, 3, 2),
        partial(graphs.kneser, 4, 0),
        partial(graphs.johnson, 3, 3),
        partial(graphs.johnson, 3, 0),
        partial(graphs.hamming, 0, 2),
        partial(graphs.hamming, 2, 0),
        partial(graphs.hamming, 11, 2),
        partial(graphs.mycielski, 1),
        partial(graphs.mycielski, 12),
    ],
    ids=lambda build: f"{build.func.__name__}{build.args}",
)
def test_parameters_out_of_range(build: Callable[[], graphs.NamedGraph]) -> None:
    with pytest.raises(BadInput, match=r"^expected [^\n]+$"):
        build()


def test_graphs_too_large_for_a_problem_are_refused() -> None:
    with pytest.raises(BadInput, match="2000 vertices"):
        make_problem("cycle:n=2001")
