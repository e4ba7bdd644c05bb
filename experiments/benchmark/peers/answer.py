"""What a method says of a problem."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from polyproof_gym.polynomials import Rational
from polyproof_gym.problems import Problem


class Answer(NamedTuple):
    """What a method says of a problem.

    Attributes:
        bound: Its lower bound on the minimised objective, exact or in floats; ``None`` where it has none.
        seconds: How long it took.
        check: The part of it that an exact check of the certificate took, where there is one.
    """

    bound: Rational | float | None
    seconds: float
    check: float | None = None

    def gap(self, problem: Problem) -> float | None:
        """The distance to the best feasible value known, relative to its size from 1 on; negative if past it."""
        if self.bound is None or problem.incumbent is None:
            return None
        value = Fraction(problem.sign * problem.incumbent)
        return float((value - Fraction(self.bound)) / max(Fraction(1), abs(value)))
