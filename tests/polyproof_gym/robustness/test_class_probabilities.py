from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from polyproof_gym import BadInput
from polyproof_gym.robustness import ClassProbabilities, Status
from polyproof_gym.robustness.class_probabilities import clopper_pearson
from polyproof_gym.robustness.gaussian import tail_above


@settings(deadline=None)
@given(samples=st.integers(1, 3000), data=st.data(), error=st.sampled_from([Fraction(1, 40), Fraction(1, 2000)]))
def test_intervals_are_those_of_clopper_and_pearson(samples: int, data: st.DataObject, error: Fraction) -> None:
    count = data.draw(st.integers(0, samples))
    low, high = clopper_pearson(count, samples, error)
    peer = binomtest(count, samples).proportion_ci(1 - 2 * float(error), "exact")
    assert float(low) == pytest.approx(peer.low, abs=1e-9)
    assert float(high) == pytest.approx(peer.high, abs=1e-9)


def test_intervals_of_many_samples() -> None:
    low, high = clopper_pearson(5 * 10**14, 10**15, Fraction(1, 1000))
    assert Fraction(1, 2) - Fraction(1, 10**6) < low < Fraction(1, 2) < high < Fraction(1, 2) + Fraction(1, 10**6)


@pytest.mark.parametrize("probabilities", [[0.5, 0.5], [0.9, 0.1], [0.7, 0.2, 0.09, 0.01], [1.0, 0.0]])
def test_intervals_are_right_as_often_as_stated(probabilities: list[float]) -> None:
    rng = np.random.default_rng(0)
    draws = rng.multinomial(300, probabilities, size=200)
    cached = {tuple(counts): ClassProbabilities.from_counts(counts, 0.9) for counts in draws.tolist()}
    right = sum(
        all(low <= p <= high for p, (low, high) in zip(probabilities, cached[tuple(counts)].intervals, strict=True))
        for counts in draws.tolist()
    )
    assert right / len(draws) >= 0.9 - 3 * math.sqrt(0.09 / len(draws))


def test_known_probabilities_are_taken_as_they_are() -> None:
    known = ClassProbabilities.known(["1/3", Fraction(1, 3), "1/3"])
    assert known.intervals == ((Fraction(1, 3), Fraction(1, 3)),) * 3
    assert known.status is Status.EXACT
    assert known.confidence == 1


def test_rounded_probabilities_may_each_miss_what_the_sum_misses() -> None:
    known = ClassProbabilities.known([0.3333333333, 0.3333333333, 0.3333333333])
    missing = Fraction(1, 10**10)
    assert known.intervals == ((Fraction(3333333333, 10**10) - missing, Fraction(3333333333, 10**10) + missing),) * 3


@pytest.mark.parametrize(
    ("probabilities", "message"),
    [
        ([0.5, 0.4], "expected probabilities that add up to 1, got 2 with the sum 0.9"),
        ([], "expected probabilities that add up to 1, got 0"),
        ([1.5, -0.5], "expected a number from 0 to 1 as probability, got 1.5"),
        ([float("nan"), 1], "expected a finite number as probability, got nan"),
        (0.5, "expected a list of probabilities"),
        ("1", "expected a list of probabilities"),
        ([[0.5, 0.5]], "expected a finite number as probability"),
        ([10**5000], "expected a number from 0 to 1"),
    ],
)
def test_what_are_no_probabilities_is_refused(probabilities: object, message: str) -> None:
    for read in (ClassProbabilities.known, ClassProbabilities.estimated):
        with pytest.raises(BadInput, match=message) as raised:
            read(probabilities)  # type: ignore[arg-type]
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("counts", "confidence", "message"),
    [
        ([0, 0], 0.9, "expected counts of at least one sample"),
        ([], 0.9, "expected counts of at least one sample"),
        ([1, -1], 0.9, "expected a whole number from 0"),
        ([1, 0.5], 0.9, "expected a whole number from 0"),
        ([1, 2], 1, "expected a number between 0 and 1 as confidence"),
        ([1, 2], 0, "expected a number between 0 and 1 as confidence"),
        ([1, 2], float("nan"), "expected a finite number as confidence"),
    ],
)
def test_what_are_no_counts_is_refused(counts: object, confidence: float, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        ClassProbabilities.from_counts(counts, confidence)  # type: ignore[arg-type]


@settings(deadline=None)
@given(counts=st.lists(st.integers(0, 500), min_size=2, max_size=6).filter(any), data=st.data(), t=st.floats(0, 3))
def test_the_largest_sum_is_above_all_sums_within_the_intervals(
    counts: list[int], data: st.DataObject, t: float
) -> None:
    probabilities = ClassProbabilities.from_counts(counts)
    bound = probabilities.largest_sum(lambda threshold: tail_above(threshold, t))
    assert bound is not None
    # Any point within the intervals whose sum is 1: between two of them, one below 1 and one above it.
    lows, highs = (np.array(ends, object) for ends in zip(*probabilities.intervals, strict=True))
    order = data.draw(st.permutations(range(len(counts))))
    point, left = lows.copy(), 1 - lows.sum()
    for i in order:
        step = min(left, highs[i] - lows[i])
        point[i], left = lows[i] + step, left - step
    assert left == 0
    inside = ClassProbabilities(tuple((p, p) for p in point), Status.EXACT)
    value = inside.largest_sum(lambda threshold: tail_above(threshold, t))
    assert value is not None
    assert value <= bound + Fraction(1, 10**12)


@pytest.mark.parametrize(
    ("intervals", "status", "message"),
    [
        ([(0, 0), (0, 0)], Status.CERTIFIED, "add up to 1"),
        ([(1, 1), ("1/2", 1)], Status.CERTIFIED, "add up to 1"),
        ([(1, 0)], Status.EXACT, "0 <= low <= high <= 1"),
        ([(0, 2)], Status.EXACT, "0 <= low <= high <= 1"),
        ([(0, 1)], "certified", "expected an object of class Status as status"),
    ],
)
def test_what_cannot_be_probabilities_is_refused(
    intervals: list[tuple[str, str]], status: Status, message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        ClassProbabilities(tuple((Fraction(low), Fraction(high)) for low, high in intervals), status)


@pytest.mark.parametrize(
    ("confidence", "text"),
    [("0.99", "0.99"), ("0.9", "0.9"), ("0.9999999", "0.9999999"), ("2/3", "0.666666666666")],
)
def test_no_more_confidence_is_told_than_there_is(confidence: str, text: str) -> None:
    assert ClassProbabilities.from_counts([5, 5], confidence).legend().endswith(f"(certified, confidence {text})")
