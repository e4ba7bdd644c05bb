"""Formulas in Unicode characters, for drawings and pages."""

from __future__ import annotations

import re

from polyproof_gym.printable import printable
from polyproof_gym.problems import Problem
from polyproof_gym.problems.problem import moved_names
from polyproof_gym.proofs.exports.notation import Notation

NOISE = 1e-11
"""The relative size of the errors of floats that are not worth showing."""

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Unicode(Notation):
    """``x₁²·(1 − x₂) ≥ 0``."""  # noqa: RUF002

    at_least, at_most, minus, times, comma = "≥", "≤", "−", "·", ", "  # noqa: RUF001
    element, reals, alpha = "∈", "ℝ", "α"  # noqa: RUF001

    def __init__(self, problem: Problem) -> None:
        """Take the problem whose variables there are, to keep their names apart."""
        names = {*problem.variables, *problem.ring.variables, *moved_names(problem.variables)}
        pretty = {name: with_subscript(printable(name)) for name in names}
        self._pretty = pretty if len(set(pretty.values())) == len(names) else {name: printable(name) for name in names}

    def words(self, text: str) -> str:
        """The text itself, on one line."""
        return printable(" ".join(text.split()))

    def formula(self, formula: str) -> str:
        """The formula itself."""
        return formula

    def name(self, name: str) -> str:
        """``x₁₂`` for ``x12``."""
        return self._pretty[name]

    def power(self, base: str, exponent: int) -> str:
        """``x²``."""
        return base + str(exponent).translate(SUPERSCRIPTS)

    def graph(self, name: str, index: str) -> str:
        """``C₅``."""
        return name + index.translate(SUBSCRIPTS)


INDEX = re.compile(r"(?<!\w)([A-Za-z])_([A-Za-z][^\W⁰¹²³⁴⁵⁶⁷⁸⁹]*)")
"""A letter with a word as its index, as ``u_x``, for which there are no subscripts in Unicode."""


def with_subscript(name: str) -> str:
    """A name with the digits at its end, after a letter, as a subscript."""
    return re.sub("(?<=[A-Za-z])[0-9]+$", lambda digits: digits[0].translate(SUBSCRIPTS), name)


def figures(value: float, scale: float = 0.0) -> str:
    """A float in six digits; 0 where it is no more than noise beside numbers of some scale."""
    return f"{0.0 if abs(value) <= NOISE * scale else value:.6g}".replace("-", "−")  # noqa: RUF001


def shortened(text: str, length: int) -> str:
    """A text, cut short if it has more characters than that."""
    return text if len(text) <= length else text[: length - 2] + " …"
