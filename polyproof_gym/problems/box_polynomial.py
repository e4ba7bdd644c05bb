"""Minimum or maximum of a polynomial over a box, with or without further constraints; the named ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import (
    Polynomial,
    Rational,
    Ring,
    from_sympy,
    parse_constraint,
    parse_polynomial,
    rational,
    variable_names,
)
from polyproof_gym.problems.feasible_point import find_feasible_point
from polyproof_gym.problems.problem import (
    Interval,
    Problem,
    Sense,
    rational_interval,
    unit_box_axioms,
    unit_ring,
    unit_substitution,
)

FAMILY = "box-polynomial"


def polynomial(
    objective: Any,
    box: Sequence[Any] | Mapping[str, Any] | None = None,
    sense: Sense = "min",
    *,
    constraints: Iterable[str] = (),
    variables: Sequence[str] | None = None,
    boolean: Iterable[str] = (),
    name: str = "",
    optimum: Any = None,
) -> Problem:
    """The problem of bounding a polynomial over a box.

    Args:
        objective: Text such as ``"x1^2 + x2^2 - x1*x2"``, or a SymPy expression. Decimals are exact rationals.
        box: One interval ``(low, high)`` per variable, in the order of ``variables``, or a map from names to
            intervals; the unit box by default.
        sense: ``"min"`` for a lower bound, ``"max"`` for an upper one.
        constraints: Further conditions as text: ``"x1 + x2 <= 1"``, ``"x1*x2 == 1/4"``. Equalities enter as two
            inequalities.
        variables: The names in order; by default those in the objective and the constraints, with ``x2`` before
            ``x10``.
        boolean: Names of variables that take only the values 0 and 1; their interval must be ``(0, 1)``.
        name: What the problem is called in results.
        optimum: The best value, where known.

    Returns:
        The problem, in unit coordinates (see :func:`~polyproof_gym.problems.problem.unit_ring` for their names).

    Raises:
        BadInput: If a text cannot be read, or the box does not fit the variables.
    """
    constraints = list(constraints)
    if sense not in get_args(Sense):
        raise BadInput(f"expected the sense 'min' or 'max', got {sense!r}")
    is_text = isinstance(objective, str)
    if not is_text and not hasattr(objective, "free_symbols"):
        raise BadInput(f"expected a polynomial as text or as a SymPy expression, got {objective!r}")
    if variables is None:
        symbols = [] if is_text else [symbol.name for symbol in objective.free_symbols]
        variables = variable_names(*([objective] if is_text else []), *constraints, " ".join(symbols))
    if not variables:
        raise BadInput("expected a polynomial in at least one variable")
    if len(set(variables)) < len(variables):
        raise BadInput("expected distinct names of variables")
    try:
        optimum = None if optimum is None else rational(optimum)
    except ValueError as error:
        raise BadInput(f"optimum: {error}") from None
    intervals = _intervals(box, variables)
    own_ring = Ring(variables)
    own_objective = parse_polynomial(objective, own_ring) if is_text else from_sympy(objective, own_ring)
    own_axioms = [axiom for text in constraints for axiom in parse_constraint(text, own_ring)]

    idempotent = {own_ring.variables.index(name) for name in _known(boolean, variables)}
    if any(intervals[i] != (0, 1) for i in idempotent):
        raise BadInput("expected the interval (0, 1) for every boolean variable")
    ring = unit_ring(variables, intervals, idempotent=idempotent)
    substitution = unit_substitution(ring, intervals)
    return problem_on_unit_box(
        name or (objective if is_text else str(objective)),
        own_objective.substitute(substitution),
        sense=sense,
        constraints=[axiom.substitute(substitution) for axiom in own_axioms],
        variables=variables,
        box=intervals,
        optimum=optimum,
    )


def problem_on_unit_box(
    name: str,
    objective: Polynomial,
    *,
    sense: Sense = "min",
    constraints: Iterable[Polynomial] = (),
    variables: Sequence[str] | None = None,
    box: Sequence[Interval] | None = None,
    optimum: Rational | None = None,
) -> Problem:
    """The problem of bounding a polynomial that is already in unit coordinates (the other arguments as above)."""
    ring = objective.ring
    constraints = tuple(constraint.primitive() for constraint in constraints if constraint)
    if any(not c.degree and c.constant_term < 0 for c in constraints):
        raise BadInput("expected constraints that some point satisfies")
    return Problem(
        name=name,
        family=FAMILY,
        sense=sense,
        objective=objective,
        axioms=tuple(dict.fromkeys((*unit_box_axioms(ring), *(c for c in constraints if c.degree)))),
        variables=tuple(variables or ring.variables),
        box=tuple(box or ((0, 1),) * ring.num_variables),
        feasible_point=find_feasible_point(objective * (1 if sense == "min" else -1), constraints),
        optimum=optimum,
    )


def _known(names: Iterable[str], variables: Sequence[str]) -> list[str]:
    names = list(names)
    unknown = next((name for name in names if name not in variables), None)
    if unknown is not None:
        raise BadInput(f"expected one of the variables {', '.join(variables)}, got {unknown!r}")
    return names


def _intervals(box: Sequence[Any] | Mapping[str, Any] | None, variables: Sequence[str]) -> list[Interval]:
    if box is None:
        return [(0, 1)] * len(variables)
    if isinstance(box, Mapping):
        _known(box, variables)
        box = [box.get(name, (0, 1)) for name in variables]
    if len(box) != len(variables):
        raise BadInput(f"expected {len(variables)} intervals for {', '.join(variables)}, got {len(box)}")
    return [rational_interval(interval) for interval in box]


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
