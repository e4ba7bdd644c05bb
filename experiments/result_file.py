"""A JSON file of results that grows while they are made, and is gone on with after an interruption."""

from __future__ import annotations

import json
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Generic, NamedTuple, Protocol, TypeVar

from tqdm import tqdm

from experiments.executors import Executor, ExecutorLost, Failure
from experiments.file_lock import FileLock
from experiments.journal import Journal
from experiments.outputs import make_folder
from experiments.starting import INCOMPLETE, INTERRUPTED
from polyproof_gym import BadInput
from polyproof_gym.whole_file import write_whole, write_whole_with

WRITING_INTERVAL = 5.0
"""Seconds that pass at least between two times that the file is written whole."""

WRITING_SHARE = 0.05
"""Most of the time that may go into that. What came since is in the journal, so that nothing of it is lost."""

Task = TypeVar("Task", bound=Hashable)
_Task_co = TypeVar("_Task_co", bound=Hashable, covariant=True)


class OfTask(Protocol[_Task_co]):
    """A result, which knows what was to be done, and its own line in the file."""

    @property
    def task(self) -> _Task_co:
        """What was to be done."""

    def to_json(self) -> str:
        """The result on one line."""


Outcome = TypeVar("Outcome", bound=OfTask[Any])


class Made(NamedTuple, Generic[Outcome]):
    """What comes of a task.

    Attributes:
        result: The result.
        files: What is to be kept beside it: texts, by their places in the folder of such files.
    """

    result: Outcome
    files: Mapping[str, str]


@dataclass(frozen=True)
class Ending(Generic[Task]):
    """How the work on tasks has ended.

    Attributes:
        is_interrupted: Whether it was Ctrl-C.
        failures: What was given up, and why.
        loss: That what worked on them is gone, and how much was finished before, in words; empty if it is not.
    """

    is_interrupted: bool
    failures: Mapping[Task, Failure]
    loss: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether all is done."""
        return not (self.is_interrupted or self.failures or self.loss)

    def report(self, table: str, path: Path | None) -> int:
        """Say in one line what is missing, if anything is; the exit status.

        Args:
            table: What there is in spite of that.
            path: The file that can be gone on with.
        """
        if self.is_complete:
            return 0
        what = "interrupted" if self.is_interrupted else self.loss or f"{len(self.failures)} missing"
        more = "" if path is None else f"; --resume goes on with {path}"
        print(f"{what}; {table}{more}", file=sys.stderr)
        return INTERRUPTED if self.is_interrupted else INCOMPLETE


class ResultFile(ABC, Generic[Task, Outcome]):
    """Results, and the JSON file that holds them at any time, whole.

    The file holds the ``settings``, the ``summary`` (``null`` until there is one) and the results, one a line.

    Attributes:
        entries: What the results are called in the file.
        unit: What one is called at the progress bar.
        results: The results, by what was to be done.
        summary: What is said of all of them.
        folder: Where files are kept that come with the results, if they are.
    """

    entries: ClassVar[str]
    unit: ClassVar[str]

    def __init__(
        self, path: Path | None, settings: Mapping[str, Any], resume: bool, folder: Path | None = None
    ) -> None:
        """Begin a file, or go on with one.

        Args:
            path: The file; ``None`` keeps the results in memory only.
            settings: What must be the same for results to be together in one file.
            resume: Whether to go on with the file; it need not be there yet.
            folder: Where files are kept that come with the results, if they are to be kept.

        Raises:
            BadInput: If it is there and may not be, cannot be read or written, has other settings, or another process
                is writing it.
        """
        self._path, self.folder = path, folder
        self._settings = json.loads(json.dumps(settings))
        self._journal = None if path is None else Journal(path, json.dumps(self._settings))
        self.summary: Any = None
        self.results: dict[Task, Outcome] = {}
        if path is None:
            if resume:
                raise BadInput("expected --json FILE to resume from")
            return
        self._lock = FileLock(path)
        if path.exists():
            if not resume:
                raise BadInput(f"{path}: there is a file already; --resume goes on with it")
            self._load(path)
        else:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise BadInput(f"{path}: cannot be written ({(error.strerror or '').lower()})") from None
        self.write(self.summary)

    @abstractmethod
    def read(self, entry: Mapping[str, Any]) -> Outcome:
        """The result that a line of the file holds.

        Raises:
            KeyError: If something is missing.
            TypeError: If something is more or of another type.
            ValueError: If something has a value that it cannot have.
        """

    @abstractmethod
    def work(self, tasks: Iterable[Task]) -> Callable[[Task], Made[Outcome]]:
        """What does tasks, perhaps elsewhere: it can be pickled, and holds no more than that needs.

        It raises :class:`BadInput` if a task is impossible.
        """

    def read_line(self, line: str) -> Outcome:
        """The result that a line of the journal holds."""
        return self.read(json.loads(line))

    def _load(self, path: Path) -> None:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise BadInput(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
        try:
            settings, self.summary = content["settings"], content["summary"]
            results = [self.read(entry) for entry in content[self.entries]]
        except (KeyError, TypeError, ValueError, ArithmeticError):
            raise BadInput(f"{path}: expected a file that this experiment has written") from None
        if not isinstance(settings, dict):
            raise BadInput(f"{path}: expected a file that this experiment has written")
        if settings != self._settings:
            theirs, ours = (", ".join(f"{k}={v}" for k, v in s.items()) for s in (settings, self._settings))
            raise BadInput(f"{path}: expected a file of the settings {ours}, found {theirs}")
        assert self._journal is not None
        try:
            results += map(self.read_line, self._journal.lines())
        except (KeyError, TypeError, ValueError, ArithmeticError, RecursionError):
            raise BadInput(f"{self._journal.path}: expected a file that this experiment has written") from None
        self.results = {result.task: result for result in results}

    def write(self, summary: Any) -> None:
        """Write the file, with what is to be said of all results.

        Raises:
            BadInput: If that is impossible.
        """
        self.summary = summary
        if self._path is None or self._journal is None:
            return

        def write(file: BinaryIO) -> None:
            head = f'"settings": {json.dumps(self._settings)},\n"summary": {json.dumps(summary, indent=1)}'
            file.write(f'{{{head},\n"{self.entries}": ['.encode())
            for number, result in enumerate(self.results.values()):
                file.write(f"{',' if number else ''}\n{result.to_json()}".encode())
            file.write(b"\n]}\n")

        write_whole_with(self._path, write)
        self._journal.clear()

    def complete(self, tasks: Sequence[Task], executor: Executor) -> Ending[Task]:
        """Do what has not been done.

        Whatever happens, the file holds in the end what was finished, in the order of the tasks.

        Args:
            tasks: What is to be done.
            executor: What works on the tasks.

        Returns:
            Whether all is done now, which it is not after Ctrl-C, where workers have died of a task twice, and where
            the executor was lost.

        Raises:
            BadInput: If a task is impossible, or a file cannot be written.
            Exception: Whatever else the work raises.
        """
        missing = [task for task in tasks if task not in self.results]
        failures: dict[Task, Failure] = {}
        is_interrupted, loss = False, ""
        written, interval = time.monotonic(), WRITING_INTERVAL
        try:
            with tqdm(total=len(tasks), initial=len(tasks) - len(missing), unit=self.unit, file=sys.stderr) as bar:
                for task, made in executor.outcomes(self.work(missing), missing):
                    bar.set_postfix_str(executor.resources(), refresh=False)
                    if isinstance(made, Failure):
                        failures[task] = made
                        bar.write(f"{task} is skipped: {made.reason}", file=sys.stderr)
                        continue
                    self._keep(made)
                    bar.update()
                    began = time.monotonic()
                    if began > written + interval:
                        self.write(self.summary)
                        written = time.monotonic()
                        interval = max(WRITING_INTERVAL, (written - began) / WRITING_SHARE)
        except KeyboardInterrupt:
            is_interrupted = True
        except ExecutorLost as lost:
            finished = sum(task in self.results for task in tasks)
            loss = f"{lost}, with {finished} of {len(tasks)} {self.unit}s finished"
        finally:
            # Others that the file may hold come first.
            self.results = {
                **_without(self.results, tasks),
                **{task: self.results[task] for task in tasks if task in self.results},
            }
            self.write(self.summary)
        return Ending(is_interrupted, failures, loss)

    def _keep(self, made: Made[Outcome]) -> None:
        """Keep what has come of a task, with its files, so that it is there however this process ends."""
        for place, text in made.files.items():
            assert self.folder is not None  # else nobody asks for files
            file = self.folder / place
            make_folder(file.parent)
            write_whole(file, text)
        self.results[made.result.task] = made.result
        if self._journal is not None:
            self._journal.append(made.result.to_json())


def _without(results: Mapping[Task, Outcome], tasks: Iterable[Task]) -> dict[Task, Outcome]:
    chosen = set(tasks)
    return {task: result for task, result in results.items() if task not in chosen}
