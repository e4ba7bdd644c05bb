"""Which values a polynomial has at whole numbers: they lie a common step apart, so that bounds on it may be rounded."""

from __future__ import annotations

import math
from collections.abc import Container
from fractions import Fraction
from typing import NamedTuple

from polyproof_gym.polynomials import ONE, Monomial, Polynomial, Rational


class Progression(NamedTuple):
    """The numbers ``offset + k * step`` for all whole ``k``.

    Attributes:
        offset: One of them.
        step: The distance between neighbours, positive.
    """

    offset: Fraction
    step: Fraction

    @property
    def is_whole(self) -> bool:
        """Whether these are the whole numbers."""
        return self.step == 1 and self.offset.denominator == 1

    def first_from(self, bound: Rational) -> Fraction:
        """The smallest number that is not below a bound."""
        return self.offset + self.step * math.ceil((bound - self.offset) / self.step)


def in_binomials(polynomial: Polynomial, integer: Container[int]) -> dict[Monomial, Fraction] | None:
    """A polynomial in products of ``C(x, k) = x (x - 1) ... (x - k + 1) / k!``, whole numbers where ``x`` is one.

    It is found by ``x C(x, k) = k C(x, k) + (k + 1) C(x, k + 1)``: ``x^2 + x`` is ``2 C(x, 1) + 2 C(x, 2)``.

    Args:
        polynomial: The polynomial.
        integer: Numbers of the variables that are whole numbers, beside the idempotent ones.

    Returns:
        The coefficients; a monomial with ``x^k`` stands for a product with ``C(x, k)``. ``None`` if there are other
        variables.
    """
    ring = polynomial.ring
    total: dict[Monomial, Fraction] = {}
    for monomial, coefficient in polynomial.terms.items():
        product = {ONE: Fraction(coefficient)}
        for i in monomial:
            if i not in integer and i not in ring.idempotent:
                return None
            lifted: dict[Monomial, Fraction] = {}
            for known, factor in product.items():
                k = known.count(i) if i in integer else 0
                for part, times in ((known, k), (ring.times(known, i), k + 1)):
                    if part is not None and times:
                        lifted[part] = lifted.get(part, Fraction(0)) + times * factor
            product = lifted
        for part, factor in product.items():
            total[part] = total.get(part, Fraction(0)) + factor
    return {part: factor for part, factor in total.items() if factor}


def values_at_whole_numbers(polynomial: Polynomial, integer: Container[int]) -> Progression | None:
    """A progression with all values that a polynomial has where its variables are whole, with the largest step.

    They are the constant of :func:`in_binomials` plus multiples of the greatest common divisor of the other
    coefficients, and of nothing larger: ``x^2 + x`` is always even.

    Args:
        polynomial: The polynomial.
        integer: Numbers of the variables that are whole numbers, beside the idempotent ones.

    Returns:
        The progression, of step 1 where there is one value only; ``None`` if another variable occurs.
    """
    total = in_binomials(polynomial, integer)
    if total is None:
        return None
    offset = total.pop(ONE, Fraction(0))
    common = math.lcm(*(factor.denominator for factor in total.values()))
    step = Fraction(math.gcd(*(int(factor * common) for factor in total.values())), common)
    return Progression(offset, step or Fraction(1))
