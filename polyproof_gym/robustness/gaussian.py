"""The normal distribution on the safe side: bounds by ball arithmetic (Arb, through python-flint), never plain floats.

Floats come out, but every one of them was compared with an interval that provably contains the exact value. SciPy only
says where to look first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

from scipy.special import ndtri

MOST_STEPS = 60
"""Most attempts to find a number for which a comparison can be decided; each goes twice as far as the one before."""


def tail_above(threshold: float, shift: float = 0.0) -> float:
    """At least the probability ``1 - Phi(threshold + shift)`` that a standard normal variable is beyond the sum.

    The sum of the arguments is not rounded. Beyond the threshold minus infinity everything is, whatever the shift.
    """
    if math.isinf(threshold) or shift == math.inf:
        return 1.0 if threshold == -math.inf else 0.0
    from flint import arb

    return min(_upper(_tail(arb(threshold) + arb(shift))), 1.0)


def expected_excess_above(threshold: float) -> float:
    """At least the mean of ``max(Z - threshold, 0)``: ``phi(a) - a (1 - Phi(a))``, the integral of the tail from a."""
    if math.isinf(threshold):
        return 0.0 if threshold > 0 else math.inf
    from flint import arb

    at = arb(threshold)
    density = (-at * at / 2).exp() / (2 * arb.pi()).sqrt()
    return max(_upper(density - at * _tail(at)), 0.0)


@lru_cache(maxsize=4096)
def threshold_below(probability: Fraction) -> float:
    """At most the threshold that a standard normal variable is beyond with a probability: ``Phi^-1(1 - p)``.

    It is infinite for 0 and minus infinity for 1. (Far out, where it cannot be told well, it is lower than needed.)
    """
    if probability <= 0:
        return math.inf
    if probability >= 1:
        return -math.inf
    # Of a probability near 1 the other tail has more digits.
    guess = -float(ndtri(float(probability))) if 2 * probability <= 1 else float(ndtri(float(1 - probability)))
    guess = min(max(guess, -40.0), 40.0)
    return lowered_until(guess, max(abs(guess), 1.0), lambda threshold: _is_beyond(threshold, probability))


def _is_beyond(threshold: float, probability: Fraction) -> bool:
    """Whether it is certain that the tail beyond a threshold has at least a probability."""
    from flint import arb

    if 2 * probability <= 1:
        return bool(_tail(arb(threshold)) >= to_arb(probability))
    return bool(_tail(arb(-threshold)) <= to_arb(1 - probability))


def lowered_until(guess: float, size: float, is_certain: Callable[[float], bool], least: float = -math.inf) -> float:
    """The guess or a number not far below it with some property; ``least``, which has it, if none is found.

    Args:
        guess: Where to begin.
        size: What the steps down are measured by: the first is a part in 10^13.
        is_certain: Whether a number certainly has the property.
        least: The smallest number that comes into question.
    """
    number, step = guess, size * 2.0**-44
    for _ in range(MOST_STEPS):
        if number <= least:
            break
        if is_certain(number):
            return number
        number = guess - step
        step *= 2
    return least


def to_arb(number: Fraction) -> Any:
    """A ball of Arb that contains an exact number."""
    from flint import arb, fmpq

    return arb(fmpq(number.numerator, number.denominator))


def _tail(at: Any) -> Any:
    """The normal tail beyond a ball."""
    from flint import arb

    return (at / arb(2).sqrt()).erfc() / 2


def _upper(ball: Any) -> float:
    """A float that is at least everything in a ball."""
    from flint import arb

    end = ball.upper()
    if end.is_nan():
        return math.inf
    number = float(end)
    while not arb(number) >= end:
        number = math.nextafter(number, math.inf)
    return number
