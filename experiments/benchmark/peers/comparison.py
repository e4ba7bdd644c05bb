"""All methods on all problems, one after the other in one process."""

from __future__ import annotations

import importlib.util
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from experiments.benchmark.peers import alkahest_answers, scip, squares, z3_bisection
from experiments.benchmark.peers.answer import Answer
from experiments.cases.main import problem_of
from experiments.tables import Cell, Result, Row, duration, magnitude, markdown
from polyproof_gym import Problem, make_problem

NAMED = ("rd", "lv", "butcher", "caprasse", "heart", "magnetism", "motzkin", "schwefel", "robinson", "choi-lam")
"""Specs of boxes that everyone has."""

EXTRA = "bench"
"""The extra with the packages of others."""


@dataclass(frozen=True)
class Method:
    """A way to a bound.

    Attributes:
        name: The heading of its column.
        answer: What it says of a problem, given so many seconds.
        certifies: Whether it leaves a certificate that can be checked exactly.
        package: The package that it needs, beside what this project depends on.
    """

    name: str
    answer: Callable[[Problem, float], Answer]
    certifies: bool
    package: str | None = None

    @property
    def is_there(self) -> bool:
        """Whether its package is installed."""
        return self.package is None or importlib.util.find_spec(self.package) is not None


METHODS = (
    Method("`squares`", squares.proved, True),
    Method("SCIP", scip.bounded, False, "pyscipopt"),
    Method("z3, bisection", z3_bisection.bisected, False, "z3"),
    Method("Clarabel, relaxation", squares.relaxed, False),
    Method("alkahest, enclosure", alkahest_answers.enclosed, False, "alkahest"),
    Method("alkahest, told the value", alkahest_answers.claimed, True, "alkahest"),
)
"""All methods, this project's first."""


@dataclass(frozen=True)
class Outcome:
    """One method on one problem.

    Attributes:
        gap: Distance of its bound to the best feasible value known, relative to the size of this from 1 on, and
            negative if past it; ``None`` where there is no bound.
        seconds: Median time, checking the certificate included; ``None`` where the method's package is missing.
        check: Median time of that check, where there is a certificate.
    """

    gap: float | None = None
    seconds: float | None = None
    check: float | None = None


@dataclass(frozen=True)
class Comparison:
    """All methods on one problem.

    Attributes:
        problem: The problem.
        outcomes: What came of each method, by its name.
    """

    problem: str
    outcomes: dict[str, Outcome]


@dataclass(frozen=True)
class Comparisons:
    """The result of this section; see :class:`Comparison`.

    Attributes:
        repetitions: How often every method was asked about every problem.
        time_limit: Seconds that the methods of others had for each.
        certificates: Whether a method leaves a certificate that can be checked exactly, by its name.
        rows: The comparisons.
    """

    repetitions: int
    time_limit: float
    certificates: dict[str, bool]
    rows: tuple[Comparison, ...]


def measure(
    *,
    named: Sequence[str] = NAMED,
    cases: Sequence[Mapping[str, Any]] = (),
    repetitions: int = 3,
    time_limit: float = 5.0,
    seed: int = 0,
) -> Comparisons:
    """Ask all methods about named problems and cases, once about a small one before it counts.

    A method that used up its time, or found no bound, is not asked again about the same problem. What is missing is
    told on standard error.
    """
    makers: dict[str, Callable[[], Problem]] = {spec: partial(make_problem, spec) for spec in named}
    makers.update({case["name"]: partial(problem_of, dict(case)) for case in cases})
    missing = [method.name for method in METHODS if not method.is_there]
    if missing:
        print(f"missing: {', '.join(missing)}; pip install 'polyproof-gym[{EXTRA}]'", file=sys.stderr)
    for method in METHODS:
        if method.is_there:
            method.answer(make_problem("motzkin"), time_limit)
    rows = (
        Comparison(name, {method.name: _outcome(make, method, repetitions, time_limit) for method in METHODS})
        for name, make in makers.items()
    )
    return Comparisons(repetitions, time_limit, {method.name: method.certifies for method in METHODS}, tuple(rows))


def _outcome(make: Callable[[], Problem], method: Method, repetitions: int, time_limit: float) -> Outcome:
    """The widest gap and the median times of one method on one problem, made anew every time."""
    if not method.is_there:
        return Outcome()
    answers: list[Answer] = []
    gaps: list[float] = []
    for _ in range(repetitions):
        problem = make()
        answer = method.answer(problem, time_limit)
        answers.append(answer)
        gap = answer.gap(problem)
        if gap is not None:
            gaps.append(gap)
        if gap is None or answer.seconds >= time_limit:
            break
    checks = [answer.check for answer in answers if answer.check is not None]
    return Outcome(
        max(gaps, default=None),
        statistics.median(answer.seconds for answer in answers),
        statistics.median(checks) if checks else None,
    )


def table(result: Result) -> str:
    """One row per problem, one column per method: the gap, and the time."""
    columns: dict[str, Cell] = {"problem": lambda row: str(row["problem"])}
    for method, certifies in result["certificates"].items():
        columns[f"{method} ({'certificate' if certifies else 'none'})"] = partial(_cell, method)
    return markdown(columns, result["rows"])


def _cell(method: str, row: Row) -> str:
    outcome: Mapping[str, float | None] = row["outcomes"][method]
    gap, seconds = outcome["gap"], outcome["seconds"]
    if seconds is None:
        return "-"
    return f"{'none' if gap is None else magnitude(gap)}, {duration(seconds)}"
