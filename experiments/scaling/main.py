"""What rows cost the process that gives them out: measured with few workers, fitted, and carried on to many.

``python -m experiments.scaling --json FILE`` has tasks that only wait, so that more of them than there are processors
run at a time, on processes and on Ray, with one node and with several. The time of ``rows`` rows is modelled as

    start + rows * max((task + spent) / workers, driven)

where ``spent`` is what a worker takes for a task beside itself, and ``driven`` what the process takes that gives tasks
out. Both have a part for every row, and one for every batch of rows, which they share.
"""

from __future__ import annotations

import argparse
import pickle
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import scipy.optimize

from experiments.executors import Executor, make_executor
from experiments.executors.ray import LARGEST, LEAST_SECONDS, QUEUED, SECONDS_HERE
from experiments.extras import require_extra
from experiments.options import plain_parser
from experiments.origin import origin
from experiments.outputs import require_output
from experiments.reports import write_json
from experiments.result_file import Made, ResultFile
from experiments.starting import INTERRUPTED
from experiments.tables import duration, figure, grid, markdown, size
from experiments.trials import Task, attempt
from polyproof_gym import BadInput
from polyproof_gym.stopping import raised_on_sigterm

SETTINGS = (
    ("processes", 1, 2),
    ("ray", 1, 1),
    ("ray", 1, 2),
    ("ray", 2, 4),
    ("ray", 4, 8),
)
"""Executors, with the numbers of their nodes and workers."""

LENGTHS = ((0.0, 4000), (0.01, 400), (0.1, 80))
"""Seconds that a task takes, and how many of them there are for every two workers."""

REPETITIONS = 3
"""How often everything is measured, on clusters of its own; medians count."""

WORKERS, ROWS = 1000, 10**6
"""What is extrapolated to."""

LONG = (0.01, 0.1, 1.0, 10.0, 100.0)
"""Seconds of a task there."""

LEAST = 1e-6
"""Seconds that a row takes at least, where other measurements are taken away from what it took."""

LOOK = 100
"""Rows between two looks at the object store."""

EXAMPLE = Task("random-stable-set:n=25,index=0", "dual-guided", 100, 0)
"""Rows are as long as that of this trial."""


@dataclass(frozen=True)
class Pause:
    """A task that only waits.

    Attributes:
        number: Its number.
        seconds: How long it takes.
    """

    number: int
    seconds: float


@dataclass(frozen=True)
class Waited:
    """The row of a pause.

    Attributes:
        task: The pause.
        text: A line, as long as rows usually are.
    """

    task: Pause
    text: str

    def to_json(self) -> str:
        """The line."""
        return self.text


class Waits:
    """Waits, and gives a row."""

    def __init__(self, text: str) -> None:
        """Have a row of which all have a copy."""
        self._text = text

    def __call__(self, pause: Pause) -> Made[Waited]:
        """Wait; the row."""
        time.sleep(pause.seconds)
        return Made(Waited(pause, self._text), {})


class PauseFile(ResultFile[Pause, Waited]):
    """A file of such rows."""

    entries = "pauses"
    unit = "pause"

    def __init__(self, path: Path, text: str) -> None:
        """Begin a file whose rows have a text."""
        super().__init__(path, {}, False)
        self._text = text

    def read(self, entry: Mapping[str, Any]) -> Waited:
        """Refuse all lines: rows have no place for their tasks.

        Raises:
            TypeError: Always.
        """
        raise TypeError("rows of pauses are not read again")

    def work(self, tasks: Iterable[Pause]) -> Callable[[Pause], Made[Waited]]:
        """What waits."""
        return Waits(self._text)


@dataclass(frozen=True)
class Run:
    """What was measured of tasks of one length.

    Attributes:
        executor: What worked on them.
        nodes: Machines that it had, all of them this one.
        workers: Tasks at a time.
        rows: Number of tasks.
        task: Seconds of a task.
        start: Seconds until the first task of all was finished.
        wall: Seconds from the first row to the last, the file included.
        driver: Processor seconds of the process that gave them out, meanwhile.
        stored: The most bytes in Ray's object store at a time, as far as that was seen.
        written: Bytes of the file.
    """

    executor: str
    nodes: int
    workers: int
    rows: int
    task: float
    start: float
    wall: float
    driver: float
    stored: float
    written: float


@contextmanager
def executor_with(name: str, nodes: int, workers: int) -> Iterator[Executor]:
    """An executor; of several nodes, a cluster of Ray that is all on this machine."""
    if nodes == 1:
        with make_executor(name, workers) as executor:
            yield executor
        return
    from ray.cluster_utils import Cluster

    head = {"num_cpus": workers // nodes, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        for _ in range(nodes - 1):
            cluster.add_node(num_cpus=workers // nodes)
        with make_executor(f"{name}:{cluster.address}", workers) as executor:
            yield executor
    finally:
        cluster.shutdown()


def measure_runs(
    setting: tuple[str, int, int], lengths: Sequence[tuple[float, int]], text: str, folder: Path
) -> Iterator[Run]:
    """Have tasks of all lengths done by one executor."""
    name, nodes, workers = setting
    began = time.perf_counter()
    with executor_with(*setting) as executor:
        executor.map(Waits(text), [Pause(-1, 0.0)])
        start = time.perf_counter() - began
        executor.map(Waits(text), (Pause(-number, 0.02) for number in range(1, 10 * workers)))  # so that all are there
        for seconds, count in lengths:
            rows = count * workers // 2 or 1
            path = folder / f"{seconds}.json"
            file = PauseFile(path, text)
            pauses = [Pause(number, seconds) for number in range(rows)]
            cpu, began = time.process_time(), time.perf_counter()
            file.complete(pauses, executor)
            wall, driver = time.perf_counter() - began, time.process_time() - cpu
            written = path.stat().st_size
            stored = 0.0 if name == "processes" else most_stored(executor, Waits(text), pauses[: 20 * LOOK])
            yield Run(name, nodes, workers, rows, seconds, start, wall, driver, stored, written)


def most_stored(executor: Executor, work: Waits, pauses: Sequence[Pause]) -> float:
    """The most bytes in the object store of Ray, as far as looking now and then tells."""
    import ray

    most, total = 0.0, ray.cluster_resources()["object_store_memory"]
    for number, _ in enumerate(executor.outcomes(work, pauses)):
        if number % LOOK == 0:
            most = max(most, total - ray.available_resources().get("object_store_memory", total))
    return most


def length_of_batch(executor: str, workers: int, task: float) -> int:
    """How many tasks an executor has in a batch once it knows how long they take."""
    if executor == "processes":
        return 1
    return min(LARGEST, max(1, int(max(LEAST_SECONDS, SECONDS_HERE * workers) / max(task, 1e-6))))


class Cost(NamedTuple):
    """What somebody takes for rows.

    Attributes:
        row: Seconds for every row.
        batch: Seconds for every batch of rows.
    """

    row: float
    batch: float

    def of_row(self, length: int) -> float:
        """Seconds for a row in a batch of some length."""
        return self.row + self.batch / length

    @classmethod
    def fitted(cls, lengths: Sequence[int], seconds: Sequence[float]) -> Cost:
        """The least squares of relative errors, of what rows took in batches; with one length, all is by the row."""
        if len({*lengths}) == 1:
            return cls(statistics.median(seconds), 0.0)
        features = np.array([[1.0, 1 / length] for length in lengths]) / np.array(seconds)[:, None]
        row, batch = scipy.optimize.nnls(features, np.ones(len(seconds)))[0].tolist()
        return cls(row, batch)


@dataclass(frozen=True)
class Model:
    """What rows cost with an executor.

    Attributes:
        executor: What works on the tasks.
        start: Seconds until the first row.
        spent: What a worker takes for tasks beside themselves.
        driven: Processor seconds of the process that gives tasks out.
        written: Bytes of a row in the file.
    """

    executor: str
    start: float
    spent: Cost
    driven: Cost
    written: float

    @classmethod
    def of(cls, executor: str, runs: Sequence[Run]) -> Model:
        """The model that fits runs; that of the workers, those of one node, whose processors were their own."""
        own = [run for run in runs if run.executor == executor]
        alone = [run for run in own if run.nodes == 1]
        spent = [max(LEAST, run.wall * run.workers / run.rows - run.task) for run in alone]
        lengths = {run: length_of_batch(executor, run.workers, run.task) for run in own}
        return cls(
            executor,
            statistics.median(run.start for run in own),
            Cost.fitted([lengths[run] for run in alone], spent),
            Cost.fitted([lengths[run] for run in own], [run.driver / run.rows for run in own]),
            statistics.median(run.written / run.rows for run in own),
        )

    def by_workers(self, workers: int, task: float) -> float:
        """Seconds for a row, as far as the workers go."""
        return (task + self.spent.of_row(length_of_batch(self.executor, workers, task))) / workers

    def by_driver(self, workers: int, task: float) -> float:
        """Seconds for a row, as far as the process goes that gives tasks out."""
        return self.driven.of_row(length_of_batch(self.executor, workers, task))

    def seconds(self, workers: int, task: float) -> float:
        """Seconds for a row."""
        return max(self.by_workers(workers, task), self.by_driver(workers, task))


def tables(report: Mapping[str, Any]) -> dict[str, str]:
    """The tables of a report: what was measured, the model, and what follows from it."""
    runs = [Run(**run) for run in report["runs"]]
    models = {name: Model.of(name, runs) for name in dict.fromkeys(run.executor for run in runs)}
    measured = {
        "executor": lambda run: run.executor,
        "nodes": lambda run: str(run.nodes),
        "workers": lambda run: str(run.workers),
        "a task": lambda run: duration(run.task),
        "rows": lambda run: str(run.rows),
        "start": lambda run: duration(run.start),
        "a row": lambda run: duration(run.wall / run.rows),
        "by the model": lambda run: duration(models[run.executor].seconds(run.workers, run.task)),
        "processor time here": lambda run: duration(run.driver / run.rows),
        "in the store": lambda run: size(run.stored) if run.stored else "",
    }
    parts: Mapping[str, Callable[[Model], str]] = {
        "executor": lambda model: model.executor,
        "start": lambda model: duration(model.start),
        "worker, a row": lambda model: duration(model.spent.row),
        "worker, a batch": lambda model: duration(model.spent.batch or None),
        "here, a row": lambda model: duration(model.driven.row),
        "here, a batch": lambda model: duration(model.driven.batch or None),
    }
    return {
        "runs": markdown(measured, runs),
        "model": markdown(parts, models.values()),
        "many": _many(models["ray"]),
        "sizes": _sizes(models["ray"].written, report["held"]),
    }


def _many(model: Model) -> str:
    """How long many rows take with many workers."""
    rows = []
    for task in LONG:
        workers, driver = model.by_workers(WORKERS, task), model.by_driver(WORKERS, task)
        rows.append(
            [
                duration(task),
                str(length_of_batch("ray", WORKERS, task)),
                _long(ROWS * workers),
                _long(ROWS * driver),
                "the driver" if driver > workers else "the workers",
                figure(float(f"{WORKERS * workers / driver:.2g}")),
            ]
        )
    head = ["a task", "in a batch", "the workers take", "the driver takes", "what limits", "workers kept busy"]
    return grid(head, rows)


def _sizes(written: float, held: float) -> str:
    """How large things get, from the bytes of a row in the file and in memory."""
    rows = [
        ["result file", size(written), size(written * ROWS)],
        ["memory of the driver", size(held), size(held * ROWS)],
        ["object stores, all nodes, at a time", size(written), f"{size(QUEUED * WORKERS * LARGEST * written)} at most"],
    ]
    return grid(["", "a row", f"{ROWS:,} rows".replace(",", " ")], rows)


def _long(seconds: float) -> str:
    """A time that may be hours."""
    for factor, unit in ((3600, "h"), (60, "min")):
        if seconds >= 2 * factor:
            return f"{figure(seconds / factor)} {unit}"
    return duration(seconds)


def measure(
    settings: Sequence[tuple[str, int, int]], lengths: Sequence[tuple[float, int]], repetitions: int
) -> dict[str, Any]:
    """Measure everything; the report."""
    text = attempt(EXAMPLE).to_json()
    found: dict[tuple[Any, ...], list[Run]] = {}
    for _ in range(repetitions):
        for setting in settings:
            with tempfile.TemporaryDirectory() as folder:
                for run in measure_runs(setting, lengths, text, Path(folder)):
                    found.setdefault((*setting, run.task), []).append(run)
    return {"held": held_for_row(text), "runs": [_median(runs) for runs in found.values()]}


def held_for_row(text: str, rows: int = 1000) -> float:
    """Bytes of memory that a row takes which has come from elsewhere and is kept with its task."""
    sent = [pickle.dumps((Pause(number, 0.0), Waits(text)(Pause(number, 0.0)))) for number in range(rows)]
    tracemalloc.start()
    try:
        kept = [pickle.loads(content) for content in sent]
        return tracemalloc.get_traced_memory()[0] / len(kept)
    finally:
        tracemalloc.stop()


def _median(runs: Sequence[Run]) -> dict[str, Any]:
    """The medians of the same measured several times."""
    fields = [asdict(run) for run in runs]
    return {
        key: statistics.median(other[key] for other in fields) if isinstance(value, float) else value
        for key, value in fields[0].items()
    }


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = plain_parser("scaling", __doc__ or "")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the results to this file")
    parser.add_argument("--quick", action="store_true", help="sizes that show only that everything runs")
    return parser


@raised_on_sigterm()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the tables; the exit status."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    try:
        require_extra("ray", "ray")
        require_output(options.json)
        if options.quick:
            report = measure([("processes", 1, 2), ("ray", 1, 2)], [(0.0, 60), (0.05, 4)], 1)
        else:
            report = measure(SETTINGS, LENGTHS, REPETITIONS)
        if options.json is not None:
            write_json(options.json, {"origin": origin(parser.prog, arguments), **report})
    except BadInput as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        print("interrupted; nothing to report yet", file=sys.stderr)
        return INTERRUPTED
    for name, table in tables(report).items():
        print(f"{name}\n\n{table}\n")
    return 0
