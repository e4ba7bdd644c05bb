"""How often a classifier gives each label to the data: known, counted in samples, or only estimated."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from scipy.special import betaincinv

from polyproof_gym.arguments import exact, instance_of, members, shown, whole
from polyproof_gym.errors import BadInput
from polyproof_gym.robustness.gaussian import lowered_until, tail_above, threshold_below, to_arb
from polyproof_gym.robustness.rounding import float_above, float_below
from polyproof_gym.robustness.status import HasStatus, Status

MAX_CLASSES = 10_000
"""Most classes of a classifier."""

MAX_SAMPLES = 10**15
"""Most samples that may be counted."""

BETA_BITS = 64
"""Binary digits of the ball arithmetic for probabilities of counts."""

Interval = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class ClassProbabilities:
    """The probabilities ``p_i = P(f(g(z)) = i)`` of the labels, each within an interval.

    Make them with :meth:`known`, :meth:`from_counts` or :meth:`estimated`.

    Attributes:
        intervals: The least and the largest value of every probability. With at least the probability ``confidence``
            all of them are right, if the status is not ``ESTIMATED``.
        status: ``EXACT`` if they are known, ``CERTIFIED`` if they were counted, and otherwise ``ESTIMATED``.
        confidence: 1 if nothing was sampled.
    """

    intervals: tuple[Interval, ...]
    status: Status
    confidence: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        """Check that there may be such probabilities.

        Raises:
            BadInput: If there are none.
        """
        instance_of(self.status, Status, "status")
        require_confidence(self.confidence)
        if any(len(interval) != 2 for interval in self.intervals):
            raise BadInput("expected intervals (low, high)")
        ends = [(Fraction(low), Fraction(high)) for low, high in self.intervals]
        if not all(0 <= low <= high <= 1 for low, high in ends):
            raise BadInput("expected intervals (low, high) with 0 <= low <= high <= 1")
        if not sum(low for low, _ in ends) <= 1 <= sum(high for _, high in ends):
            raise BadInput("expected intervals in which there are probabilities that add up to 1")

    @classmethod
    def known(cls, probabilities: Iterable[Any]) -> ClassProbabilities:
        """Probabilities that are known, one for each class; decimals are exact.

        By how much their sum misses 1, because they were rounded, each of them may be wrong.

        Raises:
            BadInput: If they are no probabilities, or their sum is not 1 (to nine digits).
        """
        return cls(_around(probabilities), Status.EXACT)

    @classmethod
    def from_counts(cls, counts: Iterable[Any], confidence: Any = 0.99) -> ClassProbabilities:
        """Probabilities of labels that were counted in independent samples of the data.

        The intervals are those of Clopper and Pearson (1934), each with the confidence that leaves the given one to
        all of them together (Bonferroni).

        Args:
            counts: How often each class occurred; classes that never did have 0.
            confidence: The probability with which the intervals are to be right, between 0 and 1.

        Raises:
            BadInput: If something is no count, there are no samples, or the confidence is not between 0 and 1.
        """
        numbers = [whole(count, "count", 0, MAX_SAMPLES) for count in members(counts, "counts", MAX_CLASSES)]
        samples = sum(numbers)
        if not samples:
            raise BadInput("expected counts of at least one sample")
        sure = read_confidence(confidence)
        error = (1 - sure) / (2 * len(numbers))
        return cls(tuple(clopper_pearson(count, samples, error) for count in numbers), Status.CERTIFIED, sure)

    @classmethod
    def estimated(cls, probabilities: Iterable[Any]) -> ClassProbabilities:
        """Frequencies taken for probabilities, whatever they may miss: all that is made from them is an estimate.

        Raises:
            BadInput: If they are no probabilities, or their sum is not 1 (to nine digits).
        """
        return cls(_around(probabilities), Status.ESTIMATED)

    @property
    def sources(self) -> tuple[HasStatus, ...]:
        """Nothing: they were given."""
        return ()

    @property
    def num_classes(self) -> int:
        """The number of classes."""
        return len(self.intervals)

    def legend(self) -> str:
        """What this is on one line."""
        return f"probabilities of {self.num_classes} classes ({status_text(self.status, self.confidence)})"

    __str__ = legend

    def to_json(self) -> dict[str, Any]:
        """The intervals (outwards, as floats), the status and the confidence."""
        return {
            "status": str(self.status),
            "confidence": float_below(self.confidence),
            "intervals": [[float_below(low), float_above(high)] for low, high in self.intervals],
        }

    def share_beyond(self, distance: float) -> Fraction:
        """At least the share of the data without a latent point of another label within a distance.

        It is ``sum_i 1 - Phi(a_i + t)``, whose terms are convex in ``p_i``.
        """
        found = self.largest_sum(lambda threshold: tail_above(threshold, distance))
        return Fraction(1) if found is None else min(found, Fraction(1))

    @cached_property
    def _thresholds(self) -> list[tuple[float, float]]:
        """At most ``Phi^-1(1 - p)`` for the least and the largest value of every probability ``p``."""
        return [(threshold_below(low), threshold_below(high)) for low, high in self.intervals]

    def largest_sum(self, convex: Callable[[float], float]) -> Fraction | None:
        """At least the sum over the classes of a convex function of their probabilities.

        A convex function is below its chord over each interval, so the sum is below a linear program whose only joint
        condition is that the probabilities add up to 1. That is a fractional knapsack, filled by the steepest chords
        first. The slope of the last chord is the price in the dual, and every price proves a bound.

        Args:
            convex: The function, not negative, of the threshold ``a = Phi^-1(1 - p)`` instead of ``p``, rounded up and
                falling in ``a``.

        Returns:
            The bound, ``None`` if it is infinite.
        """
        ends = [(convex(low), convex(high)) for low, high in self._thresholds]
        if any(value == float("inf") for pair in ends for value in pair):
            return None
        values = [(Fraction(at_low), Fraction(at_high)) for at_low, at_high in ends]
        chords = [
            ((at_high - at_low) / (high - low), high - low)
            for (low, high), (at_low, at_high) in zip(self.intervals, values, strict=True)
            if low < high
        ]
        left, price = 1 - sum(low for low, _ in self.intervals), Fraction(0)
        for slope, width in sorted(chords, reverse=True):
            price = Fraction(float(slope))
            left -= width
            if left <= 0:
                break
        return price + sum(
            max(at_low - price * low, at_high - price * high)
            for (low, high), (at_low, at_high) in zip(self.intervals, values, strict=True)
        )


def status_text(status: Status, confidence: Fraction) -> str:
    """A status with the confidence that it depends on, if any, which is rounded down."""
    if confidence == 1:
        return str(status)
    rounded = Context(12, ROUND_FLOOR).divide(Decimal(confidence.numerator), Decimal(confidence.denominator))
    return f"{status}, confidence {rounded:g}"


def read_confidence(confidence: Any) -> Fraction:
    """A confidence, exactly.

    Raises:
        BadInput: If it is not between 0 and 1.
    """
    number = Fraction(exact(confidence, "confidence"))
    if not 0 < number < 1:
        raise BadInput(f"expected a number between 0 and 1 as confidence, got {shown(confidence)}")
    return number


def require_confidence(confidence: Any) -> None:
    """Check a confidence that is exact already, 1 where nothing was sampled.

    Raises:
        BadInput: If it is no fraction above 0 and up to 1.
    """
    if not isinstance(confidence, int | Fraction) or not 0 < confidence <= 1:
        raise BadInput(f"expected a fraction above 0 and up to 1 as confidence, got {shown(confidence)}")


def read_probabilities(probabilities: Iterable[Any], most: int = MAX_CLASSES) -> tuple[list[Fraction], Fraction]:
    """Probabilities that add up to 1, and by how much rounding makes them miss it.

    Raises:
        BadInput: If they are no probabilities, or their sum is not 1 (to nine digits).
    """
    numbers = []
    for value in members(probabilities, "probabilities", most):
        numbers.append(Fraction(exact(value, "probability")))
        if not 0 <= numbers[-1] <= 1:
            raise BadInput(f"expected a number from 0 to 1 as probability, got {shown(value)}")
    total = sum(numbers, Fraction(0))
    missing = abs(1 - total)
    if missing > Fraction(1, 10**9):
        raise BadInput(f"expected probabilities that add up to 1, got {len(numbers)} with the sum {float(total):g}")
    return numbers, missing


def _around(probabilities: Iterable[Any]) -> tuple[Interval, ...]:
    numbers, missing = read_probabilities(probabilities)
    return tuple((max(number - missing, Fraction(0)), min(number + missing, Fraction(1))) for number in numbers)


@lru_cache(maxsize=4096)
def clopper_pearson(count: int, samples: int, error: Fraction) -> Interval:
    """An interval for a probability, each end of which is wrong with at most the probability ``error``.

    Args:
        count: How often the event occurred.
        samples: In how many independent trials.
        error: The probability of an error on either side.
    """
    return (
        Fraction(_probability_below(count, samples, error)),
        1 - Fraction(_probability_below(samples - count, samples, error)),
    )


def _probability_below(count: int, samples: int, error: Fraction) -> float:
    """A probability with which so many successes or more have at most the probability ``error``: as large as possible.

    That probability is a regularized incomplete beta function, bounded by ball arithmetic.
    """
    if not count:
        return 0.0
    from flint import arb, ctx

    rest = samples - count + 1

    def is_certain(probability: float) -> bool:
        with ctx.workprec(BETA_BITS):
            if probability <= 0.5:
                tail = arb(probability).beta_lower(count, rest, True)
            else:  # many times as fast near 1
                tail = 1 - (1 - arb(probability)).beta_lower(rest, count, True)
            return bool(tail <= to_arb(error))

    guess = float(betaincinv(count, rest, float(error)))
    return lowered_until(guess, guess, is_certain, 0.0)
