"""Bounds by z3, which decides exactly whether a polynomial can be below a number on a box, but keeps no proof."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any

from experiments.benchmark.peers.answer import Answer
from polyproof_gym.problems import Problem

PRECISION = Fraction(1, 10**6)
"""Relative distance between the bound and a value below which the bisection ends."""


def bisected(problem: Problem, limit: float) -> Answer:
    """The largest number in a bisection that z3 shows no value to be below, told no more than the trivial bounds."""
    import z3

    started = time.perf_counter()
    variables = [z3.Real(f"x{i}") for i in range(problem.num_variables)]
    objective = problem.in_own_coordinates(problem.minimised)
    products = (
        [_number(z3, coefficient), *(variables[i] for i in monomial)]
        for monomial, coefficient in objective.terms.items()
    )
    value = z3.Sum([z3.Product(factors) for factors in products])
    low = Fraction(problem.sign * problem.trivial_bound)
    high = Fraction(problem.sign * problem.worst_value)
    solver = z3.Solver()
    for variable, (least, most) in zip(variables, problem.box, strict=True):
        solver.add(variable >= _number(z3, least), variable <= _number(z3, most))
    while high - low > PRECISION * max(Fraction(1), abs(high)):
        left = limit - (time.perf_counter() - started)
        if left < 0.001:
            break
        middle = (low + high) / 2
        solver.set("timeout", int(1000 * left))
        solver.push()
        solver.add(value < _number(z3, middle))
        answer = solver.check()
        if answer == z3.unsat:
            low = middle
        elif answer == z3.sat:
            found = [solver.model().eval(variable, True) for variable in variables]
            point = [_coordinate(z3, x, interval) for x, interval in zip(found, problem.box, strict=True)]
            high = min(middle, Fraction(objective.evaluate(point)))
        solver.pop()
        if answer == z3.unknown:
            break
    return Answer(low, time.perf_counter() - started)


def _number(z3: Any, value: Any) -> Any:
    return z3.RealVal(str(Fraction(value)))


def _coordinate(z3: Any, value: Any, box: tuple[Any, Any]) -> Fraction:
    """A coordinate of a point of the box, rounded if it is irrational."""
    rounded = value if z3.is_rational_value(value) else value.approx(20)
    return min(max(Fraction(rounded.as_fraction()), Fraction(box[0])), Fraction(box[1]))
