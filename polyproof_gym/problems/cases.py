"""Cases of a problem: the same question on one side of a split, where an interval is smaller or a variable is fixed.

A bound that holds in both cases of a split holds for the problem. In a case every interval is mapped to ``[0, 1]``
anew, so that products with the factors of the box say more. A variable that a case fixes stays in its place, but occurs
nowhere: its unit coordinate means nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from polyproof_gym.arguments import as_whole, exact, shown
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Rational, Ring, rational
from polyproof_gym.problems.problem import (
    Interval,
    Problem,
    ProblemGenerator,
    ProblemShape,
    unit_box_ends,
    unit_ring,
)

MARGIN = 0.2
"""Share of an interval that either side of a split near a share of it has at least."""

ROOM = 0.05
"""By which share of its interval the value of such a split may be moved to have a smaller denominator."""

NUDGE = 1e-6
"""By which part of a step shares are moved up before they are rounded, so that errors of floats do not decide."""

MIN_WIDTH = Fraction(1, 2**30)
"""Smallest width of an interval, relative to its ends above 1, that is worth splitting."""


class Split(NamedTuple):
    """Where a problem is split in two.

    Attributes:
        variable: Number of the variable.
        value: Where its interval is split, in the problem's own coordinates: *below*, ``x <= value``, and *above*,
            ``x >= value``; of an integer variable, ``x >= value + 1`` for a whole number. A Boolean variable
            is split at 0: it is 0 below, and 1 above, where all that it excludes are 0.
    """

    variable: int
    value: Rational


class Case(NamedTuple):
    """One side of a split.

    Attributes:
        problem: The question there.
        axioms: For every axiom of it, the number of the one that it comes from. Those that say nothing are left out.
    """

    problem: Problem
    axioms: tuple[int, ...]


def require_split(problem: Problem, split: Split) -> Split:
    """Check that a problem can be split there; the same split with exact numbers.

    Raises:
        BadInput: If there is no such variable, or the value is not inside its interval (not 0, of a Boolean one; not
            whole, of an integer one).
    """
    variable = as_whole(split.variable)
    if variable is None or not 0 <= variable < problem.num_variables:
        raise BadInput(f"expected the number of a variable, got {shown(split.variable)}")
    value, (low, high) = exact(split.value, "value of a split"), problem.box[variable]
    is_boolean = variable in problem.ring.idempotent
    if not is_boolean and problem.ring.exclusive_with(variable):
        raise BadInput(f"expected a variable without exclusions to split, got {problem.variables[variable]}")
    is_integer = variable in problem.integer
    if is_integer:
        fits = low <= value < high and Fraction(value).denominator == 1
    else:
        fits = low == value < high if is_boolean else low < value < high
    if not fits:
        where = "0" if is_boolean else f"from {low} to {high - 1}" if is_integer else f"between {low} and {high}"
        name = problem.variables[variable]
        raise BadInput(f"expected a value {where} to split {name} at, where it is not fixed yet, got {value}")
    return Split(variable, value)


def splittable_variables(problem: Problem) -> tuple[int, ...]:
    """The variables that a problem can be split at; not those whose intervals are tiny already."""
    return tuple(
        i
        for i, (low, high) in enumerate(problem.box)
        if high - low > MIN_WIDTH * max(Fraction(1), abs(Fraction(low)), abs(Fraction(high)))
        and (i in problem.ring.idempotent or not problem.ring.exclusive_with(i))
    )


def split_near(problem: Problem, variable: int, share: float) -> Split:
    """The split of a variable near a share of its interval, at a value with a small denominator, not near the ends.

    Args:
        problem: The problem.
        variable: The variable, not fixed.
        share: How much of its interval is below; an integer variable is split between the whole numbers that this lies
            between, and a Boolean one always in the same way. What is no number counts as one half.
    """
    low, high = problem.box[variable]
    if variable in problem.ring.idempotent:
        return Split(variable, low)
    width, share = Fraction(high - low), share if math.isfinite(share) else 0.5
    if variable in problem.integer:
        inside = math.floor(width * Fraction(share) + Fraction(NUDGE))
        return Split(variable, rational(low + min(max(inside, 0), int(width) - 1)))
    target, room = low + width * Fraction(min(max(share, MARGIN), 1.0 - MARGIN)), width * Fraction(ROOM)
    denominator = 1
    while True:
        value = Fraction(math.floor(target * denominator + Fraction(1, 2) + Fraction(NUDGE)), denominator)
        if abs(value - target) <= room:
            return Split(variable, rational(value))
        denominator *= 2


def shape_of_cases(source: Problem | ProblemGenerator) -> ProblemShape:
    """Upper limits on the sizes of a problem, or of those of a generator, and of all their cases.

    A term in variables that are not 0 or 1 may become one for each of its divisors.
    """
    shape = source.shape
    if isinstance(source, Problem):
        most_terms = max(_most_terms(axiom) for axiom in source.axioms)
        objective_terms = _most_terms(source.objective)
    else:
        most_terms, objective_terms = (terms << shape.degree for terms in (shape.max_terms, shape.objective_terms))
    of_the_degree = math.comb(shape.num_variables + shape.degree, shape.degree)
    return replace(
        shape,
        max_terms=max(shape.max_terms, min(most_terms, of_the_degree)),
        objective_terms=max(shape.objective_terms, min(objective_terms, of_the_degree)),
    )


def _most_terms(polynomial: Polynomial) -> int:
    """How many terms a polynomial has at most in a case."""
    idempotent = polynomial.ring.idempotent
    return sum(
        math.prod(monomial.count(i) + 1 for i in set(monomial) if i not in idempotent) for monomial in polynomial.terms
    )


def cases_of(problem: Problem, split: Split) -> tuple[Case, Case]:
    """The cases below and above a split.

    Raises:
        BadInput: If the problem cannot be split there.
    """
    variable, value = require_split(problem, split)
    low, high = problem.box[variable]
    if variable not in problem.ring.idempotent:
        next_value = value + 1 if variable in problem.integer else value
        return _case(problem, {variable: (low, value)}), _case(problem, {variable: (next_value, high)})
    excluded = [i for i in problem.ring.exclusive_with(variable) if problem.box[i] == (0, 1)]
    zero, one = (rational(0), rational(0)), (rational(1), rational(1))
    return _case(problem, {variable: zero}), _case(problem, {variable: one, **dict.fromkeys(excluded, zero)})


def _case(problem: Problem, intervals: dict[int, Interval]) -> Case:
    """The problem with smaller intervals for some variables, in its own coordinates."""
    box = tuple(intervals.get(i, interval) for i, interval in enumerate(problem.box))
    rules = problem.ring.idempotent, problem.ring.exclusive_pairs()
    ring = unit_ring(problem.variables, box, *rules)
    images = _unit_images(problem.box, box, ring)
    # With rewriting rules the unit coordinate of a fixed variable must not meet itself: its image is a constant.
    axioms = {axiom: k for k, axiom in enumerate(problem.axioms)}
    old_ends = {axioms[end]: place for place, end in unit_box_ends(problem.ring).items()}
    new_ends = unit_box_ends(ring)
    kept: dict[Polynomial, int] = {new_ends[place]: k for k, place in old_ends.items()}
    for k, axiom in enumerate(problem.axioms):
        rewritten = new_ends[old_ends[k]] if k in old_ends else axiom.substitute(images).primitive()
        if rewritten and not (rewritten.degree == 0 and rewritten.constant_term > 0):
            kept.setdefault(rewritten, k)
    kept = dict(sorted(kept.items(), key=lambda item: item[1]))
    case = replace(
        problem,
        objective=problem.objective.substitute(images),
        axioms=tuple(kept),
        box=box,
        feasible_point=_in_unit_coordinates(problem, box),
        optimum=None,
        implied={},
    )
    return Case(case, tuple(kept.values()))


def unit_images(problem: Problem, case: Problem) -> list[Polynomial]:
    """What every unit coordinate of a problem is in those of a case of it."""
    return _unit_images(problem.box, case.box, case.ring)


def _unit_images(box: Sequence[Interval], smaller: Sequence[Interval], ring: Ring) -> list[Polynomial]:
    images = [Polynomial.variable(ring, i) for i in range(ring.num_variables)]
    for i, ((start, end), (low, high)) in enumerate(zip(box, smaller, strict=True)):
        if (low, high) != (start, end):
            images[i] = Fraction(high - low) / (end - start) * images[i] + Fraction(low - start) / (end - start)
    return images


def _in_unit_coordinates(problem: Problem, box: Sequence[Interval]) -> tuple[Rational, ...] | None:
    """The feasible point in the unit coordinates of a smaller box, if it is in there."""
    if problem.feasible_point is None:
        return None
    point = problem.to_own_coordinates(problem.feasible_point)
    if not all(low <= x <= high for x, (low, high) in zip(point, box, strict=True)):
        return None
    return tuple(
        rational(Fraction(x - low) / (high - low)) if low < high else rational(0)
        for x, (low, high) in zip(point, box, strict=True)
    )
