"""The trials of a search: what each has done so far, in a file, and as a table."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from experiments.tables import figure, grid
from experiments.tune.trial import METRIC, Row
from polyproof_gym import BadInput
from polyproof_gym.whole_file import write_whole, write_whole_with

RECORD, TABLE = "tune.json", "tune.md"

WAITING, RUNNING, STOPPED, FINISHED, FAILED = "waiting", "unfinished", "stopped", "finished", "failed"
"""How a trial can stand: not begun; begun; behind the others; trained to the end; ended by an error."""


@dataclass
class Standing:
    """How a trial stands.

    Attributes:
        values: What was drawn for it.
        status: See above.
        last: Its last figures.
        best: Those of its best agent.
        failure: What went wrong, if something did.
    """

    values: dict[str, Any]
    status: str = WAITING
    last: Row = field(default_factory=dict)
    best: Row = field(default_factory=dict)
    failure: str = ""

    @property
    def figure(self) -> float:
        """What trials are compared by."""
        return float(self.best.get(METRIC, -math.inf))


class Standings:
    """The standings of all trials, and the files that tell of them.

    Attributes:
        trials: The standings by number of the trial.
    """

    def __init__(
        self, folder: Path, description: Mapping[str, Any], unit: str, values: Sequence[dict[str, Any]]
    ) -> None:
        """Begin with trials that wait.

        Args:
            folder: Where the files are, and the folders of the trials.
            description: What the search is, as plain data.
            unit: What is counted: ``"updates"`` or ``"steps"``.
            values: What was drawn for each trial.
        """
        self.trials = [Standing(each) for each in values]
        self._folder, self._description, self._unit = folder, description, unit

    def folder(self, number: int) -> Path:
        """Where a trial is made."""
        return self._folder / f"trial-{number:03}"

    @property
    def is_begun(self) -> bool:
        """Whether there is a search in the folder."""
        return (self._folder / RECORD).exists()

    def is_stopped(self, number: int) -> bool:
        """Whether a trial is not to go on, since others are better."""
        return self.trials[number].status == STOPPED

    def resume(self) -> None:
        """Go on with the search of the folder.

        Raises:
            BadInput: If there is none, or another one.
        """
        theirs, former = _recorded(self._folder)
        if any(theirs[key] != self._description[key] for key in theirs):
            raise BadInput(f"{self._folder}: expected a search of the same configuration and seed to resume")
        if len(former) > len(self.trials):
            raise BadInput(f"{self._folder}: expected at least {len(former)} samples, as there are so many trials")
        self.trials[: len(former)] = former

    def note(self, number: int, row: Row, agent: Mapping[str, bytes]) -> None:
        """Note figures of a trial; those that are known already change nothing.

        Args:
            number: The trial.
            row: The figures.
            agent: The files of the agent that they are about, by their names, unless the trial had a better one.
        """
        standing = self.trials[number]
        standing.status, standing.failure = RUNNING, ""
        if row[self._unit] <= standing.last.get(self._unit, -1):
            return
        standing.last = row
        if row[METRIC] > standing.figure:
            standing.best = row
            if self.best() == number:
                for name, content in agent.items():
                    write_whole_with(self._folder / name, partial(_put, content))
        self.write()

    def end(self, number: int, total: int, failure: str = "") -> None:
        """Note that a trial has ended."""
        standing = self.trials[number]
        standing.failure = failure
        standing.status = FAILED if failure else FINISHED if standing.last.get(self._unit, 0) >= total else STOPPED
        self.write()

    def best(self) -> int | None:
        """The number of the best trial; ``None`` while nothing is known of any."""
        best = max(range(len(self.trials)), key=lambda number: self.trials[number].figure)
        return best if self.trials[best].best else None

    def write(self) -> None:
        """Write the record and the table."""
        trials = [asdict(standing) for standing in self.trials]
        content = {**self._description, "best": self.best(), "trials": trials}
        write_whole(self._folder / RECORD, json.dumps(content, indent=1) + "\n")
        write_whole(self._folder / TABLE, self.table() + f"\nMade by `{self._description['command']}`.\n")

    def table(self) -> str:
        """All trials as a Markdown table, the best one first."""
        keys = list(self.trials[0].values)
        heads = ["trial", *keys, self._unit, "held-out return", "held-out bound", "at", "seconds", "status"]
        order = sorted(range(len(self.trials)), key=lambda number: -self.trials[number].figure)
        return grid(heads, (self._cells(number, keys) for number in order)) + "\n"

    def _cells(self, number: int, keys: Sequence[str]) -> list[str]:
        standing = self.trials[number]
        values = [str(standing.values[key]) for key in keys]
        figures = [(standing.best, METRIC), (standing.best, "held_out_bound"), (standing.best, self._unit)]
        shown = [figure(row.get(name)) for row, name in [*figures, (standing.last, "seconds")]]
        status = f"{standing.status}: {standing.failure.replace('|', '/')}" if standing.failure else standing.status
        return [str(number), *values, str(standing.last.get(self._unit, 0)), *shown, status]


def _put(content: bytes, file: BinaryIO) -> None:
    file.write(content)


def number_in(folder: Path) -> int:
    """The number of trials of the search in a folder.

    Raises:
        BadInput: If there is none.
    """
    return len(_recorded(folder)[1])


def _recorded(folder: Path) -> tuple[dict[str, Any], list[Standing]]:
    """What the search in a folder is about, and how its trials stand.

    Raises:
        BadInput: If there is none.
    """
    path = folder / RECORD
    if not path.exists():
        raise BadInput(f"{folder}: nothing to resume there")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        about = {key: content[key] for key in ("config", "seed")}
        return about, [Standing(**each) for each in content["trials"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise BadInput(f"{path}: expected the record of a search, as JSON") from None
