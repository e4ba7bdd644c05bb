"""Rational points that satisfy every constraint exactly, near points that a search in floats found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

import numpy as np

from polyproof_gym.polynomials import Polynomial, Rational, Ring, rational, variables_of
from polyproof_gym.problems.feasible_point.equations import (
    DENOMINATORS,
    EquationSolver,
    nearby,
    rational_roots,
    value_at,
)

MAX_VALUES = 64
"""Most steps between the values of a variable for which these are tried one by one."""


class ExactSet:
    """The points with coordinates in the unit interval at which some polynomials are nonnegative.

    Attributes:
        equations: The polynomials that must be zero: one of every constraint and its negative.
        inequalities: The other constraints, but for constants that are not negative.
        steps: Of variables that have only the values ``k / steps``, how many steps there are.
    """

    def __init__(
        self, ring: Ring, constraints: Sequence[Polynomial], steps: Mapping[int, int] = MappingProxyType({})
    ) -> None:
        """The set that the constraints and the ring's rewriting rules describe.

        Args:
            ring: The ring of the constraints.
            constraints: Polynomials that must be nonnegative.
            steps: Of variables that have only the values ``k / steps``, how many steps there are.
        """
        self._ring = ring
        self.steps = {**dict.fromkeys(ring.idempotent, 1), **steps}
        self._excludes = bool(ring.num_exclusive)
        self._solver = EquationSolver()
        distinct = dict.fromkeys(c for c in constraints if c.degree or c.constant_term < 0)
        self.equations: list[Polynomial] = []
        self.inequalities: list[Polynomial] = []
        while distinct:
            constraint, _ = distinct.popitem()
            negative = -constraint
            if negative in distinct:
                del distinct[negative]
                self.equations.append(negative)
            else:
                self.inequalities.append(constraint)
        self.equations.reverse()
        self.inequalities.reverse()

    def domains(self) -> list[list[Rational] | None]:
        """The values of every variable that can have only a few; ``None`` for the others."""
        domains: list[list[Rational] | None] = [None] * self._ring.num_variables
        for i, steps in self.steps.items():
            if steps <= MAX_VALUES:
                domains[i] = [rational(Fraction(k, steps)) for k in range(steps + 1)]
        for equation in self.equations:
            variables = variables_of(equation.terms)
            if len(variables) == 1:
                (i,) = variables
                known = domains[i]
                candidates = rational_roots(equation.terms) if known is None else known
                domains[i] = [u for u in candidates if self._is_value(i, u) and not value_at(equation.terms, u)]
        return domains

    def contains(self, point: Sequence[Rational]) -> bool:
        """Whether a point is in the set, exactly."""
        support = [i for i, u in enumerate(point) if u]
        return (
            all(0 <= u <= 1 for u in point)
            and all(self._is_value(i, point[i]) for i in self.steps)
            and not (self._excludes and self._ring.exclusion_matrix[np.ix_(support, support)].any())
            and not any(equation.evaluate(point) for equation in self.equations)
            and all(inequality.evaluate(point) >= 0 for inequality in self.inequalities)
        )

    def _is_value(self, i: int, u: Rational) -> bool:
        return i not in self.steps or Fraction(u * self.steps[i]).denominator == 1

    def near(
        self, point: Sequence[float], equations: Sequence[Polynomial] = (), dependent: frozenset[int] = frozenset()
    ) -> Iterator[tuple[Rational, ...]]:
        """Points of the set near a given one, by rounding and by solving equations for some of the variables.

        Args:
            point: The coordinates, in floats.
            equations: Polynomials that are about zero at the point and should become zero exactly.
            dependent: The variables that the equations are solved for; the others are rounded.
        """
        seen = set()
        for denominator in DENOMINATORS:
            rounded = tuple(
                rational(Fraction(round(u * self.steps[i]), self.steps[i]))
                if i in self.steps
                else nearby(u, denominator)
                for i, u in enumerate(point)
            )
            if rounded in seen:
                continue
            seen.add(rounded)
            if self.contains(rounded):
                yield rounded
            elif equations:
                solved = self._solver.solve([e.terms for e in equations], point, rounded, dependent)
                if solved is not None and self.contains(solved):
                    yield solved
