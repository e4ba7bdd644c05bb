"""Actor and critic in one network that respects the symmetries."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sb3_contrib.common.maskable.distributions import MaskableDistribution
from sb3_contrib.common.maskable.policies import MaskableMultiInputActorCriticPolicy
from stable_baselines3.common.type_aliases import PyTorchObs, Schedule

from agents.networks import ProofNetwork
from agents.networks.policy import NetworkPolicy

Masks = NDArray[Any] | torch.Tensor | None


class ProofActorCriticPolicy(NetworkPolicy, MaskableMultiInputActorCriticPolicy):
    """The scores of a :class:`~agents.networks.ProofNetwork` as logits, and its value of the state as the critic's.

    Use it as ``MaskablePPO(ProofActorCriticPolicy, env)`` on ``PolyProof-v0``. Its weights fit problems of any size.

    Attributes:
        network: The network.
    """

    def _build(self, lr_schedule: Schedule) -> None:
        self.network: ProofNetwork = self.new_network()
        self.optimizer = self.optimizer_class(self.parameters(), lr=lr_schedule(1), **self.optimizer_kwargs)  # type: ignore[call-arg]

    def _judge(self, obs: PyTorchObs, action_masks: Masks) -> tuple[MaskableDistribution, torch.Tensor]:
        """The distribution over the valid actions, and the values."""
        assert isinstance(obs, dict)
        scores, values = self.network(obs)
        distribution = self.action_dist.proba_distribution(action_logits=scores)
        if action_masks is not None:
            distribution.apply_masking(action_masks)
        return distribution, values.unsqueeze(-1)

    def forward(
        self, obs: PyTorchObs, deterministic: bool = False, action_masks: NDArray[np.bool_] | None = None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Actions, values of the states, shape ``(batch, 1)``, and log-probabilities of the actions."""
        distribution, values = self._judge(obs, action_masks)
        actions = distribution.get_actions(deterministic=deterministic)
        return actions, values, distribution.log_prob(actions)

    def evaluate_actions(
        self, obs: PyTorchObs, actions: torch.Tensor, action_masks: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """Values of the states, log-probabilities of actions taken in them, and entropies."""
        distribution, values = self._judge(obs, action_masks)
        return values, distribution.log_prob(actions), distribution.entropy()

    def get_distribution(self, obs: PyTorchObs, action_masks: NDArray[Any] | None = None) -> MaskableDistribution:
        """The distribution over the valid actions."""
        return self._judge(obs, action_masks)[0]

    def predict_values(self, obs: PyTorchObs) -> torch.Tensor:
        """The values of the states, shape ``(batch, 1)``."""
        return self._judge(obs, None)[1]
