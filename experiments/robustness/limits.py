"""How robust any classifier can be to latent changes, for labels that are equally frequent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from experiments.tables import Cell, Result, markdown
from polyproof_gym.robustness.class_probabilities import ClassProbabilities
from polyproof_gym.robustness.limit import RobustnessLimit

DIGITS = 3
"""Digits after the point of the table, whose figures are rounded up."""


@dataclass(frozen=True)
class EqualLabels:
    """The limit for some number of labels.

    Attributes:
        labels: How many there are.
        beyond: The largest share of points that can keep their label beyond each distance.
        median: The largest median distance to another label.
        mean: The largest mean distance.
        status: How far these can be trusted.
    """

    labels: int
    beyond: tuple[float, ...]
    median: float
    mean: float
    status: str


@dataclass(frozen=True)
class Limits:
    """The result of this section; see :class:`EqualLabels`.

    Attributes:
        distances: The latent distances.
        rows: The limits.
    """

    distances: tuple[float, ...]
    rows: tuple[EqualLabels, ...]


def measure(
    *,
    labels: Sequence[int] = (2, 10, 100, 1000),
    distances: Sequence[float] = (0.1, 0.25, 0.5, 1.0, 2.0),
    seed: int = 0,
) -> Limits:
    """Compute the limits; there is nothing random, so that the seed changes nothing."""
    return Limits(tuple(distances), tuple(_row(number, distances) for number in labels))


def _row(labels: int, distances: Sequence[float]) -> EqualLabels:
    limit = RobustnessLimit(ClassProbabilities.known([Fraction(1, labels)] * labels))
    beyond = tuple(limit.fraction_beyond(distance) for distance in distances)
    return EqualLabels(labels, beyond, limit.quantile(0.5), limit.expected(), str(limit.status))


def table(result: Result) -> str:
    """The result, as JSON has it, as a Markdown table."""

    def share(number: int) -> Cell:
        return lambda row: _up(row["beyond"][number])

    columns: dict[str, Cell] = {
        "labels": lambda row: str(row["labels"]),
        **{f"t = {distance:g}": share(number) for number, distance in enumerate(result["distances"])},
        "median at most": lambda row: _up(row["median"]),
        "mean at most": lambda row: _up(row["mean"]),
    }
    return markdown(columns, result["rows"])


def _up(value: float) -> str:
    return f"{math.ceil(value * 10**DIGITS) / 10**DIGITS:.{DIGITS}f}"
