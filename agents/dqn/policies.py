"""Q-networks that know which actions are valid."""

from __future__ import annotations

import torch
from stable_baselines3.common.type_aliases import PyTorchObs
from stable_baselines3.dqn.policies import MultiInputPolicy, QNetwork

MASK = "action_mask"
"""The entry of the observation that is 1 for valid actions and 0 for the others."""

INVALID = -1e9
"""The value of actions that are not valid: finite, since an infinite one times zero would not be a number."""


class MaskedQNetwork(QNetwork):
    """A Q-network whose values are :data:`INVALID` for the actions that the observation rules out."""

    def forward(self, obs: PyTorchObs) -> torch.Tensor:
        """The value of every action, shape ``(batch, actions)``."""
        assert isinstance(obs, dict)
        return super().forward(obs).masked_fill(obs[MASK] < 0.5, INVALID)


class MaskedMultiInputPolicy(MultiInputPolicy):
    """The policy of Stable-Baselines3 for ``Dict`` observations, on a :class:`MaskedQNetwork`."""

    def make_q_net(self) -> MaskedQNetwork:
        """A new network."""
        arguments = self._update_features_extractor(self.net_args, features_extractor=None)
        return MaskedQNetwork(**arguments).to(self.device)
