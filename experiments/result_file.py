"""A JSON file of results that grows while they are made, and is gone on with after an interruption."""

from __future__ import annotations

import json
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from tqdm import tqdm

from experiments.executors import Executor, Failure
from polyproof_gym import BadInput
from polyproof_gym.whole_file import write_whole

WRITING_INTERVAL = 5.0
"""Seconds that pass at least between two times that the file is written."""

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


class ResultFile(ABC, Generic[Task, Outcome]):
    """Results, and the JSON file that holds them at any time, whole.

    The file holds the ``settings``, the ``summary`` (``null`` until there is one) and the results, one a line.

    Attributes:
        entries: What the results are called in the file.
        unit: What one is called at the progress bar.
        results: The results, by what was to be done.
        summary: What is said of all of them.
    """

    entries: ClassVar[str]
    unit: ClassVar[str]

    def __init__(self, path: Path | None, settings: Mapping[str, Any], resume: bool) -> None:
        """Begin a file, or go on with one.

        Args:
            path: The file; ``None`` keeps the results in memory only.
            settings: What must be the same for results to be together in one file.
            resume: Whether to go on with the file; it need not be there yet.

        Raises:
            BadInput: If it is there and may not be, cannot be read or written, or has other settings.
        """
        self._path = path
        self._settings = json.loads(json.dumps(settings))
        self.summary: Any = None
        self.results: dict[Task, Outcome] = {}
        if path is None:
            if resume:
                raise BadInput("expected --json FILE to resume from")
            return
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
    def work(self, task: Task) -> Outcome:
        """Do what is to be done.

        Raises:
            BadInput: If that is impossible.
        """

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
        self.results = {result.task: result for result in results}

    def write(self, summary: Any) -> None:
        """Write the file, with what is to be said of all results.

        Raises:
            BadInput: If that is impossible.
        """
        self.summary = summary
        if self._path is not None:
            head = f'"settings": {json.dumps(self._settings)},\n"summary": {json.dumps(summary, indent=1)}'
            lines = ",\n".join(result.to_json() for result in self.results.values())
            write_whole(self._path, f'{{{head},\n"{self.entries}": [\n{lines}\n]}}\n')

    def complete(self, tasks: Sequence[Task], executor: Executor) -> bool:
        """Do what has not been done; whether all is done now, which it is not after Ctrl-C.

        Whatever happens, the file holds in the end what was finished, in the order of the tasks.

        Args:
            tasks: What is to be done.
            executor: What works on the tasks.

        Raises:
            BadInput: If a task is impossible, or the file cannot be written.
            Exception: Whatever else :meth:`work` raises.
        """
        missing = [task for task in tasks if task not in self.results]
        written = time.monotonic()
        try:
            with tqdm(total=len(tasks), initial=len(tasks) - len(missing), unit=self.unit, file=sys.stderr) as bar:
                for task, result in executor.outcomes(self.work, missing):
                    assert not isinstance(result, Failure)
                    self.results[task] = result
                    bar.update()
                    if time.monotonic() > written + WRITING_INTERVAL:
                        self.write(self.summary)
                        written = time.monotonic()
        except KeyboardInterrupt:
            return False
        finally:
            # Others that the file may hold come first.
            self.results = {
                **_without(self.results, tasks),
                **{task: self.results[task] for task in tasks if task in self.results},
            }
            self.write(self.summary)
        return True


def _without(results: Mapping[Task, Outcome], tasks: Iterable[Task]) -> dict[Task, Outcome]:
    chosen = set(tasks)
    return {task: result for task, result in results.items() if task not in chosen}
