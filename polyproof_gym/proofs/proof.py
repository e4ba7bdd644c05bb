"""A finished proof: the derivations, the combination, and the bound that they establish exactly."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from polyproof_gym.errors import InvalidProof
from polyproof_gym.polynomials import Monomial, Polynomial, Rational, rational
from polyproof_gym.proofs.claim import Claim
from polyproof_gym.proofs.reasons import KINDS, Reason, reason_from_json

MISMATCH = 1e-6
"""Difference between the exact bound and the LP's, relative above 1, that is reported."""


@dataclass(frozen=True)
class Proof(Claim):
    """A bound with all that is needed to check it.

    The multipliers combine lines to ``objective - combination = remainder``, for the minimised objective; the bound is
    what the signs of the remainder's coefficients prove of it on the unit box. (In most proofs the remainder is a
    constant.) A *rounded* proof ends with one step more: all values of the objective lie a common step apart, as those
    of polynomials with whole coefficients in integer variables do, and the bound is one of them. A proof that *no point
    satisfies the axioms* is one of a bound better than all values on the unit box.

    A proof is not checked until :meth:`verify` is called. What is computed from its lines (remainder, bound, status and
    so on) raises :class:`InvalidProof` where :attr:`lines` does.

    Attributes:
        reasons: The derivation lines, in order; parents are line numbers.
        multipliers: The nonnegative multipliers, by line.
        promised: The bound of the LP that the multipliers come from, in floats, where that is known.
    """

    reasons: tuple[Reason, ...]
    multipliers: Mapping[int, Rational]
    _: KW_ONLY
    promised: float | None = field(default=None, compare=False)

    @cached_property
    def lines(self) -> tuple[Polynomial, ...]:
        """What every line derives, computed from its reason.

        Raises:
            InvalidProof: If a reason does not fit the problem, or a line refers to one that does not come before it.
        """
        lines: list[Polynomial] = []
        for number, reason in enumerate(self.reasons):
            try:
                reason.require(self.problem)
            except InvalidProof as error:
                raise InvalidProof(f"line {number}: {error}") from None
            if any(not 0 <= parent < number for parent in reason.parents):
                raise InvalidProof(f"line {number}: refers to a line that does not come before it")
            lines.append(reason.conclude(self.problem.ring, [lines[parent] for parent in reason.parents]))
        return tuple(lines)

    @cached_property
    def remainder(self) -> Polynomial:
        """What the combination of the lines leaves of the minimised objective."""
        lines = self.lines
        return remainder(self.problem.minimised, ((lines[j], value) for j, value in self.multipliers.items()))

    @cached_property
    def combination_bound(self) -> Fraction:
        """The bound that the combination proves, before any rounding, in the problem's own sense."""
        return self.problem.sign * Fraction(self.remainder.lower_bound_on_unit_box())

    @property
    def loss(self) -> float | None:
        """By how much the exact combination falls short of what the LP promised, where that is known; float noise is 0.

        Rounded multipliers lose a little; negative values mean that the LP promised too little.
        """
        if self.promised is None:
            return None
        loss = self.problem.sign * float(self.promised - self.combination_bound)
        return 0.0 if abs(loss) <= 1e-12 * (1.0 + abs(self.promised)) else loss

    @property
    def differs_from_lp(self) -> bool:
        """Whether the exact combination is worse or better than the LP promised, by more than :data:`MISMATCH`."""
        return self.promised is not None and differs(self.combination_bound, self.promised)

    @cached_property
    def contradiction(self) -> Proof | None:
        """Of a proof that no point satisfies the axioms, the same lines combined to ``0 >= 1``; otherwise ``None``."""
        if not self.shows_emptiness:
            return None
        # The objective's own part of the remainder is at most its largest value, so that the rest is above 0.
        problem = self.problem.without_objective
        whole = replace(self, problem=problem, rounded=False, target=None, promised=None, search=None)
        share = 1 / whole.combination_bound
        return replace(whole, multipliers={j: rational(share * value) for j, value in self.multipliers.items()})

    def raised_to(self, bound: Rational) -> Proof:
        """Of a proof that no point satisfies the axioms, one of any bound, in the problem's own sense."""
        if self.contradiction is None:
            return self
        least = self.problem.minimised.lower_bound_on_unit_box()
        times = max(Fraction(0), self.problem.sign * Fraction(bound) - least) + 1
        scaled = {j: rational(times * value) for j, value in self.contradiction.multipliers.items()}
        return replace(self, multipliers=scaled)

    def all_reasons(self) -> Iterator[Reason]:
        """The reasons of all lines."""
        return iter(self.reasons)

    @property
    def num_combined(self) -> int:
        """Number of lines with a multiplier."""
        return len(self.multipliers)

    @property
    def num_leaves(self) -> int:
        """1, as there are no cases."""
        return 1

    @property
    def since(self) -> int:
        """The first version of the proof file that has such reasons."""
        return max((1, *(getattr(reason, "since", 1) for reason in self.reasons)))

    def node_to_json(self) -> dict[str, Any]:
        """The lines and the multipliers."""
        return lines_to_json(self.reasons, self.multipliers)

    def require_readable(self, node: dict[str, Any]) -> None:
        """Check that the reasons are read from a file as what they are."""
        for number, (text, reason) in enumerate(zip(node["lines"], self.reasons, strict=True)):
            if reason_from_json(text, self.problem) != reason:
                raise InvalidProof(f"line {number}: {text} is another reason")


def lines_to_json(reasons: Sequence[Reason], multipliers: Mapping[int, Rational]) -> dict[str, Any]:
    """Lines and multipliers as a proof file holds them.

    Raises:
        InvalidProof: If a reason is none that a proof file knows, or a multiplier no exact number of a line.
    """
    for number, reason in enumerate(reasons):
        if not isinstance(reason, KINDS):
            raise InvalidProof(f"line {number}: a proof file has no reasons of class {type(reason).__name__}")
    for number, value in multipliers.items():
        if not (type(number) is int and type(value) in (int, Fraction)):
            raise InvalidProof(f"multiplier of line {number}: expected an exact number, got {value!r}")
        if not 0 <= number < len(reasons):
            raise InvalidProof(f"multiplier of line {number}: there is no such line")
    return {
        "lines": [reason.to_json() for reason in reasons],
        "multipliers": [[number, str(value)] for number, value in multipliers.items()],
    }


def multipliers_from_json(content: list[list[Any]]) -> dict[int, Rational]:
    """The multipliers that :func:`lines_to_json` wrote."""
    return {number: rational(Fraction(value)) for number, value in content}


def differs(exact: Rational, promised: float) -> bool:
    """Whether the bound of an LP, in floats, is another than the exact one, by more than :data:`MISMATCH`."""
    return not math.isclose(exact, promised, rel_tol=MISMATCH, abs_tol=MISMATCH)


def remainder(objective: Polynomial, combination: Iterable[tuple[Polynomial, Rational]]) -> Polynomial:
    """The objective less the polynomials of a combination, each times its multiplier."""
    parts = [*combination]
    numbers = [*objective.terms.values(), *(multiplier for _, multiplier in parts)]
    common = math.lcm(*{number.denominator for number in numbers})  # whole numbers are added several times as fast
    terms: dict[Monomial, Rational] = {m: c.numerator * (common // c.denominator) for m, c in objective.terms.items()}
    for polynomial, multiplier in parts:
        factor = multiplier.numerator * (common // multiplier.denominator)
        for monomial, coefficient in polynomial.terms.items():
            terms[monomial] = terms.get(monomial, 0) - factor * coefficient
    return Polynomial(objective.ring, {m: rational(Fraction(c, common)) for m, c in terms.items() if c})
