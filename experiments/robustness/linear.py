"""Classifiers with linear scores, whose robustness is a formula."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.robustness.maps import FloatArray

Labels = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class LinearScores:
    """The scores ``weights x + bias``; the class is the one with the largest.

    Attributes:
        weights: Shape ``(classes, inputs)``.
        bias: Shape ``(classes,)``.
    """

    weights: FloatArray
    bias: FloatArray

    @classmethod
    def random(cls, rng: np.random.Generator, classes: int, inputs: int) -> LinearScores:
        """Scores with normally distributed weights, and a bias of less weight."""
        return cls(rng.normal(size=(classes, inputs)), 0.3 * rng.normal(size=classes))

    @classmethod
    def of(cls, scores: Callable[[FloatArray], FloatArray], inputs: int) -> LinearScores:
        """Scores that are known to be linear, from their values at zero and at the unit vectors."""
        values = scores(np.vstack([np.zeros(inputs), np.eye(inputs)]))
        return cls((values[1:] - values[0]).T, values[0])

    def after(self, matrix: FloatArray, shift: FloatArray) -> LinearScores:
        """The scores of ``matrix z + shift``, as those of ``z``."""
        return LinearScores(self.weights @ matrix, self.bias + self.weights @ shift)

    def __call__(self, points: FloatArray) -> FloatArray:
        """The scores of points of shape ``(points, inputs)``, shape ``(points, classes)``."""
        scores: FloatArray = points @ self.weights.T + self.bias
        return scores

    def labels(self, points: FloatArray) -> Labels:
        """The classes, shape ``(points,)``."""
        labels: Labels = self(points).argmax(axis=1)
        return labels

    def distances(self, points: FloatArray) -> FloatArray:
        """The Euclidean distance of every point to the nearest one of another class, shape ``(points,)``.

        A class is where several linear functions are positive, so that it is the least distance to where one of them
        is zero.
        """
        scores = self(points)
        labels = scores.argmax(axis=1)
        rows = np.arange(len(points))
        slopes = np.linalg.norm(self.weights[labels][:, None, :] - self.weights[None], axis=2)
        margins = scores[rows, labels][:, None] - scores
        # A class is no rival of itself, nor is one with the same weights, which is never reached.
        ratios = np.divide(margins, slopes, out=np.full_like(margins, np.inf), where=slopes > 0)
        ratios[rows, labels] = np.inf
        distances: FloatArray = ratios.min(axis=1)
        return distances
