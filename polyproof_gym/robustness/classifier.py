"""Classifiers with polynomials as scores, of which it can be proved exactly how robust they are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.arguments import whole
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Rational
from polyproof_gym.robustness.generator import PolynomialGenerator
from polyproof_gym.robustness.maps import (
    ClippedMap,
    Composition,
    FloatArray,
    PolynomialMap,
    components,
)
from polyproof_gym.robustness.stack import Stack


class PolynomialClassifier(ClippedMap):
    """The class of a point is the one with the largest of several polynomial scores, the first of them in a tie.

    Where there is a clip, as there is after a clipped generator, the scores are those of the point's projection on
    ``[-clip, clip]^n``.

    Attributes:
        map: The scores, in the form in which they are held.
        clip: Half the width of the box, or ``None`` for no clip.
    """

    def __init__(self, scores: PolynomialMap | Sequence[Polynomial], clip: Any = None) -> None:
        """Take over the scores of the classes, at least two.

        Args:
            scores: The polynomials, or a map of :mod:`~polyproof_gym.robustness.maps`.
            clip: A positive number, exact where it is a decimal, or ``None``.

        Raises:
            BadInput: If these are something else.
        """
        super().__init__(scores, clip)
        if self.map.num_outputs < 2:
            raise BadInput(f"expected the scores of at least 2 classes, got {self.map.num_outputs}")

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return self.map.num_outputs

    @cached_property
    def scores(self) -> tuple[Polynomial, ...]:
        """The scores as polynomials, exactly; with a clip, what they are on its box.

        Of many variables and a high degree these are long: :meth:`expanded` does without them.
        """
        return components(self.map)

    def margin(self, label: int, rival: int) -> Polynomial:
        """The score of one class less that of another, exactly; with a clip, what it is on its box.

        Raises:
            BadInput: If these are not two classes.
        """
        label, rival = self.pair(label, rival)
        return self.scores[label] - self.scores[rival]

    def pair(self, label: int, rival: int) -> tuple[int, int]:
        """The numbers of a class and of another one.

        Raises:
            BadInput: If they are something else.
        """
        label = whole(label, "label", 0, self.num_classes - 1)
        rival = whole(rival, "rival", 0, self.num_classes - 1)
        if label == rival:
            raise BadInput(f"expected a rival other than the label {label}")
        return label, rival

    def expanded(self, images: Sequence[Polynomial]) -> tuple[Polynomial, ...]:
        """The scores with a polynomial in place of every variable, exactly; the clip is left out.

        Args:
            images: One polynomial for every variable, of one ring without rewriting rules.

        Raises:
            BadInput: If there are more or fewer.
        """
        if len(images) != self.num_inputs:
            raise BadInput(f"expected {self.num_inputs} polynomials, got {len(images)}")
        return self.map.expanded(Stack.of(images)).polynomials(images[0].ring)

    def compose(self, generator: PolynomialGenerator) -> PolynomialClassifier:
        """The classifier of latent points by what the generator makes of them, with the generator's clip.

        Raises:
            BadInput: If the sizes do not fit, or this classifier has a clip itself, after which the scores would be no
                polynomials.
        """
        if self.clip is not None:
            raise BadInput("expected a classifier without clip, to compose it with a generator")
        return PolynomialClassifier(Composition(self.map, generator.map), generator.clip)

    def scores_at(self, points: Any) -> FloatArray:
        """The scores in floats, of points of shape ``(points, inputs)``: shape ``(points, classes)``.

        Raises:
            BadInput: If the points are of another shape.
        """
        return self._values_at(points)

    def labels_at(self, points: Any) -> NDArray[np.intp]:
        """The classes by :meth:`scores_at`, of points of shape ``(points, inputs)``: shape ``(points,)``.

        Raises:
            BadInput: If the points are of another shape.
        """
        labels: NDArray[np.intp] = self.scores_at(points).argmax(axis=1)
        return labels

    def exact_scores(self, point: Any) -> tuple[Rational, ...]:
        """The exact scores of one point, whose decimals mean what is written.

        Raises:
            BadInput: If the point has another number of coordinates.
        """
        return self._exact_values_at(point)

    def label(self, point: Any) -> int:
        """The class of one point by its exact scores.

        Raises:
            BadInput: If the point has another number of coordinates.
        """
        scores = self.exact_scores(point)
        return scores.index(max(scores))
