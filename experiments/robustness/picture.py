"""The picture: the share of points beyond a distance, and a panel for every other section."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from experiments.panels import Panel
from experiments.robustness.examination import ATTACK, CERTIFIED, WEAK
from experiments.tables import Result

GREEN, BLACK, ORANGE, RED = "#009E73", "#000000", "#E69F00", "#D55E00"
"""Colours of Okabe and Ito, which are told apart with all kinds of colour vision."""

STYLES = {CERTIFIED: (GREEN, "-", 2.5), ATTACK: (BLACK, "--", 1.0), WEAK: (ORANGE, ":", 1.5)}
"""Colours, lines and their widths of what is found: what is certified shows on both sides of what attacks find."""


def draw_curves(axes: Any, result: Result) -> None:
    """The three curves: what is certified, what attacks find, and the limit with what the sample alone suggests."""
    distances, limit = result["distances"], result["limit"]
    for found in result["found"]:
        colour, line, width = STYLES[found["name"]]
        axes.plot(distances, found["beyond"], line, color=colour, linewidth=width, label=found["legend"])
    axes.plot(distances, limit["beyond"], color=RED, label=limit["legend"])
    between = limit["frequencies"], limit["beyond"]
    band = {"color": RED, "alpha": 0.25, "linewidth": 0}
    axes.fill_between(distances, *between, **band, label="from there to the sample's frequencies (estimated)")
    axes.set_xlim(0, distances[-1])
    axes.set_ylim(0, 1)
    axes.set_xlabel("latent distance t")
    axes.set_ylabel("share beyond t")
    axes.set_title(f"{result['subject']}\n{result['points']} points, norm {result['norm']}")
    axes.legend(fontsize="xx-small")  # one entry is as long as the panel


def lines(
    title: str, across: str, up: Mapping[str, str], group: str | None = None, *, label: str, is_logarithmic: bool = True
) -> Panel:
    """A panel with lines through the rows of a result.

    Args:
        title: What stands above.
        across: The column that is drawn across.
        up: The columns that are drawn up: what they are called, by name. ``{status}`` and other columns are filled in.
        group: The column whose values have lines of their own, if any.
        label: What is drawn up.
        is_logarithmic: Whether both axes are.
    """

    def draw(axes: Any, result: Result) -> None:
        groups = dict.fromkeys(row[group] if group else None for row in result["rows"])
        for number, value in enumerate(groups):
            rows = [row for row in result["rows"] if group is None or row[group] == value]
            for kind, (column, name) in enumerate(up.items()):
                style = {"color": f"C{number}", "linestyle": ("-", "--", ":")[kind], "marker": "."}
                places = [row[across] for row in rows]
                axes.plot(places, [row[column] for row in rows], **style, label=name.format(**rows[0]))
        if is_logarithmic:
            axes.set_xscale("log")
            axes.set_yscale("log")
        axes.set_xlabel(across.replace("_", " "))
        axes.set_ylabel(label)
        axes.set_title(title)
        axes.legend()

    return draw


def bars(title: str, name: str, lengths: Mapping[str, str], *, label: str) -> Panel:
    """A panel with bars, a few for every row of a result.

    Args:
        title: What stands above.
        name: The column with the names of the rows; other columns can be part of it: ``"{data}, {latent}"``.
        lengths: The columns with the lengths: what they are called, by name.
        label: What the lengths are.
    """

    def draw(axes: Any, result: Result) -> None:
        rows, height = result["rows"], 0.8 / len(lengths)
        for kind, (column, called) in enumerate(lengths.items()):
            places = [number + kind * height for number in range(len(rows))]
            axes.barh(places, [row[column] or 0.0 for row in rows], height, label=called)
        axes.set_yticks(
            [number + 0.4 - height / 2 for number in range(len(rows))], [name.format(**row) for row in rows]
        )
        axes.invert_yaxis()
        axes.tick_params(axis="y", labelsize=6)
        axes.set_xlabel(label)
        axes.set_title(title)
        axes.legend()

    return draw


PANELS: Mapping[str, Panel] = {
    "curves": draw_curves,
    "dimension": lines(
        "Dimension and smoothness",
        "latent",
        {"limit": "limit, L = {smoothness:g} ({status})", "size": "size of data, L = {smoothness:g} (exact)"},
        "smoothness",
        label="distance",
    ),
    "classes": lines(
        "Number of classes",
        "classes",
        {
            "limit": "limit ({status})",
            "own_limit": "limit for the frequencies ({own_status})",
            "robustness": "a linear classifier (measured)",
        },
        label="mean latent distance",
    ),
    "transfer": lines(
        "Both of two classifiers misled",
        "distance",
        {"found": "{pair} (measured)", "limit": "the least ({status})"},
        "pair",
        label="share of points",
        is_logarithmic=False,
    ),
    "projected": bars(
        "Within the data or not",
        "{data}",
        {
            "within": "within (measured)",
            "projected": "unconstrained, projected (measured)",
            "unconstrained": "unconstrained (measured)",
        },
        label="mean distance",
    ),
    "approximate": bars(
        "Data near a generator",
        "{data},\n{latent} latent ({status})",
        {"robustness": "a linear classifier (measured)", "limit": "limit (status at the left)"},
        label="mean distance",
    ),
    "provers": bars(
        "Agents on boxes of 63/64 of an attack's radius",
        "{agent}, {budget} steps,\ndegree {degree}",
        {"proved": "proved (certified)"},
        label="share of points",
    ),
    "network": bars(
        "A network",
        "{status}",
        {"constant": "modulus (status at the left)", "limit": "limit (status at the left)"},
        label="of images",
    ),
    "limits": bars(
        "Labels that are equally frequent",
        "{labels} labels",
        {"mean": "mean at most (exact)", "median": "median at most (exact)"},
        label="latent distance to another label",
    ),
    "generators": bars(
        "Moduli of generators",
        "{generator}, {latent} latent,\n{norm} norm ({status})",
        {"modulus": "modulus (status at the left)", "sampled": "largest ratio of pairs (estimated)"},
        label="of images, for each unit of latent distance",
    ),
    "margins": bars(
        "Margins that take no proof",
        "{problem},\n{source}",
        {"lost": "lost (certified)", "by_signs": "proved by signs (certified)"},
        label="share of points",
    ),
    "interior": bars(
        "Least margin inside the box",
        "{margin}",
        {
            "largest": "largest (measured)",
            "without_squares": "without squares (certified)",
            "with_squares": "with squares (certified)",
        },
        label="radius",
    ),
    "attacks": bars(
        "Attacks beside each other",
        "{attack},\n{classifier}",
        {"mean": "mean (certified)", "least": "least (certified)"},
        label="distance of the projected gradient by the attack's",
    ),
}
"""How the sections are drawn."""
