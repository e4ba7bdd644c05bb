"""The same problem with its variables and axioms in another order: how much does an agent depend on the order?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from polyproof_gym.arguments import instance_of
from polyproof_gym.polynomials import Polynomial, Ring
from polyproof_gym.problems.problem import Problem


def relabelled(problem: Problem, rng: np.random.Generator) -> Problem:
    """The problem with its variables and its axioms in a random order.

    Names and boxes move with their variables, so that every statement reads as before and holds as before; only the
    numbers that agents, arrays and ties see are others.

    Args:
        problem: The problem.
        rng: The source of the two orders.

    Raises:
        BadInput: If one of them is something else.
    """
    old = instance_of(problem, Problem, "problem").ring
    instance_of(rng, np.random.Generator, "source of the two orders")
    order = rng.permutation(problem.num_variables).tolist()
    number = {variable: i for i, variable in enumerate(order)}
    ring = Ring(
        [old.variables[variable] for variable in order],
        idempotent=(number[i] for i in old.idempotent),
        exclusive=[(number[i], number[j]) for i, j in sorted(old.exclusive)],
    )

    def renumbered(polynomial: Polynomial) -> Polynomial:
        return Polynomial.of(ring, (([number[i] for i in m], c) for m, c in polynomial.sorted_terms()))

    point = problem.feasible_point
    axioms = rng.permutation(len(problem.axioms)).tolist()
    place = {k: new for new, k in enumerate(axioms)}
    return replace(
        problem,
        name=f"{problem.name} (relabelled)",
        objective=renumbered(problem.objective),
        axioms=tuple(renumbered(problem.axioms[k]) for k in axioms),
        variables=tuple(problem.variables[variable] for variable in order),
        box=tuple(problem.box[variable] for variable in order),
        implied={
            (number[i], side): {place[k]: value for k, value in multipliers.items()}
            for (i, side), multipliers in problem.implied.items()
        },
        feasible_point=None if point is None else tuple(point[variable] for variable in order),
        integer=frozenset(number[i] for i in problem.integer),
    )
