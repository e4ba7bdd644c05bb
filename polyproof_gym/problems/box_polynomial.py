"""Minimum or maximum of a polynomial over a box, with or without further constraints; the named ones."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.arguments import exact, members, one_of, text
from polyproof_gym.polynomials import ONE, Polynomial, Rational, Ring, rational, read_constraint, read_polynomial
from polyproof_gym.polynomials.expansion import substituted
from polyproof_gym.problems.declarations import declare, exclusive_pairs, read_part
from polyproof_gym.problems.feasible_point import find_feasible_point
from polyproof_gym.problems.implied_box import Implied, implied_box
from polyproof_gym.problems.problem import (
    Interval,
    Problem,
    Sense,
    unit_box_axioms,
    unit_ring,
    unit_substitution,
)

FAMILY = "box-polynomial"

MAX_CONSTRAINTS = 4000
"""Most constraints of a problem."""


def polynomial(
    objective: Any,
    box: Any = None,
    sense: Sense = "min",
    *,
    constraints: Any = (),
    variables: Any = None,
    boolean: Any = (),
    integer: Any = (),
    exclusive: Any = (),
    name: str = "",
    optimum: Any = None,
) -> Problem:
    """The problem of bounding a polynomial over a box.

    Every name is a variable that is declared in ``box``, ``boolean``, ``integer`` or ``variables``, or else must be
    bounded by the linear constraints on both sides; a variable without an interval, or with half of one, gets the best
    they imply.

    Args:
        objective: Text such as ``"x1^2 + x2^2 - x1*x2"``, a SymPy expression, or a map from exponents to coefficients
            such as ``{(2, 0): 1, (1, 1): -1}``. Decimals are exact rationals.
        box: A map from names (or symbols) to intervals ``(low, high)``, or intervals in the order of ``variables``;
            ``"unit"`` stands for ``(0, 1)`` everywhere. An end may be ``None`` where the constraints imply it.
        sense: ``"min"`` for a lower bound, ``"max"`` for an upper one.
        constraints: Further conditions, as text or SymPy relations: ``"x1 + x2 <= 1"``, ``"x1*x2 == 1/4"``,
            ``"-1 <= x1 - x2 <= 1"``. Equalities enter as two inequalities.
        variables: The names in order; by default those that are declared or occur, with ``x2`` before ``x10``.
        boolean: Names of variables that take only the values 0 and 1; they need no interval.
        integer: Names of variables that take only whole values; their intervals end in the first and the last of these.
        exclusive: Groups of boolean variables of which at most one is 1; their products are kept as zero.
        name: What the problem is called in results.
        optimum: The best value, where known.

    Returns:
        The problem, in unit coordinates (see :func:`~polyproof_gym.problems.problem.unit_ring` for their names).

    Raises:
        BadInput: If something cannot be read, a name is not declared, a variable has no lower or upper bound, or an
            integer variable has fewer than two values.
    """
    sense = one_of(sense, "sense", get_args(Sense))
    name = text(name, "name")
    constraints = as_list(constraints)
    names, given, idempotent, whole = declare(
        objective, constraints, box=box, boolean=boolean, integer=integer, variables=variables
    )
    optimum = None if optimum is None else exact(optimum, "optimum")
    pairs = exclusive_pairs(exclusive, names, idempotent)
    own_ring = Ring(names, idempotent, pairs)
    own_objective = read_part("objective", read_polynomial, objective, own_ring)
    own_axioms = [
        p for constraint in constraints for p in read_part("constraint", read_constraint, constraint, own_ring)
    ]
    pairs = np.concatenate([pairs, _vanishing_products(own_axioms, idempotent)])
    own_ring = Ring(names, idempotent, pairs)
    own_objective, *own_axioms = (Polynomial.of(own_ring, p.terms.items()) for p in (own_objective, *own_axioms))
    intervals, implied = implied_box(names, given, own_axioms, whole)
    ring = unit_ring(names, intervals, idempotent=idempotent, exclusive=pairs)
    substitution = unit_substitution(ring, intervals)
    return problem_on_unit_box(
        name or (objective if isinstance(objective, str) else str(own_objective)),
        read_part("objective", substituted, own_objective, substitution),
        sense=sense,
        constraints=[read_part("constraint", substituted, axiom, substitution) for axiom in own_axioms],
        variables=names,
        box=intervals,
        implied={place: _in_unit_coordinates(known, substitution) for place, known in implied.items()},
        integer=whole,
        optimum=optimum,
    )


def _in_unit_coordinates(
    multipliers: Mapping[Polynomial, Rational], substitution: Sequence[Polynomial]
) -> dict[Polynomial, Rational]:
    """The same combination of primitive polynomials in unit coordinates."""
    combination: dict[Polynomial, Rational] = {}
    for polynomial, multiplier in multipliers.items():
        image = polynomial.substitute(substitution)
        primitive = image.primitive()
        monomial, coefficient = next(iter(primitive.terms.items()))
        factor = multiplier * Fraction(image.terms[monomial]) / coefficient
        combination[primitive] = rational(combination.get(primitive, 0) + factor)
    return combination


def _vanishing_products(axioms: Sequence[Polynomial], boolean: Container[int]) -> NDArray[np.intp]:
    """Pairs of Boolean variables whose product is 0, as two axioms say; this is a rewriting rule of the ring."""
    pairs = []
    for axiom, following in pairwise(axioms):
        monomial = next(iter(axiom.terms), ONE)
        if len(axiom) == 1 and len(monomial) == 2 and following == -axiom and all(i in boolean for i in monomial):
            pairs.append(monomial)
    return np.array(pairs, np.intp).reshape(-1, 2)


def as_list(constraints: Any) -> list[Any]:
    """Constraints as a list, also where there is a single one.

    Raises:
        BadInput: If they are not a list of some kind.
    """
    if isinstance(constraints, str) or hasattr(type(constraints), "free_symbols"):
        return [constraints]
    return members(constraints, "constraints", MAX_CONSTRAINTS)


def problem_on_unit_box(
    name: str,
    objective: Polynomial,
    *,
    sense: Sense = "min",
    constraints: Iterable[Polynomial] = (),
    variables: Sequence[str] | None = None,
    box: Sequence[Interval] | None = None,
    implied: Implied = MappingProxyType({}),
    integer: frozenset[int] = frozenset(),
    optimum: Rational | None = None,
    family: str = FAMILY,
) -> Problem:
    """The problem of bounding a polynomial that is already in unit coordinates (the other arguments as above).

    Ends of the box that are implied come with multipliers of axioms; ``family`` is that of the problem.
    """
    ring = objective.ring
    constraints = tuple(constraint.primitive() for constraint in constraints if constraint)
    restrictions = [c for c in constraints if c.degree or c.constant_term < 0]
    axioms = tuple(dict.fromkeys((*unit_box_axioms(ring), *restrictions)))
    numbers = {axiom: k for k, axiom in enumerate(axioms)}
    box = tuple(box or ((0, 1),) * ring.num_variables)
    steps = {i: int(box[i][1] - box[i][0]) for i in integer}
    return Problem(
        name=name,
        family=family,
        sense=sense,
        objective=objective,
        axioms=axioms,
        variables=tuple(variables or ring.variables),
        box=box,
        implied={
            (i, side): {}
            if axioms[2 * i + (side == "upper")] in restrictions
            else {numbers[axiom]: multiplier for axiom, multiplier in multipliers.items()}
            for (i, side), multipliers in implied.items()
        },
        feasible_point=find_feasible_point(objective * (1 if sense == "min" else -1), constraints, steps),
        optimum=optimum,
        integer=integer,
    )


_NAMED: dict[str, tuple[str, list[tuple[Any, Any]], str | None]] = {
    "schwefel": ("(x1-x2^2)^2 + (x2-1)^2 + (x1-x3^2)^2 + (x3-1)^2", [(-10, 10)] * 3, "0"),
    "rd": ("-x1 + 2*x2 - x3 - 0.835634534*x2*(1+x2)", [(-5, 5)] * 3, "-36.71269068"),
    "caprasse": (
        "-x1*x3^3 + 4*x2*x3^2*x4 + 4*x1*x3*x4^2 + 2*x2*x4^3 + 4*x1*x3 + 4*x3^2 - 10*x2*x4 - 10*x4^2 + 2",
        [("-1/2", "1/2")] * 4,
        "-3.180096626",
    ),
    "lv": ("x1*x2^2 + x1*x3^2 + x1*x4^2 - 1.1*x1 + 1", [(-2, 2)] * 4, "-20.8"),
    "butcher": (
        "x6*x2^2 + x5*x3^2 - x1*x4^2 + x4^3 + x4^2 - x1/3 + 4*x4/3",
        [(-1, 0), ("-0.1", "0.9"), ("-0.1", "0.5"), (-1, "-0.1"), ("-0.1", "-0.05"), ("-0.1", "-0.03")],
        "-2159/1500",
    ),
    "magnetism": ("x1^2 + 2*(x2^2 + x3^2 + x4^2 + x5^2 + x6^2 + x7^2) - x1", [(-1, 1)] * 7, "-1/4"),
    "heart": (
        "-x1*x6^3 + 3*x1*x6*x7^2 - x3*x7^3 + 3*x3*x7*x6^2 - x2*x5^3 + 3*x2*x5*x8^2 - x4*x8^3 + 3*x4*x8*x5^2"
        " - 0.9563453",
        [
            ("-0.1", "0.4"),
            ("0.4", "1"),
            ("-0.7", "-0.4"),
            ("-0.7", "0.4"),
            ("0.1", "0.2"),
            ("-0.1", "0.2"),
            ("-0.3", "1.1"),
            ("-1.1", "-0.3"),
        ],
        "-1.743448579",
    ),
    "motzkin": ("x^4*y^2 + x^2*y^4 - 3*x^2*y^2 + 1", [(-2, 2)] * 2, "0"),
    "robinson": (
        "x^6 + y^6 - x^4*y^2 - x^2*y^4 - x^4 - y^4 - x^2 - y^2 + 3*x^2*y^2 + 1",
        [(-2, 2)] * 2,
        "0",
    ),
    "choi-lam": ("1 + x^2*y^2 + y^2*z^2 + z^2*x^2 - 4*x*y*z", [("-1.5", "1.5")] * 3, "0"),
}

NAMED_POLYNOMIALS: tuple[str, ...] = tuple(_NAMED)
"""The test polynomials of Munoz and Narkawicz (2013) and of Solovyev and Hales (2013), and three classical forms."""


def named_polynomial(name: str) -> Problem:
    """One of :data:`NAMED_POLYNOMIALS`, to be minimised over its usual box."""
    text, box, optimum = _NAMED[name]
    return polynomial(text, box=box, name=name, optimum=optimum)
