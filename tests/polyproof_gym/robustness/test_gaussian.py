from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from polyproof_gym.robustness.gaussian import expected_excess_above, lowered_until, tail_above, threshold_below

PRECISE = 4000


def tail(at: float, shift: float = 0.0) -> arb:
    return ((arb(at) + arb(shift)) / arb(2).sqrt()).erfc() / 2


@settings(deadline=None)
@given(threshold=st.floats(-50, 50), shift=st.floats(0, 50))
def test_tails_are_above_the_exact_ones_and_near(threshold: float, shift: float) -> None:
    bound = tail_above(threshold, shift)
    with ctx.workprec(PRECISE):
        assert arb(bound) >= tail(threshold, shift)
    assert bound == pytest.approx(ndtr(-(threshold + shift)), rel=1e-8, abs=1e-300)


@settings(deadline=None)
@given(threshold=st.floats(-50, 50))
def test_mean_excesses_are_above_the_exact_ones_and_near(threshold: float) -> None:
    bound = expected_excess_above(threshold)
    with ctx.workprec(PRECISE):
        at = arb(threshold)
        exact = (-at * at / 2).exp() / (2 * arb.pi()).sqrt() - at * tail(threshold)
        assert arb(bound) >= exact
        assert arb(bound) <= exact + 1e-13


@settings(deadline=None)
@given(
    probability=st.fractions(0, 1)
    | st.integers(1, 3000).map(lambda k: Fraction(1, 2**k))
    | st.integers(1, 3000).map(lambda k: 1 - Fraction(1, 2**k))
    | st.integers(2, 300).map(lambda k: Fraction(1, 2) + Fraction((-1) ** k, 2**k))
)
def test_thresholds_are_below_the_exact_ones(probability: Fraction) -> None:
    threshold = threshold_below(probability)
    if 0 < probability < 1 and threshold > -math.inf:
        with ctx.workprec(20_000):
            assert tail(threshold) >= arb(fmpq(probability.numerator, probability.denominator))
    if Fraction(1, 10**15) < probability < 1 - Fraction(1, 10**15):
        wanted = -ndtri(float(probability)) if probability <= Fraction(1, 2) else ndtri(float(1 - probability))
        assert threshold == pytest.approx(float(wanted), rel=1e-10, abs=1e-10)


def test_ends() -> None:
    assert threshold_below(Fraction(0)) == math.inf
    assert threshold_below(Fraction(1)) == -math.inf
    assert tail_above(math.inf) == tail_above(0.0, math.inf) == 0.0
    assert tail_above(-math.inf, 3.0) == 1.0
    assert expected_excess_above(math.inf) == 0.0
    assert expected_excess_above(-math.inf) == math.inf
    assert tail_above(1e300) < 1e-300
    assert tail_above(-1e300) == 1.0


def test_what_is_certain_is_found_or_the_least() -> None:
    assert lowered_until(1.0, 1.0, lambda number: number <= 0.9) == pytest.approx(0.9, abs=0.1)
    assert lowered_until(1.0, 1.0, lambda number: False, 0.0) == 0.0
    assert lowered_until(math.nan, 1.0, lambda number: bool(number < 1), 0.0) == 0.0


@pytest.mark.parametrize("precision", [2, 10, 30])
def test_low_precision_of_the_arithmetic_loosens_and_does_not_mislead(precision: int) -> None:
    for threshold in np.linspace(-3, 3, 13).tolist():
        with ctx.workprec(precision):
            bound = tail_above(threshold)
        assert bound >= ndtr(-threshold) * (1 - 1e-12)
