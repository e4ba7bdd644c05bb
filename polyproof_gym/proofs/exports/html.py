"""Proofs as web pages, which need nothing but themselves: pictures, all of it in words, and a way to step through."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Iterable, Iterator
from html import escape
from importlib import resources

from polyproof_gym.polynomials import variables_of
from polyproof_gym.proofs.exports.argument import COMBINATION_FOLLOWS, Argument, Summand, summands
from polyproof_gym.proofs.exports.cases import CasesArgument, Part, argument_of, with_cases_told_apart
from polyproof_gym.proofs.exports.curve_drawing import CurveDrawing
from polyproof_gym.proofs.exports.derivation_drawing import DerivationDrawing, in_attribute
from polyproof_gym.proofs.exports.graph_drawing import graph_svg, is_drawable
from polyproof_gym.proofs.exports.subject import clique_of
from polyproof_gym.proofs.exports.unicode import INDEX, Unicode
from polyproof_gym.proofs.proof import Proof
from polyproof_gym.proofs.reasons import Times
from polyproof_gym.proofs.replay import Replayed, replay
from polyproof_gym.proofs.tree import ProofTree

MAX_CASE_LINES = 30
"""Cases with more lines have no graph of their derivation."""

Attributes = dict[str, str]
"""What an element says beside its text, for the script."""

CONTROLS = """<div class="controls">
<button type="button" data-go="first" aria-label="To the start">|◀</button>
<button type="button" data-go="previous" aria-label="One step back">◀</button>
<button type="button" data-go="play" aria-label="Play">▶ play</button>
<button type="button" data-go="next" aria-label="One step on">▶</button>
<button type="button" data-go="last" aria-label="To the end">▶|</button>
<span class="position"></span>
</div>"""


class Html(Unicode):
    """Formulas in Unicode characters, so that they can stand in a drawing as well; escaped only at the end."""

    def words(self, text: str) -> str:
        """The text, escaped."""
        return escape(super().words(text))

    def formula(self, formula: str) -> str:
        """The formula, escaped, with words as indices lowered."""
        return INDEX.sub(r"\1<sub>\2</sub>", escape(formula))


def to_html(proof: Proof | ProofTree, *, with_bounds: bool = False) -> str:
    """Write a proof as one HTML file, which loads nothing from anywhere.

    Args:
        proof: The proof.
        with_bounds: Whether the page shows the bound that is known after every line, where there are no cases.
    """
    proof = with_cases_told_apart(proof)
    notation = Html(proof.problem)
    argument = argument_of(proof, notation)
    files = resources.files(__package__)
    style, script = ((files / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    words = _Words(notation, has_graph=is_drawable(proof.problem))
    graph = f"<figure>\n{graph_svg(proof.problem, notation)}\n</figure>" if words.has_graph else ""
    if isinstance(argument, CasesArgument):
        kind, stage, content = "", _stage(graph, "", ""), words.cases(argument)
    else:
        history = History(proof) if with_bounds and isinstance(proof, Proof) and not argument.is_contradiction else None
        derivation = _derivation(argument, notation, "the proof", level=2)
        kind, stage = " proof", _stage(graph, history.figure() if history else "", derivation)
        content = words.argument(argument, is_drawn=True, history=history)
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
<main class="columns{kind}">
{stage}
<div>
{_joined(content)}
</div>
</main>
<script>{script}</script>
</body>
</html>
"""


class History:
    """What is known after every line of a proof without cases."""

    def __init__(self, proof: Proof) -> None:
        """Replay the proof."""
        self._bounds: list[float] = []
        self._moments: list[str] = []
        self._number: dict[int, int] = {}  # of the lines that are no axioms
        is_graph = is_drawable(proof.problem)
        for moment in replay(proof):
            bound = moment.state.bound
            self._bounds.append(bound if math.isfinite(bound) or not self._bounds else self._bounds[-1])
            self._moments.append(_moments(moment) if is_graph else "")
            if moment.line is not None:
                self._number[moment.line] = len(self._bounds) - 1
        self._curve = CurveDrawing(self._bounds)

    def figure(self) -> str:
        """The bound over the lines."""
        return f'<p class="bound">bound <output></output></p>\n{self._curve.svg()}'

    def after(self, line: int | None) -> Attributes:
        """What is known after a line, or after all of them."""
        number = len(self._bounds) - 1 if line is None else self._number.get(line, 0)
        x, y = self._curve.place(number)
        found = {"bound": self._curve.text(self._bounds[number]), "at": f"{x:.1f} {y:.1f}"}
        return {**found, "moments": self._moments[number]} if self._moments[number] else found


def _moments(moment: Replayed) -> str:
    """The pseudo-moments of the variables in tenths, ``a`` for ten of them."""
    state = moment.state
    moments, rows = state.solution.moments, (state.memory.row_of.get((i,)) for i in range(state.problem.num_variables))
    values = (moments[row] if row is not None and state.has_lp_bound else 0.0 for row in rows)
    return "".join(f"{min(10, max(0, round(10 * value))):x}" for value in values)


def _stage(graph: str, curve: str, derivation: str) -> str:
    """What stays in sight: pictures, what the present step says, and the buttons that go to the next."""
    return f"""<div class="stage">
<section class="player" aria-label="Step by step">
{graph}
<div class="now">
{curve}
{CONTROLS}
<p class="status" role="status">Go through the proof with the buttons, or with the arrow keys ← and →.</p>
</div>
</section>
{derivation}
</div>
"""


def _derivation(argument: Argument, notation: Html, name: str, level: int) -> str:
    """The derivation as a graph."""
    drawing = DerivationDrawing(argument.proof, argument, notation)
    return f"""<section class="graph">
<h{level}>{name.capitalize()} as a graph</h{level}>
<p class="hint">What is known from the start is at the top, each product is below what was multiplied, and the lines
with a thick border add up to the bound. Choose a line to see what it rests on; Escape ends that.
<label><input type="checkbox"> Show all of it at once</label></p>
<div class="scroller" tabindex="0" role="region" aria-label="Graph of {name}">
{drawing.svg(f"Graph of {name}")}
</div>
</section>"""


class _Words:
    """The proof in words, whose elements say what the script shows of them."""

    def __init__(self, notation: Html, has_graph: bool) -> None:
        """Take the notation, and whether the problem's graph is drawn."""
        self._notation = notation
        self.has_graph = has_graph

    def argument(
        self, argument: Argument, is_drawn: bool, *, level: int = 2, history: History | None = None
    ) -> Iterator[str]:
        """The lines and their combination.

        Args:
            argument: What proves the problem, or a case.
            is_drawn: Whether the derivation is drawn as a graph.
            level: That of the headings.
            history: The bounds after every line, where they are shown.
        """
        proof = argument.proof
        introduction = [*argument.preliminaries(), *([argument.lines_follow()] if proof.reasons else [])]
        lines = (
            _row(
                {**self._line_attributes(proof, j, is_drawn), **(history.after(j) if history else {})},
                argument.cite(j),
                argument.statement(j),
                argument.reason(j),
            )
            for j in range(len(proof.lines))
        )
        last = {**self._bound_attributes(argument, is_drawn), **(history.after(None) if history else {})}
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
<p>{self._notation.formula(argument.distance())}</p>
<table aria-label="Combination">
{_joined(self._combination(summands(proof), argument, is_drawn, last))}
</table>
<p>{argument.conclusion()}</p>
</section>"""

    def _line_attributes(self, proof: Proof, line: int, is_drawn: bool) -> Attributes:
        """What the script shows of a line: in the graph, its variables, and the one that was multiplied by."""
        polynomial, reason = proof.lines[line], proof.reasons[line]
        found = {"step": "line", **({"line": str(line + 1)} if is_drawn else {})}
        if self.has_graph:
            found["members"] = _numbers(variables_of(polynomial.terms))
            found["cliques"] = _numbers(clique_of(polynomial))
            found["factor"] = str(reason.variable) if isinstance(reason, Times) else ""
        return {key: value for key, value in found.items() if value}

    def _bound_attributes(self, argument: Argument, is_drawn: bool) -> Attributes:
        """The same of the combination: all edges and cliques in it, and what it proves."""
        proof = argument.proof
        result = argument.absurdity() if argument.is_contradiction else argument.reached(proof.combination_bound)
        found = {"step": "bound", **({"line": "bound"} if is_drawn else {}), "result": in_attribute(result)}
        if self.has_graph:
            cliques = (clique_of(proof.lines[j]) for j in sorted(proof.multipliers))
            found["cliques"] = ";".join(_numbers(clique) for clique in cliques if clique)
        return found

    def _combination(self, parts: list[Summand], argument: Argument, is_drawn: bool, last: Attributes) -> Iterator[str]:
        for k, part in enumerate(parts):
            values = {} if part.line is None or not is_drawn else {"line": str(part.line + 1)}
            formula = self._notation.formula(argument.part(part))
            yield _row(values, "+" if k else "=", formula, argument.origin(part))
        if not parts:
            yield _row({}, "=", "0", "")
        yield _row(last, self._notation.at_least, "0", "")

    def cases(self, argument: CasesArgument) -> Iterator[str]:
        """The cases, each within the one that it is a half of."""
        yield f"""<section class="cases">
<h2>Proof</h2>
{_paragraphs(argument.preliminaries())}
<p class="hint"><label><input type="checkbox" class="all"> Open all cases</label></p>"""
        depth = 0
        for part in argument.parts():
            yield "</details>\n" * (depth + 1 - part.depth)
            yield from self._case(part)
            depth = part.depth
        yield "</details>\n" * depth + "</section>"
        yield f"<p>{argument.conclusion()}</p>"

    def _case(self, part: Part) -> Iterator[str]:
        """A case, which is left open for its halves."""
        name = f"case {part.number}"
        heading = f"<b>{name.capitalize()}:</b> {part.holds}"
        fixed = {"taken": _numbers(part.taken), "left": _numbers(part.left_out)} if self.has_graph else {}
        attributes = _attributes({"step": "case", **{key: value for key, value in fixed.items() if value}})
        if part.argument is None:
            yield f"<details open><summary{attributes}>{heading}</summary>"
        else:
            proof = part.argument.proof
            is_drawn = len(proof.reasons) <= MAX_CASE_LINES and any(reason.parents for reason in proof.reasons)
            result = f'<span class="reason">({part.argument.short_result()})</span>'
            yield f"<details><summary{attributes}>{heading} {result}</summary>"
            yield '<div class="proof">' if is_drawn else "<div>"
            if is_drawn:
                yield _derivation(part.argument, self._notation, name, level=3)
            yield from self.argument(part.argument, is_drawn, level=3)
            yield "</div>"


def _numbers(numbers: Iterable[int]) -> str:
    return " ".join(map(str, sorted(numbers)))


def _hash(source: str) -> str:
    """What a content security policy names a style or a script by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def _paragraphs(sentences: Iterable[str]) -> str:
    return _joined(f"<p>{sentence}</p>" for sentence in sentences)


def _joined(pieces: Iterable[str]) -> str:
    return "\n".join(pieces)


def _attributes(values: Attributes) -> str:
    return "".join(f' data-{name}="{value}"' for name, value in values.items())


def _row(values: Attributes, label: str, formula: str, reason: str) -> str:
    """A row of a table, to be chosen if it says anything to the script."""
    attributes = f'{_attributes(values)} tabindex="0"' if values else ""
    return f'<tr{attributes}><td>{label}</td><td>{formula}</td><td class="reason">{reason}</td></tr>'
