"""What the exports for proof assistants share: the claim in the problem's own variables, and the steps to it.

The claim is one theorem: for all real values of the problem's own variables that satisfy its hypotheses, the objective
keeps the bound. That integer variables are whole numbers is one of these. Ends of intervals that others imply are no
hypotheses; its proof derives them first. Then it replaces the variables whose interval is not ``[0, 1]`` by unit
coordinates, and repeats the lines one by one. A line that multiplies a line ``a`` by a factor ``p``, which is another
line or a square, states the normal form ``r`` of ``a * p``, and ``r = a * p - e`` holds as polynomials, where ``e`` is
a sum of polynomials times equations ``left - right = 0`` among the hypotheses. So nothing is left to search for. At
last the nonnegative combination of the lines, and of the monomials that remain, is added up term by term.

The texts of polynomials are the same in Coq and in Lean. So are those of *facts*, which are the names of hypotheses
and lines, and the applications of some lemmas to them: from ``0 <= x <= 1``, ``unit_low`` gets ``0 <= x``,
``unit_high`` gets ``0 <= 1 - x``, and ``unit_times`` gets ``0 <= x * y <= 1`` together with the same for ``y``;
``square q`` is ``0 <= q * q``, and ``unit_one`` is ``0 <= 1``. From ``x`` being whole, ``whole_gap k`` gets ``0 <= (x -
k) * (x - (k + 1))``.

A proof by cases tells them apart first: ``halves v`` gets ``low <= x <= v`` or ``v <= x <= high`` from ``low <= x <=
high``, which keeps its name; ``whole_halves`` gets the same with ``v + 1 <= x`` where ``x`` is whole, and
``zero_or_one`` gets ``x = 0`` or ``x = 1`` from ``x * x = x``. A number that is all that is left of an interval is put
in place of the variable, and so is 0 for all that a variable excludes that is 1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import ONE, Monomial, Polynomial, Ring, rational, variables_of
from polyproof_gym.problems.implied_box import SIDES, Side
from polyproof_gym.problems.problem import unit_box_axioms
from polyproof_gym.problems.progression import in_binomials
from polyproof_gym.proofs.claim import Claim
from polyproof_gym.proofs.exports.formal_lines import (
    Equation,
    GapLine,
    Given,
    Inequality,
    Interval,
    Line,
    Product,
    Rounding,
)
from polyproof_gym.proofs.exports.formal_texts import number, plain, text
from polyproof_gym.proofs.exports.reductions import corrections_of
from polyproof_gym.proofs.exports.statement import is_moved
from polyproof_gym.proofs.proof import Proof
from polyproof_gym.proofs.reasons import Axiom, Clique, Gap, Reason, Square, Times, TimesLine
from polyproof_gym.proofs.renaming import without_renamings

SAFE_NAME = re.compile(r"[a-z][0-9]*|x[A-Za-z0-9]*", re.ASCII)
"""Names that are identifiers in Coq and in Lean, without an underscore, and neither keywords nor labels."""


class FormalClaim:
    """A claim as the texts that its statement in a proof assistant is made of."""

    def __init__(self, claim: Claim, axioms: Sequence[int] = ()) -> None:
        """Take over a claim, whose own variables get other names unless all are safe.

        Args:
            claim: What is claimed.
            axioms: Of a case, the axioms' numbers in the whole problem.
        """
        self._claim = claim
        self._axioms = axioms or range(len(claim.problem.axioms))
        self._problem = problem = claim.problem
        self._own = problem.variables
        if not all(SAFE_NAME.fullmatch(name) for name in problem.variables):
            self._own = tuple(f"x{i + 1}" for i in range(problem.num_variables))
        self._units = tuple(
            f"u_{name}" if is_moved((low, high)) else name if low < high else "0"  # of a fixed one
            for name, (low, high) in zip(self._own, problem.box, strict=True)
        )

    @property
    def title(self) -> list[str]:
        """What is proved, in words that are safe within a comment, and what the variables stand for."""
        problem, kind = self._problem, "a lower" if self._problem.sense == "min" else "an upper"
        title = [f"{problem.name}: {kind} bound on the objective ({problem.family})."]
        if self._own != problem.variables:
            title += [f"{own} stands for {name}." for own, name in zip(self._own, problem.variables, strict=True)]
        return [plain(line) for line in title]

    @property
    def variables(self) -> str:
        """The names of the problem's own variables."""
        return " ".join(self._own)

    @cached_property
    def intervals(self) -> list[Interval]:
        """The box."""
        return [self._interval(i) for i in range(self._problem.num_variables)]

    def _interval(self, i: int) -> Interval:
        problem, own, (low, high) = self._problem, self._own[i], self._problem.box[i]
        given = self._given_ends(i)
        given_label = self._given_label(i) if given else None
        cited = sorted({k for side in SIDES for k in problem.implied.get((i, side), ())})
        facts = [self._hypothesis(problem.axioms[k]) for k in cited] + ([given_label] if given_label else [])
        return Interval(
            label=f"B{i + 1}",
            variable=own,
            low=number(low),
            high=number(high),
            given=given,
            given_label=given_label,
            implied_by=tuple(dict.fromkeys(facts)) if cited else (),
            unit=self._units[i] if is_moved((low, high)) else None,
            unit_label=f"U{i + 1}" if is_moved((low, high)) else f"B{i + 1}" if low < high else "unit_zero",
            whole=self._whole_label(i) if i in problem.integer else None,
        )

    def _whole_label(self, i: int) -> str:
        return f"I{i + 1}"

    def _given_ends(self, i: int) -> tuple[Side, ...]:
        return tuple(side for side in SIDES if not self._problem.implied.get((i, side)))

    def _given_label(self, i: int) -> str:
        return f"B{i + 1}" if len(self._given_ends(i)) == len(SIDES) else f"A{i + 1}"

    def _hypothesis(self, axiom: Polynomial) -> str:
        """The name of the hypothesis that an axiom is or belongs to."""
        constraint = self._constraints.get(axiom)
        return self._given_label(max(axiom.terms)[0]) if constraint is None else constraint.label

    @cached_property
    def _boolean(self) -> dict[int, Equation]:
        names = self._own
        return {
            i: Equation(f"E{i + 1}", f"{names[i]} * {names[i]}", names[i])
            for i in sorted(self._problem.ring.idempotent)
        }

    @cached_property
    def _exclusive(self) -> dict[tuple[int, int], Equation]:
        names = self._own
        return {
            (i, j): Equation(f"N{i + 1}_{j + 1}", f"{names[i]} * {names[j]}", "0")
            for i, j in sorted(self._problem.ring.exclusive)
        }

    def _equation(self, i: int, j: int) -> Equation:
        return self._boolean[i] if i == j else self._exclusive[i, j]

    @property
    def equations(self) -> list[Equation]:
        """The rewriting rules."""
        return [*self._boolean.values(), *self._exclusive.values()]

    @cached_property
    def _constraints(self) -> dict[Polynomial, Inequality]:
        box = set(unit_box_axioms(self._problem.ring))
        return {
            axiom: Inequality(
                f"G{self._axioms[k]}", text(self._problem.in_own_coordinates(axiom).primitive(), self._own)
            )
            for k, axiom in enumerate(self._problem.axioms)
            if axiom not in box
        }

    @property
    def constraints(self) -> list[Inequality]:
        """The axioms beyond the box, up to positive factors."""
        return list(self._constraints.values())

    @cached_property
    def objective(self) -> str:
        """The objective in the problem's own variables."""
        return text(self._problem.in_own_coordinates(self._problem.objective), self._own)

    @property
    def bound(self) -> str:
        """The bound."""
        return number(self._claim.bound)

    @property
    def is_upper(self) -> bool:
        """Whether the bound is an upper one."""
        return self._problem.sense == "max"

    @property
    def is_rounded(self) -> bool:
        """Whether the bound is to be rounded, by the properties below, once it is proved."""
        return self._claim.rounded

    @cached_property
    def rounding(self) -> Rounding:
        """How the bound is rounded."""
        problem, (offset, step) = self._problem, self._problem.values
        own = in_binomials(problem.in_own_coordinates(problem.minimised), problem.integer) or {}
        occurring = sorted(variables_of(own))
        names = [f"k_{name}" for name in self._own]
        # A binomial coefficient C(x, k) is written as x where k is 1, and gets a name where it is more.
        chosen = sorted({(i, m.count(i)) for m in own for i in m if m.count(i) > 1})
        own_names = [*names, *(f"c{k}_{self._own[i]}" for i, k in chosen)]
        place = {binomial: len(names) + number for number, binomial in enumerate(chosen)}
        count = Polynomial.of(
            Ring(own_names),
            (
                ([place.get((i, m.count(i)), i) for i in dict.fromkeys(m)], rational(value / step))
                for m, value in own.items()
                if m
            ),
        )
        return Rounding(
            minimised=text(problem.in_own_coordinates(problem.minimised), self._own),
            before=number(problem.sign * self._claim.combination_bound),
            offset=number(offset),
            step=number(step),
            steps=str((problem.sign * self._claim.bound - offset) / step),
            count=text(count, own_names),
            integers=[(names[i], self._whole_label(i)) for i in occurring if i in problem.integer],
            booleans=[(names[i], self._boolean[i].label) for i in occurring if i in self._boolean],
            chosen=[(own_names[place[i, k]], names[i], k) for i, k in chosen],
        )


class FormalProof(FormalClaim):
    """A proof without cases, or that of a case, as the texts of its statement and its steps."""

    def __init__(self, proof: Proof, axioms: Sequence[int] = ()) -> None:
        """Take over a proof; of a case with the axioms' numbers in the whole problem."""
        super().__init__(proof, axioms)
        self._proof = without_renamings(proof)

    @cached_property
    def lines(self) -> list[Line]:
        """The lines, in the proof's order.

        Raises:
            BadInput: If a line has a reason of another kind than those of proof files.
        """
        return [line for index in range(len(self._proof.reasons)) for line in self._lines_of(index)]

    def _lines_of(self, index: int) -> Iterator[Line]:
        """The line, with others before it where it takes several steps."""
        reason = self._proof.reasons[index]
        if isinstance(reason, Clique):
            yield from self._clique(f"L{index}", reason.variables)
        else:
            yield self._line(index, reason)

    def _clique(self, label: str, variables: tuple[int, ...]) -> Iterator[Line]:
        """``1 - x >= 0``, times the same for all other variables one by one."""
        labels = [*(f"{label}_{k}" for k in range(1, len(variables))), label]
        known, parent = Polynomial.constant(self._problem.ring, 1), ""
        for i, name in zip(variables, labels, strict=True):
            factor, fact = 1 - Polynomial.variable(self._problem.ring, i), self._factor(i, complement=True)
            polynomial = text(known * factor, self._units)
            if parent:
                yield Product(name, polynomial, parent, fact, self._corrections([known, factor]))
            else:
                yield Given(name, polynomial, fact, is_scaled=False)
            known, parent = known * factor, name

    def _line(self, index: int, reason: Reason) -> Line:
        polynomial = text(self._proof.lines[index], self._units)
        if isinstance(reason, Axiom):
            return self._given(f"L{index}", polynomial, reason.polynomial)
        if isinstance(reason, Gap):
            return GapLine(f"L{index}", polynomial, str(reason.below), self._whole_label(reason.variable))
        factors = [self._proof.lines[parent] for parent in reason.parents]
        if isinstance(reason, Times):
            variable = Polynomial.variable(self._problem.ring, reason.variable)
            factors.append(1 - variable if reason.complement else variable)
            fact = self._factor(reason.variable, reason.complement)
        elif isinstance(reason, TimesLine):
            fact = f"L{reason.factor}"
        elif isinstance(reason, Square):
            factors += [reason.root, reason.root]
            fact = f"(square ({text(reason.root, self._units)}))"
        else:
            raise BadInput(f"line {index}: there is no export of the reason {reason.to_json()!r} for proof assistants")
        return Product(
            label=f"L{index}",
            polynomial=polynomial,
            parent=f"L{reason.parents[0]}" if reason.parents else "unit_one",
            factor=fact,
            corrections=self._corrections(factors),
        )

    def _corrections(self, factors: Sequence[Polynomial]) -> tuple[tuple[str, Equation], ...]:
        """What is to be subtracted from a product; what has 0 for the coordinate of a fixed variable is 0 already."""
        return tuple(
            (text(coefficient, self._units), self._equation(i, j))
            for (i, j), coefficient in corrections_of(self._problem, factors).items()
            if "0" not in (self._units[i], self._units[j])
        )

    def _given(self, label: str, polynomial: str, axiom: Polynomial) -> Given:
        constraint = self._constraints.get(axiom)
        if constraint is not None:
            return Given(label, polynomial, constraint.label, is_scaled=True)
        (variable,) = max(axiom.terms)
        fact = self._factor(variable, complement=bool(axiom.constant_term))
        return Given(label, polynomial, fact, is_scaled=False)

    def _factor(self, variable: int, complement: bool) -> str:
        return f"(unit_{'high' if complement else 'low'} {self.intervals[variable].unit_label})"

    @cached_property
    def combination(self) -> list[tuple[int, str]]:
        """Positive whole numbers, each with the fact that it multiplies.

        The sum is a multiple of the minimised objective less its bound before rounding. (Proof assistants do not reduce
        fractions, so that these would soon be too long for them.)
        """
        lines = [(Fraction(value), f"L{line}") for line, value in self._proof.multipliers.items() if value]
        remainder = [
            (abs(Fraction(value)), f"(unit_{'low' if value > 0 else 'high'} {self._in_unit_interval(monomial)})")
            for monomial, value in self._proof.remainder.sorted_terms()
            if monomial != ONE
        ]
        parts = lines + remainder
        common = math.lcm(*(value.denominator for value, _ in parts))
        return [(int(value * common), fact) for value, fact in parts]

    def _in_unit_interval(self, monomial: Monomial) -> str:
        """The fact that a monomial lies between 0 and 1."""
        first, *rest = (self.intervals[i].unit_label for i in monomial)
        for label in rest:
            first = f"(unit_times {first} {label})"
        return first
