"""One point: how far it is certified, and what attacks find."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from agents.certified_radius import CertifiedRadius, certified_radius
from agents.certified_radius.radius import TOLERANCE
from experiments.result_file import Made, ResultFile
from experiments.robustness.subjects import Point, Subject, normal_point
from polyproof_gym import BadInput
from polyproof_gym.arguments import as_whole, is_finite_number
from polyproof_gym.polynomials import Rational
from polyproof_gym.robustness.attacks import (
    Adversary,
    changes_in_random_directions,
    nearest_changes,
    projected_gradient,
    random_directions,
)
from polyproof_gym.robustness.classifier import PolynomialClassifier
from polyproof_gym.robustness.float_scores import CallableScores
from polyproof_gym.robustness.maps import FloatArray, clipped
from polyproof_gym.robustness.modulus import Norm

SOURCES = ("normal", "data", "border")
"""Where points come from: the generator's own distribution, held-out data, or these, moved to the clip's border."""

FROM_BORDER = Fraction(1, 8)
"""How far inside the clip's box the second coordinate of a point of the border is; the first is on its end."""


@dataclass(frozen=True)
class PointResult:
    """What was found at one point. Exact numbers are texts ``"p/q"``.

    Attributes:
        task: The number of the point.
        label: Its class by the classifier.
        certified: A radius within which the class is proved to stay the same; ``None`` where nothing can be proved.
        attack: A distance at which an attack has changed the class; ``None`` if none has.
        weak_attack: The same of a few random directions.
        rivals: The number of proofs, one for every other class.
        rounds: The number of radii that were tried.
        seconds: Processor time of the certificates.
        attack_seconds: Processor time of the attacks.
        bytes: Size of the files of all proofs.
    """

    task: int
    label: int
    certified: str | None
    attack: str | None
    weak_attack: str | None
    rivals: int
    rounds: int
    seconds: float
    attack_seconds: float
    bytes: int

    @cached_property
    def exact(self) -> tuple[Fraction | None, ...]:
        """The certified radius, and the distances of the attack and the weak attack."""
        texts = (self.certified, self.attack, self.weak_attack)
        return tuple(None if text is None else Fraction(text) for text in texts)

    def to_json(self) -> str:
        """The result on one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> PointResult:
        """The result of which :meth:`to_json` wrote this.

        Raises:
            TypeError: If something is missing, more or of another type.
            ValueError: If something has a value that it cannot have.
        """
        result = cls(**content)
        counts = (result.task, result.label, result.rivals, result.rounds, result.bytes)
        numbers = (result.seconds, result.attack_seconds)
        texts = (result.certified, result.attack, result.weak_attack)
        if any(as_whole(count) is None for count in counts) or not all(map(is_finite_number, numbers)):
            raise TypeError("expected numbers where a point has them")
        if not all(text is None or isinstance(text, str) for text in texts):
            raise TypeError("expected exact numbers as texts")
        if any(number is not None and number < 0 for number in result.exact):
            raise ValueError("expected distances of at least 0")
        return result


@dataclass(frozen=True)
class PointSettings:
    """What is the same for all points of one file.

    Attributes:
        norm: How distances are measured, ``"2"`` or ``"inf"``.
        source: One of ``SOURCES``.
        seed: Seed of the points and of the attacks.
        squares: Whether proofs may use squares.
        tolerance: Relative width of the bracket at which the search for a radius ends; exact, as text or a number.
    """

    norm: Norm
    source: str
    seed: int
    squares: bool = True
    tolerance: Rational | str = TOLERANCE


@dataclass(frozen=True, eq=False)
class Examiner:
    """Examines the points of one subject, wherever it is sent.

    Attributes:
        subject: What is examined.
        points: How it is examined.
        keeps_proofs: Whether the proofs are to be kept, in a folder for each point.
    """

    subject: Subject
    points: PointSettings
    keeps_proofs: bool = False

    def point(self, index: int) -> Point:
        """The point of a number.

        One beyond a generator's clip is clipped: it stands for the same data, and is no further from others.

        Raises:
            BadInput: If there is none.
        """
        subject = self.subject
        if self.points.source == "normal":
            clip = None if subject.polynomial is None else subject.polynomial.clip
            return tuple(clipped(x, clip) for x in normal_point(subject.latent, self.points.seed, index))
        if index >= len(subject.held_out):
            raise BadInput(f"{subject.name}: expected at most {len(subject.held_out)} points of held-out data")
        point = subject.held_out[index]
        if self.points.source == "data":
            return point
        if subject.polynomial is None or subject.polynomial.clip is None:
            raise BadInput(f"{subject.name}: expected a generator with a clip, for points at its border")
        clip = subject.polynomial.clip
        return (clip, FROM_BORDER - clip, *point[2:])[: len(point)]

    def __call__(self, task: int) -> Made[PointResult]:
        """Certify a point, and attack it. The one knows nothing of the other.

        Raises:
            BadInput: If there is no such point.
            InvalidProof: If a proof does not hold.
        """
        point, polynomial = self.point(task), self.subject.polynomial
        started = time.process_time()
        certified = None if polynomial is None else self._certified(polynomial, point)
        proved = time.process_time()
        attack, weak = self._attacks(point, task)
        label = int(self.subject.labels(_floats(point))[0])
        attacked = time.process_time()
        proofs = {} if certified is None else certified.files()
        result = PointResult(
            task=task,
            label=label,
            certified=None if certified is None else str(Fraction(certified.radius)),
            attack=attack,
            weak_attack=weak,
            rivals=0 if certified is None else len(certified.proofs),
            rounds=0 if certified is None else certified.rounds,
            seconds=round(proved - started, 4),
            attack_seconds=round(attacked - proved, 4),
            bytes=sum(len(text.encode()) for text in proofs.values()),
        )
        kept = proofs if self.keeps_proofs else {}
        return Made(result, {f"point-{task}/{name}": text for name, text in kept.items()})

    def _certified(self, polynomial: PolynomialClassifier, point: Point) -> CertifiedRadius:
        """The radius with its proofs, which are checked."""
        settings = self.points
        found = certified_radius(
            polynomial, point, norm=settings.norm, squares=settings.squares, tolerance=settings.tolerance
        )
        found.verify(polynomial)
        return found

    def _attacks(self, point: Point, index: int) -> tuple[str | None, str | None]:
        """The distances that a strong attack and a weak one find."""
        norm, polynomial = self.points.norm, self.subject.polynomial
        # The random numbers of the point itself are those of [seed, index].
        (seed,) = np.random.SeedSequence([self.points.seed, index, 1]).generate_state(1).tolist()
        if polynomial is not None:
            (found,) = projected_gradient(polynomial, [point], norm=norm, seed=seed)
            (weak,) = random_directions(polynomial, [point], norm=norm, seed=seed)
            return _distance(found), _distance(weak)
        start, scores = _floats(point), CallableScores(self.subject.scores, self.subject.latent)
        changed = nearest_changes(scores, start, norm=norm, seed=seed)
        weakly_changed = changes_in_random_directions(scores, start, norm=norm, seed=seed)
        return _length(changed - start, norm), _length(weakly_changed - start, norm)


class PointFile(ResultFile[int, PointResult]):
    """The points of one subject, and the JSON file that holds them at any time, whole.

    Attributes:
        examiner: What examines them.
    """

    entries, unit = "points", "point"

    def __init__(
        self,
        path: Path | None,
        settings: Mapping[str, Any],
        resume: bool,
        subject: Subject,
        points: PointSettings,
        certificates: Path | None = None,
    ) -> None:
        """Begin a file, or go on with one.

        Args:
            path: The file; ``None`` keeps the points in memory only.
            settings: What must be the same for points to be together in one file.
            resume: Whether to go on with the file.
            subject: What is examined.
            points: How it is examined.
            certificates: A folder for the proofs, if they are to be kept: one folder for each point.

        Raises:
            BadInput: If the file cannot be used.
        """
        self.examiner = Examiner(subject, points, certificates is not None)
        super().__init__(path, settings, resume, certificates)

    def read(self, entry: Mapping[str, Any]) -> PointResult:
        """See :meth:`PointResult.from_json`."""
        return PointResult.from_json(entry)

    def work(self, tasks: Iterable[int]) -> Examiner:
        """See :class:`Examiner`."""
        return self.examiner


def _distance(found: Adversary | None) -> str | None:
    return None if found is None else str(found.distance)


def _length(ways: FloatArray, norm: Norm) -> str | None:
    """The length of what was found at one point; NaN if it was nothing."""
    length = float(np.linalg.norm(ways[0], np.inf if norm == "inf" else 2))
    return str(Fraction(length)) if math.isfinite(length) else None


def _floats(point: Point) -> FloatArray:
    """A point as an array of shape ``(1, coordinates)``."""
    return np.array([[float(coordinate) for coordinate in point]])
