"""Maximum (weighted) stable set: the largest weight of a set of vertices without an edge among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.arguments import exact, shown, text
from polyproof_gym.compiled import kernels
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Rational, Ring
from polyproof_gym.problems.graph_forms import MAX_VERTICES, read_graph
from polyproof_gym.problems.problem import Problem, unit_box_axioms

if TYPE_CHECKING:
    import networkx as nx

FAMILY = "stable-set"


def stable_set(graph: Any, name: str = "", optimum: Rational | None = None) -> Problem:
    """The maximum stable set problem of a graph: ``max sum w_v x_v``, ``x_v^2 = x_v``, ``x_u x_v = 0`` on edges.

    Args:
        graph: An undirected graph without loops, in one of these forms:

            * a NetworkX graph. A vertex attribute ``weight`` (default 1) gives its weight;
            * an adjacency matrix: a NumPy array, a SciPy sparse matrix or nested lists, symmetric, with entries 0 and 1
              (or truth values), those on the diagonal 0. The vertices are 0, 1, 2 and so on;
            * edges: a list (or another collection) of pairs of vertices, or an integer array of shape ``(edges, 2)``.
              The vertices are those that occur, in ascending order where all are whole numbers or all are texts;
            * a map from every vertex to its neighbours, named in one direction or both.

            The variables are named after the vertices where these are numbers or words, and ``x1, x2, ...`` otherwise.
        name: What the problem is called in results.
        optimum: The weight of a maximum stable set, where known.

    Returns:
        The problem, with a greedily found stable set as feasible point.

    Raises:
        BadInput: If that is no graph, or one that is empty, too large or directed, has a loop, or a weight that is not
            a nonnegative number.
    """
    data = read_graph(graph)
    return stable_set_from_edges(
        data.variable_names(),
        data.edges,
        data.weights,
        name=text(name, "name") or data.name or FAMILY,
        optimum=None if optimum is None else exact(optimum, "optimum"),
    )


def stable_set_from_edges(
    names: Sequence[str],
    edges: Iterable[tuple[int, int]] | NDArray[np.integer],
    weights: Sequence[Any] | None = None,
    *,
    name: str = FAMILY,
    optimum: Rational | None = None,
) -> Problem:
    """The maximum stable set problem of the graph with the given edges between vertices ``0 .. len(names) - 1``.

    Args:
        names: What the variables are called.
        edges: The edges; as an array, of shape ``(edges, 2)``.
        weights: The weight of every vertex, by default 1.
        name: What the problem is called in results.
        optimum: The weight of a maximum stable set, where known.

    Raises:
        BadInput: If there is no vertex or too many, a loop, or a weight that is not a nonnegative number.
    """
    n = len(names)
    if not 1 <= n <= MAX_VERTICES:
        raise BadInput(f"expected a graph with 1 to {MAX_VERTICES} vertices, got {n}")
    edges = edges if isinstance(edges, np.ndarray) else np.array([*edges], np.intp).reshape(-1, 2)
    loops = edges[edges[:, 0] == edges[:, 1], 0]
    if len(loops):
        raise BadInput(f"expected a graph without loops, got one at {names[loops[0]]}")
    exact_weights: list[Rational] = [1] * n
    if weights is not None:
        for i, weight in enumerate(weights):
            exact_weights[i] = exact(weight, f"weight of {names[i]}")
            if exact_weights[i] < 0:
                raise BadInput(f"expected a nonnegative weight of {names[i]}, got {shown(weight)}")
    ring = Ring(names, idempotent=range(n), exclusive=edges)
    chosen = greedy_stable_set(ring, exact_weights)
    return Problem(
        name=name,
        family=FAMILY,
        sense="max",
        objective=Polynomial(ring, {(i,): weight for i, weight in enumerate(exact_weights)}),
        axioms=tuple(unit_box_axioms(ring)),
        variables=tuple(names),
        box=((0, 1),) * n,
        feasible_point=tuple(int(i in chosen) for i in range(n)),
        optimum=optimum,
    )


def greedy_stable_set(ring: Ring, weights: Sequence[Rational]) -> set[int]:
    """A stable set that is good, not always best: greedy by weight over remaining degree, from every first vertex.

    Args:
        ring: The ring, whose exclusive pairs are the edges.
        weights: One nonnegative weight per vertex.

    Returns:
        The vertices chosen, as indices.
    """
    n = ring.num_variables
    largest = max(weights)
    values = np.array([float(weight / largest) if largest else 0.0 for weight in weights])
    # Past a few dozen first vertices the result hardly improves; each costs time quadratic in their number.
    sets = np.empty((min(n, max(1, 6400 // n)), n), np.bool_)
    room = np.empty(n, np.int64), np.empty(n, np.bool_)
    kernels("polyproof_gym.problems").greedy_stable_sets(ring.exclusion_matrix, values, *room, sets)
    best = sets[(sets @ values).argmax()]
    return set(np.flatnonzero(best).tolist())


def is_stable_set(problem: Problem) -> bool:
    """Whether a problem is what :func:`stable_set` makes, wherever it is from; without edges only if it says so."""
    terms = problem.objective.terms
    return (
        problem.sense == "max"
        and (problem.family == FAMILY or problem.ring.num_exclusive > 0)
        and len(problem.ring.idempotent) == problem.num_variables
        and not problem.constraints
        and all(len(monomial) == 1 and weight > 0 for monomial, weight in terms.items())
        and set(problem.box) == {(0, 1)}
    )


def has_unit_weights(problem: Problem) -> bool:
    """Whether all vertices of a stable set problem weigh 1."""
    return set(problem.objective.terms.values()) == {1} and len(problem.objective) == problem.num_variables


def graph_of(problem: Problem) -> nx.Graph[Any]:
    """The graph of a stable set problem, on the vertices ``0 .. n - 1``, with its weights."""
    import networkx as nx

    graph: nx.Graph[Any] = nx.Graph(name=problem.name)
    for i in range(problem.num_variables):
        graph.add_node(i, weight=problem.objective.terms.get((i,), 0))
    graph.add_edges_from(problem.ring.exclusive_pairs().tolist())
    return graph


def stability_number(problem: Problem) -> Rational:
    """The optimum of a stable set problem by exhaustive search (NetworkX), for weights that are whole numbers.

    The search takes exponential time; a few dozen vertices of a dense graph are quick.
    """
    import networkx as nx

    complement: nx.Graph[Any] = nx.Graph()
    complement.add_nodes_from(
        (i, {"weight": problem.objective.terms.get((i,), 0)}) for i in range(problem.num_variables)
    )
    complement.add_edges_from(np.argwhere(np.triu(~problem.ring.exclusion_matrix, 1)).tolist())
    _, weight = nx.max_weight_clique(complement, None if has_unit_weights(problem) else "weight")
    return int(weight)
