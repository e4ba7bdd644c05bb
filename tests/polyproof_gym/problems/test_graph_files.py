from fractions import Fraction
from pathlib import Path

import pytest

from polyproof_gym.errors import BadInput
from polyproof_gym.problems import Problem, load_problem, stable_set

PENTAGON = {(0, 1), (1, 2), (2, 3), (3, 4), (0, 4)}
METIS = "% a comment\n5 5\n2 5\n1 3\n2 4\n3 5\n4 1\n"
MATRIX = "%%MatrixMarket matrix coordinate pattern symmetric\n% a comment\n5 5 5\n2 1\n3 2\n4 3\n5 4\n5 1\n"


def load(folder: Path, text: str, name: str) -> Problem:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return load_problem(path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("g.graph", METIS),
        ("g.metis", METIS.replace("5 5\n", "5 5 000\n", 1)),
        ("g.graph", METIS + "\n\n"),
        ("g.edges", "# a comment\n1 2\n2 3\n3,4\n4, 5\n\n% another\n1\t5\n5 1\n"),
        ("g.edgelist", "5\n4\n3\n5 1\n2 1\n3 2\n4 3\n4 5\n"),
        ("g.mtx", MATRIX),
        (
            "g.mtx",
            MATRIX.replace("pattern", "real").replace("2 1\n", "2 1 -0.5\n").replace("5 5 5\n", "5 5 6\n2 2 1\n"),
        ),
    ],
)
def test_the_pentagon_in_every_format(tmp_path: Path, name: str, text: str) -> None:
    problem = load(tmp_path, text, name)
    assert problem.variables == ("x1", "x2", "x3", "x4", "x5")
    assert problem.ring.exclusive == PENTAGON
    assert (problem.name, problem.sense, problem.incumbent) == (name, "max", 2)


def test_weights_in_metis_files(tmp_path: Path) -> None:
    problem = load(tmp_path, "3 1 010\n7 2\n2.5 1\n0\n", "g.graph")
    assert dict(problem.objective.terms) == {(0,): 7, (1,): Fraction(5, 2)}


def test_isolated_vertices(tmp_path: Path) -> None:
    assert load(tmp_path, "3 1\n3\n\n1\n", "g.graph").ring.exclusive == {(0, 2)}
    assert load(tmp_path, "Ann Bob\nCleo\n", "g.edges").variables == ("xAnn", "xBob", "xCleo")


@pytest.mark.parametrize("edges", [[(10, 9), (9, 2)], [("10", "b"), ("b", "2")]])
def test_vertices_of_edge_lists_are_in_the_order_of_edges_in_python(
    tmp_path: Path, edges: list[tuple[object, object]]
) -> None:
    problem = load(tmp_path, "".join(f"{u} {v}\n" for u, v in edges), "g.edges")
    same = stable_set(edges)
    assert problem.variables == same.variables
    assert problem.ring == same.ring


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("g.graph", "", "g.graph:1: expected 'VERTICES EDGES', got the end of the file"),
        ("g.graph", "3\n", "g.graph:1: expected 'VERTICES EDGES' or 'VERTICES EDGES FORMAT', got '3'"),
        ("g.graph", "2 1 1\n2 5\n1 5\n", "g.graph:1: expected the format 0 or 10 (weights of vertices), got '1'"),
        ("g.graph", "2 1 10 2\n", "g.graph:1: expected 'VERTICES EDGES' or"),
        ("g.graph", "2 1\n2\n", "g.graph:2: expected 2 lines of neighbours, got 1"),
        ("g.graph", "2 1\n2\n1\n1\n", "g.graph:4: expected 2 lines after the first, got more"),
        ("g.graph", "2 1\n3\n1\n", "g.graph:2: expected a vertex from 1 to 2, got '3'"),
        ("g.graph", "2 1\n1\n1\n", "g.graph:2: expected other vertices than 1 as its neighbours"),
        ("g.graph", "% one-sided\n2 1\n2\n\n", "g.graph:4: expected 1 among the neighbours of 2, as the reverse is so"),
        ("g.graph", "2 2\n2\n1\n", "g.graph:3: expected 2 edges, as the first line says, got 1"),
        ("g.graph", "2 1 10\n\n1 1\n", "g.graph:2: expected a weight, got ''"),
        ("g.graph", "2 1 10\n-1 2\n1 1\n", "g.graph:2: expected a nonnegative weight, got -1"),
        ("g.edges", "", "expected a graph with 1 to 2000 vertices, got 0"),
        ("g.edges", "1 2 {}\n", "g.edges:1: expected two vertices, got '1 2 {}'"),
        ("g.edges", "1 2\n3 3\n", "g.edges:2: expected two different vertices, got '3' twice"),
        ("g.edges", "".join(f"{i}\n" for i in range(2001)), "g.edges:2001: expected at most 2000 vertices, got more"),
        ("g.mtx", "5 5 5\n", "g.mtx:1: expected '%%MatrixMarket matrix coordinate ...', got '5 5 5'"),
        ("g.mtx", "%%MatrixMarket matrix array real general\n", "g.mtx:1: expected '%%MatrixMarket matrix coordinate"),
        ("g.mtx", MATRIX.replace("5 5 5", "5 4 5"), "g.mtx:3: expected 'ROWS COLUMNS ENTRIES' of a square matrix"),
        ("g.mtx", MATRIX.replace("5 5 5", "5 5 6"), "g.mtx:8: expected 6 entries, as the line of sizes says, got 5"),
        ("g.mtx", MATRIX.replace("5 5 5", "5 5 4"), "g.mtx:8: expected 4 entries 'ROW COLUMN VALUE', got more"),
        ("g.mtx", MATRIX.replace("3 2\n", "3\n"), "g.mtx:5: expected 5 entries 'ROW COLUMN VALUE', got '3'"),
        ("g.mtx", MATRIX.replace("3 2\n", "6 2\n"), "g.mtx:5: expected a vertex from 1 to 5, got '6'"),
        ("g.mtx", "", "g.mtx:1: expected '%%MatrixMarket matrix coordinate ...', got the end of the file"),
        ("g.col", "p edge 3 2\ne 1 2\n", "g.col:2: expected 2 edges, as the problem line says, got 1"),
    ],
)
def test_errors_name_the_line(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(BadInput) as error:
        load(tmp_path, text, name)
    assert message in str(error.value)
