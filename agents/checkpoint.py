"""Training that is interrupted and goes on as if it had not been."""

from __future__ import annotations

import pickle
import random
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm

Algorithm = TypeVar("Algorithm", bound=BaseAlgorithm)

_MODEL, _BUFFER, _REST = "model.zip", "replay_buffer.pkl", "rest.pkl"


def save_checkpoint(model: BaseAlgorithm, folder: Path) -> None:
    """Save all that training depends on: the model, its replay buffer, the environments and random numbers.

    For the result to be the same as without interruption, the model must be between two rollouts, as it is after
    ``learn``, and the environments must be picklable, as those of ``DummyVecEnv`` are.

    Args:
        model: The model in training.
        folder: Where files are written; it is made if need be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder / _MODEL)
    if isinstance(model, OffPolicyAlgorithm):
        model.save_replay_buffer(folder / _BUFFER)
    rest = {
        "env": model.get_env(),
        "action_space": model.action_space,
        "device": str(model.device),
        "python": random.getstate(),
        "numpy": np.random.get_state(),  # noqa: NPY002 (what Stable-Baselines3 draws from)
        "torch": torch.get_rng_state(),
    }
    (folder / _REST).write_bytes(pickle.dumps(rest))


def load_checkpoint(algorithm: type[Algorithm], folder: Path) -> Algorithm:
    """The model of a checkpoint, ready for ``learn(..., reset_num_timesteps=False)``; the random numbers are set.

    Files are unpickled: open only those of your own.

    Args:
        algorithm: The class of the model.
        folder: Where it was saved.
    """
    rest = pickle.loads((folder / _REST).read_bytes())
    model = algorithm.load(folder / _MODEL, env=rest["env"], device=rest["device"], force_reset=False)
    if isinstance(model, OffPolicyAlgorithm):
        model.load_replay_buffer(folder / _BUFFER)
    model.action_space = rest["action_space"]
    # Last: loading a model seeds everything anew.
    random.setstate(rest["python"])
    np.random.set_state(rest["numpy"])  # noqa: NPY002
    torch.set_rng_state(rest["torch"])
    return model
