"""Deep Q-learning."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from stable_baselines3 import DQN
from stable_baselines3.common.vec_env import DummyVecEnv

from agents.dqn import MaskedDQN
from agents.replay_buffer import EpisodeReplayBuffer
from experiments.train.stable_baselines import StableBaselinesTraining


class MaskedDQNTraining(StableBaselinesTraining):
    """:class:`~agents.dqn.MaskedDQN` with the compact replay buffer, which also makes the n-step returns."""

    name = "masked-dqn"
    algorithm = MaskedDQN
    arguments = DQN.__init__
    changed_defaults = {"double": True, "noise": 0.0, "max_grad_norm": 10.0}  # noqa: RUF012 (declared so by the base class)
    scores = "values"
    logged = {"loss": "train/loss"}  # noqa: RUF012

    def _new_model(self, env: DummyVecEnv, seed: int) -> MaskedDQN:
        settings = self._arguments
        buffer = {"n_steps": settings.pop("n_steps"), "gamma": settings["gamma"]}
        return MaskedDQN(
            "ProofPolicy",
            env,
            policy_kwargs=self._policy_arguments,
            replay_buffer_class=EpisodeReplayBuffer,
            replay_buffer_kwargs=buffer,
            seed=seed,
            **settings,
        )

    def _best_action(self, observation: dict[str, NDArray[Any]], mask: NDArray[np.int8]) -> int:
        action, _ = self._model.predict(observation, deterministic=True)
        return int(action)

    def figures(self) -> dict[str, float]:
        """Those of all algorithms, and how often actions are random, if they are at times."""
        assert isinstance(self._model, MaskedDQN)
        random = {} if self._model.noise else {"exploration": self._model.exploration_rate}
        return {**super().figures(), **random}
