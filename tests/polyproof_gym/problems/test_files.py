from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import parse_polynomial
from polyproof_gym.problems import Problem, load_problem, stability_number

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the folder shared/data beside the repository is absent")


def load(folder: Path, text: str, name: str = "graph.col") -> Problem:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return load_problem(path)


@pytest.mark.parametrize("ending", ["col", "clq", "gph", "COL"])
@pytest.mark.parametrize("word", ["edge", "col"])
def test_graph_files(tmp_path: Path, ending: str, word: str) -> None:
    text = f"c a comment\n\np {word} 4 3\ne 1 2\nc another\n  e 3 2 \ne 4 3\n"
    problem = load(tmp_path, text, f"path.{ending}")
    assert problem.variables == ("x1", "x2", "x3", "x4")
    assert problem.ring.exclusive == {(0, 1), (1, 2), (2, 3)}
    assert problem.sense == "max"
    assert problem.name == f"path.{ending}"
    assert stability_number(problem) == problem.incumbent == 2


def test_the_path_may_be_text(tmp_path: Path) -> None:
    load(tmp_path, "p edge 2 1\ne 1 2\n")
    assert load_problem(str(tmp_path / "graph.col")).num_variables == 2


def test_weights(tmp_path: Path) -> None:
    problem = load(tmp_path, "p edge 3 2\nn 2 2.5\nn 3 0\ne 1 2\ne 2 3\n")
    assert dict(problem.objective.terms) == {(0,): 1, (1,): Fraction(5, 2)}
    assert problem.incumbent == Fraction(5, 2)


@pytest.mark.parametrize("edges", ["e 1 2\ne 1 2", "e 1 2\ne 2 1"])
def test_edges_given_twice_count_once(tmp_path: Path, edges: str) -> None:
    assert load(tmp_path, f"p edge 2 1\n{edges}\n").ring.exclusive == {(0, 1)}


def test_a_graph_may_have_no_edges_and_other_line_ends(tmp_path: Path) -> None:
    problem = load(tmp_path, "c x\r\np edge 3 0\r\n")
    assert problem.num_variables == problem.incumbent == 3


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("", 1, "the problem line 'p edge VERTICES EDGES', got the end of the file"),
        ("c only\nc comments\n", 2, "got the end of the file"),
        ("e 1 2\np edge 2 1\n", 1, "the problem line 'p edge VERTICES EDGES', got 'e 1 2'"),
        ("p edge 2 1\np edge 2 1\n", 2, "a single problem line"),
        ("p edge\n", 1, "'p edge VERTICES EDGES'"),
        ("p matrix 3 3\n", 1, "'p edge VERTICES EDGES'"),
        ("p edge 0 0\n", 1, "a number of vertices from 1 to 2000, got '0'"),
        ("p edge 2001 0\n", 1, "a number of vertices from 1 to 2000"),
        ("p edge -3 0\n", 1, "a number of vertices"),
        ("p edge 99999999999999999999 0\n", 1, "a number of vertices"),
        ("p edge two 1\n", 1, "a number of vertices from 1 to 2000, got 'two'"),
        ("p edge 2 1\ne 1 3\n", 2, "a vertex from 1 to 2, got '3'"),
        ("p edge 2 1\ne 0 1\n", 2, "a vertex from 1 to 2, got '0'"),
        ("p edge 2 1\ne 1 -2\n", 2, "a vertex"),
        ("p edge 2 1\ne 1 ²\n", 2, "a vertex"),
        ("p edge 2 1\ne 1 1.0\n", 2, "a vertex"),
        ("p edge 2 1\ne 1\n", 2, "'e VERTEX VERTEX'"),
        ("p edge 2 1\ne 1 2 3\n", 2, "'e VERTEX VERTEX'"),
        ("p edge 2 1\nc loop\ne 2 2\n", 3, "two different vertices, got 2 twice"),
        ("p edge 2 1\nx 1 2\n", 2, "a line that begins with c, p, n or e, got 'x 1 2'"),
        ("p edge 2 1\ne 1 2\n<html>\n", 3, "a line that begins with"),
        ("p edge 2 1\nn 1\n", 2, "'n VERTEX WEIGHT'"),
        ("p edge 2 1\nn 3 1\n", 2, "a vertex from 1 to 2"),
        ("p edge 2 1\nn 1 -1\n", 2, "a nonnegative weight"),
        ("p edge 2 1\nn 1 nan\n", 2, "a weight, got 'nan'"),
        ("p edge 2 1\nn 1 1/0\n", 2, "a weight"),
        ("p edge 2 1\nn 1 1e999999999\n", 2, "a weight"),
    ],
)
def test_errors_in_graph_files_name_the_line(tmp_path: Path, text: str, line: int, expected: str) -> None:
    with pytest.raises(BadInput) as error:
        load(tmp_path, text)
    message = str(error.value)
    assert message.startswith(f"{tmp_path / 'graph.col'}:{line}: expected ")
    assert expected in message
    assert "\n" not in message


def test_box_qp_file(tmp_path: Path) -> None:
    problem = load(tmp_path, "2\n1 -2\n4 3\n3 -6\n", "small.in")
    assert problem.objective == parse_polynomial("2 x1^2 + 3 x1 x2 - 3 x2^2 + x1 - 2 x2", problem.ring)
    assert problem.sense == "max"
    assert problem.variables == ("x1", "x2")
    assert problem.box == ((0, 1), (0, 1))
    assert problem.incumbent == Fraction(37, 12)
    assert problem.feasible_point == (1, Fraction(1, 6))


def test_box_qp_halves_are_exact_and_lines_are_free(tmp_path: Path) -> None:
    problem = load(tmp_path, "2 0.1 0\n\n3 1\n 1   0", "small.in")
    assert problem.objective == parse_polynomial("3/2 x1^2 + x1 x2 + 1/10 x1", problem.ring)


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("", 1, "the number of variables, got the end of the file"),
        ("zero\n", 1, "a number of variables"),
        ("0\n", 1, "a number of variables"),
        ("501\n", 1, "a number of variables"),
        ("2\n1 2\n3 4\n", 3, "2 + 2*2 coefficients after the first number, got 4"),
        ("1\n1\n1\n1\n", 4, "1 + 1*1 coefficients"),
        ("1\n1\nx\n", 3, "a number, got 'x'"),
        ("1\ninf\n1\n", 2, "a number, got 'inf'"),
    ],
)
def test_errors_in_box_qp_files_name_the_line(tmp_path: Path, text: str, line: int, expected: str) -> None:
    with pytest.raises(BadInput) as error:
        load(tmp_path, text, "bad.in")
    message = str(error.value)
    assert message.startswith(f"{tmp_path / 'bad.in'}:{line}: expected ")
    assert expected in message
    assert "\n" not in message


@pytest.mark.parametrize("name", ["bad.col", "bad.in"])
def test_files_that_are_not_text(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"p edge 2 1\n\xff\xfe\x00")
    with pytest.raises(BadInput, match="UTF-8") as error:
        load_problem(tmp_path / name)
    assert str(error.value).startswith(f"{tmp_path / name}: ")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file") as error:
        load_problem(tmp_path / "none.col")
    assert str(error.value).startswith(f"{tmp_path / 'none.col'}: ")


@pytest.mark.parametrize("name", ["graph.txt", "graph", "graph.col.gz"])
def test_unknown_ending(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("p edge 1 0\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"expected a file ending in .*\.col.*\.in"):
        load_problem(tmp_path / name)


@pytest.mark.parametrize("name", ["folder", "folder.col"])
def test_directory(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(BadInput, match="folder"):
        load_problem(tmp_path / name)


@needs_data
@pytest.mark.parametrize(
    ("name", "alpha"),
    [
        ("farm", 10),
        ("ibm32", 13),
        ("karate", 20),
        ("MANN-a9", 3),
        ("hamming6-2", 2),
        ("sloane_1dc_64", 10),
        ("insecta-ant-colony1-day38", 6),
    ],
)
def test_real_graphs(name: str, alpha: int) -> None:
    path = DATA / "stable_set" / f"{name}.gph"
    (header,) = (line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("p "))
    problem = load_problem(path)
    assert problem.num_variables == int(header[2])
    assert len(problem.ring.exclusive) == int(header[3])
    assert problem.incumbent is not None
    assert 0 < problem.incumbent <= alpha
    point = problem.feasible_point
    assert point is not None
    assert not any(point[i] and point[j] for i, j in problem.ring.exclusive)


@needs_data
@pytest.mark.parametrize(("name", "alpha"), [("farm", 10), ("ibm32", 13), ("hamming6-2", 2), ("MANN-a9", 3)])
def test_stability_numbers_of_real_graphs(name: str, alpha: int) -> None:
    assert stability_number(load_problem(DATA / "stable_set" / f"{name}.gph")) == alpha


@needs_data
@pytest.mark.parametrize(("name", "optimum"), [("spar020-100-1", Fraction("706.5")), ("spar020-100-3", 772)])
def test_real_box_qps(name: str, optimum: Fraction) -> None:
    problem = load_problem(DATA / "boxqp" / f"{name}.in")
    assert problem.num_variables == 20
    assert problem.degree == 2
    assert problem.incumbent is not None
    assert 0 < problem.incumbent <= optimum


# Anything -------------------------------------------------------------------------------------------------------------

GRAPH = "c a comment\np edge 5 4\nn 1 3\ne 1 2\ne 2 3\ne 3 4\ne 4 5\n"
POLYNOMIAL = "# a comment\nmax x*y - 0.5 b\nsubject to\n  x + 2y <= 4\nbounds\n  x >= 0, y >= 0\nboolean\n  b\n"
METIS = "% a comment\n4 3 10\n1 2\n5/2 1 3\n0 2 4\n1 3\n"
EDGES = "# a comment\n1 2\n2,3\n5\n"
MATRIX = "%%MatrixMarket matrix coordinate real general\n3 3 2\n1 2 0.5\n3 2 1\n"
WHOLE = {
    **dict.fromkeys(("col", "clq", "gph"), GRAPH),
    **{"graph": METIS, "edges": EDGES, "mtx": MATRIX, "in": "2\n1 -2\n4 3\n3 -6\n", "poly": POLYNOMIAL},
}

PIECES = st.sampled_from(
    [
        *("p", "e", "n", "c", "edge", "col", "p edge 5 3", "e 1 2", "n 1 2", "e 1 1", "--", "#", "_", "x", "é"),
        *("1", "2", "5", "0", "-1", "+1", "2000", "2001", "99999999999", "1.5", "1/2", "1/0", "nan", "inf", "1e5"),
        *(
            "max",
            "min",
            "subject to",
            "bounds",
            "boolean",
            "end",
            "x",
            "y",
            "x*y",
            "<=",
            ">=",
            "=",
            "^",
            "(",
            ")",
            ":",
            ",",
        ),
        *("1_0", "\u0663", "\u00b2", "7" * 60, "\x00", "\x0c", "\u2028", "\ufeff", "\t", " ", "\r", "\n", "\n\n"),
    ]
)


@st.composite
def contents(draw: st.DrawFn, ending: str) -> bytes:
    """Pieces of files one after the other, or a whole file with some pieces put in, changed or cut out."""
    if draw(st.booleans()):
        return " ".join(draw(st.lists(PIECES, max_size=20))).encode()
    text = WHOLE[ending]
    for _ in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(text)))
        end = min(len(text), begin + draw(st.integers(0, 3)))
        text = text[:begin] + draw(st.one_of(PIECES, st.just(""))) + text[end:]
    content = bytearray(text.encode())
    if content and draw(st.integers(0, 9)) == 0:
        content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    return bytes(content)


def check_read_or_refused(folder: Path, ending: str, content: bytes) -> None:
    path = folder / f"file.{ending}"
    path.write_bytes(content)
    try:
        problem = load_problem(path)
    except BadInput as error:
        message = str(error)
        assert message.startswith(str(path))
        assert "\n" not in message
    else:
        if ending not in ("in", "poly"):
            assert problem.incumbent is not None
            assert 0 <= problem.incumbent <= sum(problem.objective.terms.values())


@pytest.mark.parametrize("ending", WHOLE)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_content_is_read_or_refused_in_one_line(tmp_path: Path, ending: str, data: st.DataObject) -> None:
    check_read_or_refused(tmp_path, ending, data.draw(contents(ending)))


@pytest.mark.slow
@pytest.mark.parametrize("ending", WHOLE)
@settings(max_examples=10_000, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_of_many_contents_is_read_or_refused(tmp_path: Path, ending: str, data: st.DataObject) -> None:
    check_read_or_refused(tmp_path, ending, data.draw(contents(ending)))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("long.in", "500 " + "7 " * 300_000, "long.in:1: expected 500 + 500*500 coefficients"),
        ("long.col", "p edge 5 1\ne " + "7" * 10**6, "long.col:2: expected 'e VERTEX VERTEX'"),
        ("wide.col", "p edge 5 1\n" + "e " * 10**6, "wide.col:2: expected 'e VERTEX VERTEX'"),
        ("lines.col", "p edge 5 1\n" + "\n" * 5_000_000, "lines.col: files of more than 5000000 lines"),
        ("lines.in", "\n" * 5_000_001, "lines.in: files of more than 5000000 lines"),
    ],
)
def test_large_files_are_refused_where_that_is_known(tmp_path: Path, name: str, content: str, message: str) -> None:
    with pytest.raises(BadInput) as error:
        load(tmp_path, content, name)
    assert message in str(error.value)
    assert len(str(error.value)) < 300


@pytest.mark.parametrize("name", ["file.col", "file.in"])
def test_files_that_are_too_large_are_not_opened(tmp_path: Path, name: str) -> None:
    with (tmp_path / name).open("wb") as file:
        file.truncate(50_000_001)
    with pytest.raises(BadInput, match="above 50000000 bytes"):
        load_problem(tmp_path / name)
