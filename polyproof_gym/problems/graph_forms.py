"""The forms in which a graph may be given: NetworkX graphs, adjacency matrices, edge lists, maps to neighbours."""

from __future__ import annotations

import re
import sys
from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.arguments import shown
from polyproof_gym.errors import BadInput

MAX_VERTICES = 2000
"""Most vertices of a graph."""

MAX_EDGES = MAX_VERTICES**2
"""Most edges that are read, those given twice included."""

LONGEST_NAME = 60
"""Most characters of a vertex whose text its variable is named after."""

EXPECTED = (
    "a NetworkX graph, an adjacency matrix (NumPy, SciPy or nested lists), a list of pairs of vertices, or a map from"
    " every vertex to its neighbours"
)


@dataclass(frozen=True)
class GraphData:
    """An undirected graph on the vertices ``0 .. len(labels) - 1``.

    Attributes:
        labels: What the caller calls the vertices.
        edges: The edges in any order and direction, shape ``(edges, 2)``; they may occur twice.
        weights: The weight of every vertex as it was given, ``None`` where all are 1.
        name: What the graph is called, empty if it has no name.
    """

    labels: Sequence[Any]
    edges: NDArray[np.intp]
    weights: Sequence[Any] | None = None
    name: str = ""

    def variable_names(self) -> list[str]:
        """``x`` and the label where all labels are numbers or words, and otherwise ``x1, x2, ...``."""
        try:
            names = [f"x{label}" for label in self.labels]
        except Exception:  # classes of the caller's, and numbers too long for text
            names = []
        proper = all(re.fullmatch(r"x\w+", name) and len(name) <= LONGEST_NAME for name in names)
        if not proper or len(set(names)) < len(self.labels):
            names = [f"x{i + 1}" for i in range(len(self.labels))]
        return names


def is_graph(given: object) -> bool:
    """Whether a value has the outward form of a graph, one that may turn out not to be usable."""
    if _is_networkx(given) or _is_sparse(given) or isinstance(given, np.ndarray | Mapping):
        return True
    return isinstance(given, Iterable) and not isinstance(given, str | bytes | bytearray | memoryview | type)


def read_graph(given: Any) -> GraphData:
    """The graph that is given in one of the forms of this module.

    Two lists of two numbers are a matrix and two edges as well; they are refused unless only one of the two can be
    meant, or both say the same.

    Raises:
        BadInput: If it is none, too large, directed, not symmetric, has a loop or entries other than 0 and 1.
    """
    try:
        return _read(given)
    except BadInput:
        raise
    except Exception as error:  # what classes of the caller's raise when they are looked at
        raise BadInput(f"expected {EXPECTED}, got {shown(given)} ({type(error).__name__})") from None


def _read(given: Any) -> GraphData:
    if _is_networkx(given):
        return _of_networkx(given)
    if _is_sparse(given):
        _require_square(given.shape)
        return _of_matrix(given.toarray())
    if isinstance(given, np.ndarray):
        is_list = given.ndim == 2 and given.shape[1] == 2 != given.shape[0] and given.dtype.kind in "iuUO"
        return _of_edges(given[: MAX_EDGES + 1].tolist()) if is_list else _of_matrix(given)
    if isinstance(given, Mapping) and not isinstance(given, Set):  # NetworkX has edges that are both
        return _of_neighbours(given)
    if not is_graph(given):
        raise BadInput(f"expected {EXPECTED}, got {shown(given)}")
    items = []
    for item in islice(iter(given), MAX_EDGES + 1):
        if not isinstance(item, tuple | list | np.ndarray):
            raise BadInput(f"expected {EXPECTED}, got {shown(item)} in place of a pair of vertices")
        items.append(item)
    return _of_nested_lists(items) if _are_rows(items) else _of_edges(items)


def _is_networkx(given: object) -> bool:
    """Whether a value is a graph of NetworkX, which has been imported if it is."""
    networkx = sys.modules.get("networkx")
    return networkx is not None and isinstance(given, networkx.Graph)


def _is_sparse(given: object) -> bool:
    sparse = sys.modules.get("scipy.sparse")
    return sparse is not None and bool(sparse.issparse(given))


def _require_size(num_vertices: int) -> None:
    if not 1 <= num_vertices <= MAX_VERTICES:
        raise BadInput(f"expected a graph with 1 to {MAX_VERTICES} vertices, got {num_vertices}")


def _of_networkx(graph: Any) -> GraphData:
    if graph.is_directed():
        raise BadInput("expected an undirected graph")
    _require_size(len(graph))
    vertices = list(graph.nodes)
    position = {vertex: i for i, vertex in enumerate(vertices)}
    # Parallel edges of a multigraph say the same thing as one.
    edges = [(position[u], position[v]) for u, v in islice(graph.edges(), MAX_EDGES)]
    weights = [graph.nodes[vertex].get("weight", 1) for vertex in vertices]
    name = graph.name if isinstance(graph.name, str) else ""
    return GraphData(vertices, _pairs(edges), weights, name)


# Matrices -----------------------------------------------------------------------------------------------------------


def _require_square(shape: tuple[int, ...]) -> None:
    if len(shape) != 2 or shape[0] != shape[1]:
        raise BadInput(f"expected a square adjacency matrix, got shape {shape}")
    _require_size(shape[0])


def _of_matrix(matrix: NDArray[Any]) -> GraphData:
    _require_square(matrix.shape)
    matrix = np.asarray(matrix)  # of a matrix class, whose products and comparisons differ
    if matrix.dtype.kind not in "biuf":
        raise BadInput(f"expected an adjacency matrix of the numbers 0 and 1, got entries of type {matrix.dtype}")
    joined = matrix == 1
    wrong = np.argwhere(~(joined | (matrix == 0)))
    if len(wrong):
        i, j = wrong[0].tolist()
        raise BadInput(f"expected 0 or 1 in an adjacency matrix, got {matrix[i, j]} in row {i + 1}, column {j + 1}")
    one_way = np.argwhere(joined != joined.T)
    if len(one_way):
        i, j = one_way[0].tolist()
        raise BadInput(
            f"expected a symmetric adjacency matrix, got {int(joined[i, j])} in row {i + 1}, column {j + 1}"
            f" and {int(joined[j, i])} in row {j + 1}, column {i + 1}"
        )
    loops = np.flatnonzero(joined.diagonal())
    if len(loops):
        raise BadInput(f"expected zeros on the diagonal of an adjacency matrix, got 1 in row {loops[0] + 1}")
    return GraphData(range(len(joined)), np.argwhere(np.triu(joined)))


def _are_rows(items: Sequence[Any]) -> bool:
    """Whether items are the rows of a matrix, and not pairs.

    Lists may be rows of a matrix that is not square, which is an error; tuples are rows of a square one only, and two
    of them are edges.
    """
    lengths = {*map(len, items)}
    if all(isinstance(item, list) for item in items):
        return bool(items) and (lengths == {len(items)} or 2 not in lengths)
    return all(isinstance(item, np.ndarray) for item in items) or (lengths == {len(items)} and len(items) > 2)


def _of_nested_lists(rows: Sequence[Any]) -> GraphData:
    size = len(rows)
    _require_size(size)
    for number, row in enumerate(rows, 1):
        if len(row) != size:
            got = f"{size} rows and {len(row)} entries in row {number}"
            raise BadInput(f"expected a square adjacency matrix, got {got}")
        for entry in row:
            if not isinstance(entry, int | float | np.number | np.bool_):
                raise BadInput(f"expected 0 or 1 in an adjacency matrix, got {shown(entry)} in row {number}")
    try:
        return _of_matrix(np.array([*map(list, rows)]))
    except BadInput as error:
        if size == 2:
            raise BadInput(f"{error} (edges are given as tuples, [(0, 1), (1, 2)])") from None
        raise


# Edges --------------------------------------------------------------------------------------------------------------


def _pairs(edges: Sequence[tuple[int, int]]) -> NDArray[np.intp]:
    return np.array(edges, np.intp).reshape(-1, 2)


def _of_edges(items: Sequence[Any]) -> GraphData:
    if len(items) > MAX_EDGES:
        raise BadInput(f"expected at most {MAX_EDGES} edges, got more")
    wrong = next((item for item in items if len(item) != 2), None)
    if wrong is not None:
        raise BadInput(f"expected {EXPECTED}, got {shown(wrong)} in place of a pair of vertices")
    labels = _sorted(_distinct(vertex for pair in items for vertex in pair))
    position = {label: i for i, label in enumerate(labels)}
    return GraphData(labels, _pairs([(position[u], position[v]) for u, v in items]))


def _of_neighbours(neighbours: Mapping[Any, Any]) -> GraphData:
    _require_size(len(neighbours))
    labels = list(neighbours)
    position = {label: i for i, label in enumerate(labels)}
    edges: list[tuple[int, int]] = []
    for label, others in neighbours.items():
        if not isinstance(others, Iterable) or isinstance(others, str | bytes):
            raise BadInput(f"expected a list of the neighbours of {shown(label)}, got {shown(others)}")
        for other in islice(iter(others), MAX_EDGES):
            number = position.get(other) if isinstance(other, Hashable) else None
            if number is None:
                raise BadInput(f"expected vertices of the graph as neighbours of {shown(label)}, got {shown(other)}")
            edges.append((position[label], number))
        if len(edges) > MAX_EDGES:
            raise BadInput(f"expected at most {MAX_EDGES} edges, got more")
    return GraphData(labels, _pairs(edges))


def _distinct(vertices: Iterable[Any]) -> list[Any]:
    """The different ones, in the order in which they first occur, and one more than are accepted if there are."""
    found: dict[Any, None] = {}
    for vertex in vertices:
        try:
            found[vertex] = None
        except TypeError:
            raise BadInput(f"expected vertices that can be hashed, such as texts, got {shown(vertex)}") from None
        if len(found) > MAX_VERTICES:
            raise BadInput(f"expected a graph with 1 to {MAX_VERTICES} vertices, got more")
    _require_size(len(found))
    return list(found)


def _sorted(vertices: list[Any]) -> list[Any]:
    """In ascending order where all are whole numbers or all are texts: sets of edges have no order of their own."""
    are_numbers = all(isinstance(vertex, int | np.integer) for vertex in vertices)
    return sorted(vertices) if are_numbers or all(isinstance(vertex, str) for vertex in vertices) else vertices
