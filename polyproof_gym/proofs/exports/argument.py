"""What every proof for readers says, whatever the document: the claim, the assumptions, the lines, the combination.

Lines are numbered from 1 here, as in print (proof files count from 0).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from polyproof_gym.arguments import instance_of
from polyproof_gym.polynomials import ONE, Polynomial, Rational
from polyproof_gym.problems.symmetry import cycles_of
from polyproof_gym.proofs.exports.factors import FactoredLines, bound_factor
from polyproof_gym.proofs.exports.notation import Notation
from polyproof_gym.proofs.exports.statement import Statement
from polyproof_gym.proofs.exports.subject import clique_of
from polyproof_gym.proofs.proof import Proof
from polyproof_gym.proofs.reasons import Axiom, Clique, Gap, Reason, Renamed, Square, Times, TimesLine

COMBINATION_FOLLOWS = "Expanding the right side shows that"
"""What introduces the combination."""


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


class Argument(Statement):
    """The sentences and formulas of a proof without cases, in some notation."""

    def __init__(self, proof: Proof, notation: Notation) -> None:
        """Take the proof, which must be :func:`readable`, and the notation to write it in."""
        super().__init__(proof, notation)
        self._proof = proof
        self._factored = FactoredLines(proof.problem.ring)
        self._factored.extend(proof.reasons, proof.lines)

    @property
    def proof(self) -> Proof:
        """The proof."""
        return self._proof

    def preliminaries(self) -> list[str]:
        """What has to be said before the lines: other coordinates, and how products are reduced."""
        start = self._subject.introduction(self._claim.bound)
        return [*start, *self.implied(), *self.substitution(), *self.rules(), *self.renamings()]

    def renamings(self) -> list[str]:
        """What renaming means, if there is any."""
        if not self._has_renamings:
            return []
        return [
            "Renaming takes each variable to the next in its cycle, and the last to the first. It leaves the"
            " assumptions and the objective as they are, so that renamed lines hold as well."
        ]

    def lines_follow(self) -> str:
        """What introduces the lines."""
        reasons = self._proof.reasons
        kinds = ["an axiom"]
        if any(isinstance(reason, Clique) for reason in reasons):
            kinds.append("a clique")
        if any(isinstance(reason, Square) and reason.parent is None for reason in reasons):
            kinds.append("a square")
        if any(isinstance(reason, Gap) for reason in reasons):
            kinds.append("a gap between whole numbers")
        if self._has_renamings:
            kinds.append("an earlier line renamed")
        return f"The following hold, each {', '.join(kinds)} or an earlier line times something that is not negative."

    @property
    def _has_renamings(self) -> bool:
        return any(isinstance(reason, Renamed) for reason in self._proof.reasons)

    def cite(self, line: int) -> str:
        """The number of a line, as it is cited."""
        return f"({line + 1})"

    def statement(self, line: int) -> str:
        """What a line states."""
        notation = self._notation
        return notation.formula(f"{self.shown(line)} {notation.at_least} {notation.number(0)}")

    def shown(self, line: int) -> str:
        """The formula of what a line states to be nonnegative."""
        factors = self._factored[line]
        if list(factors.values()) == [1]:
            return self._notation.polynomial(*factors)
        return self._notation.product(factors)

    def part(self, summand: Summand) -> str:
        """The formula of a part of the combination."""
        factors = {summand.polynomial: 1} if summand.line is None else self._factored[summand.line]
        return self._notation.multiple(summand.factor, factors)

    def reason(self, line: int) -> str:
        """Why a line holds."""
        reason: Reason = self._proof.reasons[line]
        if isinstance(reason, Axiom):
            return f"axiom: {self._axiom(reason)}"
        if isinstance(reason, Clique):
            return f"{_kind(reason.variables)}: {self._clique(reason)}"
        if isinstance(reason, Gap):
            return f"gap: {self._gap(reason)}"
        if isinstance(reason, TimesLine):
            return f"{self.cite(reason.factor)} times {self.cite(reason.parent)}{self._clique_found(line)}"
        if isinstance(reason, Renamed):
            names = self._problem.ring.variables
            cycles = [self._notation.names(names[i] for i in cycle) for cycle in cycles_of(reason.images)]
            shown = f"({')('.join(cycles)})"
            return f"{self.cite(reason.parent)} renamed by {self._notation.formula(shown)}"
        if isinstance(reason, Times | Square):
            factor = self._notation.formula(self.factor(reason))
            if isinstance(reason, Square) and reason.root in self._factored[line]:  # it is seen where it stands
                factor = "a square"
            return " times ".join([factor, *map(self.cite, reason.parents)]) + self._clique_found(line)
        numbers = {parent: parent + 1 for parent in reason.parents}
        return self._notation.words(reason.renumbered(numbers).describe(self._problem.ring))

    def _clique_found(self, line: int) -> str:
        """That a line is about an edge or a clique, after a colon; nothing if it states another thing."""
        size = len(clique_of(self._proof.lines[line]))
        return f": a clique of {size}" if size > 2 else ": an edge" if size else ""

    def _variables(self, members: Sequence[int]) -> str:
        return self._notation.formula(self._notation.names(self._problem.ring.variables[i] for i in members))

    def _axiom(self, axiom: Axiom) -> str:
        if axiom.index in self.constraint_numbers:
            return f"constraint {self.constraint_numbers[axiom.index]}"
        return self._within_unit_box(axiom.polynomial)

    def _clique(self, clique: Clique) -> str:
        """That at most one of some variables is not 0."""
        members, ring = clique.variables, self._problem.ring
        if len(members) == 1:
            return self._within_unit_box(1 - Polynomial.variable(ring, *members))
        return f"at most one of {self._variables(members)} is {'1' if ring.idempotent.issuperset(members) else 'not 0'}"

    def _gap(self, gap: Gap) -> str:
        """That a variable is not between two whole numbers, in the problem's own coordinates."""
        notation, name = self._notation, self._problem.variables[gap.variable]
        ends = (notation.formula(notation.number(k)) for k in (gap.below, gap.below + 1))
        return f"{notation.formula(notation.name(name))} is not between {' and '.join(ends)}"

    def _within_unit_box(self, polynomial: Polynomial) -> str:
        """That ``m >= 0`` or ``1 - m >= 0``, in the form ``m >= 0`` or ``m <= 1``."""
        if polynomial.constant_term:
            return self._compared(1 - polynomial, self._notation.at_most, 1)
        return self._compared(polynomial, self._notation.at_least, 0)

    def factor(self, reason: Reason) -> str:
        """The formula that a line is multiplied by; that of a square which stands alone; nothing for axioms."""
        if isinstance(reason, Times):
            return self._notation.product({bound_factor(reason, self._problem.ring): 1})
        if isinstance(reason, Square):
            return self._notation.product({reason.root: 2})
        return self.cite(reason.factor) if isinstance(reason, TimesLine) else ""

    def distance(self) -> str:
        """The formula of what is shown to be nonnegative: the distance of the objective from the bound; or -1."""
        notation, bound = self._notation, self._proof.combination_bound
        if self.is_contradiction:
            return notation.number(-1)
        objective = f"({notation.polynomial(self._problem.objective)})"
        if self._problem.sense == "max":
            return f"{notation.number(bound) if bound else ''} {notation.minus} {objective}".strip()
        return f"{objective} {notation.minus if bound > 0 else '+'} {notation.size(abs(bound))}" if bound else objective

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
        return f"Nothing on the right is negative, so {reached}. {self.rounded()}"


def _kind(members: Sequence[int]) -> str:
    return "edge" if len(members) == 2 else "clique"
