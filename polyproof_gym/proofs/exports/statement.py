"""What a proof for readers says of its claim, whatever the document."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property

from polyproof_gym.polynomials import Polynomial, Rational
from polyproof_gym.problems.implied_box import Side
from polyproof_gym.problems.problem import unit_box_axioms, unit_substitution
from polyproof_gym.proofs.claim import Claim
from polyproof_gym.proofs.exports.notation import Notation
from polyproof_gym.proofs.exports.subject import subject_of


def is_moved(interval: tuple[Rational, Rational]) -> bool:
    """Whether a variable with the interval has a unit coordinate other than itself; fixed ones have none."""
    low, high = interval
    return (low, high) != (0, 1) and low < high


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
        self._subject = subject_of(self._problem, notation)
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
            return f"There are no {self._subject.points()} such that"
        return self._subject.claim(self._claim.bound, bool(self.assumptions()))

    def reached(self, bound: Rational) -> str:
        """That a bound holds in some case."""
        return self._subject.reached(bound)

    @property
    def objective_name(self) -> str:
        """What is bounded, in words."""
        return self._subject.objective

    def _compared(self, left: Polynomial, sign: str, right: Rational) -> str:
        notation = self._notation
        return notation.formula(f"{notation.polynomial(left)} {sign} {notation.number(right)}")

    def assumptions(self) -> list[str]:
        """What the claim assumes of the problem's own variables, beside the sets that they are from."""
        sentences = self._subject.assumptions()
        for k, number in self.constraint_numbers.items():
            constraint = self._problem.in_own_coordinates(self._problem.axioms[k])
            if self._moved:
                constraint = constraint.primitive()
            sentences.append(f"constraint {number}: {self._compared(constraint, self._notation.at_least, 0)}")
        return sentences

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
