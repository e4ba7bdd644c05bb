"""The picture of the benchmark."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.benchmark.table import Result, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_parts(axes: Axes, result: Result) -> None:
    """The parts of a step as stacked bars."""
    rows: Sequence[Row] = result["rows"]
    places = range(len(rows))
    left = [0.0] * len(rows)
    for key, label in (
        ("inside_solver", "LP, inside HiGHS"),
        ("around_solver", "LP, around it"),
        ("algebra", "algebra"),
        ("observation", "observation"),
    ):
        widths = [1e6 * max(row[key], 0.0) for row in rows]
        axes.barh(places, widths, left=left, label=label)
        left = [start + width for start, width in zip(left, widths, strict=True)]
    axes.set_yticks(places, [f"n = {row['n']}\n{row['policy']}" for row in rows])
    axes.invert_yaxis()
    axes.set_xlabel("µs per step")
    axes.set_title("What a step consists of")
    axes.legend()


def draw_bounds(axes: Axes, result: Result) -> None:
    """The bound of every method over its time, for the smallest graphs."""
    n = result["rows"][0]["n"]
    for row in result["rows"]:
        if row["n"] == n and row["bound"] is not None:
            axes.plot(row["seconds"], row["bound"], "o", label=row["method"].replace("`", ""))
    axes.set_xscale("log")
    axes.set_xlabel("seconds")
    axes.set_ylabel("mean upper bound")
    axes.set_title(f"Time to a bound, n = {n}")
    axes.legend()


def draw_growth(axes: Axes, result: Result) -> None:
    """The cost of a step, choice included, over the size of the memory."""
    styles: dict[str, str] = {}
    for row in result["rows"]:
        if row["sizes"]:
            style = styles.setdefault(row["policy"], ("-", "--", ":")[len(styles) % 3])
            costs = [1e6 * (choice + step) for choice, step in zip(row["choice"], row["step"], strict=True)]
            axes.plot(row["sizes"], costs, style, label=f"n = {row['n']}, {row['policy']}")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("inequalities in memory")
    axes.set_ylabel("µs per step, choice included")
    axes.set_title("Growth")
    axes.legend()


PANELS: Mapping[str, Callable[[Any, Result], None]] = {
    "parts": draw_parts,
    "bounds": draw_bounds,
    "growth": draw_growth,
}
"""What is drawn of the sections that have a panel."""


def draw(results: Mapping[str, Result], path: Path) -> None:
    """Write a picture with one panel per section that has one; nothing if there is none.

    Args:
        results: The results of the sections, by name.
        path: A file, of the format that its ending tells.
    """
    panels = {name: panel for name, panel in PANELS.items() if name in results}
    if not panels:
        return
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with rc_context({"font.size": 8, "legend.fontsize": 6}):
        figure = Figure(figsize=(4.5 * len(panels), 3.6), layout="constrained")
        FigureCanvasAgg(figure)
        for axes, (name, panel) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
            panel(axes, results[name])
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=110)
