"""Linear scores of candidates, with weights that change with the phase of the proof."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from agents.scoring.candidates import FEATURES, PHASES, Shortlist
from agents.weights import read_weights
from polyproof_gym.errors import BadInput

SHAPE = (len(PHASES), len(FEATURES))
"""Shape of the weights."""

_PRIOR = {"deficit": -15.0, "terms": 6.0, "extensions": 1.5}

_SCALES = {
    "small deficit": 10.0,
    "terms": 3.0,
    "weighted degree": 8.0,
    "degree": 8.0,
    "moment": 3.0,
    "weighted degree of reach": 8.0,
    "absent": 5.0,
    "share of reach": 8.0,
    "deficit": 3.0,
}


def prior_weights() -> NDArray[np.float64]:
    """The weights before any training, shape :data:`SHAPE`: first violation, then length, then extensions."""
    prior = np.zeros(SHAPE)
    prior[0] = [_PRIOR.get(name, 0.0) for name in FEATURES]
    return prior


def weight_scales() -> NDArray[np.float64]:
    """How much a change of each weight matters, about, shape :data:`SHAPE`; units of a search among weights.

    Those of the start are 0: it stays, and is all there is where steps are ample.
    """
    scales = 0.3 * np.tile([_SCALES.get(name, 1.0) for name in FEATURES], (len(PHASES), 1))
    scales[0] = 0.0
    return scales


@dataclass(frozen=True)
class Scorer:
    """Scores ``features @ (phases @ weights)`` of candidates.

    Attributes:
        weights: One for every phase and feature, shape :data:`SHAPE`.
    """

    weights: NDArray[np.float64]

    def __call__(self, candidates: Shortlist) -> NDArray[np.float64]:
        """The score of every candidate, shape ``(candidates,)``."""
        return self.scores(candidates.features, candidates.phases)

    def scores(self, features: NDArray[np.float32], phases: NDArray[np.float32]) -> NDArray[np.float64]:
        """The scores of several shortlists at once.

        Equal candidates have equal scores, which products of matrices do not give: there the last digit depends on
        the place.

        Args:
            features: Those of the candidates, shape ``(..., candidates, len(FEATURES))``.
            phases: Those of the proofs, shape ``(..., len(PHASES))``.

        Returns:
            Shape ``(..., candidates)``.
        """
        of_features = (phases[..., :, np.newaxis] * self.weights).sum(axis=-2)
        scores: NDArray[np.float64] = (features * of_features[..., np.newaxis, :]).sum(axis=-1)
        return scores

    def save(self, file: BinaryIO) -> None:
        """Write the weights to an open file."""
        np.savez_compressed(file, weights=self.weights)

    @classmethod
    def load(cls, path: Path) -> Scorer:
        """Read what was written.

        Raises:
            BadInput: If the file holds no finite weights of a scorer, or those of other features.
        """
        read = read_weights(path, "a scorer", np.float64)
        if set(read) != {"weights"} or read["weights"].shape != SHAPE:
            raise BadInput(f"{path}: expected the weights of a scorer, {SHAPE[0]} for each of {SHAPE[1]} features")
        return cls(read["weights"])
