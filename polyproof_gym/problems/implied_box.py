"""Boxes of which some ends are not given, but implied by linear constraints."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal, NamedTuple

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import ONE, Polynomial, Rational

Side = Literal["lower", "upper"]
SIDES: tuple[Side, Side] = ("lower", "upper")

MAX_NAMED = 4
"""Most variables without a bound that a message names."""

MAX_VARIABLES = 200
"""Most variables in linear constraints for which these are asked what they imply, which takes some seconds then."""

OpenInterval = tuple[Rational | None, Rational | None]
"""An interval of which either end may be missing."""


class ImpliedBox(NamedTuple):
    """A box around a set.

    Attributes:
        intervals: The interval of every variable.
        implied: The ends that were not given: the variable's number, and the side.
    """

    intervals: list[tuple[Rational, Rational]]
    implied: frozenset[tuple[int, Side]]


def implied_box(names: Sequence[str], given: Sequence[OpenInterval], constraints: Sequence[Polynomial]) -> ImpliedBox:
    """Complete a box by the best bounds that its given ends and linear constraints imply, exactly.

    An end that was given stays as it is. Where ends and constraints contradict each other, they imply every bound, and
    what is missing is chosen to make the interval as long as 1. So is a missing end of an interval that would be a
    single point; the constraints still say which.

    Args:
        names: The variables.
        given: Their intervals.
        constraints: Polynomials in the same variables that are nonnegative on the set; the linear ones count.

    Raises:
        BadInput: If an end is neither given nor implied; the message names the variable and the side.
    """
    missing = frozenset(
        (i, side) for i, ends in enumerate(given) for side, end in zip(SIDES, ends, strict=True) if end is None
    )
    if not missing:
        return ImpliedBox([_interval(*ends) for ends in given], missing)
    from polyproof_gym.problems.exact_lp import Contradiction

    program = _Reach(given, [p for p in constraints if p.degree == 1])
    found: dict[tuple[int, Side], Rational] = {}
    try:
        ends = {(i, side): program.end(i, side) for i, side in sorted(missing)}
        found = {place: end for place, end in ends.items() if end is not None}
        if len(found) < len(missing):
            program.require_point()
            raise BadInput(_unbounded(names, missing - found.keys()))
    except Contradiction:
        found = {}
    intervals = []
    for i, (low, high) in enumerate(given):
        least, largest = (found.get((i, side), end) for side, end in zip(SIDES, (low, high), strict=True))
        is_point = least is not None and least == largest
        if is_point and low is None and high is not None:
            least = None
        elif is_point:
            largest = None
        intervals.append(_interval(least, largest))
    return ImpliedBox(intervals, missing)


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


class _Reach:
    """How far the points that satisfy linear constraints reach along each variable."""

    def __init__(self, box: Sequence[OpenInterval], constraints: Sequence[Polynomial]) -> None:
        from polyproof_gym.problems.exact_lp import Inequality, LinearProgram

        inequalities = [
            Inequality({monomial[0]: c for monomial, c in p.terms.items() if monomial != ONE}, -p.constant_term)
            for p in constraints
        ]
        constrained = {i for inequality in inequalities for i in inequality.form}
        for i in constrained:
            low, high = box[i]
            inequalities += [Inequality({i: 1}, low)] if low is not None else []
            inequalities += [Inequality({i: -1}, -high)] if high is not None else []
        if len(constrained) > MAX_VARIABLES:
            raise BadInput(
                f"expected the interval of every variable where linear constraints are about more than {MAX_VARIABLES}"
            )
        # Variables that occur in no constraint would make the program larger for nothing.
        self._number = {variable: number for number, variable in enumerate(sorted(constrained))}
        self._program = LinearProgram(
            len(constrained),
            [Inequality({self._number[i]: c for i, c in form.items()}, bound) for form, bound in inequalities],
        )

    def end(self, i: int, side: Side) -> Rational | None:
        """The least (``lower``) or largest (``upper``) value of a variable; ``None`` if there is none."""
        if i not in self._number:
            return None
        sign = 1 if side == "upper" else -1
        largest = self._program.maximum({self._number[i]: sign})
        return None if largest is None else sign * largest

    def require_point(self) -> None:
        """Raise :class:`Contradiction` if it can be shown that there is no point at all."""
        self._program.require_point()
