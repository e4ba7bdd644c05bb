"""Pictures of several sections, a panel each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.tables import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Panel = Callable[[Any, Result], None]
"""Draws the result of a section, as JSON has it, on axes of matplotlib."""

PANELS_ACROSS = 2
"""Most panels beside each other: more are too small to read on a page of text."""

DOTS_PER_INCH = 120

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""The colours of Okabe and Ito that are told apart with all kinds of colour vision, without the yellow."""


@contextmanager
def panel_grid(count: int) -> Iterator[tuple[Figure, list[Axes]]]:
    """Draw a figure of panels in rows, as many in each as are read on a page of text.

    Within, letters have the sizes of small print where the picture is as wide as a page.

    Args:
        count: The number of panels, at least 1.

    Yields:
        The figure, and the axes of the panels and then of the places left over, which show nothing.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.rcsetup import cycler

    across = min(count, PANELS_ACROSS)
    down = -(-count // across)
    looks = rc_context(
        {
            "font.size": 10,
            "legend.fontsize": 8,
            "legend.frameon": False,
            "axes.axisbelow": True,
            "axes.grid": True,
            "axes.prop_cycle": cycler(color=COLOURS),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "grid.alpha": 0.25,
            "grid.linewidth": 0.5,
        }
    )
    with looks:
        figure = Figure(figsize=(4.8 * across, 3.6 * down), layout="constrained")
        FigureCanvasAgg(figure)
        places = [*figure.subplots(down, across, squeeze=False).ravel()]
        for axes in places[count:]:
            axes.set_axis_off()
        yield figure, places


def draw(panels: Mapping[str, Panel], results: Mapping[str, Result], path: Path) -> None:
    """Write a picture with one panel per section that has one; nothing if there is none.

    The last of an odd number of panels is as wide as the picture.

    Args:
        panels: How sections are drawn, by name.
        results: The results of the sections, by name.
        path: A file, of the format that its ending tells.
    """
    shown = {name: panel for name, panel in panels.items() if name in results}
    if not shown:
        return
    with panel_grid(len(shown)) as (figure, places):
        for axes, (name, panel) in zip(places, shown.items(), strict=False):
            panel(axes, results[name])
        if len(places) > len(shown):
            places[-1].remove()
            last = places[len(shown) - 1]
            grid = last.get_gridspec()
            assert grid is not None
            last.set_subplotspec(grid[-1, :])
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=DOTS_PER_INCH)
