"""Tables in Markdown, made from results as they stand in the JSON file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")

Row = Mapping[str, Any]
"""One row of results: a dataclass as JSON has it."""

Result = Mapping[str, Any]
"""The result of a section: a dataclass as JSON has it."""

Cell = Callable[[Row], str]
"""What a column shows of a row."""


def markdown(columns: Mapping[str, Callable[[Item], str]], rows: Iterable[Item]) -> str:
    """A table with the given headings, one line per row.

    Args:
        columns: What every column shows of a row, by heading.
        rows: The rows: results as JSON has them, or objects of one class.
    """
    return grid([*columns], ([cell(row) for cell in columns.values()] for row in rows))


def grid(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with the given headings and cells, which may repeat themselves."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def plain_table(result: Result) -> str:
    """All fields of a result: of each of its ``rows``, where it has such, and otherwise of itself as one row."""
    rows: Sequence[Row] = result.get("rows") or [result]
    return markdown({name.replace("_", " "): show(name) for name in rows[0]}, rows)


def show(name: str) -> Cell:
    """A cell that shows a field as it is; numbers with three significant digits."""
    return lambda row: figure(row[name])


def figure(value: Any) -> str:
    """A value as text: whole numbers in full, others with three significant digits, nothing for ``None``."""
    if value is None:
        return ""
    if not isinstance(value, float):
        return str(value)
    if value == 0 or 0.01 <= abs(value) < 1000:
        return f"{value:.{3 if abs(value) < 1 else 2 if abs(value) < 10 else 1}f}".rstrip("0").rstrip(".")
    return f"{value:.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.2g}"


def duration(seconds: float | None) -> str:
    """A time in the unit that suits it, with three significant digits; nothing for ``None``."""
    if seconds is None:
        return ""
    if seconds == 0:
        return "0"
    for factor, unit in ((1.0, "s"), (1e3, "ms")):
        if seconds * factor >= 0.9995:
            return f"{seconds * factor:#.3g} {unit}".replace(". ", " ")
    return f"{seconds * 1e6:.0f} µs"


def size(count: float) -> str:
    """A number of bytes, in the unit that suits it."""
    for factor, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= factor:
            return f"{count / factor:.{0 if count >= 100 * factor else 1}f} {unit}"
    return f"{count:.0f} bytes"


def magnitude(value: float) -> str:
    """The order of magnitude of a difference, ``0`` where there is none."""
    return f"{value:.0e}" if value else "0"


def percent(share: float) -> str:
    """A share in whole percent."""
    return f"{100 * share:.0f} %"
