"""The agent ``auto`` on problems with many symmetries, with the package that finds them and without it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, product
from types import MappingProxyType

import networkx as nx

from agents import prove
from experiments.benchmark.own_process import in_own_process
from experiments.tables import Cell, Result, Row, duration, figure, markdown
from polyproof_gym import Problem, polynomial


def elementary(n: int, k: int) -> str:
    """The sum of all products of ``k`` of ``n`` variables."""
    return " + ".join("*".join(some) for some in combinations(_names(n), k))


def on_box(text: str, low: int, n: int) -> Problem:
    """The minimum of a polynomial of ``n`` variables between ``low`` and 1."""
    return polynomial(text, box=[(low, 1)] * n, variables=_names(n))


def cut(graph: nx.Graph) -> Problem:
    """The largest number of edges between a set of nodes and the others."""
    names, edges = _names(len(graph)), nx.convert_node_labels_to_integers(graph).edges
    text = " + ".join(f"{names[i]} + {names[j]} - 2*{names[i]}*{names[j]}" for i, j in edges)
    return polynomial(text, boolean=names, sense="max")


def cross_polytope(n: int) -> Problem:
    """The largest sum of squares where absolute values add up to 1 at most: a constraint for each choice of signs."""
    names = _names(n)
    sides = [
        " + ".join(f"({sign})*{x}" for sign, x in zip(signs, names, strict=True))
        for signs in product((1, -1), repeat=n)
    ]
    return polynomial(
        " + ".join(f"{x}^2" for x in names),
        box=[(-1, 1)] * n,
        constraints=[f"{side} <= 1" for side in sides],
        variables=names,
        sense="max",
    )


def _names(n: int) -> list[str]:
    return [f"x{i}" for i in range(n)]


PROBLEMS: Mapping[str, Callable[[], Problem]] = MappingProxyType(
    {
        "minimum of `e(12, 3)` on [-1, 1]^12": lambda: on_box(elementary(12, 3), -1, 12),
        "`e(8, 4)` on [-1, 1]^8": lambda: on_box(elementary(8, 4), -1, 8),
        "`e(10, 5)` on [-1, 1]^10": lambda: on_box(elementary(10, 5), -1, 10),
        "`e(10, 3) - e(10, 2)` on [0, 1]^10": lambda: on_box(f"{elementary(10, 3)} - ({elementary(10, 2)})", 0, 10),
        "`e(10, 4) - 3 e(10, 2)` on [0, 1]^10": lambda: on_box(f"{elementary(10, 4)} - 3*({elementary(10, 2)})", 0, 10),
        "largest cut of the 7 by 7 torus": lambda: cut(nx.cartesian_product(nx.cycle_graph(7), nx.cycle_graph(7))),
        "largest cut of the 5 by 5 rook's graph": lambda: cut(
            nx.cartesian_product(nx.complete_graph(5), nx.complete_graph(5))
        ),
        "largest cut of K9": lambda: cut(nx.complete_graph(9)),
        "largest cut of K15": lambda: cut(nx.complete_graph(15)),
        "largest cut of the dodecahedron": lambda: cut(nx.dodecahedral_graph()),
        "cross-polytope, 5 variables, 32 constraints": lambda: cross_polytope(5),
    }
)
"""The problems, by what they are."""


@dataclass(frozen=True)
class Try:
    """One search.

    Attributes:
        bound: The proved bound, in floats.
        is_complete: Whether it is that of a feasible point, exactly.
        seconds: The processor time, checking the proof included.
    """

    bound: float
    is_complete: bool
    seconds: float


@dataclass(frozen=True)
class Symmetric:
    """One problem.

    Attributes:
        problem: What it is.
        symmetries: The number of its symmetries.
        best: The best feasible value known, in floats; ``None`` if none is.
        found: The search with the package.
        missing: That without it.
    """

    problem: str
    symmetries: int
    best: float | None
    found: Try
    missing: Try


@dataclass(frozen=True)
class Comparison:
    """The result of this section; see :class:`Symmetric`.

    Attributes:
        time_limit: Seconds for each search.
        rows: The problems.
    """

    time_limit: int
    rows: tuple[Symmetric, ...]


def measure(*, problems: Sequence[str] = tuple(PROBLEMS), time_limit: int = 20, seed: int = 0) -> Comparison:
    """Search for proofs both ways, each in a process of its own."""

    def attempt(name: str, found: bool) -> Try:
        arguments = {"name": name, "found": found, "time_limit": time_limit, "seed": seed}
        return Try(**in_own_process(__name__, "search", **arguments))

    rows = []
    for name in problems:
        problem = PROBLEMS[name]()
        best = None if problem.incumbent is None else float(problem.incumbent)
        rows.append(Symmetric(name, problem.symmetries.order, best, attempt(name, True), attempt(name, False)))
    return Comparison(time_limit, tuple(rows))


def search(name: str, found: bool, time_limit: int, seed: int) -> dict[str, float | bool]:
    """One search, see :class:`Try`; with igraph, or as if it were not installed."""
    problem = PROBLEMS[name]()
    if not found:
        sys.modules["igraph"] = None  # type: ignore[assignment]
    started = time.process_time()
    proof = prove(problem, "auto", seconds=time_limit, seed=seed)
    proof.verify()
    seconds = time.process_time() - started
    return {"bound": float(proof.bound), "is_complete": proof.status == "optimal", "seconds": seconds}


def table(result: Result) -> str:
    """One row per problem: the bounds both ways, with the time where they are complete."""

    def cell(way: str, row: Row) -> str:
        bound = figure(row[way]["bound"])
        return f"**{bound}** ({duration(row[way]['seconds'])})" if row[way]["is_complete"] else bound

    columns: dict[str, Cell] = {
        "problem": lambda row: str(row["problem"]),
        "symmetries": lambda row: figure(row["symmetries"]),
        "best value known": lambda row: figure(row["best"]),
        "with igraph": partial(cell, "found"),
        "without": partial(cell, "missing"),
    }
    return markdown(columns, result["rows"])
