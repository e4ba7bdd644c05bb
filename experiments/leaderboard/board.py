"""The file of accepted entries, and the tables that are made from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from experiments.documentation.result import Result
from experiments.leaderboard.entries import Entry
from experiments.leaderboard.suites import SUITES, Goal, problem_of
from experiments.tables import markdown
from polyproof_gym import BadInput

MAX_LENGTH = 14
"""Longest exact number that the tables show; others are rounded there."""


@dataclass(frozen=True)
class Board:
    """The suites with what bounds on them are worth, and the entries.

    Attributes:
        goals: By suite and spec string.
        entries: The entries in the order in which they were accepted.
    """

    goals: Mapping[str, Mapping[str, Goal]]
    entries: tuple[Entry, ...]

    @classmethod
    def empty(cls) -> Board:
        """That of the present suites without entries."""
        goals = {suite: {spec: Goal.of(problem_of(spec)) for spec in specs} for suite, specs in SUITES.items()}
        return cls(goals, ())

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Board:
        """The board that results of the documentation hold.

        Raises:
            KeyError: If something is missing.
            TypeError: If something is more or of another type.
            ValueError: If something is no number.
        """
        goals = {
            suite: {
                spec: Goal(Fraction(goal["start"]), Fraction(goal["best"]), bool(goal["is_optimum"]))
                for spec, goal in problems.items()
            }
            for suite, problems in data["suites"].items()
        }
        return cls(goals, tuple(Entry(**entry) for entry in data["entries"]))

    @classmethod
    def load(cls, path: Path) -> Board:
        """Read a file that :meth:`save` wrote.

        Raises:
            BadInput: If it cannot be read, or is something else.
        """
        try:
            return cls.of(Result.load(path).data)
        except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError):
            raise BadInput(f"{path}: expected a file that the leaderboard has written") from None

    def save(self, path: Path) -> None:
        """Write the file, as results of the documentation.

        Raises:
            BadInput: If it cannot be written.
        """
        suites = {
            suite: {
                spec: {"start": str(goal.start), "best": str(goal.best), "is_optimum": goal.is_optimum}
                for spec, goal in problems.items()
            }
            for suite, problems in self.goals.items()
        }
        data = {"suites": suites, "entries": [asdict(entry) for entry in self.entries]}
        Result("leaderboard", tuple(entry.command for entry in self.entries), {}, {}, data).save(path)

    def accepting(self, entry: Entry) -> Board:
        """The board with one more entry, which takes the place of a former one of its name."""
        others = tuple(other for other in self.entries if other.name != entry.name)
        return Board(self.goals, (*others, entry))

    def score(self, entry: Entry, suite: str) -> float:
        """The mean over a suite's problems of what an entry's bounds are worth; none counts 0."""
        goals = self.goals[suite]
        return sum(goal.score(_bound(entry, spec)) for spec, goal in goals.items()) / len(goals)

    def total(self, entry: Entry) -> float:
        """The mean of an entry's scores over the suites."""
        return sum(self.score(entry, suite) for suite in self.goals) / len(self.goals)

    def ranking(self) -> list[Entry]:
        """The entries, the best total first; equal ones as they were accepted."""
        return sorted(self.entries, key=self.total, reverse=True)

    def holder(self, spec: str) -> Entry | None:
        """The entry with the best bound on a problem, of equal ones that with the fewest lines, or else the first."""
        goal = next(goals[spec] for goals in self.goals.values() if spec in goals)
        sign = 1 if goal.start <= goal.best else -1
        able = [entry for entry in self.entries if spec in entry.bounds]
        return min(able, key=lambda e: (-sign * Fraction(e.bounds[spec]), e.lines[spec]), default=None)


class Record(NamedTuple):
    """The best that is known of a problem.

    Attributes:
        suite: The suite that it is of.
        spec: Its spec string.
        goal: What bounds on it are measured by.
        holder: The entry with the best bound, if there is any.
    """

    suite: str
    spec: str
    goal: Goal
    holder: Entry | None


def tables(board: Board) -> dict[str, str]:
    """The tables of the documentation, by the names of their places."""
    return {"standings": standings(board), "records": records(board)}


def standings(board: Board) -> str:
    """One row per entry, the best first: scores, declared cost and how it is made again."""

    def score_of(suite: str) -> Callable[[Entry], str]:
        return lambda entry: share(board.score(entry, suite))

    columns: dict[str, Callable[[Entry], str]] = {
        "entry": lambda entry: entry.name,
        "score": lambda entry: f"**{share(board.total(entry))}**",
        **{suite: score_of(suite) for suite in board.goals},
        "lines": lambda entry: str(sum(entry.lines.values())),
        "seconds": lambda entry: entry.cost["seconds"],
        "training": lambda entry: entry.cost["training"],
        "what it is": lambda entry: entry.about,
    }
    return markdown(columns, board.ranking())


def records(board: Board) -> str:
    """One row per problem: what bounds are worth, and the entry with the best one."""
    rows = [
        Record(suite, spec, goal, board.holder(spec))
        for suite, goals in board.goals.items()
        for spec, goal in goals.items()
    ]

    def held(show: Callable[[Record, Entry], str]) -> Callable[[Record], str]:
        return lambda row: "" if row.holder is None else show(row, row.holder)

    columns: dict[str, Callable[[Record], str]] = {
        "suite": lambda row: row.suite,
        "problem": lambda row: f"`{row.spec}`",
        "start": lambda row: shown(row.goal.start),
        "optimum, or best known (~)": lambda row: ("" if row.goal.is_optimum else "~ ") + shown(row.goal.best),
        "best bound": held(lambda row, entry: shown(Fraction(entry.bounds[row.spec]))),
        "score": held(lambda row, entry: share(row.goal.score(Fraction(entry.bounds[row.spec])))),
        "lines": held(lambda row, entry: str(entry.lines[row.spec])),
        "entry": held(lambda row, entry: entry.name),
    }
    return markdown(columns, rows)


def share(score: float) -> str:
    """A score with three digits, rounded down: 1 is the optimum itself."""
    return f"{math.floor(1000 * round(score, 12)) / 1000:.3f}"


def shown(number: Fraction) -> str:
    """An exact number where it is short, and a rounded one otherwise."""
    text = str(number)
    return text if len(text) <= MAX_LENGTH else f"{float(number):.9g}"


def _bound(entry: Entry, spec: str) -> Fraction | None:
    return Fraction(entry.bounds[spec]) if spec in entry.bounds else None
