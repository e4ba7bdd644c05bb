"""Proofs as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from polyproof_gym.printable import printable
from polyproof_gym.proofs.exports.argument import COMBINATION_FOLLOWS, Argument, summands
from polyproof_gym.proofs.exports.cases import CasesArgument, argument_of
from polyproof_gym.proofs.exports.notation import Notation
from polyproof_gym.proofs.proof import Proof
from polyproof_gym.proofs.tree import ProofTree

WIDTH = 100
"""Longest line, in characters, where there is a space to break at."""

REASON_COLUMN = 60
"""Where reasons begin at the latest, unless the formula before them is longer."""


class Plain(Notation):
    """Formulas as they are typed: ``1/2*x1^2 >= 0``."""

    at_least, at_most, minus, times, comma = ">=", "<=", "-", "*", ", "
    element, reals, alpha = "in", "R", "alpha"

    def words(self, text: str) -> str:
        """The text itself, on one line."""
        return printable(" ".join(text.split()))

    def formula(self, formula: str) -> str:
        """The formula itself."""
        return formula

    def name(self, name: str) -> str:
        """The name itself."""
        return printable(name)

    def power(self, base: str, exponent: int) -> str:
        """``x^2``."""
        return f"{base}^{exponent}"

    def graph(self, name: str, index: str) -> str:
        """``C5``."""
        return name + index


def to_text(proof: Proof | ProofTree) -> str:
    """Write a proof as plain text.

    The combinations can be checked by expanding them, or read back with
    :func:`~polyproof_gym.polynomials.parse_polynomial`.
    """
    argument = argument_of(proof, Plain())
    blocks = [
        [_wrap(argument.title())],
        [_wrap(f"Theorem. {argument.claim()}"), *(_wrap(text, "- ") for text in argument.assumptions())],
        [_wrap("Proof."), *map(_wrap, argument.preliminaries())],
        *(_cases(argument) if isinstance(argument, CasesArgument) else _steps(argument)),
        [_wrap(argument.conclusion())],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _cases(argument: CasesArgument) -> Iterator[list[str]]:
    for part in argument.parts():
        heading = _wrap(f"Case {part.number}: {part.holds}.")
        if part.argument is None:
            yield [heading]
        else:
            yield [heading, *map(_wrap, part.argument.preliminaries())]
            yield from _steps(part.argument)
            yield [_wrap(part.argument.conclusion())]


def _steps(argument: Argument) -> Iterator[list[str]]:
    """The lines and their combination."""
    proof = argument.proof
    lines = [(f"{argument.cite(j)} ", argument.statement(j), argument.reason(j)) for j in range(len(proof.reasons))]
    parts = [
        ("= " if k == 0 else "+ ", argument.part(part), argument.origin(part)) for k, part in enumerate(summands(proof))
    ]
    yield [_wrap(argument.lines_follow())] if lines else []
    yield _table(lines)
    yield [_wrap(COMBINATION_FOLLOWS)]
    yield [_wrap(argument.distance(), "  "), *_table(parts or [("= ", "0", "")]), "  >= 0."]


def _wrap(text: str, lead: str = "") -> str:
    """Text broken into lines, which begin below each other after the lead."""
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _table(rows: Iterable[tuple[str, str, str]]) -> list[str]:
    """Rows of a lead, a formula and a reason, the reasons below each other where the formulas are short enough."""
    rows = list(rows)
    lead_width = max((len(lead) for lead, _, _ in rows), default=0)
    wrapped = [(_wrap(formula, lead.rjust(lead_width + 2)), reason) for lead, formula, reason in rows]
    ends = [len(text.rpartition("\n")[2]) for text, _ in wrapped]
    column = max((end for end in ends if end <= REASON_COLUMN), default=REASON_COLUMN)
    return [
        f"{text}{' ' * (column - end)}  {reason}".rstrip() for (text, reason), end in zip(wrapped, ends, strict=True)
    ]
