"""Problems from files: graphs, polynomials as text, and box-constrained quadratic programs (BoxQP)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from polyproof_gym.arguments import file_path
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Rational, Ring, rational
from polyproof_gym.problems.box_polynomial import problem_on_unit_box
from polyproof_gym.problems.file_numbers import number_of, whole
from polyproof_gym.problems.graph_files import read_dimacs, read_edge_list, read_matrix_market, read_metis
from polyproof_gym.problems.line_error import LineError
from polyproof_gym.problems.problem import Problem
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
    ``.graph``, ``.metis``
        The same of a graph in METIS format.
    ``.edges``, ``.edgelist``
        The same of a list of edges, two vertices a line.
    ``.mtx``
        The same of a sparse matrix in Matrix Market format, whose entries are the edges.
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
        raise BadInput(f"{path}: expected a file ending in {', '.join(ENDINGS)}") from None
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


def _read_box_qp(lines: Iterable[str], name: str) -> Problem:
    number = 1
    numbers: list[Rational] = []
    n: int | None = None
    for number, line in enumerate(lines, 1):
        for match in re.finditer(r"\S+", line):  # and not split: a file may be a single line of any length
            if n is None:
                n = whole(match[0], 1, MAX_QP_VARIABLES, number, "a number of variables")
            elif len(numbers) == n + n * n:
                raise LineError(number, f"expected {n} + {n}*{n} coefficients after the first number, got more")
            else:
                numbers.append(number_of(match[0], number, "a number"))
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
    ".col": read_dimacs,
    ".clq": read_dimacs,
    ".gph": read_dimacs,
    ".graph": read_metis,
    ".metis": read_metis,
    ".edges": read_edge_list,
    ".edgelist": read_edge_list,
    ".mtx": read_matrix_market,
    ".in": _read_box_qp,
    ".poly": _read_poly,
}

ENDINGS = tuple(_READERS)
"""The endings of files that are read."""
