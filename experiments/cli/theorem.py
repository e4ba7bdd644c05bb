"""What is proved, in a line, in the words of the exports."""

from __future__ import annotations

from experiments.cli.files import abridged
from polyproof_gym import Problem
from polyproof_gym.polynomials import Rational
from polyproof_gym.proofs.exports.subject import subject_of
from polyproof_gym.proofs.exports.text import Plain

MAX_LENGTH = 100
"""The most characters of a statement that is shown; of longer ones, the objective is called ``f``."""


class _Abridged(Plain):
    """Plain text, without the middles of long numbers."""

    def size(self, value: Rational) -> str:
        """A number that is not negative."""
        return abridged(str(value))


def stated(problem: Problem, bound: Rational) -> str:
    """A bound on the objective of a problem: ``alpha(C5) <= 2``, ``x^2 - x >= -1/4``, or ``f >= 0`` where that is long.

    Raises:
        ValueError: If the bound is too long for text (``sys.get_int_max_str_digits``).
    """
    notation = _Abridged()
    text = subject_of(problem, notation).stated(bound)
    if len(text) <= MAX_LENGTH:
        return text
    relation = notation.at_least if problem.sense == "min" else notation.at_most
    return f"f {relation} {notation.number(bound)}"
