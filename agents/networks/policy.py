"""What policies of Stable-Baselines3 with a :class:`~agents.networks.ProofNetwork` have in common."""

from __future__ import annotations

from typing import Any

from gymnasium import spaces
from stable_baselines3.common.policies import BasePolicy
from stable_baselines3.common.type_aliases import Schedule

from agents.networks.layout import ObservationLayout
from agents.networks.proof_network import FeatureSet, ProofNetwork, Start
from polyproof_gym.proofs import ESTIMATE_ROUNDS


class NetworkPolicy(BasePolicy):
    """Takes the settings of the network, and keeps them with the policy; comes before the class of the algorithm.

    Attributes:
        network_settings: The settings of the network, see :class:`~agents.networks.ProofNetwork`.
    """

    def __init__(
        self,
        observation_space: spaces.Dict,
        action_space: spaces.Discrete,
        lr_schedule: Schedule,
        *,
        features: FeatureSet = "dual",
        width: int = 32,
        rounds: int = 2,
        estimate_rounds: int = ESTIMATE_ROUNDS,
        start: Start | None = None,
        **settings: Any,
    ) -> None:
        """Make the policy.

        Args:
            observation_space: Space of the observations.
            action_space: Space of the actions.
            lr_schedule: Learning rate by the share of the training that remains.
            features: See :class:`~agents.networks.ProofNetwork`, likewise the next three.
            width: Length of the network's vectors.
            rounds: How often messages are exchanged.
            estimate_rounds: How often for the estimates of pseudo-moments.
            start: Where the training starts from, if the observations list candidates.
            settings: As in the policy of the algorithm.
        """
        self.network_settings: dict[str, Any] = {
            "features": features,
            "width": width,
            "rounds": rounds,
            "estimate_rounds": estimate_rounds,
            "candidates": start is not None,
        }
        self._start = start
        super().__init__(observation_space, action_space, lr_schedule, **settings)

    def new_network(self) -> ProofNetwork:
        """A new network for the policy's observations, at the start if there is one."""
        network = ProofNetwork(ObservationLayout.of(self.observation_space), **self.network_settings)
        if self._start is not None:
            network.start_from(self._start)
        return network

    def _get_constructor_parameters(self) -> dict[str, Any]:
        settings = {name: value for name, value in self.network_settings.items() if name != "candidates"}
        return {**super()._get_constructor_parameters(), **settings, "start": self._start}
