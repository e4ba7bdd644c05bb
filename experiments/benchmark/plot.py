"""The picture of the benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from experiments.panels import Panel
from experiments.tables import Result, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis


def _legend_below(axes: Axes) -> None:
    """Show a legend that covers nothing."""
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.25), ncols=2)


def _logarithmic(axis: Axis) -> None:
    """Give an axis ticks at 1, 2, 5, 10 and so on, as people write them."""
    from matplotlib.ticker import LogLocator, NullLocator

    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_locator(NullLocator())


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
    axes.grid(visible=False, axis="y")
    _legend_below(axes)


def draw_bounds(axes: Axes, result: Result) -> None:
    """The bound of every method over its time, for the smallest graphs."""
    n = result["rows"][0]["n"]
    for row in result["rows"]:
        if row["n"] == n and row["bound"] is not None:
            axes.plot(row["seconds"], row["bound"], "o", label=row["method"].replace("`", ""))
    axes.set_xscale("log")
    _logarithmic(axes.xaxis)
    axes.set_xlabel("seconds")
    axes.set_ylabel("mean upper bound")
    axes.set_title(f"Time to a bound, n = {n}")
    _legend_below(axes)


def draw_growth(axes: Axes, result: Result) -> None:
    """The cost of a step, choice included, over the size of the memory."""
    styles: dict[str, str] = {}
    colours: dict[int, str] = {}
    for row in result["rows"]:
        if row["sizes"]:
            style = styles.setdefault(row["policy"], ("-", "--", ":")[len(styles) % 3])
            style += colours.setdefault(row["n"], f"C{len(colours)}")
            costs = [1e6 * (choice + step) for choice, step in zip(row["choice"], row["step"], strict=True)]
            axes.plot(row["sizes"], costs, style, label=f"n = {row['n']}, {row['policy']}")
    axes.set_xscale("log")
    axes.set_yscale("log")
    _logarithmic(axes.xaxis)
    _logarithmic(axes.yaxis)
    axes.set_xlabel("inequalities in memory")
    axes.set_ylabel("µs per step, choice included")
    axes.set_title("Growth")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


PANELS: Mapping[str, Panel] = {
    "parts": draw_parts,
    "bounds": draw_bounds,
    "growth": draw_growth,
}
"""What is drawn of the sections that have a panel."""
