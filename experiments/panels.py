"""Pictures of several sections, a panel each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from experiments.benchmark.table import Result

Panel = Callable[[Any, Result], None]
"""Draws the result of a section, as JSON has it, on axes of matplotlib."""

PANELS_ACROSS = 4
"""Most panels beside each other."""


def draw(panels: Mapping[str, Panel], results: Mapping[str, Result], path: Path) -> None:
    """Write a picture with one panel per section that has one; nothing if there is none.

    Args:
        panels: How sections are drawn, by name.
        results: The results of the sections, by name.
        path: A file, of the format that its ending tells.
    """
    shown = {name: panel for name, panel in panels.items() if name in results}
    if not shown:
        return
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with rc_context({"font.size": 8, "legend.fontsize": 6}):
        across = min(len(shown), PANELS_ACROSS)
        down = -(-len(shown) // across)
        figure = Figure(figsize=(4.5 * across, 3.6 * down), layout="constrained")
        FigureCanvasAgg(figure)
        places = figure.subplots(down, across, squeeze=False).ravel()
        for axes, (name, panel) in zip(places, shown.items(), strict=False):
            panel(axes, results[name])
        for axes in places[len(shown) :]:
            axes.set_axis_off()
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=110)
