"""Where the figures of a training go beside ``metrics.jsonl`` and TensorBoard, if that is wished."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.extras import require_extra
from polyproof_gym import BadInput

Row = Mapping[str, float]
"""What ``metrics.jsonl`` has in a line."""


class Log(ABC):
    """A place for the figures of a training."""

    @abstractmethod
    def begin(self, folder: Path, description: Mapping[str, Any], rows: Sequence[Row]) -> None:
        """Begin, or go on with what a training that was interrupted has written.

        Args:
            folder: That of the training.
            description: What it is, see :func:`experiments.train.run.describe`.
            rows: What it has written so far.
        """

    @abstractmethod
    def write(self, row: Row) -> None:
        """Write one more row."""

    @abstractmethod
    def close(self) -> None:
        """Write what is not written yet; nothing follows."""


class CSVLog(Log):
    """``progress.csv`` in the training's folder, as Stable-Baselines3's logger writes it."""

    def begin(self, folder: Path, description: Mapping[str, Any], rows: Sequence[Row]) -> None:
        """See :meth:`Log.begin`."""
        from stable_baselines3.common.logger import CSVOutputFormat

        self._output = CSVOutputFormat(str(folder / "progress.csv"))
        for row in rows:
            self.write(row)

    def write(self, row: Row) -> None:
        """See :meth:`Log.write`."""
        self._output.write({**row}, {})

    def close(self) -> None:
        """See :meth:`Log.close`."""
        self._output.close()


class WandbLog(Log):
    """A run of Weights & Biases (https://wandb.ai), with the configuration and all figures."""

    def __init__(self, project: str) -> None:
        """Prepare.

        Args:
            project: The project that the run belongs to.

        Raises:
            BadInput: If the package is not installed.
        """
        require_extra("wandb", "wandb")
        self._project = project

    def begin(self, folder: Path, description: Mapping[str, Any], rows: Sequence[Row]) -> None:
        """See :meth:`Log.begin`; a training that is gone on with is the same run."""
        import wandb

        self._run: Any = wandb.init(
            project=self._project,
            name=folder.name,
            id=hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16],
            resume="allow" if rows else "never",
            dir=str(folder),
            config={**description["config"], "seed": description["seed"], "versions": description["versions"]},
            settings=wandb.Settings(silent=True),
        )

    def write(self, row: Row) -> None:
        """See :meth:`Log.write`."""
        self._run.log({**row})

    def close(self) -> None:
        """See :meth:`Log.close`."""
        self._run.finish()


def make_log(text: str) -> Log:
    """Read ``csv`` or ``wandb:PROJECT``.

    Raises:
        BadInput: If it is something else, or a package is missing.
    """
    kind, _, project = text.partition(":")
    if kind == "wandb" and project:
        return WandbLog(project)
    if text == "csv":
        return CSVLog()
    raise BadInput(f"--log {text}: expected csv or wandb:PROJECT")
