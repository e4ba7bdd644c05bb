"""A policy that masks actions by what the observation says, for algorithms that know nothing of masks."""

from __future__ import annotations

from typing import Any

import torch
from gymnasium import spaces
from stable_baselines3.common.distributions import Distribution
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from stable_baselines3.common.type_aliases import PyTorchObs, Schedule

from agents.dqn.policies import INVALID, MASK
from polyproof_gym.arguments import shown
from polyproof_gym.errors import BadInput

VECTOR = "observation"
"""The entry of :class:`~polyproof_gym.wrappers.CompactObservation` that networks read."""


class VectorExtractor(BaseFeaturesExtractor):
    """Takes the vector out of compact observations."""

    def __init__(self, observation_space: spaces.Dict) -> None:
        """Read observations of a space."""
        shape = observation_space[VECTOR].shape
        assert shape is not None
        super().__init__(observation_space, features_dim=shape[0])

    def forward(self, observations: dict[str, torch.Tensor]) -> torch.Tensor:
        """The vectors, shape ``(batch, size)``."""
        return observations[VECTOR]


class MaskedActorCriticPolicy(ActorCriticPolicy):
    """Actor and critic for ``PPO`` and ``A2C`` of Stable-Baselines3, which choose valid actions alone.

    The observations are those of :class:`~polyproof_gym.wrappers.CompactObservation`. The mask need not be handed over,
    so that evaluation callbacks and the RL Zoo work as they are.
    """

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        lr_schedule: Schedule,
        **settings: Any,
    ) -> None:
        """Make the policy; ``settings`` are those of ``ActorCriticPolicy``.

        Raises:
            BadInput: If observations have no entries ``observation`` and ``action_mask``.
        """
        if not isinstance(observation_space, spaces.Dict) or not {VECTOR, MASK} <= observation_space.spaces.keys():
            raise BadInput(f"expected the observations of CompactObservation, got {shown(observation_space)}")
        settings = {"features_extractor_class": VectorExtractor, **settings}  # which loading hands over again
        super().__init__(observation_space, action_space, lr_schedule, **settings)

    def _judge(self, obs: PyTorchObs) -> tuple[Distribution, torch.Tensor]:
        """The distribution over the valid actions, and the values of the states."""
        assert isinstance(obs, dict)
        latent_policy, latent_value = self.mlp_extractor(self.extract_features(obs))
        logits = self.action_net(latent_policy).masked_fill(obs[MASK] < 0.5, INVALID)
        return self.action_dist.proba_distribution(action_logits=logits), self.value_net(latent_value)

    def forward(self, obs: PyTorchObs, deterministic: bool = False) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Actions, values of the states, shape ``(batch, 1)``, and log-probabilities of the actions."""
        distribution, values = self._judge(obs)
        actions = distribution.get_actions(deterministic=deterministic)
        return actions, values, distribution.log_prob(actions)

    def evaluate_actions(
        self, obs: PyTorchObs, actions: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """Values of the states, log-probabilities of actions taken in them, and entropies."""
        distribution, values = self._judge(obs)
        return values, distribution.log_prob(actions), distribution.entropy()

    def get_distribution(self, obs: PyTorchObs) -> Distribution:
        """The distribution over the valid actions."""
        return self._judge(obs)[0]

    def predict_values(self, obs: PyTorchObs) -> torch.Tensor:
        """The values of the states, shape ``(batch, 1)``."""
        return self._judge(obs)[1]
