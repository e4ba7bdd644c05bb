"""Q-networks that know which actions are valid."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.policies import BasePolicy
from stable_baselines3.common.type_aliases import PyTorchObs
from stable_baselines3.dqn.policies import MultiInputPolicy, QNetwork

from agents.networks import ProofNetwork
from agents.networks.policy import NetworkPolicy

MASK = "action_mask"
"""The entry of observations that is 1 for valid actions and 0 for the others."""

INVALID = -1e9
"""The value of actions that are not valid: finite, since an infinite one times zero would not be a number."""


class MaskedQNetwork(QNetwork):
    """A Q-network whose values are :data:`INVALID` for the actions that the observation rules out."""

    def forward(self, obs: PyTorchObs) -> torch.Tensor:
        """The value of every action, shape ``(batch, actions)``."""
        assert isinstance(obs, dict)
        return super().forward(obs).masked_fill(obs[MASK] < 0.5, INVALID)

    def values_of(self, obs: PyTorchObs, actions: torch.Tensor) -> torch.Tensor:
        """The values of actions that were taken, shape ``(batch, 1)`` like the actions."""
        # Without the mask: another policy may have taken an action that the mask leaves out.
        return super().forward(obs).gather(1, actions)


class MaskedMultiInputPolicy(MultiInputPolicy):
    """The policy of Stable-Baselines3 for ``Dict`` observations, on a :class:`MaskedQNetwork`."""

    def make_q_net(self) -> QNetwork:
        """A new network."""
        arguments = self._update_features_extractor(self.net_args, features_extractor=None)
        return MaskedQNetwork(**arguments).to(self.device)


class ProofQNetwork(MaskedQNetwork):
    """The value of the state and the scores of a :class:`~agents.networks.ProofNetwork` make the values of actions.

    The two are apart, as in dueling networks (Wang et al. 2016): the value says how much there is to gain, which varies
    far more than what one action or the other makes of it. Values are :data:`INVALID` where the action is.
    """

    def __init__(
        self, observation_space: spaces.Space[Any], action_space: spaces.Discrete, network: ProofNetwork
    ) -> None:
        """Use a network for observations of a space."""
        BasePolicy.__init__(self, observation_space, action_space)  # the base class would make a network of its own
        self.network = network

    def forward(self, obs: PyTorchObs) -> torch.Tensor:
        """The value of every action, shape ``(batch, actions)``."""
        assert isinstance(obs, dict)
        scores, values = self.network(obs)
        sums: torch.Tensor = scores + values[:, None]
        return sums.masked_fill(obs[MASK] < 0.5, INVALID)

    def values_of(self, obs: PyTorchObs, actions: torch.Tensor) -> torch.Tensor:
        """The values of valid actions, shape ``(batch, 1)`` like the actions."""
        assert isinstance(obs, dict)
        scores, values = self.network.score_of(obs, actions.squeeze(1))
        return (scores + values).unsqueeze(1)


class ProofPolicy(NetworkPolicy, MaskedMultiInputPolicy):
    """A policy for ``PolyProof-v0`` that respects the symmetries, and whose weights fit problems of any size.

    It acts by the target network, which follows the one that learns slowly: with ``tau`` small and
    ``target_update_interval=1`` an average over the last updates, whose choices are far steadier.
    """

    @property
    def network(self) -> ProofNetwork:
        """The network that acts."""
        assert isinstance(self.q_net_target, ProofQNetwork)
        return self.q_net_target.network

    def _predict(self, obs: PyTorchObs, deterministic: bool = True) -> torch.Tensor:
        return self._best(obs)

    def actions_with(self, observations: dict[str, NDArray[Any]], noise: NDArray[np.float32]) -> NDArray[np.int64]:
        """The best actions by other weights of the candidates' features.

        Args:
            observations: Of several environments.
            noise: What is added to the weights for each of them, see :meth:`~agents.networks.ProofNetwork.forward`.
        """
        self.set_training_mode(False)
        obs, _ = self.obs_to_tensor(observations)
        with torch.no_grad():
            actions: NDArray[np.int64] = self._best(obs, torch.from_numpy(noise).to(self.device)).cpu().numpy()
        return actions

    def _best(self, obs: PyTorchObs, noise: torch.Tensor | None = None) -> torch.Tensor:
        assert isinstance(obs, dict)
        # Without the value of the state, beside which near ties would be lost to rounding.
        scores, _ = self.network(obs, noise)
        best: torch.Tensor = scores.masked_fill(obs[MASK] < 0.5, INVALID).argmax(dim=1)
        return best

    def make_q_net(self) -> QNetwork:
        """A new network."""
        network = self.new_network()
        if self._start is not None:
            network.direct.requires_grad_(False)  # the first targets are far too rough to judge it by
        assert isinstance(self.action_space, spaces.Discrete)
        return ProofQNetwork(self.observation_space, self.action_space, network).to(self.device)
