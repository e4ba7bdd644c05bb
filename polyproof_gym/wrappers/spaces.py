"""What the wrappers require of the observations that they change."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
from gymnasium import spaces

from polyproof_gym.arguments import shown
from polyproof_gym.errors import BadInput

MASK = "action_mask"
"""The entry of observations that tells the valid actions."""


def entries(env: gym.Env[Any, Any], keys: tuple[str, ...]) -> dict[str, spaces.Space[Any]]:
    """The entries of an environment's observations.

    Raises:
        BadInput: If the observations are no ``Dict`` with these keys.
    """
    space = getattr(env, "observation_space", None)
    if not isinstance(space, spaces.Dict) or not set(keys) <= space.spaces.keys():
        raise BadInput(f"expected an environment whose observations have {', '.join(keys)}, got {shown(env)}")
    return dict(space.spaces)
