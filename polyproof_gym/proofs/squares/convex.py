"""The exact minimum of a convex quadratic polynomial where linear inequalities hold, as a combination of squares.

With the Hessian ``2 Q`` and the least value at ``v``, where some inequalities ``a_i >= 0`` are equations,

    f - f(v) = sum_i lambda_i a_i + (u - v)' Q (u - v),   lambda >= 0,

and the quadratic form is a sum of squares by elimination. All numbers are rational, so that it does not matter how
badly the problem is scaled.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from polyproof_gym import stopping
from polyproof_gym.polynomials import Polynomial, Rational, rational

MAX_VARIABLES = 40
"""The most variables; numbers get longer with every one."""

MAX_CHANGES = 100
"""How often the choice of inequalities that are equations is changed, which may not end by itself."""

Row = list[Fraction]


class ConvexMinimum(NamedTuple):
    """Where and why a convex quadratic polynomial is smallest.

    Attributes:
        point: The point.
        axioms: The multipliers of linear axioms, by number.
        squares: The polynomials that are squared, with whole coefficients, and their multipliers.
    """

    point: tuple[Rational, ...]
    axioms: dict[int, Rational]
    squares: list[tuple[Polynomial, Rational]]


def convex_minimum(objective: Polynomial, axioms: Sequence[Polynomial]) -> ConvexMinimum | None:
    """The minimum over the points that satisfy the linear axioms; ``None`` where it is not found.

    So it is where the objective is not quadratic, or not convex, or has no least value without the axioms, and where a
    stop is requested.

    Args:
        objective: The polynomial.
        axioms: Polynomials that are nonnegative.
    """
    size = objective.ring.num_variables
    if objective.degree != 2 or not objective.ring.is_free or size > MAX_VARIABLES:
        return None
    form = [[Fraction(0)] * size for _ in range(size)]
    for monomial, coefficient in objective.terms.items():
        if len(monomial) == 2:
            i, j = monomial
            form[i][j] += Fraction(coefficient) / 2
            form[j][i] += Fraction(coefficient) / 2
    squares = _as_squares(form)
    if squares is None:
        return None
    linear = {k: axiom for k, axiom in enumerate(axioms) if axiom.degree == 1}
    found = _minimum(form, _linear_part(objective), linear)
    if found is None:
        return None
    point, multipliers = found
    return ConvexMinimum(point, multipliers, [_root(objective, row, weight, point) for row, weight in squares])


def _as_squares(form: Sequence[Row]) -> list[tuple[Row, Fraction]] | None:
    """Linear forms whose squares, with positive weights, sum to a quadratic form; ``None`` if there are none."""
    left = [[*row] for row in form]
    found = []
    for k in range(len(left)):
        pivot, row = left[k][k], left[k]
        if pivot < 0 or (not pivot and any(row)):
            return None
        if pivot:
            found.append(([entry / pivot for entry in row], pivot))
            left = [[x - other[k] * y / pivot for x, y in zip(other, row, strict=True)] for other in left]
    return found


def _minimum(
    form: Sequence[Row], slope: Row, linear: dict[int, Polynomial]
) -> tuple[tuple[Rational, ...], dict[int, Rational]] | None:
    """Where the objective is smallest, and the multipliers of the axioms that are equations there.

    Starting with none of these, the axiom that is violated most becomes an equation, or the one with the most negative
    multiplier no longer is one.
    """
    active: list[int] = []
    for _ in range(MAX_CHANGES):
        found = None if stopping.requested() else _stationary(form, slope, [linear[k] for k in active])
        if found is None:
            return None
        point, multipliers = found
        least = min(range(len(active)), key=lambda i: multipliers[i], default=None)
        if least is not None and multipliers[least] < 0:
            del active[least]
            continue
        values = {k: axiom.evaluate(point) for k, axiom in linear.items()}
        worst = min(values, key=lambda k: values[k])
        if values[worst] >= 0:
            return point, {k: value for k, value in zip(active, multipliers, strict=True) if value}
        active.append(worst)
    return None


def _stationary(
    form: Sequence[Row], slope: Row, equations: Sequence[Polynomial]
) -> tuple[tuple[Rational, ...], list[Rational]] | None:
    """Where the derivative of the objective is a combination of those of equations, and its multipliers."""
    from flint import fmpq, fmpq_mat

    size = len(slope)
    gradients = [_linear_part(equation) for equation in equations]
    rows = [
        [2 * entry for entry in row] + [-gradient[i] for gradient in gradients] + [-slope[i]]
        for i, row in enumerate(form)
    ]
    for gradient, equation in zip(gradients, equations, strict=True):
        rows.append([*gradient, *[Fraction(0)] * len(equations), -Fraction(equation.constant_term)])
    reduced, rank = fmpq_mat([[fmpq(x.numerator, x.denominator) for x in row] for row in rows]).rref()
    unknowns = size + len(equations)
    values: list[Rational] = [0] * unknowns
    for row in range(rank):
        pivot = next(column for column in range(unknowns + 1) if reduced[row, column] != 0)
        if pivot == unknowns:
            return None
        value = reduced[row, unknowns]
        values[pivot] = rational(Fraction(int(value.p), int(value.q)))
    return tuple(values[:size]), values[size:]


def _linear_part(polynomial: Polynomial) -> Row:
    return [Fraction(polynomial.terms.get((i,), 0)) for i in range(polynomial.ring.num_variables)]


def _root(objective: Polynomial, row: Row, weight: Fraction, point: Sequence[Rational]) -> tuple[Polynomial, Rational]:
    """A linear form of the distance to a point with whole coefficients, and the weight of its square."""
    constant = -sum((entry * Fraction(v) for entry, v in zip(row, point, strict=True)), Fraction(0))
    common = math.lcm(*(entry.denominator for entry in (*row, constant)))
    terms = [((i,), int(entry * common)) for i, entry in enumerate(row) if entry]
    root = Polynomial.of(objective.ring, [*terms, ((), int(constant * common))])
    return root, rational(weight / common**2)
