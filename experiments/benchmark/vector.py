"""Steps per second of several environments at once, as a ratio to one environment in one process.

Actions are recorded beforehand and played again, so that no time of choosing them is in the figures; the time of the
resets is.
"""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from agents import StepAgent, make_agent
from experiments.tables import Result, markdown, show
from polyproof_gym import BadInput
from polyproof_gym.envs import PolyProofEnv

Actions = NDArray[np.int64]

NUM_ENVS = 8
"""Number of problems, one for every environment of a vector environment."""

NUM_WORKERS = 2
"""Number of processes."""


@dataclass(frozen=True)
class Throughput:
    """Environment steps per second, medians over repetitions, and medians of the ratios within each repetition.

    Attributes:
        n: Number of vertices of the random graphs.
        policy: The agent whose actions were played.
        num_envs: Number of problems.
        num_workers: Number of processes of the vector environment.
        steps: Steps per problem.
        repetitions: How often everything was measured.
        scalar: One environment of ``gymnasium.make`` in one process, one problem after the other.
        vector: ``PolyProofVectorEnv``.
        vector_shared: The same with ``copy=False``.
        gymnasium_async: ``gymnasium.vector.AsyncVectorEnv``, one process for every environment.
        ceiling: As many independent processes as workers, each with one environment and its share of the problems.
        vector_to_scalar: Ratio of ``vector`` to ``scalar``.
        shared_to_scalar: Ratio of ``vector_shared`` to ``scalar``.
        async_to_scalar: Ratio of ``gymnasium_async`` to ``scalar``.
        ceiling_to_scalar: Ratio of ``ceiling`` to ``scalar``.
    """

    n: int
    policy: str
    num_envs: int
    num_workers: int
    steps: int
    repetitions: int
    scalar: float
    vector: float
    vector_shared: float
    gymnasium_async: float
    ceiling: float
    vector_to_scalar: float
    shared_to_scalar: float
    async_to_scalar: float
    ceiling_to_scalar: float


@dataclass(frozen=True)
class Throughputs:
    """The result of this section; see :class:`Throughput`."""

    rows: tuple[Throughput, ...]


def throughput(n: int, policy: str, *, steps: int, repetitions: int, seed: int) -> Throughput:
    """Play the same episodes in every way, in turn.

    Args:
        n: Number of vertices of the random graphs.
        policy: The agent that chooses the actions.
        steps: Steps per problem, if the agent takes as many on all of them.
        repetitions: How often everything is measured.
        seed: Seed of the first problem; the others count on.

    Raises:
        BadInput: If the agent does not choose actions one by one, or chooses none.
    """
    settings: dict[str, Any] = {"problem": f"random-stable-set:n={n}", "max_steps": steps}
    seeds = list(range(seed, seed + NUM_ENVS))
    actions = record(settings, policy, seeds, steps)
    vector: dict[str, Any] = {
        "vectorization_mode": "vector_entry_point",
        "num_workers": NUM_WORKERS,
        "autoreset_mode": "Disabled",
    }
    asynchronous: dict[str, Any] = {"vectorization_mode": "async", "vector_kwargs": {"autoreset_mode": "Disabled"}}
    env = gym.make("PolyProof-v0", **settings)
    copied = gym.make_vec("PolyProof-v0", NUM_ENVS, **vector, **settings)
    shared = gym.make_vec("PolyProof-v0", NUM_ENVS, copy=False, **vector, **settings)
    theirs = gym.make_vec("PolyProof-v0", NUM_ENVS, **asynchronous, **settings)
    ways: dict[str, Callable[[], float]] = {
        "scalar": lambda: _play(env, seeds, actions),
        "vector": lambda: _play_together(copied, seeds, actions),
        "vector_shared": lambda: _play_together(shared, seeds, actions),
        "gymnasium_async": lambda: _play_together(theirs, seeds, actions),
        "ceiling": lambda: _play_apart(settings, seeds, actions, NUM_WORKERS),
    }
    try:
        for way in ways.values():
            way()  # warm-up
        seconds = [{name: way() for name, way in ways.items()} for _ in range(repetitions)]
    finally:
        for envs in (copied, shared, theirs):
            envs.close()

    def rate(name: str) -> float:
        return round(actions.size / statistics.median(times[name] for times in seconds), 1)

    def ratio(name: str) -> float:
        return round(statistics.median(times["scalar"] / times[name] for times in seconds), 3)

    return Throughput(
        n=n,
        policy=policy,
        num_envs=NUM_ENVS,
        num_workers=NUM_WORKERS,
        steps=actions.shape[1],
        repetitions=repetitions,
        scalar=rate("scalar"),
        vector=rate("vector"),
        vector_shared=rate("vector_shared"),
        gymnasium_async=rate("gymnasium_async"),
        ceiling=rate("ceiling"),
        vector_to_scalar=ratio("vector"),
        shared_to_scalar=ratio("vector_shared"),
        async_to_scalar=ratio("gymnasium_async"),
        ceiling_to_scalar=ratio("ceiling"),
    )


def record(settings: dict[str, Any], policy: str, seeds: Sequence[int], steps: int) -> Actions:
    """The actions that an agent takes, shape ``(problems, steps)``; fewer steps if it ends earlier on one of them.

    Raises:
        BadInput: If the agent does not choose actions one by one, or chooses none.
    """
    agent = make_agent(policy)
    if not isinstance(agent, StepAgent):
        raise BadInput(f"expected an agent that chooses one action at a time, got {policy!r}")
    env = PolyProofEnv(**settings)
    played: list[list[int]] = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        env.reset(seed=seed)
        taken: list[int] = []
        while len(taken) < steps and (action := agent.act(env.state, rng)) is not None:
            env.step(action)
            taken.append(action)
        played.append(taken)
    shortest = min(map(len, played))
    if not shortest:
        raise BadInput(f"{policy}: takes no action on one of the problems")
    return np.array([taken[:shortest] for taken in played])


def _play(env: gym.Env[Any, Any], seeds: Sequence[int], actions: Actions) -> float:
    """Seconds for one problem after the other."""
    listed = actions.tolist()
    started = time.perf_counter()
    for seed, taken in zip(seeds, listed, strict=True):
        env.reset(seed=seed)
        for action in taken:
            env.step(action)
    return time.perf_counter() - started


def _play_together(envs: gym.vector.VectorEnv[Any, Any, Any], seeds: Sequence[int], actions: Actions) -> float:
    """Seconds for all problems at once."""
    columns = list(np.ascontiguousarray(actions.T))
    seeds_of_all: Any = list(seeds)
    started = time.perf_counter()
    envs.reset(seed=seeds_of_all)
    for column in columns:
        envs.step(column)
    return time.perf_counter() - started


def _play_apart(settings: dict[str, Any], seeds: Sequence[int], actions: Actions, processes: int) -> float:
    """Seconds for the problems dealt out to independent processes, from a common start to the last one's end."""
    context = multiprocessing.get_context()
    barrier = context.Barrier(processes)
    times = context.SimpleQueue()
    running = [
        context.Process(target=_play_share, args=(settings, seeds[k::processes], actions[k::processes], barrier, times))
        for k in range(processes)
    ]
    for process in running:
        process.start()
    seconds: list[float] = [times.get() for _ in running]
    for process in running:
        process.join()
    return max(seconds)


def _play_share(settings: dict[str, Any], seeds: Sequence[int], actions: Actions, barrier: Barrier, times: Any) -> None:
    env = gym.make("PolyProof-v0", **settings)
    _play(env, seeds[:1], actions[:1])  # warm-up
    barrier.wait()
    times.put(_play(env, seeds, actions))


SETTINGS = ((25, "random"), (25, "dual-guided"), (50, "random"), (50, "dual-guided"), (100, "dual-guided"))
"""Numbers of vertices, and agents."""


def measure(
    *, settings: Sequence[tuple[int, str]] = SETTINGS, steps: int = 100, repetitions: int = 7, seed: int = 0
) -> Throughputs:
    """Measure every setting; see :func:`throughput`."""
    rows = [throughput(n, policy, steps=steps, repetitions=repetitions, seed=seed) for n, policy in settings]
    return Throughputs(tuple(rows))


def table(result: Result) -> str:
    """One row per setting."""
    return markdown(
        {
            "n": show("n"),
            "actions": show("policy"),
            "one environment": lambda row: f"{row['scalar']:.0f} steps/s",
            f"{NUM_ENVS} in {NUM_WORKERS} processes, `copy=False`": lambda row: (
                f"{row['shared_to_scalar']:.2f} times that"
            ),
            "with copies": lambda row: f"{row['vector_to_scalar']:.2f}",
            "Gymnasium's async, 8 processes": lambda row: f"{row['async_to_scalar']:.2f}",
            "2 independent processes": lambda row: f"{row['ceiling_to_scalar']:.2f}",
        },
        result["rows"],
    )
