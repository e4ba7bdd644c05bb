"""Trials by several workers at a time: how much faster two are than one, and what a row costs beside its work.

Runs with one worker, with two, and with none, where one process does all, take turns, so that other work of the machine
falls on all. Every row is written to a file, as the experiments do it.
"""

from __future__ import annotations

import importlib.util
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from experiments.benchmark.own_process import in_own_process
from experiments.executors import DEFAULT, EXECUTORS, Executor, Processes, make_executor
from experiments.result_file import Made
from experiments.tables import Result, duration, markdown, show
from experiments.trials import Task, Trial, TrialFile, attempt

WORKERS = 2
"""How many workers are compared with one."""


@dataclass(frozen=True)
class Throughput:
    """One executor; seconds are medians over repetitions.

    Attributes:
        executor: Its name.
        rows: Number of trials.
        here: All of them in one process, without workers.
        one: With one worker.
        two: With two.
        speedup: Median of the ratios of ``one`` to ``two`` within each repetition.
        overhead: What a row takes with one worker beyond what it takes without.
        empty: What a row takes that is no work, with two workers.
    """

    executor: str
    rows: int
    here: float
    one: float
    two: float
    speedup: float
    overhead: float
    empty: float


@dataclass(frozen=True)
class Throughputs:
    """The result of this section; see :class:`Throughput`."""

    n: int
    agent: str
    repetitions: int
    empty_rows: int
    rows: tuple[Throughput, ...]


@dataclass(frozen=True)
class _Known:
    """Gives the same trial for all tasks, at once."""

    trial: Trial

    def __call__(self, task: Task) -> Made[Trial]:
        return Made(replace(self.trial, task=task), {})


class _KnownFile(TrialFile):
    """Trials that are known."""

    def work(self, tasks: Iterable[Task]) -> Callable[[Task], Made[Trial]]:  # type: ignore[override]
        (first, *_) = tasks
        return _Known(attempt(first))


def _seconds(kind: type[TrialFile], tasks: Sequence[Task], executor: Executor) -> float:
    """How long it takes until all trials are in a file."""
    with tempfile.TemporaryDirectory() as folder:
        file = kind(Path(folder) / "trials.json", {}, resume=False)
        started = time.perf_counter()
        file.complete(tasks, executor)
        return time.perf_counter() - started


def timed(name: str, workers: int, specs: Sequence[str], agent: str, steps: int, empty_rows: int) -> dict[str, float]:
    """Seconds that all trials take, and those that are no work; after a few that do not count.

    Args:
        name: The executor.
        workers: The number of workers; 0 is this process itself.
        specs: The problems.
        agent: The agent.
        steps: Step budget.
        empty_rows: Number of trials that are no work.
    """
    tasks = [Task(spec, agent, steps, 0) for spec in specs]
    empty = [replace(tasks[0], seed=k) for k in range(empty_rows)]
    # One process would be this one; with a limit of memory that is never reached, it is another.
    memory = 10**9 if name == DEFAULT and workers == 1 else None
    with make_executor(name, workers, memory) if workers else Processes() as executor:
        _seconds(TrialFile, tasks[:4], executor)
        return {"trials": _seconds(TrialFile, tasks, executor), "empty": _seconds(_KnownFile, empty, executor)}


def throughput(name: str, repetitions: int, **settings: Any) -> Throughput:
    """Measure one executor, every time in a process of its own.

    Args:
        name: Its name.
        repetitions: How often everything is measured.
        settings: Arguments of :func:`timed`.
    """
    rounds = [
        [in_own_process(__name__, "timed", name=name, workers=workers, **settings) for workers in (0, 1, WORKERS)]
        for _ in range(repetitions)
    ]
    times = [[found["trials"] for found in one] for one in rounds]
    here, first, second = (statistics.median(column) for column in zip(*times, strict=True))
    rows = len(settings["specs"])
    return Throughput(
        executor=name,
        rows=rows,
        here=here,
        one=first,
        two=second,
        speedup=statistics.median(one / two for _, one, two in times),
        overhead=statistics.median((one - alone) / rows for alone, one, _ in times),
        empty=statistics.median(found[-1]["empty"] for found in rounds) / settings["empty_rows"],
    )


def measure(
    n: int = 25,
    agent: str = "dual-guided",
    *,
    graphs: int = 160,
    steps: int = 60,
    empty_rows: int = 10_000,
    repetitions: int = 5,
    seed: int = 0,
) -> Throughputs:
    """Measure all executors that are installed.

    Args:
        n: Number of vertices of the random graphs.
        agent: The agent.
        graphs: Number of trials, on a graph each.
        steps: Step budget.
        empty_rows: Number of trials that are no work.
        repetitions: How often everything is measured.
        seed: Number of the first graph.
    """
    specs = [f"random-stable-set:n={n},index={seed + k}" for k in range(graphs)]
    settings = {"specs": specs, "agent": agent, "steps": steps, "empty_rows": empty_rows}
    names = [name for name in EXECUTORS if name != "ray" or importlib.util.find_spec("ray") is not None]
    return Throughputs(
        n, agent, repetitions, empty_rows, tuple(throughput(name, repetitions, **settings) for name in names)
    )


def table(result: Result) -> str:
    """The result as a Markdown table."""
    return markdown(
        {
            "executor": show("executor"),
            "rows": show("rows"),
            "without workers": lambda row: duration(row["here"]),
            "one worker": lambda row: duration(row["one"]),
            "two workers": lambda row: duration(row["two"]),
            "ratio": lambda row: f"{row['speedup']:.2f}",
            "overhead of a row": lambda row: duration(row["overhead"]),
            "an empty row": lambda row: duration(row["empty"]),
        },
        result["rows"],
    )
