"""Proximal policy optimisation with the equivariant network, for RLlib (extra ``rllib``).

The network is the one of :class:`~agents.ppo.policies.ProofActorCriticPolicy`, so that a training may begin with one
library and go on with the other, and what either has trained is the same kind of agent.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import gymnasium as gym
import torch
from ray.rllib.algorithms import Algorithm
from ray.rllib.algorithms.ppo import PPOConfig
from ray.rllib.core import COMPONENT_LEARNER, COMPONENT_LEARNER_GROUP, COMPONENT_RL_MODULE, DEFAULT_MODULE_ID
from ray.rllib.core.columns import Columns
from ray.rllib.core.rl_module.apis import ValueFunctionAPI
from ray.rllib.core.rl_module.rl_module import RLModule, RLModuleSpec
from ray.rllib.core.rl_module.torch import TorchRLModule
from ray.tune.registry import register_env
from torch import Tensor

from agents.networks import ObservationLayout, ProofNetwork, Start, TrainedNetwork
from agents.saved import save_network
from agents.scoring.observation import CandidateObservations
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.errors import BadInput

ENVIRONMENT = "polyproof-for-rllib"
"""The name under which RLlib finds the environment of :func:`ppo_config`."""

INVALID = -1e8
"""The logit of actions that are not valid, as in sb3-contrib; finite, since at the end of an episode none is."""

CHECKPOINT = Path(COMPONENT_LEARNER_GROUP, COMPONENT_LEARNER, COMPONENT_RL_MODULE, DEFAULT_MODULE_ID)
"""Where the module is found in a checkpoint of an algorithm."""

_SETTINGS = {
    name: parameter.default
    for name, parameter in inspect.signature(ProofNetwork).parameters.items()
    if parameter.kind is inspect.Parameter.KEYWORD_ONLY
}
"""The settings of a network, with their defaults."""


class HasNetwork(Protocol):
    """A :class:`ProofModule`, or a policy of Stable-Baselines3.

    Attributes:
        network: The network.
        network_settings: The settings that it was made with, beside the layout of observations.
    """

    network: ProofNetwork
    network_settings: dict[str, Any]


class ProofModule(TorchRLModule, ValueFunctionAPI):  # type: ignore[misc]
    """The scores of a :class:`~agents.networks.ProofNetwork` as logits, and its value of the state as the critic's.

    Observations are whole ones of ``PolyProof-v0``, with their action mask. ``model_config`` may have two entries:
    ``"network"``, settings of the network, and ``"start"``, a :class:`~agents.networks.Start` where observations list
    candidates.

    Attributes:
        network: The network.
        network_settings: Its settings.
    """

    def setup(self) -> None:
        """Make the network; called by RLlib."""
        start = self.model_config.get("start")
        given = {**self.model_config.get("network", {}), "candidates": start is not None}
        self.network_settings: dict[str, Any] = {**_SETTINGS, **given}
        self.network = ProofNetwork(ObservationLayout.of(self.observation_space), **self.network_settings)
        if start is not None:
            self.network.start_from(start)

    def _judge(self, batch: Mapping[str, Any]) -> tuple[Tensor, Tensor]:
        """The logits, those of actions that are not valid with :data:`INVALID` in their place, and the values."""
        observations = batch[Columns.OBS]
        scores, values = self.network(observations)
        valid = observations["action_mask"].bool()
        return torch.where(valid, scores, torch.tensor(INVALID, dtype=scores.dtype, device=scores.device)), values

    def _forward(self, batch: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {Columns.ACTION_DIST_INPUTS: self._judge(batch)[0]}

    def _forward_train(self, batch: dict[str, Any], **_: Any) -> dict[str, Any]:
        logits, values = self._judge(batch)
        # The values come with the scores: what the learner hands on to `compute_values` are these themselves.
        return {Columns.ACTION_DIST_INPUTS: logits, Columns.EMBEDDINGS: values}

    def compute_values(self, batch: dict[str, Any], embeddings: Tensor | None = None) -> Tensor:
        """The values of the states, shape ``(batch,)``.

        Args:
            batch: What RLlib collected.
            embeddings: The values, where they are known from the same batch.
        """
        return self._judge(batch)[1] if embeddings is None else embeddings


def copy_weights(source: HasNetwork, target: HasNetwork) -> None:
    """Give a module the weights of a policy of Stable-Baselines3, or a policy those of a module.

    Both have the network under the same name, so that their ``state_dict`` have the same keys as well.

    Raises:
        BadInput: If the settings of the networks differ.
    """
    for name, theirs in source.network_settings.items():
        ours = target.network_settings[name]
        if ours != theirs:
            raise BadInput(f"expected networks of equal settings: {name} is {theirs!r} in one, {ours!r} in the other")
    target.network.load_state_dict(source.network.state_dict())


def set_weights(algorithm: Algorithm, source: HasNetwork) -> None:
    """Give an algorithm, whose configuration :func:`ppo_config` made, the weights to go on from.

    Raises:
        BadInput: If the settings of the networks differ.
    """
    module = algorithm.get_module()
    copy_weights(source, module)
    weights = {DEFAULT_MODULE_ID: module.get_state()}
    # Not by `Algorithm.set_weights`, which calls what RLlib itself has given up.
    algorithm.set_state({COMPONENT_LEARNER_GROUP: {COMPONENT_LEARNER: {COMPONENT_RL_MODULE: weights}}})


def export_agent(trained: RLModule | Path, folder: Path, name: str) -> None:
    """Write an agent that needs no RLlib: the folder is its name.

    Args:
        trained: A :class:`ProofModule`, or the folder of a checkpoint of an algorithm with one.
        folder: Where to; it is made if need be.
        name: What the agent is called.

    Raises:
        BadInput: If there is no such checkpoint.
    """
    module = _module_of(trained) if isinstance(trained, Path) else trained
    if not isinstance(module, ProofModule):
        raise BadInput(f"expected a ProofModule, got a {type(module).__name__}")
    folder.mkdir(parents=True, exist_ok=True)
    network = TrainedNetwork.of(module.network, module.network_settings, "logits")
    save_network(folder, network, name=name, algorithm="rllib-ppo")


def _module_of(checkpoint: Path) -> RLModule:
    path = checkpoint.absolute() / CHECKPOINT
    if not path.is_dir():
        raise BadInput(f"{checkpoint}: expected a checkpoint of an algorithm of RLlib, with {CHECKPOINT}")
    return RLModule.from_checkpoint(path)


def ppo_config(
    environment: Mapping[str, Any], network: Mapping[str, Any] | None = None, start: Start | None = None
) -> PPOConfig:
    """The configuration of a PPO that proves; what it does not say is RLlib's default, and can be changed as usual.

    Args:
        environment: Arguments of ``PolyProof-v0``, such as ``{"problem": "cycle:n=5", "max_steps": 6}``.
        network: Settings of the network, see :class:`~agents.networks.ProofNetwork`, such as ``{"width": 16}``.
        start: Where the training starts from; observations list candidates then.

    Returns:
        One for small problems and the CPU of one process, which shows progress within a minute.
    """
    register_env(ENVIRONMENT, _environment)
    model: dict[str, Any] = {"network": dict(network or {}), "start": start}
    return (
        PPOConfig()
        .environment(ENVIRONMENT, env_config={**environment, "candidates": start is not None})
        .env_runners(num_env_runners=0, num_envs_per_env_runner=4)
        .rl_module(rl_module_spec=RLModuleSpec(module_class=ProofModule, model_config=model))
        .training(train_batch_size=256, minibatch_size=64, num_epochs=4, lr=3e-3, gamma=0.95, grad_clip=0.5)
    )


def _environment(settings: Mapping[str, Any]) -> gym.Env[Any, Any]:
    """The environment that RLlib makes, of what :func:`ppo_config` gave it."""
    arguments = {**settings}
    candidates = arguments.pop("candidates")
    env = PolyProofEnv(**arguments)
    return CandidateObservations(env) if candidates else env
