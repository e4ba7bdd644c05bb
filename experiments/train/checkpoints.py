"""Checkpoints of which the last one is whole, whenever the process ends."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from polyproof_gym.whole_file import sync, sync_all

RECORD = "run.json"
"""The file in the folder of a run that says what it is."""


def is_begun(folder: Path) -> bool:
    """Whether a folder holds a run, finished or not."""
    return (folder / RECORD).exists()


class Checkpoints:
    """Folders ``checkpoint-NUMBER``; one gets its name when it is whole on the disk; only then the former one goes."""

    def __init__(self, folder: Path) -> None:
        """Keep checkpoints in a folder."""
        self._folder = folder

    def write(self, number: int, save: Callable[[Path], None]) -> None:
        """Write checkpoint ``number``, unless it is there already, and remove all others.

        Args:
            number: How far the training is.
            save: Writes it to an empty folder.
        """
        final = self._folder / f"checkpoint-{number}"
        if not final.is_dir():
            partial = self._folder / "partial-checkpoint"
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            save(partial)
            sync_all(partial)
            partial.rename(final)
            sync(self._folder)
        for other in self._all():
            if other != final:
                shutil.rmtree(other)

    def latest(self) -> Path | None:
        """The checkpoint that is farthest; ``None`` if there is none."""
        return max(self._all(), key=_number, default=None)

    def _all(self) -> list[Path]:
        return [path for path in self._folder.glob("checkpoint-*") if path.name.rpartition("-")[2].isdecimal()]


def _number(path: Path) -> int:
    return int(path.name.rpartition("-")[2])
