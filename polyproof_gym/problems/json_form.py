"""Problems as JSON, written out in full and in their own coordinates, as proof files hold them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from polyproof_gym.polynomials import Polynomial, Ring, rational
from polyproof_gym.problems.problem import Problem, rational_interval, unit_box_ends, unit_ring, unit_substitution


def problem_to_json(problem: Problem, version: int) -> dict[str, Any]:
    """The problem without what is only known of it (a feasible point, the optimum).

    Args:
        problem: The problem.
        version: The version of the proof file; only from 2 on it tells which axioms are implied, and how, there may be
            integer variables, and all that one variable excludes is written together.
    """
    ring = problem.ring
    content = {
        "name": problem.name,
        "family": problem.family,
        "sense": problem.sense,
        "variables": list(problem.variables),
        "box": [[str(low), str(high)] for low, high in problem.box],
        "idempotent": sorted(ring.idempotent),
        "exclusive": _pairs(ring) if version == 1 else _rows(ring),
        "objective": _terms(problem.in_own_coordinates(problem.objective)),
        "axioms": [_terms(problem.in_own_coordinates(axiom)) for axiom in problem.axioms],
    }
    if version > 1:
        content["implied"] = [
            [axiom, [[k, str(value)] for k, value in sorted(multipliers.items())]]
            for axiom, multipliers in problem.implied_axioms.items()
        ]
    if problem.integer:
        content["integer"] = sorted(problem.integer)
    return content


def problem_from_json(content: dict[str, Any]) -> Problem:
    """The problem that :func:`problem_to_json` wrote out; the content must have passed the checker.

    Raises:
        ValueError: If a problem cannot have such axioms: some are zero, or equal, or implied beside those of the box.
    """
    # Through Fraction, as the numbers may be longer than those of problems that are typed in.
    box = tuple(rational_interval(Fraction(end) for end in interval) for interval in content["box"])
    rows = [(i, others if isinstance(others, list) else [others]) for i, others in content["exclusive"]]
    rules = content["idempotent"], [(i, j) for i, others in rows for j in others]
    own_ring = Ring(content["variables"], *rules)
    ring = unit_ring(content["variables"], box, *rules)
    substitution = unit_substitution(ring, box)

    def read(terms: list[Any]) -> Polynomial:
        polynomial = Polynomial.of(
            own_ring, ((monomial, rational(Fraction(coefficient))) for coefficient, monomial in terms)
        )
        return polynomial.substitute(substitution) if ring != own_ring else polynomial

    axioms = tuple(read(axiom) for axiom in content["axioms"])
    ends = {axiom: place for place, axiom in unit_box_ends(ring).items()}
    implied = {axioms[k]: multipliers for k, multipliers in content.get("implied", [])}
    if not implied.keys() <= ends.keys():
        raise ValueError("only axioms of the box can be implied")
    return Problem(
        name=content["name"],
        family=content["family"],
        sense=content["sense"],
        objective=read(content["objective"]),
        axioms=axioms,
        variables=tuple(content["variables"]),
        box=box,
        implied={
            ends[axiom]: {k: rational(Fraction(value)) for k, value in multipliers}
            for axiom, multipliers in implied.items()
        },
        integer=frozenset(content.get("integer", ())),
    )


def _pairs(ring: Ring) -> list[list[int]]:
    """The exclusive pairs in ascending order; millions of them share the numbers that they consist of."""
    return [[i, j] for i, others in _partners(ring) for j in others]


def _rows(ring: Ring) -> list[list[Any]]:
    """The same, with all that a variable excludes beside it where these are several."""
    return [[i, others if len(others) > 1 else others[0]] for i, others in _partners(ring)]


def _partners(ring: Ring) -> Iterator[tuple[int, list[int]]]:
    """Every variable with those of larger numbers that it excludes, if there are any."""
    numbers = list(range(ring.num_variables))
    for i, row in enumerate(np.triu(ring.exclusion_matrix)):
        if row.any():
            yield numbers[i], [numbers[j] for j in np.flatnonzero(row).tolist()]


def _terms(polynomial: Polynomial) -> list[list[Any]]:
    return [[str(coefficient), list(monomial)] for monomial, coefficient in polynomial.sorted_terms()]
