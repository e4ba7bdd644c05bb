"""A small network that scores candidates, in NumPy: quick for one state, and without PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from agents.scoring.features import FEATURES
from agents.weights import read_weights
from polyproof_gym.errors import BadInput

Floats = NDArray[np.float32]

PRIOR = {
    "violation, below the best": 200.0,
    "terms": 4.0,
    "extensions": 1.0,
}
"""The weights of features in the scores before any training.

They are those of guidance by estimates, with bonuses that decide between near ties, and so large that sampling in
proportion to the exponentials of the scores is not much worse than taking the highest one: only then does what is
learned by sampling help the agent that takes the highest.
"""

GAIN = 30.0
"""What the network's output is multiplied by, to be of the size of the prior."""


def prior(features: Floats) -> Floats:
    """The scores before any training, shape ``features.shape[:-1]``."""
    weights = np.array([PRIOR.get(name, 0.0) for name in FEATURES], np.float32)
    scores: Floats = features @ weights
    return scores


def drawn(scores: Floats, rng: np.random.Generator) -> int:
    """The place of a score, drawn with probability proportional to its exponential."""
    weights = np.cumsum(np.exp(scores.astype(np.float64) - scores.max()))
    return min(int(np.searchsorted(weights, rng.random() * weights[-1], side="right")), len(scores) - 1)


@dataclass(frozen=True)
class Scorer:
    """Scores of candidates: a prior, and what a network adds that sees each candidate and the mean over all.

    Attributes:
        weights: For each layer the matrix for the candidate's own values, that for the mean over all candidates, and
            the offsets.
    """

    weights: tuple[tuple[Floats, Floats, Floats], ...]

    @classmethod
    def initial(cls, hidden: int, rng: np.random.Generator) -> Scorer:
        """Random weights of two hidden layers; the output is zero, so that the scores are those of the prior."""
        sizes = (len(FEATURES), hidden, hidden, 1)
        layers = []
        for count, (inputs, outputs) in enumerate(pairwise(sizes), 1):
            scale = 0.0 if count == len(sizes) - 1 else inputs**-0.5
            own, mean = (rng.normal(0.0, scale, (inputs, outputs)).astype(np.float32) for _ in range(2))
            layers.append((own, mean, np.zeros(outputs, np.float32)))
        return cls(tuple(layers))

    def __call__(self, features: Floats) -> Floats:
        """The score of every candidate.

        Args:
            features: Shape ``(candidates, len(FEATURES))``.

        Returns:
            Shape ``(candidates,)``.
        """
        values = features
        for number, (own, mean, offset) in enumerate(self.weights):
            if number:
                values = np.tanh(values)
            values = values @ own + values.mean(axis=0) @ mean + offset
        scores: Floats = prior(features) + GAIN * values[:, 0]
        return scores

    def save(self, file: BinaryIO) -> None:
        """Write the weights to an open file."""
        np.savez_compressed(file, *chain.from_iterable(self.weights))

    @classmethod
    def load(cls, path: Path) -> Scorer:
        """Read what was written.

        Raises:
            BadInput: If the file holds no finite weights of a scorer, or those of other features.
        """
        read = read_weights(path, "a scorer")
        if not read or len(read) % 3 or set(read) != {f"arr_{k}" for k in range(len(read))}:
            raise BadInput(f"{path}: expected the weights of a scorer, three arrays per layer")
        arrays = [read[f"arr_{k}"] for k in range(len(read))]
        layers = tuple((arrays[k], arrays[k + 1], arrays[k + 2]) for k in range(0, len(arrays), 3))
        inputs = len(FEATURES)
        for own, mean, offset in layers:
            outputs = offset.shape[0] if offset.ndim == 1 else -1
            if not own.shape == mean.shape == (inputs, outputs):
                raise BadInput(f"{path}: expected layers that fit together, for {len(FEATURES)} features")
            inputs = outputs
        if inputs != 1:
            raise BadInput(f"{path}: expected one score for each candidate, got {inputs}")
        return cls(layers)
