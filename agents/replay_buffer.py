"""A replay buffer for Stable-Baselines3 that stores what changes from one observation to the next."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.buffers import DictReplayBuffer
from stable_baselines3.common.preprocessing import get_obs_shape
from stable_baselines3.common.type_aliases import DictReplayBufferSamples
from stable_baselines3.common.vec_env import VecNormalize

from polyproof_gym.compiled import kernels
from polyproof_gym.errors import BadInput

Words = NDArray[np.uint16]

MAX_RUN = 512
"""Most transitions of a run: a longer episode is stored as several, so that rebuilding an observation stays cheap."""

_ALIGNMENT = 8
"""Entries begin at multiples of this many bytes, so that they can be looked at as numbers in place."""


class EpisodeReplayBuffer(DictReplayBuffer):
    """A :class:`~stable_baselines3.common.buffers.DictReplayBuffer` in a small fraction of the memory.

    It stores the same transitions and returns the same samples, bit for bit and for the same random numbers; only
    observations are kept differently. In an episode of ``PolyProof-v0`` a step adds one inequality and changes few of
    the other numbers. So a *run* of observations, each the next one of the transition before, is stored as the
    differences between neighbours. The first of a run is stored as its difference from the first observation that the
    buffer ever saw; on problems of one generator they are much alike. A run ends where an observation is not the next
    one of the transition before (after the end of an episode, that is), and after :data:`MAX_RUN` transitions. All this
    is found by comparing bits, so that any sequence of observations of any flat ``Dict`` space is returned as it was
    given; where neighbours have little in common, the buffer merely saves no memory.

    A run is freed when the last of its transitions is overwritten. What is stored may thus exceed the capacity by less
    than one run per environment; what is sampled does not.

    Use it as ``DQN("MultiInputPolicy", env, replay_buffer_class=EpisodeReplayBuffer)``. The constructor's arguments are
    those of ``DictReplayBuffer``; ``optimize_memory_usage`` is not supported by either. With ``n_steps`` of more than 1
    the samples are n-step returns, as those of ``NStepReplayBuffer``, which cannot hold ``Dict`` observations.
    """

    def __init__(
        self,
        buffer_size: int,
        observation_space: spaces.Dict,
        action_space: spaces.Space[Any],
        device: torch.device | str = "auto",
        n_envs: int = 1,
        optimize_memory_usage: bool = False,
        handle_timeout_termination: bool = True,
        n_steps: int = 1,
        gamma: float = 0.99,
    ) -> None:
        """Make an empty buffer.

        Args:
            buffer_size: Capacity in transitions, of all environments together.
            observation_space: Space of the observations, a flat ``Dict``.
            action_space: Space of the actions.
            device: Where samples are put.
            n_envs: Number of environments that are stepped at once.
            optimize_memory_usage: Must be false; observations are stored once in any case.
            handle_timeout_termination: Whether the ends of truncated episodes count as not done.
            n_steps: Number of rewards that are added up, fewer where an episode or what is stored of it ends.
            gamma: Discount of each of these rewards against the one before; that of a single one is up to the
                algorithm.

        Raises:
            BadInput: If the observation space is not a ``Dict``, ``optimize_memory_usage`` is true, or ``n_steps`` is
                less than 1.
        """
        if not isinstance(observation_space, spaces.Dict):
            raise BadInput(f"expected an observation space of type Dict, got {observation_space}")
        if optimize_memory_usage:
            raise BadInput("optimize_memory_usage: expected False; this buffer stores observations once in any case")
        if n_steps < 1:
            raise BadInput(f"expected n_steps >= 1, got {n_steps}")
        self.n_steps = n_steps
        self.gamma = gamma
        # The base class keeps everything but the observations, of which it sees none.
        super().__init__(
            buffer_size,
            spaces.Dict(),
            action_space,
            device,
            n_envs=n_envs,
            handle_timeout_termination=handle_timeout_termination,
        )
        self.observation_space = observation_space
        self.obs_shape = get_obs_shape(observation_space)  # type: ignore[assignment]  # as in the base class
        self._layout = _Layout.of(observation_space)
        self._batch = np.empty((2, 0, self._layout.num_words), np.uint16)
        self._forget()

    def _forget(self) -> None:
        self._base = np.zeros(self._layout.num_words, np.uint16)
        self._open: list[_Run | None] = [None] * self.n_envs
        self._last = np.zeros((self.n_envs, self._layout.num_words), np.uint16)
        self._runs = np.full((self.buffer_size, self.n_envs), None, object)
        self._steps = np.zeros((self.buffer_size, self.n_envs), np.int16)

    def reset(self) -> None:
        """Empty the buffer."""
        super().reset()
        self._forget()

    @property
    def nbytes(self) -> int:
        """Size of all arrays that grow with the transitions; objects and gaps between them add a few kB per run."""
        columns = (self.actions, self.rewards, self.dones, self.timeouts, self._runs, self._steps)
        runs = {id(run): run for run in self._runs.flat if run is not None}
        return int(sum(column.nbytes for column in columns) + sum(run.nbytes for run in runs.values()))

    def add(  # type: ignore[override]  # as in the base class
        self,
        obs: dict[str, NDArray[Any]],
        next_obs: dict[str, NDArray[Any]],
        action: NDArray[Any],
        reward: NDArray[Any],
        done: NDArray[Any],
        infos: list[dict[str, Any]],
    ) -> None:
        """Store one transition of every environment; the first axis of all arrays numbers the environments.

        Args:
            obs: Observations before the step.
            next_obs: Observations after it; the terminal ones where an episode ended.
            action: Actions taken.
            reward: Rewards of the step.
            done: Whether an episode ended.
            infos: What the environments said; ``TimeLimit.truncated`` is looked at.
        """
        before, after = self._layout.pack(obs, self.n_envs), self._layout.pack(next_obs, self.n_envs)
        if not self.full and self.pos == 0:
            self._base = before[0].copy()
        for i in range(self.n_envs):
            run = self._open[i]
            if run is None or len(run) == MAX_RUN or not np.array_equal(before[i], self._last[i]):
                if run is not None:
                    run.close()
                run = self._open[i] = _Run(self._base, before[i])
            self._runs[self.pos, i] = run
            self._steps[self.pos, i] = len(run)
            run.append(before[i], after[i])
        self._last = after
        super().add({}, {}, action, reward, done, infos)

    def _get_samples(  # type: ignore[override]  # as in the base class
        self, batch_inds: NDArray[np.intp], env: VecNormalize | None = None
    ) -> DictReplayBufferSamples:
        """The transitions of some rows of the buffer, each of a random environment."""
        envs = np.random.randint(0, high=self.n_envs, size=(len(batch_inds),))  # noqa: NPY002
        taken = self._taken(batch_inds, envs)
        chosen, last = (batch_inds, envs), ((batch_inds + taken - 1) % self.buffer_size, envs)
        rewards = np.zeros((len(batch_inds), 1), np.float32)
        for step in range(self.n_steps):
            reward = self._normalize_reward(self.rewards[(batch_inds + step) % self.buffer_size, envs], env)
            rewards[:, 0] += self.gamma**step * reward * (step < taken)
        before, after = self._rebuild(self._runs[chosen], self._steps[chosen], self._runs[last], self._steps[last])
        discounts = self.gamma ** taken.reshape(-1, 1).astype(np.float32)
        return DictReplayBufferSamples(
            observations=self._tensors(before, env),
            actions=self.to_torch(self.actions[chosen]),
            next_observations=self._tensors(after, env),
            dones=self.to_torch(self.dones[last] * (1 - self.timeouts[last])).reshape(-1, 1),
            rewards=self.to_torch(rewards),
            discounts=self.to_torch(discounts) if self.n_steps > 1 else None,
        )

    def _taken(self, rows: NDArray[np.intp], envs: NDArray[np.intp]) -> NDArray[np.intp]:
        """How many transitions follow on each other from those given on, themselves included; at most ``n_steps``."""
        taken = np.ones(len(rows), np.intp)
        for step in range(1, self.n_steps):
            before = (rows + step - 1) % self.buffer_size
            # What comes after the newest row is the oldest one, or none.
            goes_on = (self.dones[before, envs] == 0) & (before != (self.pos - 1) % self.buffer_size)
            taken += goes_on & (taken == step)
        return taken

    def _rebuild(
        self,
        runs: NDArray[Any],
        steps: NDArray[np.int16],
        last_runs: NDArray[Any],
        last_steps: NDArray[np.int16],
    ) -> tuple[Words, Words]:
        """The observations before some transitions and after others, in memory that the next call uses again."""
        if self._batch.shape[1] != len(runs):
            self._batch = np.empty((2, len(runs), self._layout.num_words), np.uint16)
        before, after = self._batch
        before[:] = self._base
        places = zip(runs, steps.tolist(), last_runs, last_steps.tolist(), strict=True)
        for row, next_row, (run, step, last_run, last_step) in zip(before, after, places, strict=True):
            run.change(row, 0, step + 1)
            is_same = last_run is run
            next_row[:] = row if is_same else self._base
            last_run.change(next_row, step + 1 if is_same else 0, last_step + 2)
        return before, after

    def _tensors(self, rows: Words, env: VecNormalize | None) -> dict[str, torch.Tensor]:
        observations = self._normalize_obs(self._layout.views(rows), env)
        assert isinstance(observations, dict)
        # PyTorch would copy in parallel, which stalls for many milliseconds on a machine that is busy otherwise.
        return {key: self.to_torch(values.copy(), copy=False) for key, values in observations.items()}

    def __getstate__(self) -> dict[str, Any]:
        """All but the memory for batches."""
        return {**self.__dict__, "_batch": self._batch[:, :0].copy()}


class _Entry(NamedTuple):
    """Where an entry of an observation stands in its row of bytes, and what it is."""

    start: int
    stop: int
    dtype: np.dtype[Any]
    shape: tuple[int, ...]


class _Layout(NamedTuple):
    """How an observation is written as one row of 16-bit words.

    All entries are treated alike. Half a float32 is a good unit: positions in the observations of all but the largest
    problems fit into 16 bits as well, and the lower half of the most frequent numbers, such as 1, is zero.

    Attributes:
        entries: The entries in the order of the space.
        num_words: Length of a row.
    """

    entries: dict[str, _Entry]
    num_words: int

    @classmethod
    def of(cls, space: spaces.Dict) -> _Layout:
        """The layout of a space's observations, with the types and shapes that Stable-Baselines3 gives them."""
        shapes = get_obs_shape(space)
        assert isinstance(shapes, dict)
        entries = {}
        start = 0
        for key, shape in shapes.items():
            dtype = np.dtype(space[key].dtype)
            stop = start + math.prod(shape) * dtype.itemsize
            entries[key] = _Entry(start, stop, dtype, shape)
            start = -(-stop // _ALIGNMENT) * _ALIGNMENT
        return cls(entries, start // 2)

    def views(self, rows: Words) -> dict[str, NDArray[Any]]:
        """Some rows, shape ``(number, num_words)``, as arrays of shape ``(number, *shape)`` on the same memory."""
        octets = rows.view(np.uint8)
        return {
            key: octets[:, start:stop].view(dtype).reshape(len(rows), *shape)
            for key, (start, stop, dtype, shape) in self.entries.items()
        }

    def pack(self, observations: Mapping[str, NDArray[Any]], number: int) -> Words:
        """The rows of a number of observations that are stacked along the first axis."""
        rows = np.zeros((number, self.num_words), np.uint16)
        for key, view in self.views(rows).items():
            view[...] = np.reshape(observations[key], view.shape)
        return rows


class _Run:
    """Consecutive observations, stored as differences between neighbours.

    ``len`` is the number of transitions, which is one less than that of observations.
    """

    __slots__ = ("_ends", "_positions", "_values")

    def __init__(self, base: Words, first: Words) -> None:
        """Begin with one observation, to be stored as its difference from a base."""
        self._positions = _Growing(np.uint16 if len(base) <= 2**16 else np.uint32)
        self._values = _Growing(np.uint16)
        self._ends = _Growing(np.uint32)  # how many changes lead up to each observation
        self.append(base, first)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def append(self, before: Words, after: Words) -> None:
        """Add an observation ``after``, given the last one."""
        changed = np.flatnonzero(before != after)
        self._positions.extend(changed)
        self._values.extend(after[changed])
        self._ends.extend(len(self._positions))

    def change(self, row: Words, start: int, stop: int) -> None:
        """Take a row from observation ``start - 1`` (the base, if ``start`` is 0) to observation ``stop - 1``."""
        ends = self._ends.array
        changes = slice(ends[start - 1] if start else 0, ends[stop - 1])
        kernels("agents").assign_in_turn(row, self._positions.array[changes], self._values.array[changes])

    def close(self) -> None:
        """Give back spare memory."""
        for part in (self._positions, self._values, self._ends):
            part.trim()

    @property
    def nbytes(self) -> int:
        """Size of the arrays, spare memory included."""
        return self._positions.nbytes + self._values.nbytes + self._ends.nbytes


class _Growing:
    """An array that grows at its end."""

    __slots__ = ("_memory", "_size")

    def __init__(self, dtype: type[np.unsignedinteger[Any]]) -> None:
        self._memory = np.empty(16, dtype)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def array(self) -> NDArray[Any]:
        """What has been added so far."""
        return self._memory[: self._size]

    @property
    def nbytes(self) -> int:
        """Size of the memory, spare memory included."""
        return self._memory.nbytes

    def extend(self, values: NDArray[Any] | int) -> None:
        """Add values at the end."""
        size = self._size + np.size(values)
        if size > len(self._memory):
            larger = np.empty(2 * size, self._memory.dtype)
            larger[: self._size] = self.array
            self._memory = larger
        self._memory[self._size : size] = values
        self._size = size

    def trim(self) -> None:
        """Give back spare memory."""
        self._memory = self.array.copy()
