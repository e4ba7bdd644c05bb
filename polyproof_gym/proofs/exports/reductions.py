"""By which equations of a problem a product of polynomials is brought to its normal form."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations

from polyproof_gym.polynomials import Monomial, Polynomial, Rational, Ring
from polyproof_gym.problems.problem import Problem


def corrections_of(problem: Problem, factors: Sequence[Polynomial]) -> dict[tuple[int, int], Polynomial]:
    """What separates a product as polynomials from its normal form.

    Returns:
        Polynomials by pairs of variables, such that the normal form is the product less their sum, each times
        ``x_i * x_j`` for a pair ``(i, j)`` and ``x_i * x_i - x_i`` for ``(i, i)``.
    """
    rules = problem.ring
    if not rules.idempotent and not rules.num_exclusive:
        return {}
    free = Ring(rules.variables)
    free_factors = (Polynomial(free, dict(factor.terms)) for factor in factors)
    product = math.prod(free_factors, start=Polynomial.constant(free, 1))
    corrections: dict[tuple[int, int], dict[Monomial, Rational]] = {}
    for monomial, coefficient in product.terms.items():
        for pair, quotient in _reductions(monomial, rules):
            terms = corrections.setdefault(pair, {})
            terms[quotient] = terms.get(quotient, 0) + coefficient
    found = {pair: Polynomial(free, terms) for pair, terms in sorted(corrections.items())}
    return {pair: polynomial for pair, polynomial in found.items() if polynomial}


def _reductions(monomial: Monomial, rules: Ring) -> Iterator[tuple[tuple[int, int], Monomial]]:
    """The steps that bring a monomial to normal form: which pair is replaced, and what remains of the monomial."""
    for i, j in combinations(dict.fromkeys(monomial), 2):
        if j in rules.exclusive_with(i):
            yield (i, j), _without(_without(monomial, i), j)
            return
    for i in rules.idempotent.intersection(monomial):
        for _ in range(monomial.count(i) - 1):
            monomial = _without(monomial, i)
            yield (i, i), _without(monomial, i)


def _without(monomial: Monomial, i: int) -> Monomial:
    position = monomial.index(i)
    return monomial[:position] + monomial[position + 1 :]
