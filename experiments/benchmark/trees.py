"""Proofs by cases side by side with Bernstein branch and bound: how many boxes either takes to the same tolerance."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from types import MappingProxyType

from agents import prove
from experiments.benchmark.peers.bernstein import subdivided
from experiments.tables import Cell, Result, Row, duration, magnitude, markdown
from polyproof_gym import Problem, make_problem, polynomial
from polyproof_gym.arguments import exact
from polyproof_gym.polynomials import Rational


def _beale() -> Problem:
    text = "(3/2 - x + x*y)^2 + (9/4 - x + x*y^2)^2 + (21/8 - x + x*y^3)^2"
    return polynomial(text, box=[(-10, 10)] * 2, name="beale")


def _ex2_1_1() -> Problem:
    """A concave quadratic of MINLPLib."""
    return polynomial(
        "42*a + 44*b + 45*c + 47*d + 95/2*e - 50*(a^2 + b^2 + c^2 + d^2 + e^2)",
        box=[(0, 1)] * 5,
        constraints=["20*a + 12*b + 11*c + 7*d + 4*e <= 40"],
        name="ex2_1_1",
    )


NAMED = ("rd", "lv", "butcher", "caprasse", "heart", "magnetism", "motzkin", "schwefel", "robinson", "choi-lam")

PROBLEMS: Mapping[str, Callable[[], Problem]] = MappingProxyType(
    {
        "beale, [-10, 10]^2": _beale,
        "ex2_1_1": _ex2_1_1,
        **{spec: partial(make_problem, spec) for spec in NAMED},
    }
)
"""The problems, by name."""


@dataclass(frozen=True)
class Tree:
    """One way on one problem.

    Attributes:
        gap: The distance of the bound to the best feasible value known, relative to the size of this from 1 on;
            ``None`` where there is no bound.
        leaves: The number of cases.
        seconds: The median time, checking the proof included, where there is one.
    """

    gap: float | None
    leaves: int
    seconds: float


@dataclass(frozen=True)
class Trees:
    """Both ways on one problem.

    Attributes:
        problem: The problem.
        num_variables: The number of its variables.
        degree: The degree of its objective.
        proof: The proof by cases, exact and checked.
        bernstein: The subdivision, in floats.
    """

    problem: str
    num_variables: int
    degree: int
    proof: Tree
    bernstein: Tree


@dataclass(frozen=True)
class Comparison:
    """The result of this section; see :class:`Trees`.

    Attributes:
        tolerance: The gap that is enough.
        repetitions: How often every problem was tried.
        time_limit: Seconds for each try.
        rows: The problems.
    """

    tolerance: float
    repetitions: int
    time_limit: int
    rows: tuple[Trees, ...]


def measure(
    *,
    problems: Sequence[str] = tuple(PROBLEMS),
    tolerance: float = 1e-3,
    repetitions: int = 3,
    time_limit: int = 20,
    seed: int = 0,
) -> Comparison:
    """Take problems both ways, told the best feasible value known less the tolerance, once before it counts."""
    _tree(_by_cases, make_problem("motzkin"), tolerance, 1, time_limit)
    rows = []
    for name in problems:
        problem = PROBLEMS[name]()
        proof, bernstein = (_tree(way, problem, tolerance, repetitions, time_limit) for way in (_by_cases, _bernstein))
        rows.append(Trees(name, problem.num_variables, problem.objective.degree, proof, bernstein))
    return Comparison(tolerance, repetitions, time_limit, tuple(rows))


Way = Callable[[Problem, Rational, int], tuple[Rational | float | None, int, float]]
"""From a problem, a bound on its minimised objective and a time to the bound reached, the leaves and the seconds."""


def _tree(way: Way, problem: Problem, tolerance: float, repetitions: int, time_limit: int) -> Tree:
    assert problem.incumbent is not None
    value = Fraction(problem.sign * problem.incumbent)
    size = max(Fraction(1), abs(value))
    goal = value - exact(tolerance, "tolerance") * size
    tries = [way(problem, goal, time_limit) for _ in range(repetitions)]
    bound, leaves, _ = tries[-1]
    gap = None if bound is None else float((value - Fraction(bound)) / size)
    return Tree(gap, leaves, statistics.median(seconds for _, _, seconds in tries))


def _by_cases(problem: Problem, goal: Rational, time_limit: int) -> tuple[Rational, int, float]:
    started = time.perf_counter()
    proof = prove(problem, agent=f"cases:seconds={time_limit}", target=problem.sign * goal)
    proof.verify()
    return problem.sign * proof.bound, proof.num_leaves, time.perf_counter() - started


def _bernstein(problem: Problem, goal: Rational, time_limit: int) -> tuple[float | None, int, float]:
    return subdivided(problem, float(goal), time_limit)


def table(result: Result) -> str:
    """One row per problem: leaves, time, and the gap where the tolerance was not reached."""

    def cell(way: str, row: Row) -> str:
        gap, leaves, seconds = (row[way][key] for key in ("gap", "leaves", "seconds"))
        if gap is None:
            return "none"
        missed = f", gap {magnitude(gap)}" if gap > result["tolerance"] else ""
        return f"{leaves}, {duration(seconds)}{missed}"

    columns: dict[str, Cell] = {
        "problem": lambda row: str(row["problem"]),
        "variables, degree": lambda row: f"{row['num_variables']}, {row['degree']}",
        "`cases` (certificate)": partial(cell, "proof"),
        "Bernstein (none)": partial(cell, "bernstein"),
    }
    return markdown(columns, result["rows"])
