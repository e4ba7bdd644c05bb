"""All points together, held against the limit that holds for every classifier."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import numpy as np

from experiments.executors import Processes
from experiments.robustness.curves import Curve, excess, finite_or_none, most_by_chance, out_of_order
from experiments.robustness.points import SOURCES, PointFile, PointResult, PointSettings
from experiments.robustness.subjects import Subject, own
from experiments.tables import Result, figure, markdown
from polyproof_gym.arguments import one_of, seed_number, whole
from polyproof_gym.robustness.attacks import MOST
from polyproof_gym.robustness.class_probabilities import ClassProbabilities
from polyproof_gym.robustness.limit import RobustnessLimit
from polyproof_gym.robustness.modulus import Norm
from polyproof_gym.robustness.status import Status, worst

SAMPLES = 200_000
"""Latent points whose classes are counted, by default."""

CONFIDENCE = 0.99
"""The probability with which the counts do not mislead, by default."""

BATCH = 10_000
"""Latent points whose classes are computed at a time."""

DISTANCES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0)
"""Latent distances of the table."""

GRID = 101
"""Distances of the picture."""


def count_classes(subject: Subject, samples: int, seed: int) -> list[int]:
    """How often every class occurs at random latent points.

    Args:
        subject: What is examined.
        samples: The number of points.
        seed: Seed of the points, which have nothing in common with those that are examined.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(1)[0])
    counts: Any = 0
    for first in range(0, samples, BATCH):
        latents = rng.normal(size=(min(BATCH, samples - first), subject.latent))
        counts = counts + np.bincount(subject.labels(latents), minlength=subject.classes)
    numbers: list[int] = counts.tolist()
    return numbers


@dataclass(frozen=True)
class Found:
    """Distances that were found in one way.

    Attributes:
        name: What they are.
        legend: The same with their status.
        status: How far they can be trusted.
        mean: The mean distance, ``None`` if nothing was found at some point.
        beyond: The share of points beyond every distance.
        excess: By how many standard errors such a share is above the limit, where it is most so; ``None`` if it is
            not to be compared, or infinite.
        is_above: Whether that is more than chance, as it has as many distances to happen at as there are points.
    """

    name: str
    legend: str
    status: str
    mean: float | None
    beyond: list[float]
    excess: float | None
    is_above: bool


@dataclass(frozen=True)
class Limit:
    """The limit for every classifier.

    Attributes:
        legend: What it is, with its status.
        status: How far it can be trusted.
        confidence: The probability with which it holds, as it is made from counts.
        beyond: The largest share of points that can be beyond every distance.
        frequencies: The same if all classes were as frequent as in the sample, which is an estimate.
        expected: The largest mean distance, ``None`` if it is infinite.
        modulus: What is known of the generator.
        images: How far the data are apart at most whose latent points have every distance.
        images_status: How far that can be trusted.
    """

    legend: str
    status: str
    confidence: float
    beyond: list[float]
    frequencies: list[float]
    expected: float | None
    modulus: str
    images: list[float]
    images_status: str


@dataclass(frozen=True)
class Examination:
    """What is certified, what attacks find and what the limit is, in latent distances.

    Attributes:
        subject: What was examined.
        norm: How the distances of points were measured. The limit is for the Euclidean norm; it holds for the other
            one as well, in which no distance is larger.
        source: Where the points come from. The limit is for those of the generator's distribution.
        points: How many there are.
        status: The worst status of all that is shown.
        distances: Latent distances from 0 on.
        found: What was found in every way.
        limit: The limit.
        out_of_order: The numbers of points that are certified beyond an attack: there must be none.
        ratio: The mean of the certified radius by the attack's, and the least one; ``None`` if there is none.
        proofs: The number of proofs, all verified.
        seconds: Mean processor time of the certificates of a point.
        most_seconds: The most of a point.
        bytes: Mean size of the file of a proof; ``None`` if there is none.
    """

    subject: str
    norm: str
    source: str
    points: int
    status: str
    distances: list[float]
    found: list[Found]
    limit: Limit
    out_of_order: list[int]
    ratio: tuple[float, float] | None
    proofs: int
    seconds: float
    most_seconds: float
    bytes: float | None


CERTIFIED, ATTACK, WEAK = "certified", "attack", "random directions"
"""The ways in which distances are found."""


def curves_of(results: Sequence[PointResult], is_exact: bool) -> list[Curve]:
    """The distances by what was found, for what was asked for.

    Args:
        results: The points.
        is_exact: Whether what attacks have found was confirmed exactly.
    """
    status = Status.CERTIFIED if is_exact else Status.ESTIMATED
    columns = list(zip(*(result.exact for result in results), strict=True))
    names = {CERTIFIED: Status.CERTIFIED, ATTACK: status, WEAK: status}
    return [
        Curve(name, trust, tuple(math.inf if d is None else float(d) for d in column))
        for (name, trust), column in zip(names.items(), columns, strict=False)  # no columns without points
        if is_exact or name != CERTIFIED
    ]


def limit_of(subject: Subject, counts: Sequence[int], confidence: float) -> tuple[list[float], Limit]:
    """Distances, and the limit at these for all classifiers with such frequencies of classes. That takes a second.

    Args:
        subject: What is examined.
        counts: How often every class occurs in a sample.
        confidence: The probability with which the counts are not to mislead.

    Raises:
        BadInput: If the confidence cannot be used.
    """
    limit = RobustnessLimit(ClassProbabilities.from_counts(counts, confidence))
    by_frequencies = RobustnessLimit(ClassProbabilities.estimated([Fraction(count, sum(counts)) for count in counts]))
    grid = _grid(limit)
    return grid, Limit(
        legend=limit.legend(),
        status=str(limit.status),
        confidence=float(limit.confidence),
        beyond=[limit.fraction_beyond(distance) for distance in grid],
        frequencies=[by_frequencies.fraction_beyond(distance) for distance in grid],
        expected=finite_or_none(limit.expected()),
        modulus=subject.modulus.legend(),
        images=[subject.modulus(distance) for distance in grid],
        images_status=str(limit.through(subject.modulus).status),
    )


def examination_of(
    subject: Subject, points: PointSettings, results: Sequence[PointResult], distances: list[float], limit: Limit
) -> Examination:
    """Hold what was found against the limit.

    Args:
        subject: What was examined.
        points: How.
        results: What was found at every point.
        distances: Those at which the limit is known, see :func:`limit_of`.
        limit: The limit.
    """
    curves = curves_of(results, subject.polynomial is not None)
    is_comparable = points.source == "normal"
    found = []
    for curve in curves:
        # What was not found is beyond the largest distance that is searched.
        searched = [min(distance, MOST) for distance in curve.distances]
        above = excess(searched, distances, limit.beyond) if is_comparable else None
        found.append(
            Found(
                curve.name,
                curve.legend,
                str(curve.status),
                finite_or_none(curve.mean),
                [curve.beyond(distance) for distance in distances],
                finite_or_none(above),
                above is not None and above > most_by_chance(len(results)),
            )
        )
    certified, attacks = ([result.exact[kind] for result in results] for kind in (0, 1))
    ratios = [float(c / a) for c, a in zip(certified, attacks, strict=True) if c is not None and a]
    proofs = sum(result.rivals for result in results)
    seconds = [result.seconds for result in results]
    return Examination(
        subject=subject.name,
        norm=points.norm,
        source=points.source,
        points=len(results),
        status=str(worst(Status(limit.images_status), *(curve.status for curve in curves))),
        distances=distances,
        found=found,
        limit=limit,
        out_of_order=[results[number].task for number in out_of_order(certified, attacks)],
        ratio=(float(np.mean(ratios)), min(ratios)) if ratios else None,
        proofs=proofs,
        seconds=float(np.mean(seconds)) if seconds else 0.0,
        most_seconds=max(seconds, default=0.0),
        bytes=sum(result.bytes for result in results) / proofs if proofs else None,
    )


def examine(
    classifier: Any,
    generator: Any,
    latent: int,
    *,
    name: str = "own",
    points: int = 100,
    norm: Norm = "2",
    samples: int = SAMPLES,
    confidence: float = CONFIDENCE,
    seed: int = 0,
    processes: int = 1,
    certificates: Path | None = None,
) -> Examination:
    """Examine a classifier and a generator of one's own: the limit and attacks, and certified radii of polynomials.

    Args:
        classifier: A torch module, a scikit-learn classifier or a function that gives scores of data, one a row; or a
            polynomial classifier.
        generator: A torch module, a scikit-learn transformer (its ``inverse_transform``) or a function that makes data
            of latent points, one a row; or a polynomial generator.
        latent: Number of latent variables, which are normally distributed.
        name: What the result calls them.
        points: How many points of the generator's distribution are examined.
        norm: How latent distances are measured, ``"2"`` or ``"inf"``.
        samples: How many random points tell how frequent the classes are.
        confidence: The probability with which the limit holds in spite of that.
        seed: Seed of all random points.
        processes: Points at a time.
        certificates: A folder for the proofs, if they are to be kept.

    Raises:
        BadInput: If something cannot be used.
        KeyboardInterrupt: After Ctrl-C.
    """
    subject = own(name, classifier, generator, latent, seed)
    settings = PointSettings(one_of(norm, "norm", get_args(Norm)), SOURCES[0], seed_number(seed))
    file = PointFile(None, {}, False, subject, settings, certificates)
    counts = count_classes(subject, whole(samples, "samples", 1), seed)
    distances, limit = limit_of(subject, counts, confidence)
    tasks = range(whole(points, "points", 0))
    ending = file.complete(tasks, Processes(whole(processes, "processes", 1)))
    if ending.is_interrupted:
        raise KeyboardInterrupt
    for task, failure in ending.failures.items():
        raise RuntimeError(f"point {task}: {failure.reason}")
    return examination_of(subject, settings, [file.results[task] for task in tasks], distances, limit)


def _grid(limit: RobustnessLimit) -> list[float]:
    """Distances up to where the limit leaves hardly anything, and those of the table."""
    end = limit.quantile(0.99)
    even = np.linspace(0, end if math.isfinite(end) else DISTANCES[-1], GRID).round(4).tolist()
    return sorted({*even, *DISTANCES})


def table(result: Result) -> str:
    """The shares beyond a few latent distances, with the status in every heading.

    Args:
        result: An examination, as JSON has it.
    """
    places = {distance: result["distances"].index(distance) for distance in DISTANCES}
    limit = result["limit"]
    columns: dict[str, Any] = {"latent distance t": lambda distance: f"{distance:g}"}
    for found in result["found"]:
        columns[found["legend"]] = lambda distance, shares=found["beyond"]: f"{shares[places[distance]]:.3f}"
    columns[limit["legend"]] = lambda distance: f"{limit['beyond'][places[distance]]:.3f}"
    columns[f"distance of data ({limit['images_status']})"] = lambda distance: figure(limit["images"][places[distance]])
    return markdown(columns, DISTANCES)


def remarks(result: Result) -> list[str]:
    """What else there is to say of an examination, as JSON has it, a line each."""
    lines = [
        f"{result['subject']}, norm {result['norm']}: {result['points']} points ({result['source']}); shares beyond t",
        f"{result['limit']['modulus']}",
    ]
    means = [f"{found['name']} {found['mean']:.4g}" for found in result["found"] if found["mean"] is not None]
    if result["limit"]["expected"] is not None:
        means.append(f"at most {result['limit']['expected']:.4g} for any classifier")
    if means:
        lines.append(f"mean distances: {', '.join(means)}")
    if result["ratio"] is not None:
        average, least = result["ratio"]
        lines.append(
            f"certified / attack: mean {average:.4f}, least {least:.4f}; {result['proofs']} proofs, all verified; "
            f"{result['seconds']:.2f} seconds of the processor a point"
        )
    for found in result["found"]:
        if found["is_above"]:
            by = "far" if found["excess"] is None else f"{found['excess']:.1f} standard errors"
            what = "an error" if found["name"] == CERTIFIED else "it is too weak"
            lines.append(f"{found['name']}: above the limit ({by}): {what}")
    return lines


def errors(result: Result) -> list[str]:
    """What must not be, a line each: points certified beyond an attack, and more of them than the limit admits."""
    found = [f"point {number} is certified beyond what an attack has found" for number in result["out_of_order"]]
    above = (entry["name"] == CERTIFIED and entry["is_above"] for entry in result["found"])
    return [*found, *(["more points are certified than any classifier can have"] if any(above) else [])]
