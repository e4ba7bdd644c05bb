"""What a trial is: a training in a process of its own, which tells how its agent does and waits for leave to go on.

The process reads a line from its standard input for every line that it writes. When there is nobody any more who sends
one, it saves and stops, so that no training outlives what has started it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from io import FileIO
from pathlib import Path
from typing import Any, NamedTuple

from experiments.train.checkpoints import Checkpoints, is_begun
from polyproof_gym import BadInput

METRIC = "held_out_return"
"""The figure that trials are compared by; larger is better."""

FAILURE = "failure"
"""What stands in place of the figures of a trial that has failed: the reason."""

LOG = "log.txt"
"""What the process of a trial says, in the trial's folder."""

STOPPING = 20.0
"""Seconds that a training may take to save and stop before it is ended."""

Row = dict[str, Any]
"""Figures of a training, as in ``metrics.jsonl``, when the agent was tried on the held-out problems."""


class Plan(NamedTuple):
    """What all trials of a search have in common, as plain data.

    Attributes:
        seed: Source of all randomness of every training.
        unit: What is counted: ``"updates"`` or ``"steps"``.
        total: How many of them a training takes.
        command: What is recorded as the command that has made it.
        workplace: The working directory, to which names of folders in configurations refer.
    """

    seed: int
    unit: str
    total: int
    command: str
    workplace: str


class Trial(NamedTuple):
    """A training that is to be tried, as plain data.

    Attributes:
        number: Which one it is.
        content: The configuration.
        folder: Where it is made.
        is_stopped: Whether it is not to go on, so that only what it has told is told again.
        plan: What it has in common with the others.
    """

    number: int
    content: dict[str, Any]
    folder: str
    is_stopped: bool
    plan: Plan

    def as_json(self) -> dict[str, Any]:
        """The trial in a form that JSON keeps."""
        return {**self._asdict(), "plan": self.plan._asdict()}

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Trial:
        """The trial that :meth:`as_json` gave."""
        return cls(**{**content, "plan": Plan(**content["plan"])})


def rows_of(trial: Trial) -> Generator[tuple[Row, bool], None, None]:
    """The rows of a trial, one by one, each with whether it is the last: first those that are there already.

    The training goes on when the next row is asked for; closing the generator has it stop.
    """
    try:
        known = known_rows(Path(trial.folder), trial.plan.unit)
    except BadInput as error:
        yield {FAILURE: str(error)}, True
        return
    for row in known:
        is_last = row[trial.plan.unit] >= trial.plan.total or (trial.is_stopped and row is known[-1])
        yield row, is_last
        if is_last:
            return
    with _process(trial) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in process.stdout:
            row = json.loads(line)
            is_last = FAILURE in row or row[trial.plan.unit] >= trial.plan.total
            yield row, is_last
            if is_last:
                return
            process.stdin.write("go on\n")
            process.stdin.flush()
        yield {FAILURE: _death(process.wait(), Path(trial.folder) / LOG)}, True


def known_rows(folder: Path, unit: str) -> list[Row]:
    """The rows that a training has told up to its last checkpoint, from which it would go on.

    Raises:
        BadInput: If they cannot be read.
    """
    from experiments.train.run import figures_in

    checkpoint = Checkpoints(folder).latest()
    if checkpoint is None or not (folder / "metrics.jsonl").exists():
        return []
    done = int(checkpoint.name.rpartition("-")[2])
    return [row for row in figures_in(folder / "metrics.jsonl", unit) if METRIC in row and row[unit] <= done]


def _death(status: int, log: Path) -> str:
    """How a process has ended, in a line."""
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return f"{next(filter(None, reversed(lines)), 'it ended by itself')} (see {LOG})"


@contextlib.contextmanager
def _process(trial: Trial) -> Iterator[subprocess.Popen[str]]:
    """The process of a trial, which is stopped in the end."""
    folder, root = Path(trial.folder), Path(__file__).parents[2]
    folder.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])])
    with (folder / LOG).open("a", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, json.dumps(trial.as_json())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=trial.plan.workplace,
            env={**os.environ, "PYTHONPATH": path, "TQDM_DISABLE": "1"},
            start_new_session=True,  # Ctrl-C is for what has started it
            text=True,
        )
        try:
            yield process
        finally:
            assert process.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
            try:
                process.wait(STOPPING)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            assert process.stdout is not None
            process.stdout.close()


class _Leave:
    """Leave to go on, line by line; without anybody who gives it, the process is asked to end.

    Lines are read without a buffer, whose lock workers that are forked meanwhile would wait for without end.
    """

    def __init__(self, lines: FileIO) -> None:
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()

    def _read(self, lines: FileIO) -> None:
        for line in lines:
            self._lines.put(line)
        self._lines.put(b"")
        os.kill(os.getpid(), signal.SIGTERM)

    def wait(self) -> None:
        """Wait for it.

        Raises:
            KeyboardInterrupt: If there will be none.
        """
        if not self._lines.get():
            raise KeyboardInterrupt


def _train(trial: Trial, tell: Callable[[Mapping[str, Any]], None]) -> None:
    """Train, or go on with what is there."""
    from experiments.train.run import describe, train
    from experiments.train.training import make_training

    folder = Path(trial.folder)
    leave = _Leave(FileIO(sys.stdin.fileno(), closefd=False))

    def wait(row: Mapping[str, float]) -> None:
        tell(row)
        if row[trial.plan.unit] < trial.plan.total:
            leave.wait()

    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # what was in this folder before may not have come to rest yet
        training = make_training(trial.content, trial.plan.seed)
        description = describe(trial.content["algorithm"], training, trial.plan.seed, trial.plan.command)
        train(training, description, folder, is_begun(folder), wait)


def main(text: str) -> int:
    """Be the process of a trial; the exit status."""
    lines = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    sys.stdout = sys.stderr  # the lines are rows, and nothing else

    def tell(row: Mapping[str, Any]) -> None:
        print(json.dumps(row), file=lines, flush=True)

    try:
        _train(Trial.of(json.loads(text)), tell)
    except BadInput as error:
        tell({FAILURE: str(error)})
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
