"""Problems from files: graphs in DIMACS format, and box-constrained quadratic programs (BoxQP)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from polyproof_gym.arguments import file_path, shown
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Rational, Ring, rational
from polyproof_gym.problems.box_polynomial import problem_on_unit_box
from polyproof_gym.problems.graph_forms import MAX_VERTICES
from polyproof_gym.problems.line_error import LineError
from polyproof_gym.problems.problem import Problem
from polyproof_gym.problems.stable_set import stable_set_from_edges
from polyproof_gym.problems.text_format import read_text

MAX_FILE_BYTES = 50_000_000
"""Largest file that is read."""

MAX_LINES = 5_000_000
"""Most lines of a file; all edges of the largest graph, twice, have fewer."""

MAX_QP_VARIABLES = 500
"""Most variables of a BoxQP."""


def load_problem(path: str | Path) -> Problem:
    """Read a problem from a file, whose ending tells the format.

    ``.col``, ``.clq``, ``.gph``
        A DIMACS graph; the problem is its maximum (weighted) stable set, of the graph as it stands in the file.
    ``.in``
        A BoxQP instance: ``n``, ``c``, ``Q``; maximise ``x'Qx/2 + c'x`` over ``[0, 1]^n``.
    ``.poly``
        A polynomial with constraints, as text (see :mod:`~polyproof_gym.problems.text_format`).

    Raises:
        BadInput: With file, line and what was expected there.
    """
    path = file_path(path)
    try:
        reader = _READERS[path.suffix.lower()]
    except KeyError:
        raise BadInput(f"{path}: expected a file ending in {', '.join(_READERS)}") from None
    try:
        if path.exists() and not path.is_file():
            raise _FileError("expected a regular file")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise _FileError(f"files above {MAX_FILE_BYTES} bytes are not accepted")
        with path.open(encoding="utf-8-sig") as lines:  # a list of all lines would take many times the file's size
            return reader(_limited(lines), path.name)
    except LineError as error:
        raise BadInput(f"{path}:{error.line}: {error}") from None
    except (_FileError, BadInput) as error:
        raise BadInput(f"{path}: {error}") from None
    except OSError as error:
        raise BadInput(f"{path}: {(error.strerror or str(error)).lower()}") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path}: expected a text file in UTF-8") from None


class _FileError(Exception):
    """The file as a whole cannot be read."""


def _limited(lines: Iterator[str]) -> Iterator[str]:
    """The lines, or an error once there are too many: even empty ones take time."""
    yield from islice(lines, MAX_LINES)
    if next(lines, None) is not None:
        raise _FileError(f"files of more than {MAX_LINES} lines are not accepted")


def _whole(text: str, low: int, high: int, line: int, what: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not low <= int(text) <= high:
        raise LineError(line, f"expected {what} from {low} to {high}, got {shown(text)}")
    return int(text)


def _number(text: str, line: int, what: str) -> Rational:
    try:
        if len(text) > 50 or "e" in text.lower():
            raise ValueError
        return rational(text)
    except ValueError:
        raise LineError(line, f"expected {what}, got {shown(text)}") from None


def _read_dimacs(lines: Iterable[str], name: str) -> Problem:
    """``c`` comment; ``p edge N M`` or ``p col N M``; ``n VERTEX WEIGHT``; ``e U V``. Vertices count from 1."""
    number = num_vertices = 0
    joined = bytearray()  # whether two vertices are, row by row
    vertices: dict[str, int] = {}  # by their plain texts, as most edges are written
    weights: list[Rational] = []

    def vertex(text: str) -> int:
        return vertices[text] if text in vertices else _whole(text, 1, num_vertices, number, "a vertex") - 1

    for number, line in enumerate(lines, 1):
        kind, *fields = line.split(None, 4) or ["c"]  # of longer lines the rest does not matter
        if kind == "e" and num_vertices:
            if len(fields) != 2:
                raise LineError(number, f"expected 'e VERTEX VERTEX', got {shown(line.strip())}")
            u, v = vertex(fields[0]), vertex(fields[1])
            if u == v:
                raise LineError(number, f"expected two different vertices, got {fields[0]} twice")
            joined[u * num_vertices + v] = 1
        elif kind == "c":
            continue
        elif kind == "p":
            if num_vertices:
                raise LineError(number, "expected a single problem line, got a second one")
            if len(fields) < 2 or fields[0] not in ("edge", "col", "edges"):
                raise LineError(number, f"expected 'p edge VERTICES EDGES', got {shown(line.strip())}")
            num_vertices = _whole(fields[1], 1, MAX_VERTICES, number, "a number of vertices")
            joined = bytearray(num_vertices**2)
            vertices = {str(i + 1): i for i in range(num_vertices)}
            weights = [1] * num_vertices
        elif not num_vertices:
            raise LineError(number, f"expected the problem line 'p edge VERTICES EDGES', got {shown(line.strip())}")
        elif kind == "n":
            if len(fields) != 2:
                raise LineError(number, f"expected 'n VERTEX WEIGHT', got {shown(line.strip())}")
            weight = _number(fields[1], number, "a weight")
            if weight < 0:
                raise LineError(number, f"expected a nonnegative weight, got {fields[1]}")
            weights[vertex(fields[0])] = weight
        else:
            raise LineError(number, f"expected a line that begins with c, p, n or e, got {shown(line.strip())}")
    if not num_vertices:
        raise LineError(max(number, 1), "expected the problem line 'p edge VERTICES EDGES', got the end of the file")
    edges = np.argwhere(np.frombuffer(joined, np.bool_).reshape(num_vertices, num_vertices))
    return stable_set_from_edges([f"x{i + 1}" for i in range(num_vertices)], edges, weights, name=name)


def _read_box_qp(lines: Iterable[str], name: str) -> Problem:
    number = 1
    numbers: list[Rational] = []
    n: int | None = None
    for number, line in enumerate(lines, 1):
        for match in re.finditer(r"\S+", line):  # and not split: a file may be a single line of any length
            if n is None:
                n = _whole(match[0], 1, MAX_QP_VARIABLES, number, "a number of variables")
            elif len(numbers) == n + n * n:
                raise LineError(number, f"expected {n} + {n}*{n} coefficients after the first number, got more")
            else:
                numbers.append(_number(match[0], number, "a number"))
    if n is None:
        raise LineError(1, "expected the number of variables, got the end of the file")
    if len(numbers) < n + n * n:
        raise LineError(number, f"expected {n} + {n}*{n} coefficients after the first number, got {len(numbers)}")
    ring = Ring([f"x{i + 1}" for i in range(n)])
    linear = Polynomial(ring, {(i,): numbers[i] for i in range(n)})
    quadratic = Polynomial.of(ring, (((i, j), numbers[n + i * n + j]) for i in range(n) for j in range(n)))
    return problem_on_unit_box(name, linear + rational("1/2") * quadratic, sense="max")


def _read_poly(lines: Iterable[str], name: str) -> Problem:
    return read_text([line.removesuffix("\n") for line in lines], name)


_READERS: dict[str, Callable[[Iterable[str], str], Problem]] = {
    ".col": _read_dimacs,
    ".clq": _read_dimacs,
    ".gph": _read_dimacs,
    ".in": _read_box_qp,
    ".poly": _read_poly,
}
