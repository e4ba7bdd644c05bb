"""Problems from files: graphs in DIMACS format, and box-constrained quadratic programs (BoxQP)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Rational, Ring, rational
from polyproof_gym.problems.box_polynomial import problem_on_unit_box
from polyproof_gym.problems.line_error import LineError
from polyproof_gym.problems.problem import Problem
from polyproof_gym.problems.stable_set import MAX_VERTICES, stable_set_from_edges
from polyproof_gym.problems.text_format import read_text

MAX_FILE_BYTES = 50_000_000


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
    path = Path(path)
    try:
        reader = _READERS[path.suffix.lower()]
    except KeyError:
        raise BadInput(f"{path}: expected a file ending in {', '.join(_READERS)}") from None
    try:
        if path.exists() and not path.is_file():
            raise BadInput(f"{path}: expected a regular file")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise BadInput(f"{path}: files above {MAX_FILE_BYTES} bytes are not accepted")
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise BadInput(f"{path}: {(error.strerror or str(error)).lower()}") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path}: expected a text file in UTF-8") from None
    try:
        return reader(lines, path.name)
    except LineError as error:
        raise BadInput(f"{path}:{error.line}: {error}") from None
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from None


def _whole(text: str, low: int, high: int, line: int, what: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not low <= int(text) <= high:
        raise LineError(line, f"expected {what} from {low} to {high}, got {text!r}")
    return int(text)


def _number(text: str, line: int, what: str) -> Rational:
    try:
        if len(text) > 50 or "e" in text.lower():
            raise ValueError
        return rational(text)
    except ValueError:
        raise LineError(line, f"expected {what}, got {text!r}") from None


def _read_dimacs(lines: list[str], name: str) -> Problem:
    """``c`` comment; ``p edge N M`` or ``p col N M``; ``n VERTEX WEIGHT``; ``e U V``. Vertices count from 1."""
    num_vertices = 0
    edges: set[tuple[int, int]] = set()
    weights: list[Rational] = []
    for number, line in enumerate(lines, 1):
        kind, *fields = line.split() or ["c"]
        if kind == "c":
            continue
        if kind == "p":
            if num_vertices:
                raise LineError(number, "expected a single problem line, got a second one")
            if len(fields) < 2 or fields[0] not in ("edge", "col", "edges"):
                raise LineError(number, f"expected 'p edge VERTICES EDGES', got {line.strip()[:60]!r}")
            num_vertices = _whole(fields[1], 1, MAX_VERTICES, number, "a number of vertices")
            weights = [1] * num_vertices
        elif not num_vertices:
            raise LineError(number, f"expected the problem line 'p edge VERTICES EDGES', got {line.strip()[:60]!r}")
        elif kind == "e":
            if len(fields) != 2:
                raise LineError(number, f"expected 'e VERTEX VERTEX', got {line.strip()[:60]!r}")
            u, v = (_whole(field, 1, num_vertices, number, "a vertex") - 1 for field in fields)
            if u == v:
                raise LineError(number, f"expected two different vertices, got {fields[0]} twice")
            edges.add((min(u, v), max(u, v)))
        elif kind == "n":
            if len(fields) != 2:
                raise LineError(number, f"expected 'n VERTEX WEIGHT', got {line.strip()[:60]!r}")
            vertex = _whole(fields[0], 1, num_vertices, number, "a vertex") - 1
            weights[vertex] = _number(fields[1], number, "a weight")
            if weights[vertex] < 0:
                raise LineError(number, f"expected a nonnegative weight, got {fields[1]}")
        else:
            raise LineError(number, f"expected a line that begins with c, p, n or e, got {line.strip()[:60]!r}")
    if not num_vertices:
        raise LineError(
            max(len(lines), 1), "expected the problem line 'p edge VERTICES EDGES', got the end of the file"
        )
    return stable_set_from_edges([f"x{i + 1}" for i in range(num_vertices)], sorted(edges), weights, name=name)


def _read_box_qp(lines: list[str], name: str) -> Problem:
    fields = [(field, number) for number, line in enumerate(lines, 1) for field in line.split()]
    if not fields:
        raise LineError(1, "expected the number of variables, got the end of the file")
    n = _whole(fields[0][0], 1, 500, fields[0][1], "a number of variables")
    numbers = [_number(field, line, "a number") for field, line in fields[1:]]
    if len(numbers) != n + n * n:
        raise LineError(len(lines), f"expected {n} + {n}*{n} coefficients after the first number, got {len(numbers)}")
    ring = Ring([f"x{i + 1}" for i in range(n)])
    linear = Polynomial(ring, {(i,): numbers[i] for i in range(n)})
    quadratic = Polynomial.of(ring, (((i, j), numbers[n + i * n + j]) for i in range(n) for j in range(n)))
    return problem_on_unit_box(name, linear + rational("1/2") * quadratic, sense="max")


_READERS: dict[str, Callable[[list[str], str], Problem]] = {
    ".col": _read_dimacs,
    ".clq": _read_dimacs,
    ".gph": _read_dimacs,
    ".in": _read_box_qp,
    ".poly": read_text,
}
