"""The time to a bound: ``dual-guided`` against static proof systems, the theta number and the exact answer.

All methods get the same held-out graphs. The time is that from the problem to the bound in floats. Static systems and
the search then have an exact proof to show, whose cost is a section of its own; the theta number and the
mixed-integer program have none.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from agents import Search
from experiments.benchmark.episodes import held_out
from experiments.benchmark.mip import largest_stable_set
from experiments.benchmark.theta import lovasz_theta
from experiments.tables import Result, Row, duration, figure, markdown
from polyproof_gym import BadInput, Problem

OURS = "dual-guided"
"""The agent that the others are compared with."""

SIZES = ((25, 10, 100, (2, 3, 4)), (50, 10, 100, (2, 3, 4)), (100, 3, 400, (2,)))
"""Numbers of vertices, each with the number of graphs, the steps of the search, and the levels of the static system."""


@dataclass(frozen=True)
class Attempt:
    """What one method made of one graph.

    Attributes:
        bound: The upper bound on the size of a stable set.
        seconds: How long it took.
        rows: Rows of the program solved: monomials of the LP, edges, entries of the matrix.
        columns: Its columns: inequalities of the LP, or variables.
    """

    bound: float
    seconds: float
    rows: int
    columns: int


@dataclass(frozen=True)
class Comparison:
    """One method on the graphs of one size.

    Attributes:
        n: Number of vertices.
        graphs: Number of graphs.
        method: The method.
        bound: Mean bound; ``None``, like all that follow, where the method was refused or not done in time.
        seconds: Median time.
        rows: Median number of rows of the program solved.
        columns: Median number of its columns.
        times_slower: Median over graphs of the time divided by that of ``dual-guided``.
        times_columns: The same of the columns.
        remark: Why there is nothing.
    """

    n: int
    graphs: int
    method: str
    bound: float | None = None
    seconds: float | None = None
    rows: float | None = None
    columns: float | None = None
    times_slower: float | None = None
    times_columns: float | None = None
    remark: str = ""


@dataclass(frozen=True)
class Comparisons:
    """The result of this section; see :class:`Comparison`."""

    time_limit: float
    rows: tuple[Comparison, ...]


def by_agent(problem: Problem, agent: str, max_steps: int, target: float | None = None) -> Attempt:
    """Let an agent work until it is done, or until it has proved the target."""
    started = time.perf_counter()
    search = Search(problem, agent, max_steps=max_steps, target=target)
    prepared = time.perf_counter() - started
    record = search.run().search
    assert record is not None
    return Attempt(search.state.bound, prepared + record.seconds, record.lp_rows, record.lp_columns)


def by_program(problem: Problem, solve: Callable[[int, Sequence[tuple[int, int]]], tuple[float, int, int]]) -> Attempt:
    """Solve one program on the graph."""
    edges = sorted(problem.ring.exclusive)
    started = time.perf_counter()
    bound, rows, columns = solve(problem.num_variables, edges)
    return Attempt(bound, time.perf_counter() - started, rows, columns)


def _compared(n: int, method: str, attempts: Sequence[Attempt], ours: Sequence[Attempt]) -> Comparison:
    return Comparison(
        n=n,
        graphs=len(attempts),
        method=method,
        bound=statistics.mean(a.bound for a in attempts),
        seconds=statistics.median(a.seconds for a in attempts),
        rows=statistics.median(a.rows for a in attempts),
        columns=statistics.median(a.columns for a in attempts),
        times_slower=statistics.median(a.seconds / b.seconds for a, b in zip(attempts, ours, strict=True)),
        times_columns=statistics.median(a.columns / b.columns for a, b in zip(attempts, ours, strict=True)),
    )


def _comparisons(n: int, graphs: int, max_steps: int, levels: Sequence[int], time_limit: float) -> Iterator[Comparison]:
    problems = [held_out(n, index) for index in range(graphs)]
    ours = [by_agent(problem, OURS, max_steps) for problem in problems]
    yield _compared(n, f"`{OURS}`, {max_steps} steps", ours, ours)
    best_static: list[Attempt] = []
    for level in levels:
        method = f"static level {level}"
        try:
            attempts = [by_agent(problem, f"static-sherali-adams:level={level}", 1) for problem in problems]
        except BadInput as refusal:
            yield Comparison(n, graphs, method, remark=f"refused: {refusal}")
            continue
        yield _compared(n, method, attempts, ours)
        best_static, best_level = attempts, level
    if best_static:
        targets = [attempt.bound for attempt in best_static]
        reaching = [
            by_agent(problem, OURS, max_steps, target) for problem, target in zip(problems, targets, strict=True)
        ]
        yield _compared(n, f"`{OURS}`, up to the bound of level {best_level}", reaching, ours)
    for method, solve in (("theta number", lovasz_theta), ("mixed-integer program", largest_stable_set)):
        try:
            attempts = [by_program(problem, partial(solve, time_limit=time_limit)) for problem in problems]
        except TimeoutError:
            yield Comparison(n, graphs, method, remark=f"not done in {time_limit:g} s on some graph")
            continue
        yield _compared(n, method, attempts, ours)


def measure(
    *,
    sizes: Sequence[tuple[int, int, int, Sequence[int]]] = SIZES,
    time_limit: float = 60.0,
    seed: int = 0,
) -> Comparisons:
    """Compare the methods.

    Args:
        sizes: Numbers of vertices, each with the number of graphs, the steps of the search, and the levels of the
            static system.
        time_limit: What the theta number and the mixed-integer program may take on one graph, in seconds. Static
            systems that would take long are refused by their number of products instead.
        seed: Of no use: nothing here draws random numbers.
    """
    del seed
    by_agent(held_out(sizes[0][0], 0), OURS, sizes[0][2])  # loads what is compiled
    rows = [row for size in sizes for row in _comparisons(*size, time_limit)]
    return Comparisons(time_limit, tuple(rows))


def table(result: Result) -> str:
    """One row per size and method."""

    def method(row: Row) -> str:
        return f"{row['method']} ({row['remark']})" if row["remark"] else str(row["method"])

    return markdown(
        {
            "n": lambda row: str(row["n"]),
            "method": method,
            "mean bound": lambda row: "" if row["bound"] is None else f"{row['bound']:.2f}",
            "time": lambda row: duration(row["seconds"]),
            "LP rows": lambda row: figure(row["rows"]),
            "LP columns": lambda row: figure(row["columns"]),
            "time / `dual-guided`": lambda row: figure(row["times_slower"]),
            "columns / `dual-guided`": lambda row: figure(row["times_columns"]),
        },
        result["rows"],
    )
