"""Proofs as web pages, which need nothing but themselves: the proof as a graph, and all of it in words."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from html import escape
from importlib import resources

from polyproof_gym.problems import Problem
from polyproof_gym.proofs.exports.argument import (
    COMBINATION_FOLLOWS,
    LINES_FOLLOW,
    Argument,
    Notation,
    Summand,
    summands,
)
from polyproof_gym.proofs.exports.graph import Layout, layout
from polyproof_gym.proofs.memory import Axiom, Times
from polyproof_gym.proofs.proof import Proof

MAX_STATED_WIDTH = 900.0
"""Widest graph, in pixels, whose nodes show what the lines state; in wider ones they only show the lines' numbers."""

MAX_LABEL = 26
"""Longest text inside the graph, in characters; longer ones are cut short there."""

CHARACTER, GAP, ROW, NODE, LABEL = 7.0, 18.0, 78.0, 28.0, 20.0
"""Sizes in pixels: the width of a character, the space between nodes, the heights of rows, nodes and edge labels."""

LABEL_EVERY = 600.0
"""The label of a very wide node is repeated at this distance."""

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Html(Notation):
    """Formulas in Unicode characters, ``x₁²``, so that they can stand in a drawing as well; escaped only at the end."""

    at_least, at_most, minus, times, comma = "≥", "≤", "−", "·", ", "  # noqa: RUF001

    def __init__(self, problem: Problem) -> None:
        """Take the problem whose variables there are, to keep their names apart."""
        names = {*problem.variables, *problem.ring.variables}
        pretty = {
            name: re.sub("(?<=[A-Za-z])[0-9]+$", lambda digits: digits[0].translate(SUBSCRIPTS), name) for name in names
        }
        self._pretty = pretty if len(set(pretty.values())) == len(names) else {name: name for name in names}

    def words(self, text: str) -> str:
        """The text, escaped."""
        return escape(" ".join(text.split()))

    def formula(self, formula: str) -> str:
        """The formula, escaped."""
        return escape(formula)

    def name(self, name: str) -> str:
        """``x₁₂`` for ``x12``."""
        return self._pretty[name]

    def power(self, base: str, exponent: int) -> str:
        """``x²``."""
        return base + str(exponent).translate(SUPERSCRIPTS)


def to_html(proof: Proof) -> str:
    """Write a proof as one HTML file, which loads nothing from anywhere."""
    notation = Html(proof.problem)
    argument = Argument(proof, notation)
    parts = summands(proof)
    files = resources.files(__package__)
    style, script = ((files / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    introduction = [*argument.preliminaries(), *([LINES_FOLLOW] if proof.reasons else [])]
    lines = (
        _row(str(j + 1), argument.cite(j), argument.statement(j), argument.reason(j)) for j in range(len(proof.lines))
    )
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
<p><b>Theorem.</b> {argument.claim()}, where</p>
<ul class="tall" tabindex="0" aria-label="Assumptions">
{_joined(f"<li>{sentence}</li>" for sentence in argument.assumptions())}
</ul>
</section>
<main>
<section class="graph">
<h2>The proof as a graph</h2>
<p class="hint">Axioms are at the top, each product is below the line that was multiplied, and the lines with a thick
border add up to the bound. Choose a line, here or in the tables, to see what it rests on; Escape ends that.
<label><input type="checkbox"> Show all of it at once</label></p>
<div class="scroller" tabindex="0" role="region" aria-label="Graph of the proof">
{_drawing(proof, argument, notation)}
</div>
<p class="status" role="status"></p>
</section>
<section>
<h2>Proof</h2>
{_joined(f"<p>{sentence}</p>" for sentence in introduction)}
<table aria-label="Lines">
{_joined(lines)}
</table>
</section>
<section>
<h2>Combination</h2>
<p>{COMBINATION_FOLLOWS}</p>
<p>{escape(argument.distance())}</p>
<table aria-label="Combination">
{_joined(_combination(parts, argument, notation))}
</table>
<p>{argument.conclusion()}</p>
</section>
</main>
<script>{script}</script>
</body>
</html>
"""


def _hash(source: str) -> str:
    """What a content security policy names a style or a script by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def _joined(pieces: Iterable[str]) -> str:
    return "\n".join(pieces)


def _row(line: str, label: str, formula: str, reason: str) -> str:
    """A row of a table, to be chosen if it stands for a line."""
    attributes = f' data-line="{line}" tabindex="0"' if line else ""
    return f'<tr{attributes}><td>{label}</td><td>{formula}</td><td class="reason">{reason}</td></tr>'


def _combination(parts: list[Summand], argument: Argument, notation: Html) -> Iterable[str]:
    for k, part in enumerate(parts):
        line = "" if part.line is None else str(part.line + 1)
        formula = notation.formula(notation.multiple(part.factor, part.polynomial))
        yield _row(line, "+" if k else "=", formula, argument.origin(part))
    if not parts:
        yield _row("", "=", "0", "")
    yield _row("bound", notation.at_least, "0", "")


def _short(text: str, length: int = MAX_LABEL) -> str:
    return text if len(text) <= length else text[: length - 2] + " …"


def _drawing(proof: Proof, argument: Argument, notation: Html) -> str:
    """The graph as an inline SVG."""
    numbers = [argument.cite(j) for j in range(len(proof.reasons))]
    stated = [f"{number} {_short(notation.polynomial(p))}" for number, p in zip(numbers, proof.lines, strict=True)]
    factors = [argument.factor(reason) if isinstance(reason, Times) else "" for reason in proof.reasons]
    multipliers = {j: _short(f"× {notation.size(value)}", 14) for j, value in proof.multipliers.items() if value}  # noqa: RUF001
    plan, labels = _plan(proof, stated, factors, multipliers), stated
    if plan.width > MAX_STATED_WIDTH:
        plan, labels = _plan(proof, numbers, factors, multipliers), numbers
    bound = f"{_short(notation.polynomial(proof.problem.objective), 40)} {argument.relation} "
    bound += notation.number(proof.combination_bound)
    bound_width = max(plan.width, CHARACTER * len(bound) + GAP)
    # Few lines under a long claim stand in the middle.
    shift = (bound_width - plan.width) / 2 + GAP
    edges, nodes = [], []
    for j, reason in enumerate(proof.reasons):
        x, y = plan.across[j] + shift, GAP + ROW * plan.depth[j]
        kind = ("axiom" if isinstance(reason, Axiom) else "product") + (" used" if j in multipliers else "")
        parents = " ".join(str(parent + 1) for parent in reason.parents)
        words = f"{argument.cite(j)} {argument.statement(j)} ({argument.reason(j)})"
        nodes.append(_node(str(j + 1), kind, parents, words, x, y, CHARACTER * len(labels[j]) + 8, labels[j]))
        for parent in reason.parents:
            top = (plan.across[parent] + shift, GAP + ROW * plan.depth[parent] + NODE)
            edges.append(_edge(str(j + 1), "", [top, (x, y)], factors[j]))
    bottom = GAP + ROW * plan.rows
    for j, drop in plan.drops.items():
        top = (plan.across[j] + shift, GAP + ROW * plan.depth[j] + NODE)
        beside = [(drop + shift, GAP + ROW * (plan.depth[j] + 1))] if plan.depth[j] + 1 < plan.rows else []
        edges.append(_edge("bound", "drop", [top, *beside, (drop + shift, bottom)], multipliers[j]))
    used = " ".join(str(j + 1) for j in multipliers)
    words = f"Together: {escape(bound)}"
    nodes.append(_node("bound", "bound", used, words, bound_width / 2 + GAP, bottom, bound_width, bound))
    width, height = bound_width + 2 * GAP, bottom + NODE + GAP
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return f'<svg {size} role="group" aria-label="Graph of the proof">\n{_joined([*edges, *nodes])}\n</svg>'


def _plan(proof: Proof, labels: list[str], factors: list[str], multipliers: dict[int, str]) -> Layout:
    """The layout with room for the texts."""
    widths = [CHARACTER * max(len(label), len(factor)) + GAP for label, factor in zip(labels, factors, strict=True)]
    return layout(proof, widths, {j: CHARACTER * len(text) + GAP for j, text in multipliers.items()})


def _node(line: str, kind: str, parents: str, words: str, x: float, y: float, width: float, label: str) -> str:
    """A box with a label, to be chosen; the words are for readers who do not see it, and for those who point at it."""
    repeated = max(1, int(width // LABEL_EVERY))  # so that one is in sight
    places = (x + width * ((2 * k + 1) / (2 * repeated) - 0.5) for k in range(repeated))
    texts = "".join(f'<text x="{place:.1f}" y="{y + NODE / 2 + 4:.1f}">{escape(label)}</text>' for place in places)
    data = f'data-line="{line}" data-parents="{parents}"'
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
