"""The identities that an export for a proof assistant claims, worked out again from its text by SymPy."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy

from polyproof_gym import Proof
from polyproof_gym.proofs import Axiom, Clique
from polyproof_gym.proofs.renaming import without_renamings


@dataclass(frozen=True)
class ReadProof:
    """What stands in an exported proof, as texts of polynomials and facts.

    Attributes:
        intervals: The low end, variable and high end by label.
        units: The label of the box by that of the unit coordinate, and its name.
        equations: Both sides by label.
        inequalities: What the further hypotheses and the lines state to be nonnegative, by label.
        implied: Labels of hypotheses, by those of the intervals that follow from them.
        whole: The integer variables, by the labels of hypotheses.
        gaps: Lines by label, each with a whole number and the label of the hypothesis that a variable is whole.
        given: Lines by label, each with the fact of the unit box or the hypothesis it comes from.
        products: Lines by label, each with its parent, the factor's fact, and coefficients with labels of equations.
        combination: Whole multipliers and facts.
        objective: The objective.
        bound: The bound.
    """

    intervals: Mapping[str, tuple[str, str, str]]
    units: Mapping[str, tuple[str, str]]
    equations: Mapping[str, tuple[str, str]]
    inequalities: Mapping[str, str]
    implied: Mapping[str, list[str]]
    whole: Mapping[str, str]
    gaps: Mapping[str, tuple[str, str]]
    given: Mapping[str, str]
    products: Mapping[str, tuple[str, str, list[tuple[str, str]]]]
    combination: list[tuple[str, str]]
    objective: str
    bound: str


@functools.cache
def polynomial(text: str) -> Any:
    """A polynomial's text as SymPy reads it."""
    names = {name: sympy.Symbol(name) for name in re.findall(r"[A-Za-z]\w*", text)}
    return sympy.sympify(text.replace("^", "**"), locals=names, rational=True)


class Identities:
    """Checks that what an export claims to be equal is equal, as polynomials in the unit coordinates."""

    def __init__(self, proof: ReadProof) -> None:
        self._proof = proof
        self._coordinates = {label: polynomial(variable) for label, (_, variable, _) in proof.intervals.items()}
        self._own: dict[Any, Any] = {}
        for label, (box, name) in proof.units.items():
            low, variable, high = map(polynomial, proof.intervals[box])
            self._coordinates[label] = polynomial(name)
            self._own[variable] = low + (high - low) * polynomial(name)

    def check(self) -> None:
        """Check all lines, and the combination of an unrounded proof."""
        follows = {label: self.nonnegative(fact) for label, fact in self._proof.given.items()}
        for label, (below, hypothesis) in self._proof.gaps.items():
            distance = self._in_unit_coordinates(self._proof.whole[hypothesis]) - int(below)
            follows[label] = sympy.expand(distance * (distance - 1))
        for label, known in follows.items():
            claimed = self.nonnegative(label)
            ratio = sympy.cancel(known / claimed)
            assert ratio.is_number, label
            assert ratio > 0, label
        for label, (parent, factor, corrections) in self._proof.products.items():
            vanishing = sum(polynomial(coefficient) * self._vanishing(name) for coefficient, name in corrections)
            product = self.nonnegative(parent) * self.nonnegative(factor)
            assert sympy.expand(product - vanishing - self.nonnegative(label)) == 0, label

    def combination(self) -> Any:
        """The sum of the combination."""
        return sum(
            (polynomial(value) * self.nonnegative(fact) for value, fact in self._proof.combination), sympy.Integer(0)
        )

    def slack(self, sign: int) -> Any:
        """The minimised objective less its bound."""
        return sign * (self._in_unit_coordinates(self._proof.objective) - polynomial(self._proof.bound))

    def _in_unit_coordinates(self, text: str) -> Any:
        return polynomial(text).subs(self._own, simultaneous=True) if self._own else polynomial(text)

    def _vanishing(self, label: str) -> Any:
        left, right = self._proof.equations[label]
        return polynomial(left) - polynomial(right)

    def nonnegative(self, fact: str) -> Any:
        """What a fact says to be nonnegative."""
        if fact == "unit_one":
            return sympy.Integer(1)
        if square := re.fullmatch(r"\(square \((.*)\)\)", fact):
            return polynomial(square[1]) ** 2
        match = re.fullmatch(r"\(unit_(low|high) (.*)\)", fact)
        if match is None:
            return self._in_unit_coordinates(self._proof.inequalities[fact])
        # The unit coordinates whose product it is about.
        product = sympy.prod([self._coordinates[label] for label in re.findall(r"[BU]\d+", match[2])])
        return product if match[1] == "low" else 1 - product


def remaining_loss(content: ReadProof, proof: Proof) -> Any:
    """What an export's combination leaves of the minimised objective less the bound: 0 if it proves the bound.

    On the way it is checked that the export has everything of its proof, and that every line follows.
    """
    proof = without_renamings(proof)
    problem = proof.problem
    assert len(content.intervals) == problem.num_variables
    ends = {f"B{i + 1}" for (i, _), multipliers in problem.implied.items() if multipliers}
    assert content.implied.keys() == ends
    assert len(content.equations) == len(problem.ring.idempotent) + len(problem.ring.exclusive)
    assert sorted(content.whole.values()) == [f"{problem.variables[i]}" for i in sorted(problem.integer)]
    labels = {*content.given, *content.gaps, *content.products}
    assert {label for label in labels if "_" not in label} == {f"L{number}" for number in range(len(proof.lines))}
    axioms = {f"L{number}" for number, reason in enumerate(proof.reasons) if isinstance(reason, Axiom)}
    assert axioms <= content.given.keys()
    derived = len(content.products) + len(content.gaps)
    assert derived >= proof.num_derivations - sum(reason == Clique((0,)) for reason in proof.reasons)
    identities = Identities(content)
    identities.check()
    numbers = [*proof.multipliers.values(), *(c for m, c in proof.remainder.terms.items() if m)]
    scale = math.lcm(*(number.denominator for number in numbers))
    loss = sympy.expand(identities.slack(problem.sign) - identities.combination() / scale)
    # Rounding may only replace the bound of the combination by the next value, which is less than a step away.
    return 0 if proof.rounded and -proof.problem.values.step < loss <= 0 else loss
