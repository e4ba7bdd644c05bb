"""Many environments at once, in several processes that write observations into common memory."""

from __future__ import annotations

import multiprocessing
import os
import pickle
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import islice
from multiprocessing.context import BaseContext
from typing import Any, cast

import numpy as np
from gymnasium import error as gym_error
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from polyproof_gym.arguments import as_whole, one_of, seed_number, shown, truth, whole
from polyproof_gym.envs.env_group import INFORMATION, RESULTS, EnvGroup, Finals
from polyproof_gym.envs.observation import ObservationArrays
from polyproof_gym.envs.polyproof_env import PolyProofEnv
from polyproof_gym.envs.shared_arrays import SharedArrays
from polyproof_gym.envs.worker import Worker, attempt
from polyproof_gym.errors import BadInput
from polyproof_gym.problems import make_source

Bools = NDArray[np.bool_]

MAX_ENVS = 10_000
"""Most environments."""

MAX_SHARED_BYTES = 4 * 10**9
"""Most memory for the observations of all environments."""


class PolyProofVectorEnv(VectorEnv[ObservationArrays, NDArray[np.int64], NDArray[Any]]):
    """Many :class:`~polyproof_gym.envs.polyproof_env.PolyProofEnv` at once, in several processes.

    It gives what `gymnasium.vector.SyncVectorEnv` gives. Every process steps several environments, whose observations
    are written straight into memory that all processes share; one short message per process and step is exchanged.
    This process steps its share as well, so that `num_workers` processes need `num_workers - 1` others, and none with
    `num_workers=1`.

    ```python
    envs = gym.make_vec("PolyProof-v0", num_envs=8, problem="random-stable-set:n=25", num_workers=2)
    observations, infos = envs.reset(seed=0)
    observations, rewards, terminations, truncations, infos = envs.step(actions)
    envs.action_masks()
    envs.close()
    ```

    ## Arguments

    | argument | default | meaning |
    |---|---|---|
    | `num_envs` | 1 | number of environments |
    | `num_workers` | one for every usable CPU | number of processes, this one included; at most `num_envs` |
    | `autoreset_mode` | `"NextStep"` | when the next episode begins: see `gymnasium.vector.AutoresetMode` |
    | `copy` | `True` | whether observations are copies; if not, they are the shared arrays, which every step changes |
    | `context` | that of `multiprocessing` | how processes are started: `"fork"`, `"spawn"` or `"forkserver"` |
    | `render_mode` | `None` | `"ansi"` or `"rgb_array"`; there are no windows |
    | `max_episode_steps` | `None` | what `gym.make_vec` finds in a spec; at least `max_steps`, which ends episodes |

    All others are those of `PolyProofEnv`. With `"spawn"` and `"forkserver"`, scripts must make environments under
    `if __name__ == "__main__":`, as always in Python. `reset(options={"reset_mask": ...})` begins new episodes in some
    environments only, those where the array of bools says so; the other options are passed on.

    An error in a process is raised here, and the environments can be used further. After Ctrl-C, or if a process was
    killed, everything is closed.
    """

    def __init__(
        self,
        num_envs: int = 1,
        *,
        num_workers: int | None = None,
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
        copy: bool = True,
        context: str | None = None,
        render_mode: str | None = None,
        max_episode_steps: int | None = None,
        **settings: Any,
    ) -> None:
        """Make the environments and start the processes; the class describes the arguments.

        Raises:
            BadInput: If an argument cannot be used.
            WorkerDied: If a process ends while it starts.
        """
        self.closed = True  # until everything is there
        num_envs = whole(num_envs, "num_envs", 1, MAX_ENVS)
        workers = _usable_cpus() if num_workers is None else whole(num_workers, "num_workers", 1)
        if render_mode is not None:
            if isinstance(render_mode, str) and render_mode == "human":
                raise BadInput("a vector environment opens no windows: expected the render mode 'ansi' or 'rgb_array'")
            render_mode = one_of(render_mode, "render_mode", ("ansi", "rgb_array"))
        self._autoreset_mode = _autoreset_mode(autoreset_mode)
        processes = _context(context)
        if "problem" in settings:
            settings["problem"] = make_source(settings["problem"])  # once, for all to share
        self.num_envs = num_envs
        self.copy = truth(copy, "copy")
        self.render_mode = render_mode
        shares = min(workers, num_envs)
        self._edges = [num_envs * share // shares for share in range(shares + 1)]
        make_env = partial(PolyProofEnv, render_mode=render_mode, **settings)
        envs = [make_env()]
        if max_episode_steps is not None and whole(max_episode_steps, "max_episode_steps", 1) < envs[0].max_steps:
            raise BadInput(
                f"expected max_episode_steps >= max_steps, after which episodes end, got {shown(max_episode_steps)}"
                f" and {envs[0].max_steps}"
            )
        most = MAX_SHARED_BYTES // envs[0].observation_bytes
        if num_envs > most:
            raise BadInput(f"expected at most {most} environments of so large observations, got {num_envs}")
        envs += [make_env() for _ in range(1, self._edges[1])]
        self.metadata = {
            **PolyProofEnv.metadata,
            "render_modes": ["ansi", "rgb_array"],
            "autoreset_mode": self._autoreset_mode,
        }
        self.single_observation_space = envs[0].observation_space
        self.single_action_space = envs[0].action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)

        entries = cast("spaces.Dict", self.single_observation_space).items()
        observations = SharedArrays(
            {key: ((num_envs, *(space.shape or ())), np.dtype(space.dtype)) for key, space in entries}, processes
        )
        results = SharedArrays(
            {key: ((num_envs,), dtype) for key, dtype in {**RESULTS, **INFORMATION}.items()}, processes
        )
        self._observations, self._results = observations.arrays, results.arrays
        self._is_reset = False
        self._group = EnvGroup(envs, 0, self._observations, self._results, self._autoreset_mode)
        self._workers: list[Worker] = []
        self.closed = False
        self._start_workers(processes, make_env, observations, results)

    def _start_workers(
        self,
        processes: BaseContext,
        make_env: partial[PolyProofEnv],
        observations: SharedArrays,
        results: SharedArrays,
    ) -> None:
        """Start the processes of all shares but the first, and wait until all have made their environments."""
        try:
            for share in range(1, len(self._edges) - 1):
                first, end = self._edges[share : share + 2]
                make_group = partial(
                    _make_group, make_env, first, end - first, observations, results, self._autoreset_mode
                )
                self._workers.append(Worker(processes, f"polyproof worker {share}", make_group))
            for worker in self._workers:
                worker.reply()
        except BaseException:
            self.close()
            raise

    # Episodes ------------------------------------------------------------------------------------------------------

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[ObservationArrays, dict[str, Any]]:
        """Begin new episodes, in all environments or in those of ``options["reset_mask"]``.

        Args:
            seed: One for every environment; or that of the first, from which the others count on; or none.
            options: Passed on to every environment, but for ``"reset_mask"``.

        Raises:
            BadInput: If there is not one seed for every environment, or the mask is not an array of bools, at least
                one of them true, or another option cannot be used.
        """
        seeds = _seeds(seed, self.num_envs)
        if options is not None and not isinstance(options, Mapping):
            raise BadInput(f"expected a map as options, got {shown(options)}")
        options = dict(options or {})
        chosen = _reset_mask(options.pop("reset_mask", None), self.num_envs)
        if not (self._is_reset or chosen.all()):
            raise gym_error.ResetNeeded("the first reset must be one of all environments")
        shares = [(self._share(seeds, share), options, self._share(chosen, share)) for share in self._shares]
        self._run("reset", shares)
        self._is_reset = True
        return self._answer(chosen)

    def step(
        self, actions: NDArray[np.int64] | Sequence[int]
    ) -> tuple[ObservationArrays, NDArray[np.float64], Bools, Bools, dict[str, Any]]:
        """Take one action in every environment; where an episode was over, the autoreset mode says what happens.

        Raises:
            BadInput: If there is not one whole number for every environment.
            gymnasium.error.ResetNeeded: Before the first reset; and without autoreset, if an episode is over.
        """
        try:
            numbers = np.asarray(actions)
        except Exception:  # nested lists of different lengths, or what a class of the caller's raises
            raise BadInput(f"expected {self.num_envs} whole numbers as actions, got {shown(actions)}") from None
        if numbers.shape != (self.num_envs,) or not np.issubdtype(numbers.dtype, np.integer):
            raise BadInput(
                f"expected {self.num_envs} whole numbers as actions, got shape {numbers.shape} of {numbers.dtype}"
            )
        results = self._results
        if not self._is_reset:
            raise gym_error.ResetNeeded("expected a reset before the first step")
        if self._autoreset_mode is AutoresetMode.DISABLED and (results["terminated"] | results["truncated"]).any():
            raise gym_error.ResetNeeded("an episode is over; without autoreset, reset it before the next step")
        listed = numbers.tolist()
        finals: list[Finals] = self._run("step", [(self._share(listed, share),) for share in self._shares])
        observations, infos = self._answer(np.ones(self.num_envs, np.bool_))
        for part in finals:
            for row, (observation, info) in part.items():
                infos = self._add_info(infos, {"final_obs": observation, "final_info": info}, row)
        return (
            observations,
            results["reward"].copy(),
            results["terminated"].copy(),
            results["truncated"].copy(),
            infos,
        )

    def _answer(self, present: Bools) -> tuple[ObservationArrays, dict[str, Any]]:
        """The observations, and the information of the environments that have some to give."""
        observations = self._observations
        if self.copy:
            observations = {key: array.copy() for key, array in observations.items()}
        masks, all_present = observations["action_mask"], bool(present.all())
        values = {key: self._results[key].copy() for key in INFORMATION}
        values["action_mask"] = masks if self.copy and all_present else masks.copy()
        infos: dict[str, Any] = {}
        for key, value in values.items():
            if not all_present:
                value[~present] = 0
            infos[key], infos[f"_{key}"] = value, present.copy()
        return observations, infos

    def action_masks(self) -> Bools:
        """Which actions are valid now, shape ``(num_envs, actions)``."""
        return self._observations["action_mask"].astype(np.bool_)

    # The environments one by one -----------------------------------------------------------------------------------

    def call(self, name: str, *arguments: Any, **settings: Any) -> tuple[Any, ...]:
        """The named attribute of every environment, or what it returns if it is a method."""
        parts = self._run("call", [(name, arguments, settings)] * len(self._shares))
        return tuple(value for part in parts for value in part)

    def get_attr(self, name: str) -> tuple[Any, ...]:
        """The named attribute of every environment."""
        return self.call(name)

    def set_attr(self, name: str, values: Any) -> None:
        """Set an attribute of every environment: to the values of a list or tuple, or all to the same value.

        Raises:
            BadInput: If there is not one value for every environment.
        """
        listed = list(values) if isinstance(values, list | tuple) else [values] * self.num_envs
        if len(listed) != self.num_envs:
            raise BadInput(f"expected {self.num_envs} values, got {len(listed)}")
        self._run("set_attr", [(name, self._share(listed, share)) for share in self._shares])

    def render(self) -> tuple[Any, ...] | None:
        """A text or a picture of every environment."""
        return self.call("render")

    # Processes -----------------------------------------------------------------------------------------------------

    @property
    def _shares(self) -> range:
        return range(len(self._edges) - 1)

    def _share(self, values: Any, share: int) -> Any:
        """The part of a sequence that belongs to the environments of one process."""
        return values[self._edges[share] : self._edges[share + 1]]

    def _run(self, method: str, arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Call a method of all groups at once, each with its own arguments; what they return."""
        if self.closed:
            raise gym_error.ClosedEnvironmentError("the vector environment is closed")
        messages = [pickle.dumps((method, theirs)) for theirs in arguments[1:]]
        try:
            for worker, message in zip(self._workers, messages, strict=True):
                worker.ask(message)
            replies = [attempt(self._group, method, arguments[0])]
            replies += [worker.reply() for worker in self._workers]
        except BaseException:  # Ctrl-C, or a worker has died: what is half done cannot be gone on with
            self.close()
            raise
        for reply in replies:
            if reply.error is not None:
                raise reply.error
        return [reply.result for reply in replies]

    def close_extras(self, **_: Any) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.close()


def _make_group(
    make_env: partial[PolyProofEnv],
    first: int,
    count: int,
    observations: SharedArrays,
    results: SharedArrays,
    autoreset_mode: AutoresetMode,
) -> EnvGroup:
    envs = [make_env() for _ in range(count)]
    return EnvGroup(envs, first, observations.arrays, results.arrays, autoreset_mode)


def _usable_cpus() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _context(name: str | None) -> BaseContext:
    if name is not None:
        name = one_of(name, "context", multiprocessing.get_all_start_methods())
    return multiprocessing.get_context(name)


def _autoreset_mode(mode: str | AutoresetMode) -> AutoresetMode:
    try:
        return AutoresetMode(mode)
    except Exception:
        known = ", ".join(repr(mode.value) for mode in AutoresetMode)
        raise BadInput(f"expected one of the autoreset modes {known}, got {shown(mode)}") from None


def _reset_mask(mask: Any, num_envs: int) -> Bools:
    if mask is None:
        return np.ones(num_envs, np.bool_)
    if not (isinstance(mask, np.ndarray) and mask.shape == (num_envs,) and mask.dtype == np.bool_ and mask.any()):
        raise BadInput(f"expected an array of {num_envs} bools, some of them true, as 'reset_mask', got {shown(mask)}")
    return mask


def _seeds(given: Any, num_envs: int) -> list[int | None]:
    if given is None:
        return [None] * num_envs
    if as_whole(given) is not None:
        first = seed_number(given)
        return [first + index for index in range(num_envs)]
    try:
        seeds = list(islice(iter(given), num_envs + 1))
    except Exception:
        raise BadInput(f"expected a seed, or {num_envs} seeds, got {shown(given)}") from None
    if len(seeds) != num_envs:
        more = "more" if len(seeds) > num_envs else str(len(seeds))
        raise BadInput(f"expected {num_envs} seeds, got {more}")
    return [None if seed is None else seed_number(seed) for seed in seeds]
