"""The scorer as a policy of sb3-contrib's ARS."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from sb3_contrib.ars.policies import ARSPolicy
from stable_baselines3.common.type_aliases import PyTorchObs
from torch import nn

from agents.scoring.scorer import SHAPE, Scorer, prior_weights, weight_scales
from polyproof_gym.errors import BadInput

Start = NDArray[np.float64] | None


class CandidatePolicy(ARSPolicy):
    """Scores every candidate of :class:`~agents.scoring.environment.CandidateChoices` with the same weights.

    So it is equivariant: reordering the candidates reorders the scores. Candidates that are none are masked here, since
    ARS passes no masks. The parameters are zero at the start of a training, and measured by
    :func:`~agents.scoring.scorer.weight_scales`, since ARS explores all of them alike.
    """

    def __init__(
        self, observation_space: spaces.Space[Any], action_space: spaces.Space[Any], start: Start = None
    ) -> None:
        """Make a policy.

        Args:
            observation_space: That of the environment.
            action_space: The same.
            start: The weights where the parameters are zero, of shape :data:`~agents.scoring.scorer.SHAPE`; by default
                :func:`~agents.scoring.scorer.prior_weights`.

        Raises:
            BadInput: If the weights have another shape.
        """
        super(ARSPolicy, self).__init__(observation_space, action_space)
        self.start = prior_weights() if start is None else np.asarray(start, np.float64)
        if self.start.shape != SHAPE:
            raise BadInput(f"expected weights of shape {SHAPE} to start from, got {self.start.shape}")
        self.scales = weight_scales()
        self.parameters_ = nn.Parameter(torch.zeros(int(np.count_nonzero(self.scales))))

    def scorer(self) -> Scorer:
        """The scorer that the policy is."""
        weights = self.start.copy()
        weights[self.scales > 0] += self.scales[self.scales > 0] * self.parameters_.detach().numpy()
        return Scorer(weights)

    def forward(self, observations: PyTorchObs) -> torch.Tensor:
        """The number of the best candidate of each observation, the first of several, shape ``(observations,)``."""
        assert isinstance(observations, dict)
        features, phases, mask = (observations[key].numpy() for key in ("features", "phases", "mask"))
        scores = np.where(mask, self.scorer().scores(features, phases), -np.inf)
        return torch.as_tensor(scores.argmax(axis=-1))

    def _get_constructor_parameters(self) -> dict[str, Any]:
        return {"observation_space": self.observation_space, "action_space": self.action_space, "start": self.start}
