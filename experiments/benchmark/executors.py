"""Trials by several workers at a time: how much faster two are than one, and what a row costs beside its work.

Runs with one worker, with two, and in this process itself take turns, so that other work of the machine falls on all.
Every row is written to a file, as the experiments do it.
"""

from __future__ import annotations

import importlib.util
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from experiments.executors import EXECUTORS, Executor, Processes, make_executor
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
        here: All of them in this process itself.
        one: With one worker.
        two: With two.
        speedup: Median of the ratios of ``one`` to ``two`` within each repetition.
        overhead: What a row takes with one worker beyond what it takes here.
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


def throughput(name: str, tasks: Sequence[Task], empty: Sequence[Task], repetitions: int) -> Throughput:
    """Measure one executor.

    Args:
        name: Its name.
        tasks: The trials.
        empty: Those that are no work.
        repetitions: How often everything is measured.
    """
    with make_executor(name, WORKERS) as two, make_executor(name, 1) as one:
        two.map(abs, range(100))  # starts what must be started
        # One process would be this one; with a limit of memory that is never reached, it is another.
        single = Processes(1, task_memory=10**9) if isinstance(one, Processes) else one
        ways = {"here": Processes(), "one": single, "two": two}
        for executor in (single, two):
            _seconds(TrialFile, tasks[:4], executor)
        rounds = [
            {way: _seconds(TrialFile, tasks, executor) for way, executor in ways.items()} for _ in range(repetitions)
        ]
        empties = [_seconds(_KnownFile, empty, two) for _ in range(repetitions)]
    here, first, second = (statistics.median(found[way] for found in rounds) for way in ways)
    return Throughput(
        executor=name,
        rows=len(tasks),
        here=here,
        one=first,
        two=second,
        speedup=statistics.median(found["one"] / found["two"] for found in rounds),
        overhead=statistics.median((found["one"] - found["here"]) / len(tasks) for found in rounds),
        empty=statistics.median(empties) / len(empty),
    )


def measure(
    n: int = 25,
    agent: str = "dual-guided",
    *,
    graphs: int = 40,
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
    tasks = [Task(f"random-stable-set:n={n},index={seed + k}", agent, steps, 0) for k in range(graphs)]
    empty = [replace(tasks[0], seed=k) for k in range(empty_rows)]
    names = [name for name in EXECUTORS if name != "ray" or importlib.util.find_spec("ray") is not None]
    rows = tuple(throughput(name, tasks, empty, repetitions) for name in names)
    return Throughputs(n, agent, repetitions, empty_rows, rows)


def table(result: Result) -> str:
    """The result as a Markdown table."""
    return markdown(
        {
            "executor": show("executor"),
            "rows": show("rows"),
            "in this process": lambda row: duration(row["here"]),
            "one worker": lambda row: duration(row["one"]),
            "two workers": lambda row: duration(row["two"]),
            "ratio": lambda row: f"{row['speedup']:.2f}",
            "overhead of a row": lambda row: duration(row["overhead"]),
            "an empty row": lambda row: duration(row["empty"]),
        },
        result["rows"],
    )
