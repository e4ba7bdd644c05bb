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

from agents.agent import StepAgent
from agents.dqn.policies import INVALID, MASK, MaskedMultiInputPolicy, MaskedQNetwork, ProofPolicy
from agents.registry import make_agent
from polyproof_gym.errors import BadInput

GUIDED = 0.5
"""The share of exploring steps that a guide makes, if there is one."""

Observation = NDArray[Any] | dict[str, NDArray[Any]]


class MaskedDQN(DQN):
    """:class:`~stable_baselines3.DQN` for observations with an entry ``action_mask``.

    That of Stable-Baselines3 knows no masks: it takes invalid actions in the warm-up and when it explores, and its
    targets take the maximum over all actions of the next state. Here random actions are uniform among the valid ones,
    the network gives all others a very low value, and a state without valid actions is worth nothing. Every environment
    tosses its own coin when it explores.

    Use it as ``MaskedDQN("MultiInputPolicy", env)``, or ``MaskedDQN("ProofPolicy", env)`` for ``PolyProof-v0`` (see
    :class:`~agents.dqn.policies.ProofPolicy`). All arguments are those of ``DQN``, but for ``double``.
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
        guide: str | None = None,
        **settings: Any,
    ):
        """Make the model.

        Args:
            policy: ``"MultiInputPolicy"``, ``"ProofPolicy"``, or a class of one's own.
            env: The environment, or its name.
            double: Whether the network that learns chooses the action whose value the target network tells (van
                Hasselt, Guez and Silver 2016), instead of the target network itself.
            guide: On ``PolyProof-v0``, the agent that makes half of the exploring steps (see
                :func:`~agents.make_agent`). Proofs need long runs of good steps, which uniform choices among thousands
                of products hardly ever make, and Q-learning learns from another's steps as well as from its own.
            settings: As in ``DQN``.

        Raises:
            BadInput: If there is no such guide, or the observations have no entry ``action_mask`` with one number for
                every action.
        """
        self.double = double
        self.guide = guide
        self._guides: list[StepAgent] = []
        super().__init__(policy, env, **settings)

    def _setup_model(self) -> None:
        space, actions = self.observation_space, self.action_space
        mask = space.spaces.get(MASK) if isinstance(space, spaces.Dict) else None
        if mask is None or not isinstance(actions, spaces.Discrete) or mask.shape != (actions.n,):
            raise BadInput(f"expected observations with an entry {MASK!r}, one number for every action")
        if self.guide is not None:
            agents = [make_agent(self.guide) for _ in range(self.n_envs)]
            self._guides = [agent for agent in agents if isinstance(agent, StepAgent)]
            if len(self._guides) < self.n_envs:
                raise BadInput(f"expected a guide that takes one step at a time, got {self.guide}")
        super()._setup_model()

    def _sample_action(
        self, learning_starts: int, action_noise: ActionNoise | None = None, n_envs: int = 1
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        assert isinstance(self._last_obs, dict)
        rate = 1.0 if self.num_timesteps < learning_starts else self.exploration_rate
        actions = np.array(
            self.predict(self._last_obs, deterministic=True)[0] if rate < 1 else np.zeros(n_envs, np.int64)
        )
        explores = np.flatnonzero(np.random.random(n_envs) < rate)  # noqa: NPY002 (seeded by the base class)
        if len(explores):
            actions[explores] = self._random_actions(self._last_obs[MASK][explores])
        if len(explores) and self._guides:
            states = self.get_env().get_attr("state")  # type: ignore[union-attr]
            for number in explores[np.random.random(len(explores)) < GUIDED].tolist():  # noqa: NPY002
                rng = np.random.default_rng(np.random.randint(2**31))  # noqa: NPY002
                action = self._guides[number].act(states[number], rng)
                if action is not None:
                    actions[number] = action
        return actions, actions

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

    def _excluded_save_params(self) -> list[str]:
        return [*super()._excluded_save_params(), "_guides"]

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
            loss.backward()  # type: ignore[no-untyped-call]
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
