"""The vector environment for Stable-Baselines3."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices, VecEnvObs, VecEnvStepReturn

from polyproof_gym.arguments import shown
from polyproof_gym.envs import PolyProofVectorEnv
from polyproof_gym.envs.env_group import INFORMATION
from polyproof_gym.errors import BadInput


class ProofVecEnv(VecEnv):
    """A vector environment of ``PolyProof-v0``, with its several processes, as a ``VecEnv`` of Stable-Baselines3.

    ```python
    envs = gym.make_vec("PolyProof-v0", num_envs=8, problem="petersen", autoreset_mode="Disabled")
    model = MaskablePPO(ProofActorCriticPolicy, VecMonitor(ProofVecEnv(envs)))
    ```

    It gives what ``DummyVecEnv`` gives; the information has plain Python values, and the action mask where an
    observation has it, or from ``env_method("action_masks")``.
    """

    def __init__(self, envs: VectorEnv[Any, Any, Any]) -> None:
        """Take over a vector environment, which is closed with this one.

        Args:
            envs: One that ``gym.make_vec`` makes of ``PolyProof-v0`` with ``autoreset_mode="Disabled"``, since new
                episodes are begun here; it may be wrapped.

        Raises:
            BadInput: If it is another one.
        """
        native, mode = getattr(envs, "unwrapped", None), getattr(envs, "metadata", {}).get("autoreset_mode")
        if not isinstance(native, PolyProofVectorEnv) or mode is not AutoresetMode.DISABLED:
            raise BadInput(
                "expected a vector environment of PolyProof-v0, native and with autoreset_mode='Disabled',"
                f" got {shown(envs)}"
            )
        self.envs = envs
        self._native = native
        self._actions: NDArray[np.int64] = np.zeros(envs.num_envs, np.int64)
        super().__init__(envs.num_envs, envs.single_observation_space, envs.single_action_space)

    # Episodes ------------------------------------------------------------------------------------------------------

    def reset(self) -> VecEnvObs:
        """Begin new episodes, with the seeds and options that were set, which must be the same for all.

        Raises:
            BadInput: If options differ.
        """
        options = self._options[0]
        if any(theirs != options for theirs in self._options):
            raise BadInput("expected the same options for all environments")
        observations: VecEnvObs
        observations, infos = self.envs.reset(seed=list(self._seeds), options=deepcopy(options))  # type: ignore[arg-type]
        self.reset_infos = [_information(infos, row) for row in range(self.num_envs)]
        self._reset_seeds()
        self._reset_options()
        return observations

    def step_async(self, actions: NDArray[np.int64]) -> None:
        """Note the actions, shape ``(num_envs,)``."""
        self._actions = actions

    def step_wait(self) -> VecEnvStepReturn:
        """Take the actions; where an episode ends, the observation is the first of the next."""
        observations, rewards, terminations, truncations, answer = self.envs.step(self._actions)
        dones = terminations | truncations
        infos = [_information(answer, row) for row in range(self.num_envs)]
        for row, info in enumerate(infos):
            info["TimeLimit.truncated"] = bool(truncations[row] and not terminations[row])
            if dones[row]:
                info["terminal_observation"] = _row(observations, row)
        if dones.any():
            observations, answer = self.envs.reset(options={"reset_mask": dones})
            for row in np.flatnonzero(dones).tolist():
                self.reset_infos[row] = _information(answer, row)
        return observations, rewards.astype(np.float32), dones, infos

    def close(self) -> None:
        """End the processes."""
        self.envs.close()

    # The environments one by one -----------------------------------------------------------------------------------

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """The named attribute of the environments."""
        if attr_name == "render_mode":
            return [self._native.render_mode] * len(self._chosen(indices))
        values = self._native.get_attr(attr_name)
        return [values[row] for row in self._chosen(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Set an attribute of the environments, all to the same value."""
        chosen = set(self._chosen(indices))
        kept = [None] * self.num_envs if len(chosen) == self.num_envs else self._native.get_attr(attr_name)
        self._native.set_attr(attr_name, [value if row in chosen else old for row, old in enumerate(kept)])

    def env_method(
        self, method_name: str, *method_args: Any, indices: VecEnvIndices = None, **method_kwargs: Any
    ) -> list[Any]:
        """What a method of the environments returns; it is called in all of them."""
        if method_name == "action_masks":  # as sb3-contrib asks before every step
            return list(self._native.action_masks()[self._chosen(indices)])
        values = self._native.call(method_name, *method_args, **method_kwargs)
        return [values[row] for row in self._chosen(indices)]

    def env_is_wrapped(
        self, wrapper_class: type[gym.Wrapper[Any, Any, Any, Any]], indices: VecEnvIndices = None
    ) -> list[bool]:
        """Whether the single environments are wrapped, which they never are."""
        return [False] * len(self._chosen(indices))

    def get_images(self) -> Sequence[NDArray[np.uint8] | None]:
        """A picture of every environment, with ``render_mode="rgb_array"``."""
        return self._native.render() or []

    def _chosen(self, indices: VecEnvIndices) -> list[int]:
        return list(self._get_indices(indices))


def _row(observations: Any, row: int) -> Any:
    """The observation of one environment, a copy of its own."""
    if isinstance(observations, dict):
        return {key: array[row].copy() for key, array in observations.items()}
    return observations[row].copy()


def _information(infos: dict[str, Any], row: int) -> dict[str, Any]:
    """What there is to tell of one environment."""
    return {key: infos[key][row].item() for key in INFORMATION}
