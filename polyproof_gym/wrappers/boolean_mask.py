"""Action masks of Booleans."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.wrappers import TransformObservation
from numpy.typing import NDArray

from polyproof_gym.wrappers.spaces import MASK, entries


class BooleanMask(TransformObservation[dict[str, NDArray[Any]], Any, dict[str, NDArray[Any]]]):
    """Makes the entry ``action_mask`` of observations an array of bools, as tools want that index by it.

    The space of the entry is ``Box(False, True, (actions,), bool)``. The other entries stay as they are, and so does
    ``info["action_mask"]``, which ``env.action_space.sample`` takes as int8.
    """

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        """Wrap an environment.

        Raises:
            BadInput: If its observations have no action mask.
        """
        space = entries(env, (MASK,))
        mask: spaces.Space[Any] = spaces.Box(0, 1, space[MASK].shape or (), np.bool_)
        shown_space: spaces.Space[Any] = spaces.Dict({**space, MASK: mask})
        gym.utils.RecordConstructorArgs.__init__(self)
        super().__init__(env, _with_booleans, shown_space)


def _with_booleans(observation: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {**observation, MASK: observation[MASK].astype(np.bool_)}
