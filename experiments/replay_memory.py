"""The memory that a replay buffer takes for each transition, and the time of a sample.

``python -m experiments.replay_memory --transitions 1000000`` fills an
:class:`~agents.replay_buffer.EpisodeReplayBuffer` with transitions of real episodes on random graphs and measures by
how much the process has grown. Every episode is stored ten times, as if it had occurred so often: acting takes longer
than storing, and the buffer compares no episode with another. What the replay buffer of Stable-Baselines3 would take
follows from the spaces.
"""

from __future__ import annotations

import multiprocessing
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces
from tqdm import tqdm

from agents import StepAgent, make_agent
from agents.replay_buffer import EpisodeReplayBuffer
from experiments.options import experiment_parser
from experiments.reports import log_scalars, write_json
from polyproof_gym.envs import PolyProofEnv

BATCH = 64
"""Transitions of a sample."""

REPEATS = 10
"""How often every episode is stored."""

SAMPLES = 100
"""Samples that are timed."""


@dataclass(frozen=True)
class ReplayMemory:
    """What a full replay buffer costs; sizes are in bytes for each transition.

    Attributes:
        n: Number of vertices of the random graphs.
        agent: Who chose the actions.
        steps: Step budget of an episode.
        transitions: Number of transitions stored.
        resident_bytes: By how much the resident memory of the process grew; ``None`` where the system does not tell.
        array_bytes: Size of the buffer's arrays.
        dict_buffer_bytes: Size of the arrays of Stable-Baselines3's ``DictReplayBuffer``, computed from the spaces.
        sample_ms: Median time of a sample of 64 transitions, in milliseconds.
    """

    n: int
    agent: str
    steps: int
    transitions: int
    resident_bytes: float | None
    array_bytes: float
    dict_buffer_bytes: int
    sample_ms: float


def measure(n: int, agent: str, steps: int, transitions: int, seed: int) -> ReplayMemory:
    """Fill a buffer and measure it, in a process of its own: memory that others have freed would be used unseen.

    Args:
        n: Number of vertices.
        agent: Spec string of an agent that acts step by step.
        steps: Step budget of the episodes.
        transitions: Number of transitions to store.
        seed: Seed of the graphs and of the agent.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_measure, n, agent, steps, transitions, seed).result()


def _measure(n: int, agent: str, steps: int, transitions: int, seed: int) -> ReplayMemory:
    env = PolyProofEnv(f"random-stable-set:n={n}", max_steps=steps)
    _filled(env, agent, 2 * steps, seed).sample(BATCH)  # loads the compiler, and brings the solver to its size
    before = _resident_memory()
    buffer = _filled(env, agent, transitions, seed)
    after = _resident_memory()
    seconds = []
    for _ in range(SAMPLES):
        started = time.perf_counter()
        buffer.sample(BATCH)
        seconds.append(time.perf_counter() - started)
    return ReplayMemory(
        n=n,
        agent=agent,
        steps=steps,
        transitions=transitions,
        resident_bytes=None if before is None or after is None else round((after - before) / transitions, 1),
        array_bytes=round(buffer.nbytes / transitions, 1),
        dict_buffer_bytes=dict_buffer_bytes(env),
        sample_ms=round(1e3 * statistics.median(seconds), 3),
    )


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


def _resident_memory() -> int | None:
    """Resident memory of this process in bytes, where Linux tells it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


def table(results: Sequence[ReplayMemory]) -> str:
    """The results as text."""
    names = ("resident", "arrays", "DictReplayBuffer", "sample")
    lines = [f"{'n':>3} {'actions':13} {'transitions':>11} " + " ".join(f"{name:>16}" for name in names)]
    for r in results:
        resident = "-" if r.resident_bytes is None else f"{r.resident_bytes:.0f} B"
        lines.append(
            f"{r.n:3} {r.agent:13} {r.transitions:11} {resident:>16} {r.array_bytes:14.0f} B"
            f" {r.dict_buffer_bytes:14} B {r.sample_ms:13.2f} ms"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the exit status."""
    parser = experiment_parser("replay_memory", __doc__)
    parser.add_argument("--transitions", type=int, default=100_000, help="transitions to store (default: %(default)s)")
    parser.add_argument("--agents", nargs="+", default=["random", "dual-guided"], help="who acts (default: both)")
    options = parser.parse_args(arguments)
    settings = [(n, agent) for n in options.n for agent in options.agents]
    results = [
        measure(n, agent, options.steps, options.transitions, options.seed)
        for n, agent in tqdm(settings, unit="setting", file=sys.stderr)
    ]
    print(table(results))
    for r in results:
        scalars = (("replay/array_bytes", r.array_bytes, r.n), ("replay/sample_ms", r.sample_ms, r.n))
        log_scalars(options.logdir / r.agent, scalars)
    if options.json is not None:
        report: dict[str, Any] = {"results": [asdict(result) for result in results]}
        write_json(options.json, report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
