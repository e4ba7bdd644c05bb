"""What every proof for readers says, whatever the document: the claim, the assumptions, the lines, the combination.

Lines are numbered from 1 here, as in print (proof files count from 0).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations

from polyproof_gym.arguments import instance_of
from polyproof_gym.polynomials import ONE, Polynomial, Rational, Ring
from polyproof_gym.problems.implied_box import SIDES, Side
from polyproof_gym.problems.problem import unit_box_axioms, unit_substitution
from polyproof_gym.problems.symmetry import cycles_of
from polyproof_gym.proofs.claim import Claim
from polyproof_gym.proofs.proof import Proof
from polyproof_gym.proofs.reasons import Axiom, Clique, Gap, Reason, Renamed, Square, Times, TimesLine

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

    def product(self, factors: Mapping[Polynomial, int]) -> str:
        """A product of powers of polynomials, not multiplied out; variables come first."""
        return self.times.join(self._powers(factors))

    def _powers(self, factors: Mapping[Polynomial, int]) -> Iterator[str]:
        for polynomial, exponent in sorted(factors.items(), key=lambda power: not _is_monomial(power[0])):
            text = self.polynomial(polynomial)
            if not _is_monomial(polynomial) or (exponent > 1 and polynomial.degree != 1):
                text = f"({text})"
            yield self.power(text, exponent) if exponent > 1 else text

    def multiple(self, factor: Rational, factors: Mapping[Polynomial, int]) -> str:
        """A positive number times a product."""
        powers = [*([self.size(factor)] if factor != 1 else []), *self._powers(factors)]
        return self.times.join(powers)


def _is_monomial(polynomial: Polynomial) -> bool:
    """Whether it is a monomial with the coefficient 1, which needs no brackets."""
    return len(polynomial) == 1 and set(polynomial.terms.values()) == {1}


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


def factored(proof: Proof) -> list[dict[Polynomial, int]]:
    """What every line states, as a product of powers.

    These are the factors that its reason tells, as in ``(1 - x)^5``, unless there are fewer terms in what it states
    multiplied out, as where rewriting rules apply.
    """
    told: list[Counter[Polynomial]] = []
    for reason, line in zip(proof.reasons, proof.lines, strict=True):
        known = [told[parent] for parent in reason.parents]
        if isinstance(reason, Times):
            known.append(Counter([bound_factor(reason, proof.problem.ring)]))
        elif isinstance(reason, Square):
            known.insert(0, Counter({reason.root: 2}))
        elif isinstance(reason, Gap):
            known = [Counter(factor.primitive() for factor in reason.factors(proof.problem.ring))]
        elif isinstance(reason, Renamed):
            known = [Counter({factor.renamed(reason.images): e for factor, e in known[0].items()})]
        elif not isinstance(reason, TimesLine):
            known = [Counter([line])]
        factors = sum(known, Counter[Polynomial]())
        # Powers of a 0/1 variable x, and of 1 - x, are these themselves.
        told.append(Counter({p: 1 if len(p) < 3 and p * p == p else e for p, e in factors.items()}))
    return [
        dict(factors) if line and _num_terms(factors) <= len(line) else {line: 1}
        for factors, line in zip(told, proof.lines, strict=True)
    ]


def _num_terms(factors: Mapping[Polynomial, int]) -> int:
    """The number of terms in all factors but monomials."""
    return sum(len(polynomial) for polynomial in factors if not _is_monomial(polynomial))


def bound_factor(reason: Times, ring: Ring) -> Polynomial:
    """The variable, or 1 less the variable, that a line is multiplied by."""
    variable = Polynomial.variable(ring, reason.variable)
    return 1 - variable if reason.complement else variable


def readable(proof: Proof) -> Proof:
    """What readers are shown of a proof: where it proves that no point satisfies the axioms, ``0 >= 1``.

    Raises:
        BadInput: If the argument is no proof.
    """
    return instance_of(proof, Proof, "proof").contradiction or proof


def is_moved(interval: tuple[Rational, Rational]) -> bool:
    """Whether a variable with the interval has a unit coordinate other than itself; fixed ones have none."""
    low, high = interval
    return (low, high) != (0, 1) and low < high


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


class Statement:
    """The sentences and formulas of what is claimed, in some notation.

    Attributes:
        relation: The sign between the objective and its bound.
        is_contradiction: Whether it is proved that no point satisfies the axioms.
    """

    def __init__(self, claim: Claim, notation: Notation) -> None:
        """Take the claim, and the notation to write it in."""
        self._claim = claim
        self._problem = claim.problem
        self._notation = notation
        self.is_contradiction = claim.status == "infeasible"
        self.relation = notation.at_least if claim.problem.sense == "min" else notation.at_most
        self._moved = [i for i, interval in enumerate(self._problem.box) if is_moved(interval)]
        unit_box = set(unit_box_axioms(self._problem.ring))
        self._constraints = [k for k, axiom in enumerate(self._problem.axioms) if axiom not in unit_box]

    @cached_property
    def constraint_numbers(self) -> dict[int, int]:
        """The numbers that axioms are cited by as constraints, by their index."""
        return {k: number for number, k in enumerate(self._constraints, start=1)}

    def title(self) -> str:
        """The name of the problem."""
        return self._notation.words(self._problem.name)

    def claim(self) -> str:
        """What is proved, in the problem's own variables, with the words that introduce the assumptions."""
        if self.is_contradiction:
            return "No point satisfies all of the following:"
        return f"{self.bounded(self._claim.bound)}, where"

    def bounded(self, bound: Rational) -> str:
        """That the objective, in the problem's own variables, keeps a bound."""
        return self._compared(self._problem.in_own_coordinates(self._problem.objective), self.relation, bound)

    def _compared(self, left: Polynomial, sign: str, right: Rational) -> str:
        notation = self._notation
        return notation.formula(f"{notation.polynomial(left)} {sign} {notation.number(right)}")

    def assumptions(self) -> list[str]:
        """What the claim assumes of the problem's own variables."""
        problem, notation = self._problem, self._notation
        boolean = [problem.variables[i] for i in sorted(problem.ring.idempotent)]
        by_interval: dict[tuple[Rational, Rational, tuple[Side, ...], bool], list[str]] = {}
        for i, name in enumerate(problem.variables):
            if i not in problem.ring.idempotent:
                implied = tuple(side for side in SIDES if problem.implied.get((i, side)))
                by_interval.setdefault((*problem.box[i], implied, i in problem.integer), []).append(name)
        sentences = []
        for (low, high, implied, is_whole), names in by_interval.items():
            bounds = f"{notation.number(low)} {notation.at_most} {notation.names(names)}"
            sentence = notation.formula(f"{bounds} {notation.at_most} {notation.number(high)}")
            if is_whole:
                sentence += ", each a whole number" if len(names) > 1 else ", a whole number"
            bound = f"the {implied[0]} bound is " if len(implied) == 1 else ""
            sentences.append(f"{sentence} ({bound}implied by the constraints)" if implied else sentence)
        if boolean:
            each = "each " if len(boolean) > 1 else ""
            sentences.append(f"{notation.formula(notation.names(boolean))}: {each}0 or 1")
        if problem.ring.exclusive:
            sentences.append(self._vanishing_products())
        for k, number in self.constraint_numbers.items():
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

    def implied(self) -> list[str]:
        """How constraints imply ends of intervals."""
        return [self._implied(place, known) for place, known in sorted(self._problem.implied.items()) if known]

    def rules(self) -> list[str]:
        """How products are reduced."""
        problem, rules = self._problem, []
        if problem.ring.idempotent:
            rules.append("the square of a 0/1 variable is replaced by the variable")
        if problem.ring.exclusive:
            rules.append("the products that are 0 are left out")
        return [f"In all polynomials, {' and '.join(rules)}."] if rules else []

    def substitution(self) -> list[str]:
        """The other coordinates, if there are any."""
        problem, notation = self._problem, self._notation
        if not self._moved:
            return []
        images = unit_substitution(problem.ring, problem.box)
        equations = (
            notation.formula(f"{notation.name(problem.variables[i])} = {notation.polynomial(images[i])}")
            for i in self._moved
        )
        zero, one = notation.number(0), notation.number(1)
        new = notation.names(problem.ring.variables[i] for i in self._moved)
        bounds = notation.formula(f"{zero} {notation.at_most} {new} {notation.at_most} {one}")
        sentences = [f"Substitute {', '.join(equations)}, where {bounds}."]
        if not self.is_contradiction:
            sentences.append(self._in_unit_coordinates())
        if self._constraints:
            sentences.append("The constraints are used in the new variables, up to positive factors.")
        return sentences

    def _in_unit_coordinates(self) -> str:
        return f"The claim becomes {self._compared(self._problem.objective, self.relation, self._claim.bound)}."

    def _implied(self, place: tuple[int, Side], multipliers: Mapping[int, Rational]) -> str:
        """That axioms imply an end of the box, and how they add up to it."""
        problem, notation = self._problem, self._notation
        (i, side), (low, high) = place, problem.box[place[0]]
        x = problem.in_own_coordinates(Polynomial.variable(problem.ring, i)) * (high - low) + low
        sign, end = (notation.at_least, low) if side == "lower" else (notation.at_most, high)
        total, parts = Polynomial(x.ring, {}), []
        for k, multiplier in sorted(multipliers.items()):
            axiom = problem.in_own_coordinates(problem.axioms[k])
            primitive = axiom.primitive()
            monomial, coefficient = next(iter(primitive.terms.items()))
            factor = Fraction(multiplier * axiom.terms[monomial] * (high - low)) / coefficient
            total += factor * primitive
            parts.append(notation.multiple(factor, {primitive: 1}))
        contradictory = total.degree == 0
        left = total if contradictory else x - low if side == "lower" else high - x
        more = (left - total).constant_term
        right = " + ".join([*parts, *([notation.number(more)] if more > 0 else [])])
        if more < 0:  # less than the 1 that a whole number beyond the end would be beyond it at least
            right += f" {notation.minus} {notation.size(-more)}"
        equation = notation.formula(f"{notation.polynomial(left)} = {right}")
        if contradictory:
            return f"The constraints contradict each other, as {equation}, and so imply {self._compared(x, sign, end)}."
        whole = f"{notation.formula(notation.name(problem.variables[i]))} is a whole number and " if more < 0 else ""
        return f"The constraints imply {self._compared(x, sign, end)}, as {whole}{equation}."

    def absurdity(self) -> str:
        """The inequality ``-1 >= 0``, which follows where no point satisfies the axioms."""
        notation = self._notation
        return notation.formula(f"{notation.number(-1)} {notation.at_least} {notation.number(0)}")

    def rounded(self) -> str:
        """That the bound can be rounded, after the words that tell the bound before."""
        notation, problem, (offset, step) = self._notation, self._problem, self._problem.values
        values, where = "a whole number", "All variables of the left side stand for whole numbers"
        if not problem.values.is_whole:
            more = problem.sign * offset % step
            values = f"{notation.formula(notation.number(more))} plus " if more else ""
            values += f"a multiple of {notation.formula(notation.number(step))}"
        elif len(problem.ring.idempotent) == problem.num_variables:
            where = "All variables are 0 or 1 and all coefficients of the left side are whole numbers"
        bound = notation.formula(notation.number(self._claim.bound))
        return f"{where}, so its value is {values}, and the bound can be rounded to {bound}."


class Argument(Statement):
    """The sentences and formulas of a proof without cases, in some notation."""

    def __init__(self, proof: Proof, notation: Notation) -> None:
        """Take the proof, which must be :func:`readable`, and the notation to write it in."""
        super().__init__(proof, notation)
        self._proof = proof
        self._factored = factored(proof)

    @property
    def proof(self) -> Proof:
        """The proof."""
        return self._proof

    def preliminaries(self) -> list[str]:
        """What has to be said before the lines: other coordinates, and how products are reduced."""
        return [*self.implied(), *self.substitution(), *self.rules(), *self.renamings()]

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
            return f"clique: {self._clique(reason)}"
        if isinstance(reason, Gap):
            return f"gap: {self._gap(reason)}"
        if isinstance(reason, TimesLine):
            return f"{self.cite(reason.factor)} times {self.cite(reason.parent)}"
        if isinstance(reason, Renamed):
            names = self._problem.ring.variables
            cycles = [self._notation.names(names[i] for i in cycle) for cycle in cycles_of(reason.images)]
            shown = f"({')('.join(cycles)})"
            return f"{self.cite(reason.parent)} renamed by {self._notation.formula(shown)}"
        if isinstance(reason, Times | Square):
            factor = self._notation.formula(self.factor(reason))
            if isinstance(reason, Square) and reason.root in self._factored[line]:  # it is seen where it stands
                factor = "a square"
            return " times ".join([factor, *map(self.cite, reason.parents)])
        numbers = {parent: parent + 1 for parent in reason.parents}
        return self._notation.words(reason.renumbered(numbers).describe(self._problem.ring))

    def _axiom(self, axiom: Axiom) -> str:
        if axiom.index in self.constraint_numbers:
            return f"constraint {self.constraint_numbers[axiom.index]}"
        return self._within_unit_box(axiom.polynomial)

    def _clique(self, clique: Clique) -> str:
        """That at most one of some variables is not 0."""
        notation, problem, members = self._notation, self._problem, clique.variables
        if len(members) == 1:
            return self._within_unit_box(1 - Polynomial.variable(problem.ring, *members))
        names = notation.formula(notation.names(problem.ring.variables[i] for i in members))
        return f"at most one of {names} is {'1' if problem.ring.idempotent.issuperset(members) else 'not 0'}"

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
