"""How far a polynomial classifier is from taking another class near a point: its margin, to be bounded from below.

A bound that is not negative proves that the rival's score passes that of the point's class nowhere near the point: of
every rival, it proves that the class does not change there. A negative bound proves nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from math import comb
from typing import Any, Literal

import numpy as np

from polyproof_gym.arguments import as_whole, exact, one_of, shown, text, whole
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Rational
from polyproof_gym.problems.box_polynomial import problem_on_unit_box
from polyproof_gym.problems.problem import Interval, Problem, ProblemShape, unit_ring, unit_substitution
from polyproof_gym.robustness.classifier import PolynomialClassifier
from polyproof_gym.robustness.maps import clipped, exact_point
from polyproof_gym.robustness.models import Model, load_model

FAMILY = "robust-margin"

NEAREST = "nearest"
"""The rival whose score at the point is the largest after that of the point's class."""

Norm = Literal["inf", "2"]
NORMS: tuple[Norm, ...] = ("inf", "2")

DEFAULTS: dict[str, Any] = {
    "model": "digits-quadratic",
    "latent": 8,
    "generator": "linear",
    "rival": NEAREST,
    "radius": "0.3",
    "norm": "inf",
}
"""What is meant by a spec string that does not say otherwise."""

SMALLEST_RADIUS, LARGEST_RADIUS = Fraction(1, 10**30), 10**9

_DIGITS = 20
"""The most digits of a decimal in a spec string."""

_GRID = 2**8
"""Denominator of the coordinates of points that are drawn."""


def robust_margin(
    classifier: PolynomialClassifier,
    point: Any,
    rival: int | None = None,
    radius: Any = DEFAULTS["radius"],
    norm: str = "inf",
    *,
    label: int | None = None,
    name: str = "",
) -> Problem:
    """The least margin of a point's class over a rival among the points that are near.

    Args:
        classifier: The classifier. Where it has a clip, points outside are those of its box that they are projected
            on: near them the projections are no further, so that what holds around the projection holds around them.
        point: The point, whose decimals mean what is written.
        rival: Another class, by default the one whose score at the point is the largest after that of its class.
        radius: The largest distance, a positive number; decimals mean what is written.
        norm: ``"inf"``: each coordinate changes by no more than the radius. ``"2"``: the Euclidean distance is no
            larger than the radius, which is an axiom beside the box around the ball.
        label: The class of the point, where that is known; an error if the classifier takes another one.
        name: What the problem is called in results.

    Returns:
        The problem, in the classifier's variables, with the sense ``min``.

    Raises:
        BadInput: If one of these is something else, the rival is the label, or the point is not of the class given.
    """
    center, own = _center(classifier, point, label)
    if rival is None:
        rival = _nearest(classifier, center, own)
    _, rival = classifier.pair(own, rival)
    return _margins(classifier, center, own, [rival], radius, norm, name)[rival]


def robust_margins(
    classifier: PolynomialClassifier,
    point: Any,
    radius: Any = DEFAULTS["radius"],
    norm: str = "inf",
    *,
    label: int | None = None,
    name: str = "",
) -> dict[int, Problem]:
    """The problems of :func:`robust_margin` for all rivals, by the rival, in less time than one by one."""
    center, own = _center(classifier, point, label)
    rivals = (rival for rival in range(classifier.num_classes) if rival != own)
    return _margins(classifier, center, own, rivals, radius, norm, name)


def _center(classifier: PolynomialClassifier, point: Any, label: int | None) -> tuple[tuple[Rational, ...], int]:
    """The point, projected, and its class."""
    center = tuple(clipped(c, classifier.clip) for c in exact_point(point, classifier.num_inputs))
    own = classifier.label(center)
    if label is not None and whole(label, "label", 0, classifier.num_classes - 1) != own:
        raise BadInput(f"expected a point that the classifier takes for its class {label}, got one it takes for {own}")
    return center, own


def _nearest(classifier: PolynomialClassifier, center: tuple[Rational, ...], own: int) -> int:
    scores = classifier.exact_scores(center)
    return max((rival for rival in range(len(scores)) if rival != own), key=lambda rival: scores[rival])


def _margins(
    classifier: PolynomialClassifier,
    center: tuple[Rational, ...],
    own: int,
    rivals: Iterable[int],
    radius: Any,
    norm: str,
    name: str,
) -> dict[int, Problem]:
    norm, distance = one_of(norm, "norm", NORMS), _positive(radius)
    name = text(name, "name") or FAMILY
    variables = classifier.map.variables
    box: list[Interval] = [
        (clipped(c - distance, classifier.clip), clipped(c + distance, classifier.clip)) for c in center
    ]
    ring = unit_ring(variables, box)
    near = unit_substitution(ring, box)
    scores = classifier.expanded(near)
    constraints = [_ball(near, center, distance)] if norm == "2" else []
    return {
        rival: problem_on_unit_box(
            name, scores[own] - scores[rival], constraints=constraints, variables=variables, box=box, family=FAMILY
        )
        for rival in rivals
    }


def _ball(near: list[Polynomial], center: tuple[Rational, ...], distance: Rational) -> Polynomial:
    """What is not negative within the distance."""
    squares = sum(((x - c) ** 2 for x, c in zip(near, center, strict=True)), Polynomial(near[0].ring, {}))
    return distance * distance - squares


def _positive(radius: Any) -> Rational:
    distance = exact(radius, "radius")
    if distance <= 0:
        raise BadInput(f"expected a positive number as radius, got {shown(radius)}")
    if not SMALLEST_RADIUS <= distance <= LARGEST_RADIUS:  # searches for points and proofs go by floats
        raise BadInput(f"expected a number from 1e-30 to 1e9 as radius, got {shown(radius)}")
    return distance


@dataclass(frozen=True)
class RandomRobustMargin:
    """Margins of a classifier that comes with the package, around latent points.

    The class of a point is the one that the classifier takes at the point itself, right or wrong: what is to be proved
    is that it does not change. Training points are drawn from the normal distribution that the generator is meant for,
    rounded and clipped. Held-out ones are those of real data that neither classifier nor generator was trained on, so
    there are only so many.

    Attributes:
        model: The name of the classifier (see :func:`~polyproof_gym.robustness.models.load_model`).
        latent: Number of latent variables.
        generator: The kind of generator, ``"linear"`` or ``"quadratic"``.
        rival: A class, or ``"nearest"`` (see :func:`robust_margin`). Points of that class are not drawn, and held-out
            ones are an error.
        radius: The largest distance; decimals mean what is written.
        norm: ``"inf"`` or ``"2"``.
    """

    model: str = DEFAULTS["model"]
    latent: int = DEFAULTS["latent"]
    generator: str = DEFAULTS["generator"]
    rival: str | int = NEAREST
    radius: Any = DEFAULTS["radius"]
    norm: str = DEFAULTS["norm"]

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            BadInput: If there is no such model, or a value is out of range.
        """
        object.__setattr__(self, "latent", self._model.generator.latent)
        object.__setattr__(self, "radius", _positive(self.radius))
        object.__setattr__(self, "norm", one_of(self.norm, "norm", NORMS))
        if self.rival != NEAREST:
            object.__setattr__(self, "rival", self._class(self.rival))

    def _class(self, rival: Any) -> int:
        most = self._classifier.num_classes - 1
        number = int(rival) if isinstance(rival, str) and rival.isdecimal() else as_whole(rival)
        if number is None or not 0 <= number <= most:
            raise BadInput(f"expected {NEAREST!r} or a whole number from 0 to {most} as rival, got {shown(rival)}")
        return number

    @property
    def _model(self) -> Model:
        return load_model(self.model, self.latent, self.generator)

    @property
    def _classifier(self) -> PolynomialClassifier:
        return self._model.latent_classifier

    @property
    def name(self) -> str:
        """The spec string."""
        rival = "" if self.rival == NEAREST else f",rival={self.rival}"
        model = f"model={self.model},latent={self.latent},generator={self.generator}"
        return f"{FAMILY}:{model}{rival},radius={_decimal(self.radius)},norm={self.norm}"

    @property
    def shape(self) -> ProblemShape:
        """Limits that every problem drawn keeps."""
        n, is_ball = self.latent, self.norm == "2"
        degree = self._classifier.degree
        return ProblemShape(
            num_variables=n,
            num_axioms=2 * n + is_ball,
            degree=max(degree, 2) if is_ball else degree,
            max_terms=2 * n + 1 if is_ball else 2,
            objective_terms=comb(n + degree, degree),
            num_constraints=int(is_ball),
        )

    def sample(self, rng: np.random.Generator) -> Problem:
        """Draw a training problem."""
        while True:
            numbers = np.rint(rng.normal(size=self.latent) * _GRID).astype(np.int64).tolist()
            point = [clipped(Fraction(number, _GRID), self._classifier.clip) for number in numbers]
            if self.rival != self._classifier.label(point):
                return self._around(point, self.name)

    def held_out(self, index: int) -> Problem:
        """Test problem number ``index``.

        Raises:
            BadInput: If there are not so many, or its class is the rival.
        """
        points = self._model.latents
        index = whole(index, "index", 0, len(points) - 1)
        return self._around(points[index], f"{self.name},index={index}")

    def _around(self, point: Any, name: str) -> Problem:
        rival = None if self.rival == NEAREST else int(self.rival)
        return robust_margin(self._classifier, point, rival, self.radius, self.norm, name=name)


def _decimal(value: Rational) -> str:
    """A number as a decimal where it is one of few digits, and as a fraction otherwise."""
    decimal = f"{Context(prec=_DIGITS).divide(Decimal(value.numerator), Decimal(value.denominator)):g}"
    return decimal if exact(decimal, "radius") == value else str(value)
