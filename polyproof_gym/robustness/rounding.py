"""Floats and roots on the safe side of exact numbers."""

from __future__ import annotations

import math
from fractions import Fraction

from polyproof_gym.polynomials import Rational

ROOT_BITS = 60
"""Binary digits of a root, about."""


def float_above(number: Rational) -> float:
    """The least float that is at least an exact number; infinity where there is none."""
    try:
        nearest = float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.nextafter(math.inf, 0)
    return nearest if nearest >= number else math.nextafter(nearest, math.inf)


def float_below(number: Rational) -> float:
    """The largest float that is at most an exact number; minus infinity where there is none."""
    return 0.0 - float_above(-number)  # and not -0.0


def root_above(number: Rational, bits: int = ROOT_BITS) -> Fraction:
    """A number that is at least the square root of one that is not negative, and larger by little.

    Args:
        number: The square.
        bits: How many binary digits are right, about: it is larger by no more than one part in ``2**(bits - 1)``.
    """
    number = Fraction(number)
    shift = 2 * bits - number.numerator.bit_length() + number.denominator.bit_length()
    shift += shift % 2
    # As a whole number: the root of number * 2**shift, rounded up.
    scaled = -((-number.numerator << max(shift, 0)) // (number.denominator << max(-shift, 0)))
    root = math.isqrt(scaled)
    return Fraction(root + (root * root < scaled)) / Fraction(2) ** (shift // 2)
