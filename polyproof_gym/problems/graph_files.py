"""Graphs from files: DIMACS, METIS, lists of edges, Matrix Market. What they ask for is the maximum stable set."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.arguments import shown
from polyproof_gym.polynomials import Rational
from polyproof_gym.problems.file_numbers import number_of, whole
from polyproof_gym.problems.graph_forms import MAX_EDGES, MAX_VERTICES, GraphData
from polyproof_gym.problems.line_error import LineError
from polyproof_gym.problems.problem import Problem
from polyproof_gym.problems.stable_set import stable_set_from_edges


def read_dimacs(lines: Iterable[str], name: str) -> Problem:
    """The DIMACS format of graphs: ``c`` comment; ``p edge N M`` or ``p col N M``; ``n VERTEX WEIGHT``; ``e U V``.

    Vertices count from 1. An edge may be given twice, as many files do, so that ``M`` is the least number of edges.

    Raises:
        BadInput: If there is no such graph.
        LineError: If a line is something else, or edges are missing at the end.
    """
    number = num_vertices = num_edges = announced = 0
    joined = bytearray()  # whether two vertices are, row by row
    vertices: dict[str, int] = {}  # by their plain texts, as most edges are written
    weights: list[Rational] = []

    def vertex(text: str) -> int:
        return vertices[text] if text in vertices else whole(text, 1, num_vertices, number, "a vertex") - 1

    for number, line in enumerate(lines, 1):
        kind, *fields = line.split(None, 4) or ["c"]  # of longer lines the rest does not matter
        if kind == "e" and num_vertices:
            if len(fields) != 2:
                raise LineError(number, f"expected 'e VERTEX VERTEX', got {shown(line.strip())}")
            u, v = vertex(fields[0]), vertex(fields[1])
            if u == v:
                raise LineError(number, f"expected two different vertices, got {fields[0]} twice")
            joined[u * num_vertices + v] = 1
            num_edges += 1
        elif kind == "c":
            continue
        elif kind == "p":
            if num_vertices:
                raise LineError(number, "expected a single problem line, got a second one")
            if len(fields) < 2 or fields[0] not in ("edge", "col", "edges"):
                raise LineError(number, f"expected 'p edge VERTICES EDGES', got {shown(line.strip())}")
            num_vertices = whole(fields[1], 1, MAX_VERTICES, number, "a number of vertices")
            announced = whole(fields[2], 0, MAX_EDGES, number, "a number of edges") if len(fields) > 2 else 0
            joined = bytearray(num_vertices**2)
            vertices = {str(i + 1): i for i in range(num_vertices)}
            weights = [1] * num_vertices
        elif not num_vertices:
            raise LineError(number, f"expected the problem line 'p edge VERTICES EDGES', got {shown(line.strip())}")
        elif kind == "n":
            if len(fields) != 2:
                raise LineError(number, f"expected 'n VERTEX WEIGHT', got {shown(line.strip())}")
            weights[vertex(fields[0])] = _weight(fields[1], number)
        else:
            raise LineError(number, f"expected a line that begins with c, p, n or e, got {shown(line.strip())}")
    if not num_vertices:
        raise LineError(max(number, 1), "expected the problem line 'p edge VERTICES EDGES', got the end of the file")
    if num_edges < announced:
        raise LineError(number, f"expected {announced} edges, as the problem line says, got {num_edges}")
    return _problem(joined, name, weights)


def read_metis(lines: Iterable[str], name: str) -> Problem:
    """The format of METIS (its manual, section 4.1.1): ``N M [FORMAT]``, then one line of neighbours for every vertex.

    Vertices count from 1, every edge stands in two lines, and a line that begins with ``%`` is a comment. With the
    format ``10`` (or ``010``) every line begins with the vertex's weight. Weights of edges and sizes mean nothing for
    stable sets and are refused.

    Raises:
        BadInput: If there is no such graph.
        LineError: If a line is something else, there are more or fewer, or an edge stands in one of its lines only.
    """
    number = num_vertices = num_edges = 0
    has_weights = False
    joined = bytearray()  # whether two vertices are, row by row
    weights: list[Rational] = []
    places: list[int] = []  # the lines of the vertices
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("%"):
            continue
        fields = line.split()
        if not num_vertices:
            if not 2 <= len(fields) <= 3:
                raise LineError(
                    number, f"expected 'VERTICES EDGES' or 'VERTICES EDGES FORMAT', got {shown(line.strip())}"
                )
            num_vertices = whole(fields[0], 1, MAX_VERTICES, number, "a number of vertices")
            num_edges = whole(fields[1], 0, MAX_EDGES, number, "a number of edges")
            kind = "".join(fields[2:]).lstrip("0")
            if kind not in ("", "10"):
                raise LineError(number, f"expected the format 0 or 10 (weights of vertices), got {shown(fields[2])}")
            has_weights = kind == "10"
            joined = bytearray(num_vertices**2)
        elif len(places) == num_vertices:
            if fields:
                raise LineError(number, f"expected {num_vertices} lines after the first, got more")
        else:
            u = len(places)
            places.append(number)
            weights.append(_weight(fields.pop(0) if fields else "", number) if has_weights else 1)
            for field in fields:
                v = whole(field, 1, num_vertices, number, "a vertex") - 1
                if u == v:
                    raise LineError(number, f"expected other vertices than {u + 1} as its neighbours")
                joined[u * num_vertices + v] = 1
    if not num_vertices:
        raise LineError(max(number, 1), "expected 'VERTICES EDGES', got the end of the file")
    if len(places) < num_vertices:
        raise LineError(number, f"expected {num_vertices} lines of neighbours, got {len(places)}")
    matrix = _matrix(joined, num_vertices)
    for u, v in np.argwhere(matrix & ~matrix.T)[:1].tolist():
        raise LineError(places[v], f"expected {u + 1} among the neighbours of {v + 1}, as the reverse is so")
    if matrix.sum() != 2 * num_edges:
        raise LineError(number, f"expected {num_edges} edges, as the first line says, got {matrix.sum() // 2}")
    return _problem(joined, name, weights)


def read_edge_list(lines: Iterable[str], name: str) -> Problem:
    """Two vertices a line, numbers or names, with spaces or a comma between; one vertex alone has no edge there.

    Lines that begin with ``#`` or ``%`` are comments. The vertices are in ascending order where all are whole numbers,
    and otherwise in that of their names.

    Raises:
        BadInput: If there is no such graph.
        LineError: If a line is something else.
    """
    position: dict[str, int] = {}
    joined = bytearray(MAX_VERTICES**2)
    for number, line in enumerate(lines, 1):
        fields = line.replace(",", " ").split(None, 3)
        if not fields or fields[0][0] in "#%":
            continue
        if len(fields) > 2:
            raise LineError(number, f"expected two vertices, got {shown(line.strip())}")
        if len(fields) == 2 and fields[0] == fields[1]:
            raise LineError(number, f"expected two different vertices, got {shown(fields[0])} twice")
        vertices = [position.setdefault(vertex, len(position)) for vertex in fields]
        if len(position) > MAX_VERTICES:
            raise LineError(number, f"expected at most {MAX_VERTICES} vertices, got more")
        if len(vertices) == 2:
            joined[vertices[0] * MAX_VERTICES + vertices[1]] = 1
    are_numbers = all(vertex.isascii() and vertex.isdigit() and len(vertex) <= 9 for vertex in position)
    labels = sorted(position, key=(lambda vertex: (int(vertex), vertex)) if are_numbers else None)
    order = [position[label] for label in labels]
    graph = GraphData(labels, np.argwhere(_matrix(joined, MAX_VERTICES)[np.ix_(order, order)]))
    return stable_set_from_edges(graph.variable_names(), graph.edges, name=name)


def read_matrix_market(lines: Iterable[str], name: str) -> Problem:
    """A sparse square matrix, ``%%MatrixMarket matrix coordinate ...``: vertices are joined where an entry stands.

    The format is that of Boisvert, Pozo and Remington, "The Matrix Market exchange formats" (1996). Values are not
    looked at, and neither are entries on the diagonal, as is usual where matrices stand for graphs.

    Raises:
        BadInput: If there is no such graph.
        LineError: If a line is something else, or there are more or fewer entries than are announced.
    """
    number = num_vertices = num_entries = found = 0
    joined = bytearray()
    for number, line in enumerate(lines, 1):
        fields = line.split()
        if number == 1:
            if [field.lower() for field in fields[:3]] != ["%%matrixmarket", "matrix", "coordinate"]:
                raise LineError(1, f"expected '%%MatrixMarket matrix coordinate ...', got {shown(line.strip())}")
        elif not fields or fields[0].startswith("%"):
            continue
        elif not num_vertices:
            if len(fields) != 3 or fields[0] != fields[1]:
                raise LineError(
                    number, f"expected 'ROWS COLUMNS ENTRIES' of a square matrix, got {shown(line.strip())}"
                )
            num_vertices = whole(fields[0], 1, MAX_VERTICES, number, "a number of rows")
            num_entries = whole(fields[2], 0, MAX_EDGES, number, "a number of entries")
            joined = bytearray(num_vertices**2)
        elif len(fields) < 2 or found == num_entries:
            got = "more" if found == num_entries else shown(line.strip())
            raise LineError(number, f"expected {num_entries} entries 'ROW COLUMN VALUE', got {got}")
        else:
            u, v = (whole(field, 1, num_vertices, number, "a vertex") - 1 for field in fields[:2])
            joined[u * num_vertices + v] = u != v
            found += 1
    if not num_vertices:
        raise LineError(max(number, 1), "expected '%%MatrixMarket matrix coordinate ...', got the end of the file")
    if found < num_entries:
        raise LineError(number, f"expected {num_entries} entries, as the line of sizes says, got {found}")
    return _problem(joined, name)


def _problem(joined: bytearray, name: str, weights: Sequence[Rational] | None = None) -> Problem:
    """The problem of a graph whose vertices are numbered, given row by row."""
    n = math.isqrt(len(joined))
    return stable_set_from_edges([f"x{i + 1}" for i in range(n)], np.argwhere(_matrix(joined, n)), weights, name=name)


def _matrix(joined: bytearray, n: int) -> NDArray[np.bool_]:
    return np.frombuffer(joined, np.bool_).reshape(n, n)


def _weight(text: str, line: int) -> Rational:
    weight = number_of(text, line, "a weight")
    if weight < 0:
        raise LineError(line, f"expected a nonnegative weight, got {text}")
    return weight
