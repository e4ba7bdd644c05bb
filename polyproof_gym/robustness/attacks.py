"""Attacks: points near others that have another label, as near as a search finds them.

The search is in floats. What it finds for a polynomial classifier is confirmed exactly: the point has rational
coordinates, its label is that of its exact scores, and the distance is exact or rounded up. So the distance is an upper
bound on how robust the classifier is there, as a certified radius is a lower one. Nothing else follows: an attack that
finds little may be weak.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyproof_gym import stopping
from polyproof_gym.arguments import finite, instance_of, one_of, seed_number, shown, whole
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Rational, rational
from polyproof_gym.problems.robust_margin import NORMS, Norm
from polyproof_gym.robustness.box_relaxation import BoxRelaxation, is_small
from polyproof_gym.robustness.classifier import PolynomialClassifier
from polyproof_gym.robustness.float_scores import PolynomialScores, Scores, checked_points
from polyproof_gym.robustness.maps import FloatArray, exact_point, float_points
from polyproof_gym.robustness.rounding import root_above

MOST = 4
"""The largest distance that is searched, by default; latent points are mostly within that of 0."""

COARSE, FINE = 8, 40
"""Halvings of a segment on which the label changes, during the search and at its end."""

FIRST_STEP, LAST_STEP = 0.5, 0.005
"""The first and the last step of projected gradients, in radii."""

TARGETS = 3
"""How many of the nearest rivals are attacked one by one, before others as they come."""

BATCH = 4096
"""The most points whose scores are computed at once."""

BINARY_PLACES = 40
"""Binary places of the coordinates of a found point relative to its distance."""

PUSHES = (1e-10, 1e-8, 1e-6, 1e-4, 1e-2)
"""Relative distances by which a found point is moved away until the exact scores agree."""

BEYOND = 1 + 1e-4
"""How far on the way to a minimiser a change of the label is looked for, in radii up to which there is none."""

WEAK_GRID = 32
"""Number of distances at which a random direction is looked at."""


@dataclass(frozen=True)
class Adversary:
    """A point with another label, near a given one.

    Attributes:
        point: Its exact coordinates.
        label: Its label.
        distance: An upper bound on its distance; for the largest difference of coordinates, the distance itself.
    """

    point: tuple[Rational, ...]
    label: int
    distance: Rational


def projected_gradient(
    classifier: PolynomialClassifier,
    points: Any,
    *,
    norm: Norm = "inf",
    most: float = MOST,
    restarts: int = 10,
    steps: int = 60,
    seed: int = 0,
    starts: Any = None,
) -> list[Adversary | None]:
    """The nearest points with another label that projected gradients find.

    Args:
        classifier: The classifier.
        points: The points, shape ``(points, inputs)``; decimals mean what is written.
        norm: How distances are measured.
        most: The largest distance that is searched.
        restarts: How many random starts every point has, beside itself.
        steps: Steps from every start.
        seed: Seed of the starts.
        starts: Further starts, shape ``(starts, points, inputs)``, such as what another attack has found.

    Returns:
        For every point what was found, if anything was.

    Raises:
        BadInput: If an argument cannot be used.
    """
    attacked = _Attacked(classifier, points, norm, most)
    found = nearest_changes(
        attacked.scores,
        attacked.points,
        norm=norm,
        most=most,
        restarts=restarts,
        steps=steps,
        seed=seed,
        starts=starts,
        clip=attacked.clip,
    )
    return attacked.confirmed(found)


def random_directions(
    classifier: PolynomialClassifier,
    points: Any,
    *,
    norm: Norm = "inf",
    most: float = MOST,
    directions: int = 50,
    seed: int = 0,
) -> list[Adversary | None]:
    """A weak attack, for comparison: the nearest points with another label in some random directions.

    Args:
        classifier: The classifier.
        points: The points, shape ``(points, inputs)``; decimals mean what is written.
        norm: How distances are measured.
        most: The largest distance that is searched.
        directions: How many directions are tried from every point.
        seed: Seed of the directions.

    Returns:
        For every point what was found, if anything was.

    Raises:
        BadInput: If an argument cannot be used.
    """
    attacked = _Attacked(classifier, points, norm, most)
    found = changes_in_random_directions(
        attacked.scores, attacked.points, norm=norm, most=most, directions=directions, seed=seed, clip=attacked.clip
    )
    return attacked.confirmed(found)


def relaxation_minimisers(
    classifier: PolynomialClassifier, points: Any, *, most: float = MOST
) -> list[Adversary | None]:
    """An attack on boxes: on the way to what the linear relaxation of a margin says is its least point.

    The degree-1 moments of the relaxation that fails first, when boxes grow, are a point of the box. Where the
    relaxation is exact and its solution unique, that is the minimiser of the margin.

    Args:
        classifier: The classifier.
        points: The points, shape ``(points, inputs)``; decimals mean what is written.
        most: The largest distance that is searched.

    Returns:
        For every point what was found, if anything was.

    Raises:
        BadInput: If an argument cannot be used, or the degree or the number of variables is too large.
    """
    attacked = _Attacked(classifier, points, "inf", most)
    size, level = classifier.num_inputs, max(1, classifier.degree)
    if not is_small(size, level):
        raise BadInput(f"expected a classifier with fewer variables or a lower degree than {size} and {level}")
    relaxation = BoxRelaxation(size, level)
    search = _Search(attacked.scores, attacked.points, "inf", float(most), attacked.clip)
    ring = classifier.scores[0].ring
    ends = np.tile(attacked.points, (classifier.num_classes, 1, 1))
    for k, point in enumerate(attacked.exact):
        moved = classifier.expanded([Polynomial.variable(ring, i) + x for i, x in enumerate(point)])
        label, radius = search.labels[k], float(most)
        margins = {rival: relaxation.coefficients((moved[label] - score).terms) for rival, score in enumerate(moved)}
        for rival in sorted(margins, key=lambda rival: float(margins[rival][0])):
            found = relaxation.largest_radius(margins[rival], radius) if margins[rival][0] > 0 else None
            if found is not None and found[1] is not None:
                radius = found[0]
                ends[rival, k] += radius * BEYOND * np.clip(found[1].moments[1 : size + 1], -1.0, 1.0)
        if stopping.requested():
            break
    for end in ends:
        search.look_at(end, FINE)
    return attacked.confirmed(search.finished())


def confirmed_adversaries(
    classifier: PolynomialClassifier, points: Any, found: Any, *, norm: Norm = "inf", most: float = MOST
) -> list[Adversary | None]:
    """What another attack has found, with exact labels and distances.

    Args:
        classifier: The classifier.
        points: The points that were attacked, shape ``(points, inputs)``.
        found: What was found, of the same shape; NaN where nothing was.
        norm: How distances are measured.
        most: The largest distance that counts.

    Returns:
        For every point the one found, moved away by a little where its exact label would not differ otherwise; ``None``
        where that is not enough.

    Raises:
        BadInput: If an argument cannot be used.
    """
    attacked = _Attacked(classifier, points, norm, most)
    ends = float_points(found, classifier.num_inputs)
    if len(ends) != len(attacked.exact):
        raise BadInput(f"expected as many points found as attacked, {len(attacked.exact)}, got {len(ends)}")
    return attacked.confirmed(ends)


def nearest_changes(
    scores: Scores,
    points: Any,
    *,
    norm: Norm = "inf",
    most: float = MOST,
    restarts: int = 10,
    steps: int = 60,
    seed: int = 0,
    starts: Any = None,
    clip: float | None = None,
) -> FloatArray:
    """What :func:`projected_gradient` finds, in floats, of any classifier with scores.

    The search keeps to the ball, around every point, of the least distance at which it has found another label so far.
    First it starts from the point itself, towards each of the nearest rivals, and then from random points. It moves
    along the gradient of the margin whose zero seems nearest, with steps that become shorter; where the label has
    changed, it goes back on the segment to the point as far as it remains changed.

    Args:
        scores: The classifier.
        points: The points, shape ``(points, inputs)``.
        norm: How distances are measured.
        most: The largest distance that is searched.
        restarts: How many random starts every point has, beside itself.
        steps: Steps from every start.
        seed: Seed of the starts.
        starts: Further starts, shape ``(starts, points, inputs)``.
        clip: Scores are those of points whose coordinates are clipped to plus and minus this, if it is given.

    Returns:
        Points with another label, shape ``(points, inputs)``; NaN where none was found.

    Raises:
        BadInput: If an argument cannot be used.
    """
    search = _Search.of(scores, points, norm, most, clip)
    restarts, steps = whole(restarts, "restarts", 0), whole(steps, "steps", 1)
    rng = np.random.default_rng(seed_number(seed))
    places = search.points
    further = _starts(starts, places)
    for start in further:
        search.look_at(start, COARSE)
    sizes = np.geomspace(FIRST_STEP, LAST_STEP, steps)
    targeted = [(places, rivals) for rivals in search.nearest_rivals(places)[:, :TARGETS].T]
    untargeted = ((start, None) for start in chain(further, search.random_points(rng, restarts)))
    for start, rivals in chain(targeted, untargeted):
        here = search.projected(start)
        for size in sizes:
            if stopping.requested():
                return search.finished()
            ways = search.directions(here, rivals)
            here = search.projected(here + ways * (size * search.distances)[:, None])
            search.look_at(here, COARSE)
    return search.finished()


def changes_in_random_directions(
    scores: Scores,
    points: Any,
    *,
    norm: Norm = "inf",
    most: float = MOST,
    directions: int = 50,
    seed: int = 0,
    clip: float | None = None,
) -> FloatArray:
    """What :func:`random_directions` finds, in floats, of any classifier with scores.

    Args:
        scores: The classifier.
        points: The points, shape ``(points, inputs)``.
        norm: How distances are measured.
        most: The largest distance that is searched.
        directions: How many directions are tried from every point.
        seed: Seed of the directions.
        clip: Scores are those of points whose coordinates are clipped to plus and minus this, if it is given.

    Returns:
        Points with another label, shape ``(points, inputs)``; NaN where none was found.

    Raises:
        BadInput: If an argument cannot be used.
    """
    search = _Search.of(scores, points, norm, most, clip)
    directions = whole(directions, "directions", 1)
    places = search.points
    rng = np.random.default_rng(seed_number(seed))
    for _ in range(directions):
        if stopping.requested():
            break
        ways = rng.normal(size=places.shape)
        ways /= np.maximum(_lengths(ways, norm), 1e-300)[:, None]
        for distance in np.linspace(0, search.most, WEAK_GRID + 1)[1:]:
            search.look_at(places + distance * ways, COARSE)
    return search.finished()


def _starts(starts: Any, places: FloatArray) -> list[FloatArray]:
    """Further starts in floats, one for every point each: the point itself where there is none."""
    if starts is None:
        return []
    try:
        array = np.asarray(starts, np.float64)
    except (TypeError, ValueError, OverflowError):
        array = np.empty(0)
    if array.shape[1:] != places.shape:
        raise BadInput(f"expected starts of shape (starts, {len(places)}, {places.shape[1]}), got {shown(starts)}")
    return [*np.where(np.isfinite(array), array, places)]


class _Attacked:
    """A polynomial classifier under attack at some points.

    Attributes:
        exact: The points.
        points: The same in floats, shape ``(points, inputs)``.
        scores: The classifier in floats.
        clip: The classifier's clip in floats.
    """

    def __init__(self, classifier: PolynomialClassifier, points: Any, norm: Norm, most: float) -> None:
        self._norm: Norm = one_of(norm, "norm", NORMS)
        self._most = finite(most, "most", 0)
        self._classifier = instance_of(classifier, PolynomialClassifier, "classifier")
        self.scores = PolynomialScores(classifier.scores)
        checked_points(points, self.scores)
        self.exact = [exact_point(point, classifier.num_inputs) for point in points]
        size = (len(self.exact), classifier.num_inputs)
        self.points = np.array([float(x) for point in self.exact for x in point]).reshape(size)
        self.clip = None if classifier.clip is None else float(classifier.clip)

    def confirmed(self, found: FloatArray) -> list[Adversary | None]:
        return [
            None if not np.isfinite(end).all() else self._confirmed(point, end)
            for point, end in zip(self.exact, found, strict=True)
        ]

    def _confirmed(self, point: Sequence[Rational], end: FloatArray) -> Adversary | None:
        label = self._classifier.label(point)
        way = [Fraction(x) - start for x, start in zip(end.tolist(), point, strict=True)]
        largest = max(map(abs, way))
        places = BINARY_PLACES - (math.frexp(float(largest))[1] if largest else 0)
        unit = Fraction(2) ** -places
        for push in PUSHES:
            moved = [round(x * (1 + Fraction(push)) / unit) * unit for x in way]
            other = tuple(rational(start + x) for start, x in zip(point, moved, strict=True))
            if (changed := self._classifier.label(other)) != label:
                distance = max(map(abs, moved)) if self._norm == "inf" else root_above(sum(x * x for x in moved))
                return Adversary(other, changed, rational(distance)) if distance <= self._most else None
        return None


class _Search:
    """The nearest changes of the label that are known so far.

    Attributes:
        points: The points, shape ``(points, inputs)``.
        most: The largest distance of interest.
        labels: The labels of the points, shape ``(points,)``.
        distances: The distances of the nearest changes, shape ``(points,)``; the largest of interest where none is
            known.
    """

    def __init__(self, scores: Scores, points: FloatArray, norm: Norm, most: float, clip: float | None) -> None:
        self._scores, self.points, self._norm, self._clip = scores, points, norm, clip
        self.most = most
        self.labels: NDArray[np.intp] = self._at(points).argmax(axis=1)
        self.distances = np.full(len(points), most)
        self._nearest = np.full(points.shape, np.nan)

    @classmethod
    def of(cls, scores: Scores, points: Any, norm: Norm, most: float, clip: float | None) -> _Search:
        """A search with arguments that people give.

        Raises:
            BadInput: If one cannot be used.
        """
        norm, most = one_of(norm, "norm", NORMS), finite(most, "most", 0)
        return cls(scores, checked_points(points, scores), norm, most, clip)

    def _at(self, points: FloatArray) -> FloatArray:
        """The scores, those of projections on the clip's box."""
        points = self._clipped(points)
        parts = [self._scores.at(points[k : k + BATCH]) for k in range(0, len(points), BATCH)]
        return np.concatenate(parts) if parts else np.empty((0, 1))

    def _clipped(self, points: FloatArray) -> FloatArray:
        return points if self._clip is None else np.clip(points, -self._clip, self._clip)

    def _is_changed(self, points: FloatArray, among: NDArray[np.intp]) -> NDArray[np.bool_]:
        changed: NDArray[np.bool_] = self._at(points).argmax(axis=1) != self.labels[among]
        return changed

    def random_points(self, rng: np.random.Generator, count: int) -> Iterator[FloatArray]:
        """One point within the present distance of every point, so many times."""
        for _ in range(count):
            if self._norm == "inf":
                ways = rng.uniform(-1, 1, self.points.shape)
            else:
                ways = rng.normal(size=self.points.shape)
                shares = rng.uniform(size=len(ways)) ** (1 / self.points.shape[1])
                ways *= (shares / np.maximum(_lengths(ways, "2"), 1e-300))[:, None]
            yield self.points + ways * self.distances[:, None]

    def projected(self, points: FloatArray) -> FloatArray:
        """The points, moved into the balls with the present distances."""
        ways, radii = points - self.points, self.distances[:, None]
        if self._norm == "inf":
            ways = np.clip(ways, -radii, radii)
        else:
            ways = ways * np.minimum(1.0, radii / np.maximum(_lengths(ways, "2")[:, None], 1e-300))
        # The point is within the clip mostly; then this does not lead away from it.
        return self._clipped(self.points + ways)

    def nearest_rivals(self, points: FloatArray) -> NDArray[np.intp]:
        """For every point the other classes, by where the margins over them seem to be 0, to first order."""
        ranks: NDArray[np.intp] = self._linearised(points)[0].argsort(axis=1)[:, :-1]
        return ranks

    def directions(self, points: FloatArray, rivals: NDArray[np.intp] | None = None) -> FloatArray:
        """The directions of length 1 in which margins fall fastest.

        Args:
            points: One for each of the points, shape ``(points, inputs)``.
            rivals: The rivals whose margins these are; by default those whose margin seems to be 0 nearest.
        """
        zeros, slopes = self._linearised(points)
        rivals = zeros.argmin(axis=1) if rivals is None else rivals
        ways = slopes[np.arange(len(points)), rivals]
        if self._norm == "inf":
            signs: FloatArray = np.sign(ways)
            return signs
        directions: FloatArray = ways / np.maximum(_lengths(ways, "2")[:, None], 1e-300)
        return directions

    def _linearised(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """How far the zeros of all margins seem to be, infinite for the label's own, and in which direction."""
        rows = np.arange(len(points))
        scores = self._at(points)
        parts = [self._scores.gradients(points[k : k + BATCH]) for k in range(0, len(points), BATCH)]
        gradients = np.concatenate(parts) if parts else np.empty((0, 1, self._scores.num_inputs))
        margins = scores[rows, self.labels][:, None] - scores
        slopes = gradients - gradients[rows, self.labels][:, None]
        dual = np.abs(slopes).sum(axis=2) if self._norm == "inf" else np.linalg.norm(slopes, axis=2)
        zeros = np.divide(margins, dual, out=np.full(margins.shape, np.inf), where=dual > 0)
        zeros[rows, self.labels] = np.inf
        return zeros, slopes

    def look_at(self, points: FloatArray, halvings: int) -> None:
        """Take note where labels have changed within the present distances, and go back towards the points."""
        lengths = _lengths(points - self.points, self._norm)
        among = np.flatnonzero(lengths <= self.distances * (1 + 1e-12))
        among = among[self._is_changed(points[among], among)]
        if len(among):
            ends = self._shortened(among, points[among], halvings)
            lengths = _lengths(ends - self.points[among], self._norm)
            is_nearer = (lengths < self.distances[among]) | np.isnan(self._nearest[among, 0])
            nearer = among[is_nearer]
            self._nearest[nearer] = ends[is_nearer]
            self.distances[nearer] = np.minimum(self.distances[nearer], lengths[is_nearer])

    def _shortened(self, among: NDArray[np.intp], ends: FloatArray, halvings: int) -> FloatArray:
        low, high = np.zeros(len(among)), np.ones(len(among))
        starts, ways = self.points[among], ends - self.points[among]
        for _ in range(halvings):
            middle = (low + high) / 2
            is_changed = self._is_changed(starts + middle[:, None] * ways, among)
            high = np.where(is_changed, middle, high)
            low = np.where(is_changed, low, middle)
        shortened: FloatArray = starts + high[:, None] * ways
        return shortened

    def finished(self) -> FloatArray:
        """The nearest changes, gone back to as far as floats tell; NaN where there are none."""
        among = np.flatnonzero(~np.isnan(self._nearest[:, 0]))
        self._nearest[among] = self._shortened(among, self._nearest[among], FINE)
        return self._nearest


def _lengths(ways: FloatArray, norm: Norm) -> FloatArray:
    lengths: FloatArray = np.abs(ways).max(axis=1, initial=0.0) if norm == "inf" else np.linalg.norm(ways, axis=1)
    return lengths
