"""A trained network as plain data: settings and arrays, which fit problems of any size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, get_args

import numpy as np
import torch
from torch import Tensor

from agents.networks.layout import ObservationLayout
from agents.networks.proof_network import ProofNetwork
from agents.weights import read_weights
from polyproof_gym.errors import BadInput

ScoreKind = Literal["values", "logits"]
"""What the scores of a network are: values of actions, as Q-learning finds them, or logits of probabilities."""

_SMALLEST = ObservationLayout(1, 1, 1, 1, 1, 1, True, True)


@dataclass(frozen=True)
class TrainedNetwork:
    """What makes a :class:`~agents.networks.ProofNetwork` again, for observations of any layout.

    Attributes:
        settings: Arguments of the network's constructor, beside the layout.
        scores: What its scores are.
        weights: Its state, float32.
    """

    settings: Mapping[str, Any]
    scores: ScoreKind
    weights: Mapping[str, Tensor]

    @classmethod
    def of(cls, network: ProofNetwork, settings: Mapping[str, Any], scores: ScoreKind) -> TrainedNetwork:
        """A copy of the present weights of a network, which was made with some settings."""
        state = network.state_dict()
        weights = {key: value.detach().to("cpu", torch.float32, copy=True) for key, value in state.items()}
        return cls(dict(settings), scores, weights)

    def network(self, layout: ObservationLayout) -> ProofNetwork:
        """The network for observations of a layout, not to be trained.

        Raises:
            BadInput: If the settings or the weights are not those of a network.
        """
        try:
            network = ProofNetwork(layout, **self.settings)
            network.load_state_dict(dict(self.weights))
        except (TypeError, RuntimeError) as error:
            raise BadInput(f"expected settings and weights of one network ({' '.join(str(error).split())})") from None
        return network.requires_grad_(False).eval()

    def save(self, file: BinaryIO) -> None:
        """Write the weights to an open file."""
        arrays: dict[str, Any] = {key: value.numpy() for key, value in self.weights.items()}
        np.savez_compressed(file, **arrays)

    @classmethod
    def load(cls, path: Path, settings: Mapping[str, Any], scores: str) -> TrainedNetwork:
        """Read weights.

        Args:
            path: A file that :meth:`save` wrote.
            settings: The network's settings.
            scores: What its scores are.

        Raises:
            BadInput: If the file holds no weights of a network with these settings.
        """
        if scores not in get_args(ScoreKind):
            raise BadInput(f"{path}: expected scores that are {' or '.join(get_args(ScoreKind))}, got {scores!r}")
        kind: ScoreKind = "values" if scores == "values" else "logits"
        arrays = read_weights(path, "a network")
        trained = cls(settings, kind, {key: torch.from_numpy(array) for key, array in arrays.items()})
        try:
            trained.network(_SMALLEST)
        except BadInput as error:
            raise BadInput(f"{path}: {error}") from None
        return trained
