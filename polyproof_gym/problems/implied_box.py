"""Boxes of which some ends are not given, but implied by linear constraints."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Literal, NamedTuple

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import ONE, Polynomial, Rational, rational, variables_of

Side = Literal["lower", "upper"]
SIDES: tuple[Side, Side] = ("lower", "upper")

MAX_NAMED = 4
"""Most variables without a bound that a message names."""

MAX_VARIABLES = 200
"""Most variables in linear constraints for which these are asked what they imply, which takes some seconds then."""

OpenInterval = tuple[Rational | None, Rational | None]
"""An interval of which either end may be missing."""

Implied = Mapping[tuple[int, Side], Mapping[Polynomial, Rational]]
"""Ends of a box, each with the positive multipliers of nonnegative polynomials that imply it, in the box's coordinates.

They add up to ``(x - low) / (high - low)`` or ``(high - x) / (high - low)`` less a number that is not negative, or of
integer variables above ``-1 / (high - low)``; or to -1, where the polynomials contradict each other, and so imply
everything.
"""


class ImpliedBox(NamedTuple):
    """A box around a set.

    Attributes:
        intervals: The interval of every variable.
        implied: The ends that were not given.
    """

    intervals: list[tuple[Rational, Rational]]
    implied: Implied


def implied_box(
    names: Sequence[str],
    given: Sequence[OpenInterval],
    constraints: Sequence[Polynomial],
    integer: Collection[int] = (),
) -> ImpliedBox:
    """Complete a box by the best bounds that its given ends and linear constraints imply, exactly.

    An end that was given stays as it is. Where ends and constraints contradict each other, they imply every bound, and
    what is missing is chosen to make the interval as long as 1. So is a missing end of an interval that would be a
    single point; the constraints still say which. Ends of integer variables are whole: the combination that implies one
    may miss it by less than 1.

    Args:
        names: The variables.
        given: Their intervals, with whole ends for integer variables.
        constraints: Polynomials in the same variables that are nonnegative on the set; the linear ones count.
        integer: Numbers of the integer variables.

    Raises:
        BadInput: If an end is neither given nor implied; the message names the variable and the side.
    """
    missing = frozenset(
        (i, side) for i, ends in enumerate(given) for side, end in zip(SIDES, ends, strict=True) if end is None
    )
    if not missing:
        return ImpliedBox([_interval(*ends) for ends in given], {})
    from polyproof_gym.problems.exact_lp import Contradiction

    program = _Reach(given, [p for p in constraints if p.degree == 1])
    reached: dict[tuple[int, Side], Reached] = {}
    impossible: dict[Polynomial, Rational] | None = None
    try:
        ends = {(i, side): program.end(i, side) for i, side in sorted(missing)}
        reached = {place: end for place, end in ends.items() if end is not None}
        if len(reached) < len(missing):
            program.require_point()
            raise BadInput(_unbounded(names, missing - reached.keys()))
    except Contradiction as contradiction:
        reached, impossible = {}, program.combination(contradiction.multipliers)
    found = {place: end for place, (end, _) in reached.items()}
    intervals = []
    for i, (low, high) in enumerate(given):
        least, largest = (found.get((i, side), end) for side, end in zip(SIDES, (low, high), strict=True))
        if i in integer:
            least = None if least is None else math.ceil(least)
            largest = None if largest is None else math.floor(largest)
        is_point = least is not None and largest is not None and least >= largest
        if is_point and low is None and high is not None:
            least = None
        elif is_point:
            largest = None
        intervals.append(_interval(least, largest))
    if impossible is not None:
        return ImpliedBox(intervals, dict.fromkeys(sorted(missing), impossible))
    widths = [Fraction(high - low) for low, high in intervals]
    return ImpliedBox(
        intervals,
        {
            (i, side): {p: rational(value / widths[i]) for p, value in combination.items()}
            for (i, side), (_, combination) in reached.items()
        },
    )


def _interval(low: Rational | None, high: Rational | None) -> tuple[Rational, Rational]:
    """An interval of these ends, as long as 1 where one is missing."""
    if low is None:
        low = 0 if high is None else high - 1
    return low, low + 1 if high is None else high


def _unbounded(names: Sequence[str], lacking: Collection[tuple[int, Side]]) -> str:
    """The message that variables have no bound."""
    variables = sorted({i for i, _ in lacking})
    parts = [
        f"{names[i]} has no {' and no '.join(side for side in SIDES if (i, side) in lacking)} bound"
        for i in variables[:MAX_NAMED]
    ]
    parts += [f"{len(variables) - MAX_NAMED} more"] if len(variables) > MAX_NAMED else []
    name = names[variables[0]]
    return (
        f"{', '.join(parts)}: none is given, and linear constraints imply none; give one, as in"
        f" box={{{name!r}: (0, 1)}} or --box {name}=0..1"
    )


class Reached(NamedTuple):
    """How far points reach along a variable.

    Attributes:
        end: The end of the variable's interval.
        combination: Positive multipliers of nonnegative polynomials that add up to the distance from the end.
    """

    end: Rational
    combination: dict[Polynomial, Rational]


class _Reach:
    """How far the points that satisfy linear constraints reach along each variable."""

    def __init__(self, box: Sequence[OpenInterval], constraints: Sequence[Polynomial]) -> None:
        from polyproof_gym.problems.exact_lp import Inequality, LinearProgram

        known = list(constraints)
        constrained = variables_of(monomial for p in constraints for monomial in p.terms)
        for i in constrained:
            x = Polynomial.variable(constraints[0].ring, i)
            low, high = box[i]
            known += [x - low] if low is not None else []
            known += [high - x] if high is not None else []
        if len(constrained) > MAX_VARIABLES:
            raise BadInput(
                f"expected the interval of every variable where linear constraints are about more than {MAX_VARIABLES}"
            )
        # Variables that occur in no constraint would make the program larger for nothing.
        self._number = {variable: number for number, variable in enumerate(sorted(constrained))}
        self._known = list(dict.fromkeys(known))
        self._program = LinearProgram(
            len(constrained),
            [
                Inequality({self._number[m[0]]: c for m, c in p.terms.items() if m != ONE}, -p.constant_term)
                for p in self._known
            ],
        )

    def combination(self, multipliers: Mapping[int, Rational]) -> dict[Polynomial, Rational]:
        """The multipliers of inequalities of the program, by what these say to be nonnegative."""
        return {self._known[j]: value for j, value in multipliers.items()}

    def end(self, i: int, side: Side) -> Reached | None:
        """The least (``lower``) or largest (``upper``) value of a variable; ``None`` if there is none."""
        if i not in self._number:
            return None
        sign = 1 if side == "upper" else -1
        largest = self._program.maximum({self._number[i]: sign})
        return None if largest is None else Reached(sign * largest.value, self.combination(largest.multipliers))

    def require_point(self) -> None:
        """Raise :class:`Contradiction` if it can be shown that there is no point at all."""
        self._program.require_point()
