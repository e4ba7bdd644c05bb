"""Calls of alkahest in a process of their own; everything in and out is JSON."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any

Stated = list[list[Any]]
"""Terms as pairs of a coefficient and the numbers of its variables, or the intervals of the variables, in fractions."""

LEVELS = (1, 2, None, 3, 4, 5, 6)
"""The most constraints in a product, in the order of the attempts; ``None`` stands for sums of squares."""

ENCLOSURE_TOLERANCE = 1e-7
"""How wide the enclosures of the least and of the largest value may be."""

FIRST_SUBDIVISIONS = 250
"""Boxes that the first enclosure may take; the others take four times as many as the one before."""


def claim(terms: Stated, box: Stated, bound: str) -> tuple[float, float] | None:
    """Seconds until a certificate of ``polynomial >= bound`` on the box is found and checked, and those of the check.

    Sums of squares know nothing of the box; products of the bounds of variables have only constants as factors.
    """
    import alkahest

    pool, variables, value = _expressions(terms, box)
    alkahest.sos_decompose(variables[0] ** 2, variables[:1])
    constraints = [
        side
        for variable, (low, high) in zip(variables, box, strict=True)
        for side in (variable - _number(pool, low), _number(pool, high) - variable)
    ]
    excess = value - _number(pool, bound)
    started = time.perf_counter()
    for level in LEVELS:
        try:
            if level is None:
                found = alkahest.sos_decompose(excess, variables)
            else:
                found = alkahest.prove_nonneg(excess, variables, constraints=constraints, level=level)
        except alkahest.SosError:
            continue
        checking = time.perf_counter()
        if found.verify():
            ended = time.perf_counter()
            return ended - started, ended - checking
    return None


def enclosure(terms: Stated, box: Stated, limit: float) -> tuple[float, float]:
    """The lower end of an enclosure of the range, and the seconds that it took.

    More and more boxes are admitted, as long as that should be done in so many seconds.
    """
    import alkahest

    _, variables, value = _expressions(terms, box)
    alkahest.bound_on_box(variables[0] ** 2, [(variables[0], -1, 1)])
    ends = [[float(Fraction(end)) for end in interval] for interval in box]
    intervals = [(variable, *interval) for variable, interval in zip(variables, ends, strict=True)]
    started = time.perf_counter()
    subdivisions = FIRST_SUBDIVISIONS
    while True:
        found = alkahest.bound_on_box(value, intervals, tol=ENCLOSURE_TOLERANCE, max_subdivisions=subdivisions)
        seconds = time.perf_counter() - started
        if not found.budget_exhausted or 5 * seconds > limit:
            return found.lower, seconds
        subdivisions *= 4


def _expressions(terms: Stated, box: Stated) -> tuple[Any, list[Any], Any]:
    """The pool, the variables and the polynomial."""
    import alkahest

    pool = alkahest.ExprPool()
    variables = [pool.symbol(f"x{i}") for i in range(len(box))]
    total = pool.integer(0)
    for coefficient, monomial in terms:
        product = _number(pool, coefficient)
        for i in dict.fromkeys(monomial):
            product = product * variables[i] ** monomial.count(i)
        total = total + product
    return pool, variables, total


def _number(pool: Any, text: str) -> Any:
    value = Fraction(text)
    return pool.rational(value.numerator, value.denominator)
