"""The picture of the evaluation: the mean bound over the steps."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.evaluate.rows import Row
from experiments.panels import COLOURS, DOTS_PER_INCH, panel_grid
from polyproof_gym import BadInput

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINES = ("-", "--", "-.", (0, (1, 1)))
"""Line styles, of which the next begins when the colours are used up."""

TICKS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 300, 500, 1000, 2000)
"""Bounds that are written at the axis."""


def draw(rows: Sequence[Row], path: Path) -> None:
    """Write a picture with one panel per size; agents without steps are thin lines at their bound.

    Args:
        rows: One for every agent and size.
        path: The file, in an existing folder.

    Raises:
        BadInput: If it cannot be written.
    """
    sizes = [*dict.fromkeys(row.n for row in rows)]
    agents = [*dict.fromkeys(row.agent for row in rows)]
    with panel_grid(len(sizes)) as (figure, places):
        for axes, n in zip(places, sizes, strict=False):
            _draw_panel(axes, [row for row in rows if row.n == n], agents)
        handles, labels = places[0].get_legend_handles_labels()
        if len(places) > len(sizes):
            places[-1].legend(handles, labels, loc="center")
        else:
            figure.legend(handles, labels, loc="outside lower center", ncols=min(3, len(labels)))
        buffer = BytesIO()
        figure.savefig(buffer, dpi=DOTS_PER_INCH, format=path.suffix[1:])
    try:
        path.write_bytes(buffer.getvalue())
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({(error.strerror or '').lower()})") from None


def _draw_panel(axes: Axes, rows: Sequence[Row], agents: Sequence[str]) -> None:
    """The curves of all agents on the graphs of one size, with a logarithmic axis for the bounds."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter, NullLocator

    steps = max((len(row.curve) - 1 for row in rows if row.curve), default=1)
    for row in rows:
        number = agents.index(row.agent)
        colour, line = COLOURS[number % len(COLOURS)], LINES[number // len(COLOURS) % len(LINES)]
        if row.curve:
            axes.plot(range(len(row.curve)), row.curve, color=colour, linestyle=line, linewidth=1.6, label=row.agent)
        else:
            axes.axhline(row.bound.value, color=colour, linestyle=line, linewidth=0.8, label=f"{row.agent} (no steps)")
    alpha = rows[0].alpha
    axes.axhline(alpha, color="0.45", linestyle=":", linewidth=1.2, label="alpha")
    highest = max(max(row.curve) if row.curve else row.bound.value for row in rows)
    axes.set_yscale("log")
    axes.set_ylim(0.93 * alpha, 1.05 * max(highest, 1.2 * alpha))
    low, high = axes.get_ylim()
    axes.set_yticks([tick for tick in TICKS if low <= tick <= high])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlim(0, steps)
    axes.set_xlabel("steps")
    axes.set_ylabel("mean upper bound")
    graphs = f"{rows[0].graphs} graph{'s' if rows[0].graphs > 1 else ''}"
    axes.set_title(f"n = {rows[0].n} ({graphs})")
