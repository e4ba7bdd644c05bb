"""The picture of a proof by cases: the tree of its splits, and what is proved in every case."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from numpy.typing import NDArray

from polyproof_gym import ProofTree
from polyproof_gym.envs.picture import BLUE, FAINT, INK, RED, RULE, relation_of
from polyproof_gym.envs.quick_text import drawable
from polyproof_gym.printable import printable
from polyproof_gym.proofs import Branching
from polyproof_gym.proofs.exports.cases import CaseArgument, CasesArgument
from polyproof_gym.proofs.exports.unicode import Unicode, figures, shortened
from polyproof_gym.proofs.tree import Node, NodeCase

DOTS_PER_INCH = 100

WIDTH, MAX_TREE_WIDTH = 640, 1800
"""Pixels: of the picture where nothing asks for more, and of the tree at most."""

MAX_ROW, MAX_TREE_HEIGHT = 24.0, 1900.0
"""Pixels of height: of a case, and of the tree at most."""

MARGIN, HEAD, FOOT = 24, 62, 34
"""Pixels: beside the tree, and of what stands above and below it."""

RESULTS = 190
"""Pixels of the columns with what is proved in the cases."""

GAP = 8
"""Pixels between a line and what is written at its start."""

LETTER = 9.0
"""Pixels that a letter of the problem's name takes."""

SMALL, LEAST_ROW = 8.5, 13.0
"""Points of the small print, and the pixels of height that a case must have for it."""


class Place(NamedTuple):
    """A case in the tree.

    Attributes:
        parent: The number of the case that it is a half of; ``None`` for the whole problem.
        depth: How many splits lead to it.
        row: Its height in the tree, in rows of the cases that are not split; between its halves where it is split.
        condition: What its last split says, such as ``x₁ ≤ 0.5``.
        is_split: Whether it is split again.
        bound: What is proved in it, in the problem's own sense; ``None`` where it is split, or has no point.
        derivations: Lines of its proof that are no axioms.
    """

    parent: int | None
    depth: int
    row: float
    condition: str
    is_split: bool
    bound: float | None = None
    derivations: int = 0


def places_of(proof: ProofTree) -> list[Place]:
    """The cases of a proof, each before its halves, from below to above.

    Raises:
        BadInput: If the problem cannot be split as the tree says.
    """
    notation = Unicode(proof.problem)
    whole = CasesArgument(proof, notation)
    places: list[Place] = []
    open_halves: list[int] = []
    leaves = 0
    for path, case, node in proof.nodes():
        parent = open_halves.pop() if path else None
        condition = _condition(NodeCase(path, case, node), notation)
        if isinstance(node, Branching):
            open_halves += [len(places)] * 2
            places.append(Place(parent, len(path), 0.0, condition, is_split=True))
            continue
        argument = CaseArgument(NodeCase(path, case, node), whole, notation)
        bound = None if argument.is_contradiction else float(argument.proof.combination_bound)
        derivations = argument.proof.num_derivations
        places.append(Place(parent, len(path), leaves, condition, False, bound, derivations))
        leaves += 1
    rows = [place.row for place in places]
    for number in range(len(places) - 1, 0, -1):  # halves before what they are halves of
        parent = places[number].parent
        assert parent is not None
        rows[parent] += rows[number] / 2
    return [place._replace(row=row) for place, row in zip(places, rows, strict=True)]


def _condition(found: NodeCase[Node], notation: Unicode) -> str:
    """What the last split on the way to a case says."""
    if not found.path:
        return ""
    (variable, _), side = found.path[-1]
    problem = found.case.problem
    low, high = problem.box[variable]
    relation = "=" if low == high else notation.at_most if side == "lower" else notation.at_least
    end = high if side == "lower" else low
    return drawable(f"{notation.name(problem.variables[variable])} {relation} {figures(float(end))}")


def picture_of_cases(proof: ProofTree) -> NDArray[np.uint8]:
    """The tree of a proof by cases, from left to right, and the bound that is proved in every case.

    The worst bound is the one that counts, and is red. Small print is left out where there is no room for it.

    Args:
        proof: The proof.

    Returns:
        An RGB array of shape ``(height, width, 3)``, larger where there are more cases, some 2000 at most in both.

    Raises:
        BadInput: If the problem cannot be split as the tree says.
    """
    places = places_of(proof)
    row = min(MAX_ROW, MAX_TREE_HEIGHT / proof.num_leaves)
    is_labelled = row >= LEAST_ROW
    widths = _widths([place.condition if is_labelled else "" for place in places])
    depth = max(1, *(place.depth for place in places))
    room = min(max(WIDTH - RESULTS - 2 * MARGIN, depth * (max(widths) + 2 * GAP)), MAX_TREE_WIDTH)
    sheet = _Sheet(room + RESULTS + 2 * MARGIN, HEAD + row * proof.num_leaves + FOOT)
    end = MARGIN + room
    at = [(MARGIN + room / depth * place.depth, HEAD + row * (place.row + 0.5)) for place in places]

    lines, ends = [], []
    for place, (x, y), width in zip(places, at, widths, strict=True):
        start, above = (x, y) if place.parent is None else at[place.parent]
        stop = x if place.is_split else end
        lines += [((start, above), (start, y)), ((start, y), (stop, y))]
        if width and width + GAP <= stop - start:
            sheet.write(start + GAP, y - 2, place.condition, color=FAINT, va="bottom")
        if not place.is_split:
            ends.append(y)
    sheet.axes.add_collection(LineCollection(lines, colors="#b9c1cc", linewidths=1.0 if is_labelled else 0.6, zorder=1))

    leaves = [place for place in places if not place.is_split]
    bounds = [place.bound for place in leaves if place.bound is not None]
    worst = (min if proof.problem.sense == "min" else max)(bounds, default=None)
    colours = [RULE if place.bound is None else RED if place.bound == worst else BLUE for place in leaves]
    sheet.axes.scatter([end] * len(ends), ends, s=min(5.0, row / 2) ** 2, c=colours, linewidths=0, zorder=2)
    if is_labelled:
        sheet.write(end + GAP, HEAD - 8, "bound", color=FAINT)
        sheet.write(sheet.right, HEAD - 8, "derivations", color=FAINT, ha="right")
        for place, y, colour in zip(leaves, ends, colours, strict=True):
            said = "no point" if place.bound is None else figures(place.bound)
            sheet.write(end + GAP, y, said, color=RED if colour == RED else INK, va="center")
            sheet.write(sheet.right, y, str(place.derivations), color=FAINT, va="center", ha="right")

    result = "no point" if worst is None else f"{relation_of(proof.problem)} {figures(float(proof.bound))}"
    name = shortened(printable(proof.problem.name), int((room - 2 * MARGIN) / LETTER))
    sheet.write(MARGIN, 26, drawable(name), size=11, weight="bold", va="center")
    sheet.write(sheet.right, 26, result, size=15, weight="bold", color=BLUE, va="center", ha="right")
    sheet.write(MARGIN, sheet.bottom - 12, f"{proof.num_leaves} cases; the worst bound counts", color=FAINT)
    return sheet.pixels()


class _Sheet:
    """A white sheet on which places are pixels from the left and from the top.

    Attributes:
        axes: All of it.
        right: Where the right margin begins.
        bottom: Where the sheet ends.
    """

    def __init__(self, width: float, height: float) -> None:
        size = round(width) / DOTS_PER_INCH, round(height) / DOTS_PER_INCH
        self._canvas = FigureCanvasAgg(Figure(figsize=size, dpi=DOTS_PER_INCH, facecolor="white"))
        self.axes = self._canvas.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self.axes.set_axis_off()
        self.axes.set_xlim(0, width)
        self.axes.set_ylim(height, 0)
        self.right, self.bottom = width - MARGIN, height

    def write(self, x: float, y: float, text: str, **looks: Any) -> None:
        """Write a line of text, small unless told otherwise."""
        self.axes.text(x, y, text, parse_math=False, **{"size": SMALL, "color": INK, **looks})

    def pixels(self) -> NDArray[np.uint8]:
        """The sheet as an RGB array."""
        self._canvas.draw()
        return np.asarray(self._canvas.buffer_rgba())[:, :, :3].copy()


def _widths(texts: list[str]) -> list[float]:
    """The widths of texts in small print, in pixels."""
    renderer = FigureCanvasAgg(Figure(dpi=DOTS_PER_INCH)).get_renderer()
    letters = FontProperties(size=SMALL)
    return [float(renderer.get_text_width_height_descent(text, letters, ismath=False)[0]) for text in texts]
