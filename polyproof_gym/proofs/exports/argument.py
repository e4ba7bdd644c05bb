"""What every proof for readers says, whatever the document: the claim, the assumptions, the lines, the combination.

Lines are numbered from 1 here, as in print (proof files count from 0).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from polyproof_gym.arguments import instance_of
from polyproof_gym.polynomials import ONE, Polynomial, Rational
from polyproof_gym.problems.implied_box import SIDES, Side
from polyproof_gym.problems.problem import unit_box_axioms, unit_substitution
from polyproof_gym.proofs.proof import Proof
from polyproof_gym.proofs.reasons import Axiom, Reason, Times

LINES_FOLLOW = "The following hold, each an axiom or an earlier line times something that is not negative."
"""What introduces the lines."""

COMBINATION_FOLLOWS = "Expanding the right side shows that"
"""What introduces the combination."""


class Notation(ABC):
    """How a kind of document writes words and formulas.

    Attributes:
        at_least: The sign of ``a >= b``.
        at_most: The sign of ``a <= b``.
        minus: The minus sign.
        times: What stands between two factors.
        comma: What stands between two items of a list.
    """

    at_least: str
    at_most: str
    minus: str
    times: str
    comma: str

    @abstractmethod
    def words(self, text: str) -> str:
        """Any text, with the characters escaped that mean something else in the document."""

    @abstractmethod
    def formula(self, formula: str) -> str:
        """A formula, ready to stand in a sentence."""

    @abstractmethod
    def name(self, name: str) -> str:
        """A variable."""

    @abstractmethod
    def power(self, base: str, exponent: int) -> str:
        """A variable to a power."""

    def size(self, value: Rational) -> str:
        """A number that is not negative."""
        return str(value)

    def number(self, value: Rational) -> str:
        """Any number."""
        return (self.minus if value < 0 else "") + self.size(abs(Fraction(value)))

    def names(self, names: Iterable[str]) -> str:
        """A list of variables."""
        return self.comma.join(map(self.name, names))

    def polynomial(self, polynomial: Polynomial) -> str:
        """A polynomial, in the order of terms of its ``str``."""
        text = ""
        for monomial, coefficient in polynomial.textbook_terms():
            sign = self.minus if coefficient < 0 else "+"
            text += f" {sign} " if text else sign.strip("+")
            size = abs(Fraction(coefficient))
            factors = [self.size(size)] if size != 1 or monomial == ONE else []
            for i in dict.fromkeys(monomial):
                name, exponent = self.name(polynomial.ring.variables[i]), monomial.count(i)
                factors.append(self.power(name, exponent) if exponent > 1 else name)
            text += self.times.join(factors)
        return text or "0"

    def multiple(self, factor: Rational, polynomial: Polynomial) -> str:
        """A positive number times a polynomial, not multiplied out."""
        text = self.polynomial(polynomial)
        if len(polynomial) != 1 or set(polynomial.terms.values()) != {1}:
            text = f"({text})"
        return text if factor == 1 else self.size(factor) + self.times + text


@dataclass(frozen=True)
class Summand:
    """A part of the combination: ``factor * polynomial``, which is not negative.

    Attributes:
        factor: A positive number.
        polynomial: What is known to be nonnegative.
        line: The line that states it; ``None`` where it follows from ``0 <= m <= 1`` for all monomials ``m``.
    """

    factor: Rational
    polynomial: Polynomial
    line: int | None


def readable(proof: Proof) -> Proof:
    """What readers are shown of a proof: where it proves that no point satisfies the axioms, ``0 >= 1``.

    Raises:
        BadInput: If the argument is no proof.
    """
    return instance_of(proof, Proof, "proof").contradiction or proof


def summands(proof: Proof) -> list[Summand]:
    """What adds up to the distance between the objective and the bound of the combination.

    A term ``c * m`` of the remainder is at least 0 where ``c`` is positive. Otherwise it is at least ``c``, which the
    bound contains already, and ``|c| * (1 - m)`` is left.
    """
    parts = [Summand(factor, proof.lines[j], j) for j, factor in sorted(proof.multipliers.items()) if factor]
    for monomial, coefficient in proof.remainder.sorted_terms():
        if monomial != ONE:
            product = Polynomial(proof.problem.ring, {monomial: 1})
            parts.append(Summand(abs(Fraction(coefficient)), product if coefficient > 0 else 1 - product, None))
    return parts


class Argument:
    """The sentences and formulas of a proof, in some notation.

    Attributes:
        relation: The sign between the objective and its bound.
        is_contradiction: Whether it is proved that no point satisfies the axioms.
    """

    def __init__(self, proof: Proof, notation: Notation) -> None:
        """Take the proof, which must be :func:`readable`, and the notation to write it in."""
        self._proof = proof
        self._problem = proof.problem
        self._notation = notation
        self.is_contradiction = proof.status == "infeasible"
        self.relation = notation.at_least if proof.problem.sense == "min" else notation.at_most
        self._moved = [i for i, interval in enumerate(self._problem.box) if tuple(interval) != (0, 1)]
        unit_box = set(unit_box_axioms(self._problem.ring))
        self._constraints = [k for k, axiom in enumerate(self._problem.axioms) if axiom not in unit_box]

    def title(self) -> str:
        """The name of the problem."""
        return self._notation.words(self._problem.name)

    def claim(self) -> str:
        """What is proved, in the problem's own variables, with the words that introduce the assumptions."""
        if self.is_contradiction:
            return "No point satisfies all of the following:"
        objective = self._problem.in_own_coordinates(self._problem.objective)
        return f"{self._compared(objective, self.relation, self._proof.bound)}, where"

    def _compared(self, left: Polynomial, sign: str, right: Rational) -> str:
        notation = self._notation
        return notation.formula(f"{notation.polynomial(left)} {sign} {notation.number(right)}")

    def assumptions(self) -> list[str]:
        """What the claim assumes of the problem's own variables."""
        problem, notation = self._problem, self._notation
        boolean = [problem.variables[i] for i in sorted(problem.ring.idempotent)]
        by_interval: dict[tuple[Rational, Rational, tuple[Side, ...]], list[str]] = {}
        for i, name in enumerate(problem.variables):
            if i not in problem.ring.idempotent:
                implied = tuple(side for side in SIDES if (i, side) in problem.implied)
                by_interval.setdefault((*problem.box[i], implied), []).append(name)
        sentences = []
        for (low, high, implied), names in by_interval.items():
            bounds = f"{notation.number(low)} {notation.at_most} {notation.names(names)}"
            formula = notation.formula(f"{bounds} {notation.at_most} {notation.number(high)}")
            bound = f"the {implied[0]} bound is " if len(implied) == 1 else ""
            sentences.append(f"{formula} ({bound}implied by the constraints)" if implied else formula)
        if boolean:
            each = "each " if len(boolean) > 1 else ""
            sentences.append(f"{notation.formula(notation.names(boolean))}: {each}0 or 1")
        if problem.ring.exclusive:
            sentences.append(self._vanishing_products())
        for number, k in enumerate(self._constraints, start=1):
            constraint = problem.in_own_coordinates(problem.axioms[k])
            if self._moved:
                constraint = constraint.primitive()
            sentences.append(f"constraint {number}: {self._compared(constraint, notation.at_least, 0)}")
        return sentences

    def _vanishing_products(self) -> str:
        """Which products of two variables are 0, or which ones are not where these are fewer."""
        n, exclusive = self._problem.num_variables, self._problem.ring.exclusive
        if 2 * len(exclusive) <= math.comb(n, 2):
            return f"products of two variables that are 0: {self._pairs(exclusive)}"
        others = set(combinations(range(n), 2)) - exclusive
        but = f", except {self._pairs(others)}" if others else ""
        return f"all products of two different variables are 0{but}"

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

    def preliminaries(self) -> list[str]:
        """What has to be said before the lines: other coordinates, and how products are reduced."""
        problem, notation = self._problem, self._notation
        sentences = []
        if self._moved:
            images = unit_substitution(problem.ring, problem.box)
            equations = (
                notation.formula(f"{notation.name(problem.variables[i])} = {notation.polynomial(images[i])}")
                for i in self._moved
            )
            zero, one = notation.number(0), notation.number(1)
            new = notation.names(problem.ring.variables[i] for i in self._moved)
            bounds = notation.formula(f"{zero} {notation.at_most} {new} {notation.at_most} {one}")
            sentences.append(f"Substitute {', '.join(equations)}, where {bounds}.")
            if not self.is_contradiction:
                bound = self._compared(problem.objective, self.relation, self._proof.bound)
                sentences.append(f"The claim becomes {bound}.")
            if self._constraints:
                sentences.append("The constraints are used in the new variables, up to positive factors.")
        rules = []
        if problem.ring.idempotent:
            rules.append("the square of a 0/1 variable is replaced by the variable")
        if problem.ring.exclusive:
            rules.append("the products that are 0 are left out")
        if rules:
            sentences.append(f"In all polynomials, {' and '.join(rules)}.")
        return sentences

    def cite(self, line: int) -> str:
        """The number of a line, as it is cited."""
        return f"({line + 1})"

    def statement(self, line: int) -> str:
        """What a line states."""
        return self._compared(self._proof.lines[line], self._notation.at_least, 0)

    def reason(self, line: int) -> str:
        """Why a line holds."""
        reason: Reason = self._proof.reasons[line]
        if isinstance(reason, Axiom):
            return f"axiom: {self._axiom(reason)}"
        if isinstance(reason, Times):
            return f"{self._notation.formula(self.factor(reason))} times {self.cite(reason.parent)}"
        numbers = {parent: parent + 1 for parent in reason.parents}
        return self._notation.words(reason.renumbered(numbers).describe(self._problem.ring))

    def _axiom(self, axiom: Axiom) -> str:
        if axiom.index in self._constraints:
            return f"constraint {self._constraints.index(axiom.index) + 1}"
        return self._within_unit_box(axiom.polynomial)

    def _within_unit_box(self, polynomial: Polynomial) -> str:
        """That ``m >= 0`` or ``1 - m >= 0``, in the form ``m >= 0`` or ``m <= 1``."""
        if polynomial.constant_term:
            return self._compared(1 - polynomial, self._notation.at_most, 1)
        return self._compared(polynomial, self._notation.at_least, 0)

    def factor(self, reason: Times) -> str:
        """The formula that a line is multiplied by."""
        variable = Polynomial.variable(self._problem.ring, reason.variable)
        return self._notation.multiple(1, 1 - variable if reason.complement else variable)

    def distance(self) -> str:
        """The formula of what is shown to be nonnegative: the distance of the objective from the bound; or -1."""
        notation, bound = self._notation, self._proof.combination_bound
        if self.is_contradiction:
            return notation.number(-1)
        objective = f"({notation.polynomial(self._problem.objective)})"
        if self._problem.sense == "max":
            return f"{notation.number(bound) if bound else ''} {notation.minus} {objective}".strip()
        return f"{objective} {notation.minus if bound > 0 else '+'} {notation.size(abs(bound))}" if bound else objective

    def absurdity(self) -> str:
        """The inequality ``-1 >= 0``, which follows where no point satisfies the axioms."""
        notation = self._notation
        return notation.formula(f"{notation.number(-1)} {notation.at_least} {notation.number(0)}")

    def origin(self, summand: Summand) -> str:
        """Why a part of the combination is not negative."""
        if summand.line is not None:
            return f"by {self.cite(summand.line)}"
        return f"as {self._within_unit_box(summand.polynomial)}"

    def conclusion(self) -> str:
        """What follows from the combination."""
        proof = self._proof
        if self.is_contradiction:
            return f"Nothing on the right is negative, so {self.absurdity()} would follow from the assumptions."
        if not proof.rounded:
            return "Nothing on the right is negative, which proves the claim."
        reached = self._compared(self._problem.objective, self.relation, proof.combination_bound)
        return (
            f"Nothing on the right is negative, so {reached}. All variables are 0 or 1 and all coefficients of the left"
            " side are whole numbers, so its value is a whole number, and the bound can be rounded to"
            f" {self._notation.formula(self._notation.number(proof.bound))}."
        )
