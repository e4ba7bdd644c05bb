"""Proximal policy optimisation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sb3_contrib import MaskablePPO
from stable_baselines3.common.vec_env import DummyVecEnv

from agents.ppo import ProofActorCriticPolicy
from experiments.train.stable_baselines import StableBaselinesTraining


class MaskablePPOTraining(StableBaselinesTraining):
    """``MaskablePPO`` of sb3-contrib."""

    name = "maskable-ppo"
    algorithm = MaskablePPO
    arguments = MaskablePPO.__init__
    changed_defaults = {}  # noqa: RUF012 (declared so by the base class)
    scores = "logits"
    logged = {  # noqa: RUF012
        "loss": "train/loss",
        "value_loss": "train/value_loss",
        "entropy_loss": "train/entropy_loss",
        "approx_kl": "train/approx_kl",
        "clip_fraction": "train/clip_fraction",
        "explained_variance": "train/explained_variance",
    }

    def _new_model(self, env: DummyVecEnv, seed: int) -> MaskablePPO:
        return MaskablePPO(
            ProofActorCriticPolicy,
            env,
            policy_kwargs=self._policy_arguments,
            seed=seed,
            **self._arguments,
        )

    def _best_action(self, observation: dict[str, NDArray[Any]], mask: NDArray[np.int8]) -> int:
        assert isinstance(self._model, MaskablePPO)
        action, _ = self._model.predict(observation, deterministic=True, action_masks=mask)
        return int(action)

    def figures(self) -> dict[str, float]:
        """Those of all algorithms, with the entropy itself."""
        figures = super().figures()
        if "entropy_loss" in figures:
            figures["entropy"] = -figures.pop("entropy_loss")
        return figures
