"""The graph of a derivation, drawn for pages."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from polyproof_gym.proofs.exports.argument import Argument
from polyproof_gym.proofs.exports.graph import Layout, layout
from polyproof_gym.proofs.exports.subject import is_long
from polyproof_gym.proofs.exports.unicode import INDEX, Unicode, shortened
from polyproof_gym.proofs.proof import Proof

MAX_STATED_WIDTH = 900.0
"""Widest graph, in pixels, whose nodes show what the lines state; in wider ones they only show the lines' numbers."""

MAX_LABEL = 26
"""Longest text inside the graph, in characters; longer ones are cut short there."""

MAX_MULTIPLIER = 12
"""The same of an exact multiplier; of longer ones some digits are shown."""

CHARACTER, GAP, ROW, NODE, LABEL = 7.0, 18.0, 78.0, 28.0, 20.0
"""Sizes in pixels: the width of a character, the space between nodes, the heights of rows, nodes and edge labels."""

LABEL_EVERY = 600.0
"""The label of a very wide node is repeated at this distance."""


class DerivationDrawing:
    """The lines of a proof as an inline SVG: a graph, with what was multiplied above each product."""

    def __init__(self, proof: Proof, argument: Argument, notation: Unicode) -> None:
        """Choose the texts, and places with room for them."""
        self._proof, self._argument = proof, argument
        numbers = [argument.cite(j) for j in range(len(proof.reasons))]
        stated = [f"{number} {shortened(argument.shown(j), MAX_LABEL)}" for j, number in enumerate(numbers)]
        self._factors = [
            shortened(argument.factor(reason), MAX_LABEL) if reason.parents else "" for reason in proof.reasons
        ]
        self._multipliers = {
            j: f"× {size if len(size := notation.size(value)) <= MAX_MULTIPLIER else notation.about(value, 4)}"  # noqa: RUF001
            for j, value in proof.multipliers.items()
            if value
        }
        self._plan, self._labels = self._layout(stated), stated
        if self._plan.width > MAX_STATED_WIDTH:
            self._plan, self._labels = self._layout(numbers), numbers
        objective = shortened(notation.polynomial(proof.problem.objective), 40)
        bound = proof.combination_bound
        shown = f"about {notation.about(bound)}" if is_long(bound) else notation.number(bound)
        self._bound = f"{objective} {argument.relation} {shown}"
        if argument.is_contradiction:
            self._bound = f"{notation.number(-1)} {notation.at_least} {notation.number(0)}"
        if proof.rounded:
            self._bound += f", rounded to {notation.number(proof.bound)}"
        self._bound_width = max(self._plan.width, CHARACTER * len(self._bound) + GAP)
        # Few lines above a long claim stand in the middle.
        self._left = (self._bound_width - self._plan.width) / 2 + GAP

    def _layout(self, labels: list[str]) -> Layout:
        widths = [CHARACTER * max(map(len, texts)) + GAP for texts in zip(labels, self._factors, strict=True)]
        return layout(self._proof, widths, {j: CHARACTER * len(text) + GAP for j, text in self._multipliers.items()})

    def svg(self, name: str) -> str:
        """The whole drawing, nodes over edges; the name is for those who do not see it."""
        lines = range(len(self._proof.reasons))
        pieces = [*(edge for j in lines for edge in self._edges(j)), *map(self._line, lines), self._bound_node()]
        width, height = self._bound_width + 2 * GAP, self._row(self._plan.rows) + NODE + GAP
        size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
        content = "\n".join(pieces)
        return f'<svg {size} class="derivation" role="group" aria-label="{name}">\n{content}\n</svg>'

    def _row(self, depth: int) -> float:
        return GAP + ROW * depth

    def _top(self, line: int) -> tuple[float, float]:
        """The middle of the upper side of a line's node."""
        return self._plan.across[line] + self._left, self._row(self._plan.depth[line])

    def _line(self, line: int) -> str:
        argument, label, reason = self._argument, self._labels[line], self._proof.reasons[line]
        kind = "product" if reason.parents else type(reason).__name__.lower()
        kind += " used" if line in self._multipliers else ""
        words = f"{argument.cite(line)} {argument.statement(line)}; {argument.reason(line)}"
        words = in_attribute(words)
        return _node(str(line + 1), kind, reason.parents, words, self._top(line), CHARACTER * len(label) + 8, label)

    def _bound_node(self) -> str:
        place = self._bound_width / 2 + GAP, self._row(self._plan.rows)
        words = f"Together: {escape(self._bound)}"
        return _node("bound", "bound", self._multipliers, words, place, self._bound_width, self._bound)

    def _edges(self, line: int) -> Iterable[str]:
        """The edges from the parents of a line, and that to the bound."""
        for number, parent in enumerate(self._proof.reasons[line].parents):
            x, y = self._top(parent)
            label = "" if number else self._factors[line]
            yield _edge(str(line + 1), "product", [(x, y + NODE), self._top(line)], label)
        if line in self._plan.drops:
            x, y = self._top(line)
            drop, bottom = self._plan.drops[line] + self._left, self._row(self._plan.rows)
            beside = [(drop, y + ROW)] if y + ROW < bottom else []
            yield _edge("bound", "drop", [(x, y + NODE), *beside, (drop, bottom)], self._multipliers[line])


def in_attribute(sentence: str) -> str:
    """A sentence of a page as it stands in an attribute, or in a title: without elements."""
    return sentence.replace("<sub>", "_").replace("</sub>", "")


def _node(
    line: str, kind: str, parents: Iterable[int], words: str, top: tuple[float, float], width: float, label: str
) -> str:
    """A box with a label, to be chosen; the words are for readers who do not see it, and for those who point at it."""
    x, y = top
    repeated = max(1, int(width // LABEL_EVERY))  # so that one is in sight
    places = (x + width * ((2 * k + 1) / (2 * repeated) - 0.5) for k in range(repeated))
    texts = "".join(f'<text x="{place:.1f}" y="{y + NODE / 2 + 4:.1f}">{_drawn(label)}</text>' for place in places)
    numbers = " ".join(str(parent + 1) for parent in parents)
    data = f'data-line="{line}" data-parents="{numbers}"'
    return (
        f'<g class="{kind}" {data} tabindex="0" role="button" aria-label="{words}">'
        f"<title>{words}</title>"
        f'<rect x="{x - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{NODE:.0f}" rx="6"/>{texts}</g>'
    )


def _drawn(label: str) -> str:
    """A label with words as indices lowered; the last element, of no width, goes back up."""
    lowered = r'\1<tspan class="index" dy="3">\2</tspan><tspan dy="-3">&#8203;</tspan>'
    return INDEX.sub(lowered, escape(label))


def _edge(to: str, kind: str, points: list[tuple[float, float]], label: str) -> str:
    """A line through some points, down to a label that stands just above the last one."""
    *above, (x, y) = points
    path = " L ".join(f"{x:.1f} {y:.1f}" for x, y in [*above, (x, y - LABEL)])
    return (
        f'<g class="edge {kind}" data-to="{to}"><path d="M {path}"/>'
        f'<text class="label" x="{x:.1f}" y="{y - 6:.1f}">{_drawn(label)}</text></g>'
    )
