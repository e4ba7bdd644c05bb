"""Results of ``experiments.evaluate``: agents by rows, sizes by columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from experiments.documentation.result import Result
from experiments.statistics import Estimate
from experiments.tables import markdown

KEPT = ("agent", "n", "graphs", "alpha", "bound", "ratio", "minus", "milliseconds")
"""What is kept of every row."""

MARKS = (25, 50, 100)
"""The steps at which the mean bound is kept."""

DIGITS = {"bound": 2, "ratio": 3}
"""Digits after the point of what can be shown."""

Rows = Mapping[tuple[str, int | str], Mapping[str, Any]]
"""Rows by their agent, and their size or what else tells them apart."""


def summary(run: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a file that ``--json`` names, with a few points of the curves."""
    return [{key: row[key] for key in KEPT} | {"after": _after(row["curve"])} for row in run["summary"]["rows"]]


def _after(curve: Sequence[float] | None) -> dict[str, float]:
    return {str(mark): curve[mark] for mark in MARKS if curve is not None and mark < len(curve)}


def merged(data: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Rows with new ones in place of those of the same agent and size."""
    rows = {(row["agent"], row["n"]): row for row in data}
    return [*{**rows, **{(row["agent"], row["n"]): row for row in new}}.values()]


def tables(result: Result) -> dict[str, str]:
    """The tables of a result.

    A view has the ``value`` that is shown (``bound``, ``ratio``, or the mean bound ``after 50`` steps), the heading of
    the ``first`` column, the ``columns`` (the size by its heading) and the ``rows`` by what stands first: the agent, or
    the agent and the one whose ratio is subtracted; an empty list is the mean optimum. ``milliseconds`` among the
    columns is the time per step, from the smallest to the largest size.
    """
    rows: Rows = {(row["agent"], row["n"]): row for row in result.data}
    return {name: _table(rows, view) for name, view in result.tables.items()}


def tables_of_several(result: Result) -> dict[str, str]:
    """The tables of a result whose data are a list of rows for each command.

    Views are those of :func:`tables`, but that the number of a command stands before a size: ``0:25``.
    """
    rows: Rows = {(row["agent"], f"{k}:{row['n']}"): row for k, here in enumerate(result.data) for row in here}
    return {name: _table(rows, view) for name, view in result.tables.items()}


def _table(rows: Rows, view: Mapping[str, Any]) -> str:
    sizes: list[int | str] = [n for n in view["columns"].values() if n != "milliseconds"]

    def cell(agents: Sequence[str], n: int | str) -> str:
        if not agents:
            return f"{next(row['alpha'] for (_, size), row in rows.items() if size == n):.2f}"
        if n == "milliseconds":
            times = [rows[agents[0], size]["milliseconds"] for size in sizes]
            return f"{min(times):.1f} to {max(times):.1f}"
        row = rows[agents[0], n]
        if len(agents) > 1:
            return Estimate(**row["minus"][agents[1]]).rounded(3, "+")
        what, _, mark = view["value"].partition(" ")
        if mark:
            return f"{row[what][mark]:.2f}"
        return Estimate(**row[what]).rounded(DIGITS[what])

    def column(n: int | str) -> Callable[[tuple[str, Sequence[str]]], str]:
        return lambda row: cell(row[1], n)

    columns = {view["first"]: lambda row: row[0], **{head: column(n) for head, n in view["columns"].items()}}
    return markdown(columns, view["rows"].items())
