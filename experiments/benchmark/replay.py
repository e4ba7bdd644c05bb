"""The memory that a replay buffer takes for each transition, and the time of a sample.

An :class:`~agents.replay_buffer.EpisodeReplayBuffer` is filled with transitions of real episodes on random graphs, and
the growth of the process is measured. Every episode is stored ten times, as if it had occurred so often: acting takes
longer than storing, and the buffer compares no episode with another. What the replay buffer of Stable-Baselines3 would
take follows from the spaces.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from gymnasium import spaces

from agents import StepAgent, make_agent
from agents.replay_buffer import EpisodeReplayBuffer
from experiments.benchmark.own_process import in_own_process, resident_bytes
from experiments.tables import Result, duration, markdown, show, size
from polyproof_gym.envs import PolyProofEnv

BATCH = 64
"""Transitions of a sample."""

REPEATS = 10
"""How often every episode is stored."""

SAMPLES = 100
"""Samples that are timed."""


@dataclass(frozen=True)
class Replay:
    """What a full replay buffer costs; sizes are in bytes for each transition.

    Attributes:
        n: Number of vertices of the random graphs.
        agent: Who chose the actions.
        steps: Step budget of an episode.
        transitions: Number of transitions stored.
        resident_bytes: By how much the resident memory of the process grew; 0 where the system does not tell.
        array_bytes: Size of the buffer's arrays.
        dict_buffer_bytes: Size of the arrays of Stable-Baselines3's ``DictReplayBuffer``, computed from the spaces.
        sample_seconds: Median time of a sample of 64 transitions.
    """

    n: int
    agent: str
    steps: int
    transitions: int
    resident_bytes: float
    array_bytes: float
    dict_buffer_bytes: int
    sample_seconds: float


@dataclass(frozen=True)
class Replays:
    """The result of this section; see :class:`Replay`."""

    rows: tuple[Replay, ...]


def filled(n: int, agent: str, steps: int, transitions: int, seed: int) -> dict[str, Any]:
    """Fill a buffer in this process; its :class:`Replay` as a dictionary."""
    env = PolyProofEnv(f"random-stable-set:n={n}", max_steps=steps)
    _filled(env, agent, 2 * steps, seed).sample(BATCH)  # loads the compiler, and brings the solver to its size
    before = resident_bytes() or 0
    buffer = _filled(env, agent, transitions, seed)
    after = resident_bytes() or 0
    seconds = []
    for _ in range(SAMPLES):
        started = time.perf_counter()
        buffer.sample(BATCH)
        seconds.append(time.perf_counter() - started)
    replay = Replay(
        n=n,
        agent=agent,
        steps=steps,
        transitions=transitions,
        resident_bytes=round((after - before) / transitions, 1),
        array_bytes=round(buffer.nbytes / transitions, 1),
        dict_buffer_bytes=dict_buffer_bytes(env),
        sample_seconds=statistics.median(seconds),
    )
    return asdict(replay)


def _filled(env: PolyProofEnv, agent: str, transitions: int, seed: int) -> EpisodeReplayBuffer:
    """A buffer filled to its capacity with the transitions of an agent's episodes."""
    chooser = make_agent(agent)
    assert isinstance(chooser, StepAgent)
    rng = np.random.default_rng(seed)
    assert isinstance(env.observation_space, spaces.Dict)
    buffer = EpisodeReplayBuffer(transitions, env.observation_space, env.action_space, device="cpu")
    env.reset(seed=seed)
    while True:
        episode = _episode(env, chooser, rng)
        for _ in range(REPEATS):
            for transition in episode:
                buffer.add(*transition)
                if buffer.full:
                    return buffer


def _episode(env: PolyProofEnv, agent: StepAgent, rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """The transitions of an episode, as Stable-Baselines3 hands them to a buffer."""
    transitions: list[tuple[Any, ...]] = []
    observation, _ = env.reset()
    over = False
    while not over:
        action = agent.act(env.state, rng)
        assert action is not None  # the episode would be over
        following, reward, terminated, truncated, _ = env.step(action)
        over = terminated or truncated
        infos = [{"TimeLimit.truncated": truncated and not terminated}]
        stacked = [{key: values[None] for key, values in entries.items()} for entries in (observation, following)]
        transitions.append((*stacked, np.array([action]), np.array([reward]), np.array([over]), infos))
        observation = following
    return transitions


def dict_buffer_bytes(env: PolyProofEnv) -> int:
    """Bytes for each transition in a ``DictReplayBuffer``: two observations, an action, and three single floats."""
    assert isinstance(env.observation_space, spaces.Dict)
    observation = sum(int(np.prod(entry.shape)) * entry.dtype.itemsize for entry in env.observation_space.values())
    return 2 * observation + env.action_space.dtype.itemsize + 3 * 4


SETTINGS = (("random", 1_000_000), ("dual-guided", 1_000_000))
"""Agents, and how many of their transitions are stored."""


def measure(*, n: int = 25, steps: int = 100, settings: Sequence[tuple[str, int]] = SETTINGS, seed: int = 0) -> Replays:
    """Fill a buffer for every agent, each in a process of its own: memory that others have freed would be used unseen.

    Args:
        n: Number of vertices.
        steps: Step budget of the episodes.
        settings: Agents that act step by step, and how many transitions to store.
        seed: Seed of the graphs and of the agents.
    """
    rows = [
        in_own_process(__name__, "filled", n=n, agent=agent, steps=steps, transitions=transitions, seed=seed)
        for agent, transitions in settings
    ]
    return Replays(tuple(Replay(**row) for row in rows))


def table(result: Result) -> str:
    """One row per agent."""
    return markdown(
        {
            "n": show("n"),
            "actions": show("agent"),
            "transitions": show("transitions"),
            "growth of the process": lambda row: size(row["resident_bytes"] * row["transitions"]),
            "for each transition": lambda row: size(row["resident_bytes"]),
            "`DictReplayBuffer`": lambda row: size(row["dict_buffer_bytes"]),
            "a sample of 64": lambda row: duration(row["sample_seconds"]),
        },
        result["rows"],
    )
