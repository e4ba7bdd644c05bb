"""Limits that two classifiers share: changes of the data that both of them are misled by."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from polyproof_gym.arguments import instance_of, members, shown, whole
from polyproof_gym.errors import BadInput
from polyproof_gym.robustness.class_probabilities import (
    MAX_CLASSES,
    MAX_SAMPLES,
    clopper_pearson,
    read_confidence,
    read_probabilities,
    require_confidence,
    status_text,
)
from polyproof_gym.robustness.gaussian import tail_above, threshold_below
from polyproof_gym.robustness.limit import LatentLimit
from polyproof_gym.robustness.rounding import float_above, float_below
from polyproof_gym.robustness.status import HasStatus, Status


@dataclass(frozen=True)
class PairProbabilities:
    """How often two classifiers agree on each label, and how often at least one of them gives it.

    Make them with :meth:`known`, :meth:`from_counts` or :meth:`estimated`, from a square table whose entry ``(i, j)``
    is about the data that the first classifier calls ``i`` and the second ``j``.

    Attributes:
        agreeing: For each label, at least the probability that both give it.
        either: For each label, at most the probability that at least one gives it. With at least the probability
            ``confidence`` all these bounds are right, if the status is not ``ESTIMATED``.
        status: ``EXACT`` if they are known, ``CERTIFIED`` if they were counted, and otherwise ``ESTIMATED``.
        confidence: 1 if nothing was sampled.
    """

    agreeing: tuple[Fraction, ...]
    either: tuple[Fraction, ...]
    status: Status
    confidence: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        """Check that these are probabilities.

        Raises:
            BadInput: If they are not.
        """
        instance_of(self.status, Status, "status")
        require_confidence(self.confidence)
        if len(self.agreeing) != len(self.either):
            raise BadInput(f"expected as many labels in both, got {len(self.agreeing)} and {len(self.either)}")
        pairs = [*zip(self.agreeing, self.either, strict=True)]
        if not all(0 <= both <= either <= 1 for both, either in pairs) or sum(both for both, _ in pairs) > 1:
            raise BadInput("expected probabilities, for each label that both give it and that at least one does")

    @classmethod
    def known(cls, table: Any) -> PairProbabilities:
        """Joint probabilities that are known; decimals are exact.

        By how much their sum misses 1, because they were rounded, each of them may be wrong.

        Raises:
            BadInput: If they are no square table of probabilities, or their sum is not 1 (to nine digits).
        """
        return cls._around(table, Status.EXACT)

    @classmethod
    def estimated(cls, table: Any) -> PairProbabilities:
        """Frequencies taken for probabilities, whatever they may miss: all that is made from them is an estimate.

        Raises:
            BadInput: If they are no square table of probabilities, or their sum is not 1 (to nine digits).
        """
        return cls._around(table, Status.ESTIMATED)

    @classmethod
    def _around(cls, table: Any, status: Status) -> PairProbabilities:
        rows = _square(table)
        numbers, missing = read_probabilities((entry for row in rows for entry in row), MAX_CLASSES**2)
        parts = 2 * len(rows) - 1  # what is added up for the probability that at least one gives a label
        joint = np.array(numbers, object).reshape(len(rows), len(rows))
        agreeing, either = _agreeing_and_either(joint)
        return cls(
            tuple(max(value - missing, Fraction(0)) for value in agreeing),
            tuple(min(value + parts * missing, Fraction(1)) for value in either),
            status,
        )

    @classmethod
    def from_counts(cls, table: Any, confidence: Any = 0.99) -> PairProbabilities:
        """Probabilities of pairs of labels that were counted in independent samples of the data.

        Args:
            table: How often each pair occurred.
            confidence: The probability with which the bounds (Clopper and Pearson, Bonferroni) are to be right.

        Raises:
            BadInput: If something is no count, there are no samples, or the confidence is not between 0 and 1.
        """
        counts = np.array([[whole(entry, "count", 0, MAX_SAMPLES) for entry in row] for row in _square(table)], object)
        samples = int(counts.sum())
        if not samples:
            raise BadInput("expected counts of at least one sample")
        sure = read_confidence(confidence)
        error = (1 - sure) / (2 * len(counts))
        agreeing, either = _agreeing_and_either(counts)
        return cls(
            tuple(clopper_pearson(count, samples, error)[0] for count in agreeing),
            tuple(clopper_pearson(count, samples, error)[1] for count in either),
            Status.CERTIFIED,
            sure,
        )

    @property
    def sources(self) -> tuple[HasStatus, ...]:
        """Nothing: they were given."""
        return ()

    @cached_property
    def _thresholds(self) -> list[float]:
        return [threshold_below(probability) for probability in self.either]

    def share_beyond(self, distance: float) -> Fraction:
        """At least the share of the data without a latent point within a distance for which both labels differ."""
        pairs = zip(self.agreeing, self._thresholds, strict=True)
        return 1 - sum(
            (max(both - Fraction(tail_above(threshold, distance)), Fraction(0)) for both, threshold in pairs),
            Fraction(0),
        )

    def legend(self) -> str:
        """What this is on one line."""
        return f"agreement on {len(self.agreeing)} classes ({status_text(self.status, self.confidence)})"

    __str__ = legend

    def to_json(self) -> dict[str, Any]:
        """The bounds (outwards, as floats), the status and the confidence."""
        return {
            "status": str(self.status),
            "confidence": float_below(self.confidence),
            "agreeing": [float_below(value) for value in self.agreeing],
            "either": [float_above(value) for value in self.either],
        }


@dataclass(frozen=True)
class TransferLimit(LatentLimit):
    """The limit for two classifiers at once: one change of the data that changes the labels of both (Theorem 3).

    With ``A_i`` the event that both give the label ``i``, and ``q_i`` the probability that at least one does, at least
    the share ``sum_i max(0, P(A_i) - (1 - Phi(Phi^-1(1 - q_i) + t)))`` of the data has a latent point within ``t`` for
    which both labels differ. ``docs/robustness-proofs.md`` has the proof.

    Attributes:
        probabilities: How often the classifiers agree.
        modulus: Of the generator, for distances between images; by default distances are latent ones.
    """

    kind = PairProbabilities
    subject = "robustness of either of two classifiers"

    probabilities: PairProbabilities


def _square(table: Any) -> list[list[Any]]:
    """A square table, row by row."""
    rows = [members(row, "entries of a row", MAX_CLASSES) for row in members(table, "rows", MAX_CLASSES)]
    if not rows or any(len(row) != len(rows) for row in rows):
        raise BadInput(f"expected a square table, one row and one column for each class, got {shown(table)}")
    return rows


def _agreeing_and_either(table: Any) -> tuple[list[Any], list[Any]]:
    """For each label, the entry for both, and the sum of those for at least one."""
    both = [*table.diagonal()]
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    return both, [row + column - one for row, column, one in zip(rows, columns, both, strict=True)]
