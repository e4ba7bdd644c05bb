"""What a theorem is about, as a person would state it: a polynomial on a box, or the stable sets of a graph."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import combinations

from polyproof_gym.polynomials import Polynomial, Rational
from polyproof_gym.problems import Problem
from polyproof_gym.problems.implied_box import SIDES, Side
from polyproof_gym.problems.stable_set import has_unit_weights, is_stable_set
from polyproof_gym.proofs.exports.graph_names import Name, graph_name
from polyproof_gym.proofs.exports.notation import Notation

ALPHA = "is the largest {what} of vertices of which no two are joined, in the graph with"


MAX_PLAIN = 20
"""Longest number that people are expected to read, in characters."""


def is_long(number: Rational) -> bool:
    """Whether an exact number tells people less than its first digits do."""
    return len(str(number)) > MAX_PLAIN


class Subject:
    """A polynomial at the points of a box that satisfy constraints.

    Attributes:
        objective: What is bounded is called so once it has been written out.
    """

    objective = "left side of the claim"

    def __init__(self, problem: Problem, notation: Notation) -> None:
        """Take the problem, and the notation to write it in."""
        self._problem = problem
        self._notation = notation
        self._relation = notation.at_least if problem.sense == "min" else notation.at_most

    def claim(self, bound: Rational, has_conditions: bool) -> str:
        """That the bound holds, with the words that introduce :meth:`assumptions`, if there are any.

        ``For all x in [0, 1]: x^2 >= 0``

        Args:
            bound: The bound.
            has_conditions: Whether anything is assumed, or there are constraints.
        """
        about = f" (about {self._notation.formula(self._notation.about(bound))})" if is_long(bound) else ""
        return f"For all {self.points()}: {self.bounded(bound)}{about}{', provided that' if has_conditions else '.'}"

    def points(self) -> str:
        """The variables with the sets that they are from; ends of intervals that constraints imply are not assumed."""
        problem, notation = self._problem, self._notation
        groups: dict[tuple[Rational, Rational, tuple[Side, ...], bool], list[str]] = {}
        for i, name in enumerate(problem.variables):
            if i not in problem.ring.idempotent:
                given = tuple(side for side in SIDES if not problem.implied.get((i, side)))
                groups.setdefault((*problem.box[i], given, i in problem.integer), []).append(name)
        items = []
        for (low, high, given, is_whole), names in groups.items():
            listed, ends = notation.names(names), f"{notation.number(low)}{notation.comma}{notation.number(high)}"
            if len(given) == 2:
                condition = f" {notation.element} [{ends}]"
            elif given:
                condition = (
                    f" {notation.at_least} {notation.number(low)}"
                    if given == ("lower",)
                    else f" {notation.at_most} {notation.number(high)}"
                )
            else:
                condition = "" if is_whole else f" {notation.element} {notation.reals}"
            items.append(f"{'whole ' if is_whole else ''}{notation.formula(listed + condition)}")
        if boolean := [problem.variables[i] for i in sorted(problem.ring.idempotent)]:
            opening, closing = notation.braces
            values = f"{opening}{notation.number(0)}{notation.comma}{notation.number(1)}{closing}"
            items.append(notation.formula(f"{notation.names(boolean)} {notation.element} {values}"))
        if len(items) == problem.num_variables > 2:
            items = [", ".join(items[:-1]), items[-1]]
        return " and ".join(items)

    def assumptions(self) -> list[str]:
        """What is assumed, apart from constraints: the products that are 0."""
        if not self._problem.ring.exclusive:
            return []
        return [
            self._exclusions("products of two variables that are 0: ", "all products of two different variables are 0")
        ]

    def introduction(self, bound: Rational) -> list[str]:
        """The sentences that lead from the claim to one about a polynomial, where it is about something else."""
        return []

    def reached(self, bound: Rational) -> str:
        """That a bound holds in some case."""
        return self.bounded(bound)

    def stated(self, bound: Rational) -> str:
        """What the bound is on, and the bound, without the words around it."""
        return self.bounded(bound)

    def bounded(self, bound: Rational) -> str:
        """That the objective, in the problem's own variables, keeps a bound."""
        objective = self._problem.in_own_coordinates(self._problem.objective)
        return self._formula(f"{self._notation.polynomial(objective)} {self._relation}", bound)

    def _formula(self, start: str, number: Rational) -> str:
        return self._notation.formula(f"{start} {self._notation.number(number)}")

    def _pairs(self, pairs: Iterable[tuple[int, int]]) -> str:
        """Pairs of variables, those with the same first one together."""
        notation, variables = self._notation, self._problem.variables
        partners: dict[int, list[str]] = {}
        for i, j in sorted(pairs):
            partners.setdefault(i, []).append(variables[j])
        return "; ".join(
            f"{notation.formula(notation.name(variables[i]))} with {notation.formula(notation.names(names))}"
            for i, names in partners.items()
        )

    def _exclusions(self, of_some: str, of_all: str) -> str:
        """Which variables exclude each other, or which do not where these are fewer.

        Args:
            of_some: What introduces the pairs.
            of_all: What introduces those that are none.
        """
        n, exclusive = self._problem.num_variables, self._problem.ring.exclusive
        if 2 * len(exclusive) <= math.comb(n, 2):
            return of_some + self._pairs(exclusive)
        others = set(combinations(range(n), 2)) - exclusive
        return of_all + (f", except {self._pairs(others)}" if others else "")


class StableSets(Subject):
    """The largest number, or weight, of vertices of which no two are joined."""

    objective = "sum"

    def __init__(self, problem: Problem, notation: Notation) -> None:
        """Take the problem, and the notation to write it in."""
        super().__init__(problem, notation)
        self._is_counted = has_unit_weights(problem)
        name = graph_name(problem) or Name("G")
        self._alpha = f"{notation.alpha}({notation.graph(*name)})"

    def claim(self, bound: Rational, has_conditions: bool) -> str:
        """``alpha(C5) <= 2``, and what alpha is."""
        what = "number" if self._is_counted else "weight"
        return f"{self.stated(bound)}. Here {self._notation.formula(self._notation.alpha)} {ALPHA.format(what=what)}"

    def stated(self, bound: Rational) -> str:
        """``alpha(C5) <= 2``."""
        return self._formula(f"{self._alpha} {self._notation.at_most}", bound)

    def assumptions(self) -> list[str]:
        """The vertices and the edges."""
        problem, notation = self._problem, self._notation
        if self._is_counted:
            vertices = notation.formula(notation.names(problem.variables))
        else:
            weights = (problem.objective.terms.get((i,), 0) for i in range(problem.num_variables))
            vertices = ", ".join(
                f"{notation.formula(notation.name(name))} of weight {notation.formula(notation.number(weight))}"
                for name, weight in zip(problem.variables, weights, strict=True)
            )
        edges = self._exclusions("the edges ", "edges between all vertices") if problem.ring.exclusive else "no edges"
        return [f"the vertices {vertices}", edges]

    def introduction(self, bound: Rational) -> list[str]:
        """What the variables stand for."""
        return [
            "Take vertices of which no two are joined, and let each vertex stand for 1 if it is taken, and for 0 if"
            " not. Then it is its own square, the product of two that are joined is 0, and to be shown is"
            f" {self.bounded(bound)}."
        ]

    def reached(self, bound: Rational) -> str:
        """How many vertices can be taken, or what they weigh."""
        number = self._notation.formula(self._notation.number(bound))
        return (
            f"at most {number} {'vertex' if bound == 1 else 'vertices'} can be taken"
            if self._is_counted
            else (f"the vertices taken weigh at most {number}")
        )


def subject_of(problem: Problem, notation: Notation) -> Subject:
    """What the theorem about a problem is about."""
    return (StableSets if is_stable_set(problem) else Subject)(problem, notation)


def clique_of(polynomial: Polynomial) -> tuple[int, ...]:
    """The vertices of which ``1 - x - y - ... >= 0`` says that at most one is taken; none of other polynomials."""
    if polynomial.constant_term != 1 or polynomial.degree != 1 or len(polynomial) < 3:
        return ()
    members = tuple(sorted(monomial[0] for monomial in polynomial.terms if monomial))
    if set(polynomial.terms.values()) != {1, -1} or sum(polynomial.terms.values()) != 1 - len(members):
        return ()
    ring = polynomial.ring
    return members if all(set(members) - {i} <= ring.exclusive_with(i) for i in members) else ()
