"""DQN that never takes a masked action, nor counts on one."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3 import DQN
from stable_baselines3.common.noise import ActionNoise
from stable_baselines3.common.policies import BasePolicy
from torch.nn import functional

from agents.dqn.policies import INVALID, MASK, MaskedMultiInputPolicy, MaskedQNetwork, ProofPolicy
from agents.scoring.scorer import SHAPE, weight_scales
from polyproof_gym.arguments import is_finite_number, shown
from polyproof_gym.errors import BadInput

LARGEST_NOISE = 1e6
"""Largest noise, beyond which scores would overflow."""

Observation = NDArray[Any] | dict[str, NDArray[Any]]


class MaskedDQN(DQN):
    """:class:`~stable_baselines3.DQN` for observations with an entry ``action_mask``.

    That of Stable-Baselines3 knows no masks: it takes invalid actions in the warm-up and when it explores, and its
    targets take the maximum over all actions of the next state. Here random actions are uniform among the valid ones,
    the network gives all others a very low value, and a state without valid actions is worth nothing. Every environment
    tosses its own coin when it explores.

    Use it as ``MaskedDQN("MultiInputPolicy", env)``, or ``MaskedDQN("ProofPolicy", env)`` for ``PolyProof-v0`` (see
    :class:`~agents.dqn.policies.ProofPolicy`). All arguments are those of ``DQN``, but for ``double`` and ``noise``.
    """

    policy_aliases: ClassVar[dict[str, type[BasePolicy]]] = {
        "MultiInputPolicy": MaskedMultiInputPolicy,
        "ProofPolicy": ProofPolicy,
    }

    def __init__(
        self,
        policy: str | type[MaskedMultiInputPolicy],
        env: Any,
        *,
        double: bool = True,
        noise: float = 0.0,
        **settings: Any,
    ):
        """Make the model.

        Args:
            policy: ``"MultiInputPolicy"``, ``"ProofPolicy"``, or a class of one's own.
            env: The environment, or its name.
            double: Whether the network that learns chooses the action whose value the target network tells (van
                Hasselt, Guez and Silver 2016), instead of the target network itself.
            noise: If it is not 0, the model explores by noise on weights instead of random actions, in the warm-up as
                well; it needs a ``ProofPolicy`` with a start. Every episode has weights of its own: those of the
                candidates' features, and Gaussian noise as many :func:`~agents.scoring.scorer.weight_scales` large. A
                proof consists of many near ties. One action drawn at random spoils it, while other weights prefer other
                actions all the way (parameter space noise, Plappert et al. 2018; without its adaptation to the actions
                that change).
            settings: As in ``DQN``.

        Raises:
            BadInput: If the noise is out of range, the policy has no weights for it, or the observations have no entry
                ``action_mask`` with one number for every action.
        """
        if not (is_finite_number(noise) and 0 <= noise <= LARGEST_NOISE):
            raise BadInput(f"expected noise from 0 to {LARGEST_NOISE:g}, got {shown(noise)}")
        self.double = double
        self.noise = noise
        self._of_episodes: NDArray[np.float32] = np.empty((0, *SHAPE), np.float32)
        super().__init__(policy, env, **settings)

    def _setup_model(self) -> None:
        space, actions = self.observation_space, self.action_space
        mask = space.spaces.get(MASK) if isinstance(space, spaces.Dict) else None
        if mask is None or not isinstance(actions, spaces.Discrete) or mask.shape != (actions.n,):
            raise BadInput(f"expected observations with an entry {MASK!r}, one number for every action")
        super()._setup_model()
        if self.noise and not (isinstance(self.policy, ProofPolicy) and self.policy.network_settings["candidates"]):
            raise BadInput("noise on weights needs a ProofPolicy with a start")
        if len(self._of_episodes) != self.n_envs:  # otherwise it is that of a saved model, amid episodes
            self._of_episodes = np.zeros((self.n_envs, *SHAPE), np.float32)

    def _sample_action(
        self, learning_starts: int, action_noise: ActionNoise | None = None, n_envs: int = 1
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        assert isinstance(self._last_obs, dict)
        if self.noise:
            actions = self._actions_with_noise(self._last_obs)
            return actions, actions
        rate = 1.0 if self.num_timesteps < learning_starts else self.exploration_rate
        actions = np.array(
            self.predict(self._last_obs, deterministic=True)[0] if rate < 1 else np.zeros(n_envs, np.int64)
        )
        explores = np.flatnonzero(np.random.random(n_envs) < rate)  # noqa: NPY002 (seeded by the base class)
        if len(explores):
            actions[explores] = self._random_actions(self._last_obs[MASK][explores])
        return actions, actions

    def _actions_with_noise(self, observations: dict[str, NDArray[Any]]) -> NDArray[np.int64]:
        """The best actions by the weights of each episode."""
        assert isinstance(self.policy, ProofPolicy)
        begins = observations["step"][:, 0] == 0
        scales = self.noise * weight_scales()
        self._of_episodes[begins] = scales * np.random.standard_normal((int(begins.sum()), *SHAPE))  # noqa: NPY002
        return self.policy.actions_with(observations, self._of_episodes)

    def _random_actions(self, masks: NDArray[Any]) -> NDArray[np.int64]:
        """One valid action for every row."""
        return np.array([self.action_space.sample(mask.astype(np.int8)) for mask in masks], np.int64)

    def predict(
        self,
        observation: Observation,
        state: tuple[NDArray[Any], ...] | None = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = False,
    ) -> tuple[NDArray[Any], tuple[NDArray[Any], ...] | None]:
        """The best action of every observation; unless ``deterministic``, sometimes a random one."""
        actions, state = self.policy.predict(observation, state, episode_start, deterministic)
        if not deterministic:
            assert isinstance(observation, dict)
            masks = np.atleast_2d(observation[MASK])
            explores = np.random.random(len(masks)) < self.exploration_rate  # noqa: NPY002 (seeded by the base class)
            chosen = np.array(actions).reshape(-1)
            chosen[explores] = self._random_actions(masks[explores])
            actions = chosen.reshape(np.shape(actions))
        return actions, state

    def train(self, gradient_steps: int, batch_size: int = 100) -> None:
        """Learn from some batches of the replay buffer."""
        self.policy.set_training_mode(True)
        self._update_learning_rate(self.policy.optimizer)
        assert self.replay_buffer is not None
        network = self.q_net
        assert isinstance(network, MaskedQNetwork)
        losses = []
        for _ in range(gradient_steps):
            batch = self.replay_buffer.sample(batch_size, env=self._vec_normalize_env)
            discounts = self.gamma if batch.discounts is None else batch.discounts
            with torch.no_grad():
                targets = batch.rewards + (1 - batch.dones) * discounts * self._values(batch.next_observations)
            values = network.values_of(batch.observations, batch.actions.long())
            loss = functional.smooth_l1_loss(values, targets)
            losses.append(loss.item())
            self.policy.optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.policy.parameters(), self.max_grad_norm)
            self.policy.optimizer.step()
        self._n_updates += gradient_steps
        self.logger.record("train/n_updates", self._n_updates, exclude="tensorboard")
        self.logger.record("train/loss", np.mean(losses))

    def _values(self, observations: Any) -> torch.Tensor:
        """The value of every state, 0 where no action is valid; shape ``(batch, 1)``."""
        values: torch.Tensor = self.q_net_target(observations)
        chosen: torch.Tensor = self.q_net(observations) if self.double else values
        best = values.gather(1, chosen.argmax(dim=1, keepdim=True))
        return best.masked_fill(best <= INVALID, 0.0)
