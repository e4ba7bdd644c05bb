"""Numbers, polynomials and lines as proof assistants read them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from fractions import Fraction

from polyproof_gym.polynomials import ONE, Polynomial, Rational
from polyproof_gym.printable import printable

LINE_LENGTH = 120

SHORTEST_LINE = 60
"""Room that there is on a line whatever the indentation."""


def number(value: Rational) -> str:
    """A number, as whole numbers and at most one division."""
    numerator, denominator = Fraction(value).as_integer_ratio()
    return str(numerator) if denominator == 1 else f"{numerator} / {denominator}"


def text(polynomial: Polynomial, names: Sequence[str]) -> str:
    """A polynomial in variables of the given names."""
    parts: list[str] = []
    for monomial, coefficient in polynomial.sorted_terms():
        sign = "-" if coefficient < 0 else "+"
        parts.append(f" {sign} " if parts else sign.strip("+"))
        factors = [number(abs(Fraction(coefficient)))] if abs(coefficient) != 1 or monomial == ONE else []
        powers = {i: monomial.count(i) for i in monomial}
        factors += [names[i] + (f" ^ {power}" if power > 1 else "") for i, power in powers.items()]
        parts.append(" * ".join(factors))
    return "".join(parts) or "0"


def plain(line: str) -> str:
    """A line in characters that neither begin nor end a comment or a string."""
    visible = printable(" ".join(line.split())).encode("ascii", "backslashreplace").decode("ascii")
    return re.sub(r"(?<=\()(?=\*)|(?<=\*)(?=\))", " ", visible.replace('"', "'"))


def wrapped(lines: Iterable[str]) -> str:
    """The lines as one text, where long ones go on, indented, on the next."""
    return "".join(
        textwrap.fill(
            line,
            max(LINE_LENGTH, len(line) - len(line.lstrip()) + SHORTEST_LINE),
            subsequent_indent=" " * (len(line) - len(line.lstrip()) + 4),
            break_long_words=False,
            break_on_hyphens=False,
        )
        + "\n"
        for line in lines
    )
