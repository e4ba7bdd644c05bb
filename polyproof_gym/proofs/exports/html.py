"""Proofs as web pages, which need nothing but themselves: the proof as graphs, and all of it in words."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from html import escape
from importlib import resources

from polyproof_gym.proofs.exports.argument import COMBINATION_FOLLOWS, Argument, Summand, summands
from polyproof_gym.proofs.exports.cases import CasesArgument, Part, argument_of, with_cases_told_apart
from polyproof_gym.proofs.exports.graph import Layout, layout
from polyproof_gym.proofs.exports.unicode import Unicode, shortened
from polyproof_gym.proofs.proof import Proof
from polyproof_gym.proofs.tree import ProofTree

MAX_STATED_WIDTH = 900.0
"""Widest graph, in pixels, whose nodes show what the lines state; in wider ones they only show the lines' numbers."""

MAX_CASE_LINES = 30
"""Cases with more lines have no graph."""

MAX_LABEL = 26
"""Longest text inside the graph, in characters; longer ones are cut short there."""

CHARACTER, GAP, ROW, NODE, LABEL = 7.0, 18.0, 78.0, 28.0, 20.0
"""Sizes in pixels: the width of a character, the space between nodes, the heights of rows, nodes and edge labels."""

LABEL_EVERY = 600.0
"""The label of a very wide node is repeated at this distance."""


class Html(Unicode):
    """Formulas in Unicode characters, so that they can stand in a drawing as well; escaped only at the end."""

    def words(self, text: str) -> str:
        """The text, escaped."""
        return escape(super().words(text))

    def formula(self, formula: str) -> str:
        """The formula, escaped."""
        return escape(formula)


def to_html(proof: Proof | ProofTree) -> str:
    """Write a proof as one HTML file, which loads nothing from anywhere."""
    proof = with_cases_told_apart(proof)
    notation = Html(proof.problem)
    argument = argument_of(proof, notation)
    files = resources.files(__package__)
    style, script = ((files / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    if isinstance(argument, CasesArgument):
        content = f"<main>\n{_joined(_cases(argument, notation))}\n</main>"
    else:
        content = f'<main class="proof">\n{_joined(_argument(argument, notation, "the proof", is_drawn=True))}\n</main>'
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{argument.title()}</title>
<style>{style}</style>
</head>
<body>
<h1>{argument.title()}</h1>
<section>
<p><b>Theorem.</b> {argument.claim()}</p>
<ul class="tall" tabindex="0" aria-label="Assumptions">
{_joined(f"<li>{sentence}</li>" for sentence in argument.assumptions())}
</ul>
</section>
{content}
<script>{script}</script>
</body>
</html>
"""


def _argument(argument: Argument, notation: Html, name: str, is_drawn: bool, level: int = 2) -> Iterator[str]:
    """The lines and their combination: as a graph, if that is to be drawn, and in words."""
    proof = argument.proof
    if is_drawn:
        yield f"""<section class="graph">
<h{level}>{name.capitalize()} as a graph</h{level}>
<p class="hint">Axioms, cliques, squares and gaps are at the top, each product is below what was multiplied, and the
lines with a thick border add up to the bound. Choose a line, here or in the tables, to see what it rests on; Escape
ends that.
<label><input type="checkbox"> Show all of it at once</label></p>
<div class="scroller" tabindex="0" role="region" aria-label="Graph of {name}">
{_Drawing(proof, argument, notation).svg(f"Graph of {name}")}
</div>
<p class="status" role="status"></p>
</section>"""
    introduction = [*argument.preliminaries(), *([argument.lines_follow()] if proof.reasons else [])]
    lines = (
        _row(str(j + 1) if is_drawn else "", argument.cite(j), argument.statement(j), argument.reason(j))
        for j in range(len(proof.lines))
    )
    yield f"""<section>
<h{level}>Proof</h{level}>
{_paragraphs(introduction)}
<table aria-label="Lines">
{_joined(lines)}
</table>
</section>
<section>
<h{level}>Combination</h{level}>
<p>{COMBINATION_FOLLOWS}</p>
<p>{escape(argument.distance())}</p>
<table aria-label="Combination">
{_joined(_combination(summands(proof), argument, notation, is_drawn))}
</table>
<p>{argument.conclusion()}</p>
</section>"""


def _cases(argument: CasesArgument, notation: Html) -> Iterator[str]:
    """The cases, each within the one that it is a half of."""
    yield f"""<section class="cases">
<h2>Proof</h2>
{_paragraphs(argument.preliminaries())}
<p class="hint"><label><input type="checkbox" class="all"> Open all cases</label></p>"""
    depth = 0
    for part in argument.parts():
        yield "</details>\n" * (depth + 1 - part.depth)
        yield from _case(part, notation)
        depth = part.depth
    yield "</details>\n" * depth + "</section>"
    yield f"<p>{argument.conclusion()}</p>"


def _case(part: Part, notation: Html) -> Iterator[str]:
    """A case, which is left open for its halves."""
    name = f"case {part.number}"
    heading = f"<b>{name.capitalize()}:</b> {part.holds}"
    if part.argument is None:
        yield f"<details open><summary>{heading}</summary>"
    else:
        proof = part.argument.proof
        is_drawn = len(proof.reasons) <= MAX_CASE_LINES and any(reason.parents for reason in proof.reasons)
        yield f'<details><summary>{heading} <span class="reason">({part.argument.short_result()})</span></summary>'
        yield '<div class="proof">' if is_drawn else "<div>"
        yield from _argument(part.argument, notation, name, is_drawn, level=3)
        yield "</div>"


def _hash(source: str) -> str:
    """What a content security policy names a style or a script by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def _paragraphs(sentences: Iterable[str]) -> str:
    return _joined(f"<p>{sentence}</p>" for sentence in sentences)


def _joined(pieces: Iterable[str]) -> str:
    return "\n".join(pieces)


def _row(line: str, label: str, formula: str, reason: str) -> str:
    """A row of a table, to be chosen if it stands for a line of a graph."""
    attributes = f' data-line="{line}" tabindex="0"' if line else ""
    return f'<tr{attributes}><td>{label}</td><td>{formula}</td><td class="reason">{reason}</td></tr>'


def _combination(parts: list[Summand], argument: Argument, notation: Html, is_drawn: bool) -> Iterable[str]:
    for k, part in enumerate(parts):
        line = "" if part.line is None or not is_drawn else str(part.line + 1)
        formula = notation.formula(argument.part(part))
        yield _row(line, "+" if k else "=", formula, argument.origin(part))
    if not parts:
        yield _row("", "=", "0", "")
    yield _row("bound" if is_drawn else "", notation.at_least, "0", "")


class _Drawing:
    """The graph as an inline SVG."""

    def __init__(self, proof: Proof, argument: Argument, notation: Html) -> None:
        """Choose the texts, and places with room for them."""
        self._proof, self._argument = proof, argument
        numbers = [argument.cite(j) for j in range(len(proof.reasons))]
        stated = [f"{number} {shortened(argument.shown(j), MAX_LABEL)}" for j, number in enumerate(numbers)]
        self._factors = [
            shortened(argument.factor(reason), MAX_LABEL) if reason.parents else "" for reason in proof.reasons
        ]
        self._multipliers = {
            j: shortened(f"× {notation.size(value)}", 14)  # noqa: RUF001
            for j, value in proof.multipliers.items()
            if value
        }
        self._plan, self._labels = self._layout(stated), stated
        if self._plan.width > MAX_STATED_WIDTH:
            self._plan, self._labels = self._layout(numbers), numbers
        objective = shortened(notation.polynomial(proof.problem.objective), 40)
        self._bound = f"{objective} {argument.relation} {notation.number(proof.combination_bound)}"
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
        return f'<svg {size} role="group" aria-label="{name}">\n{_joined(pieces)}\n</svg>'

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


def _node(
    line: str, kind: str, parents: Iterable[int], words: str, top: tuple[float, float], width: float, label: str
) -> str:
    """A box with a label, to be chosen; the words are for readers who do not see it, and for those who point at it."""
    x, y = top
    repeated = max(1, int(width // LABEL_EVERY))  # so that one is in sight
    places = (x + width * ((2 * k + 1) / (2 * repeated) - 0.5) for k in range(repeated))
    texts = "".join(f'<text x="{place:.1f}" y="{y + NODE / 2 + 4:.1f}">{escape(label)}</text>' for place in places)
    numbers = " ".join(str(parent + 1) for parent in parents)
    data = f'data-line="{line}" data-parents="{numbers}"'
    return (
        f'<g class="{kind}" {data} tabindex="0" role="button" aria-label="{words}">'
        f"<title>{words}</title>"
        f'<rect x="{x - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{NODE:.0f}" rx="6"/>{texts}</g>'
    )


def _edge(to: str, kind: str, points: list[tuple[float, float]], label: str) -> str:
    """A line through some points, down to a label that stands just above the last one."""
    *above, (x, y) = points
    path = " L ".join(f"{x:.1f} {y:.1f}" for x, y in [*above, (x, y - LABEL)])
    return (
        f'<g class="edge {kind}" data-to="{to}"><path d="M {path}"/>'
        f'<text class="label" x="{x:.1f}" y="{y - 6:.1f}">{escape(label)}</text></g>'
    )
