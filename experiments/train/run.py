"""The folder of a run: description, figures, checkpoints and the agent."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import yaml
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from experiments.reports import write_json
from experiments.tensorboard import Value, as_code, log_settings
from experiments.train.checkpoints import RECORD, Checkpoints, is_begun
from experiments.train.episodes import Episode, HeldOut, Tried, means
from experiments.train.logs import Log
from experiments.train.training import Training
from polyproof_gym import BadInput
from polyproof_gym.arguments import is_finite_number
from polyproof_gym.stopping import SIGNALS
from polyproof_gym.whole_file import write_whole

PACKAGES = ("polyproof-gym", "numpy", "torch", "highspy", "stable-baselines3", "sb3-contrib", "gymnasium")
"""The packages whose versions are recorded."""

FIGURES = "metrics.jsonl"
"""The figures of a run, one JSON object a line."""

HELD_OUT_FILE = "held_out.json"
"""What the agent did on every held-out problem; it is written at the end."""

PATIENCE = 1.0
"""Seconds that a training may take to come to rest when it is to stop."""

WITHOUT_EFFECT = {"checkpoint_every", "held_out", "held_out_every", "log_every", "workers"}
"""Settings that do not change what is learned; the table that compares trainings leaves them out."""

SHOWN = ("return", "ratio", "loss", "entropy")
"""The figures that the progress bar shows."""

TRIED = "held_out_"
"""What the names of figures on the held-out problems begin with."""

Figures = Mapping[str, float]
"""A row of ``metrics.jsonl``."""


def describe(algorithm: str, training: Training, seed: int, command: str) -> dict[str, Any]:
    """What a run is: configuration, seed, versions and command, as plain data."""
    return description_of({"algorithm": algorithm, **training.config}, seed, command)


def description_of(config: Mapping[str, Any], seed: int, command: str, *more: str) -> dict[str, Any]:
    """The same of any configuration, with the versions of more packages."""
    versions = {package: importlib.metadata.version(package) for package in (*PACKAGES, *more)}
    description = {
        "config": config,
        "seed": seed,
        "versions": {"python": platform.python_version(), **versions},
        "command": command,
    }
    plain: dict[str, Any] = json.loads(json.dumps(description))
    return plain


def write_held_out(folder: Path, held_out: HeldOut, episodes: Sequence[Episode], seconds: float) -> None:
    """Write what the agent did on every held-out problem at the end, and how long it was trained."""
    rows = [
        {"problem": name, "bound": episode["bound"], "return": episode["r"], "steps": episode["l"]}
        for name, episode in zip(held_out.names(), episodes, strict=True)
    ]
    content = {"steps": held_out.steps, "seconds": seconds, "problems": rows}
    write_whole(folder / HELD_OUT_FILE, json.dumps(content, indent=1) + "\n")


def train(
    training: Training,
    description: dict[str, Any],
    folder: Path,
    resume: bool,
    tell: Callable[[Figures], None] | None = None,
    logs: Sequence[Log] = (),
) -> None:
    """Train to the end, and write to a folder.

    Args:
        training: The training at its beginning.
        description: What it is, see :func:`describe`.
        folder: Where to.
        resume: Whether to go on with the run that the folder holds.
        tell: Is told the figures whenever the agent was tried on the held-out problems, once all is saved; what it
            raises ends the training there.
        logs: Where the figures go as well.

    Raises:
        BadInput: If the folder holds another run, or, to resume, none of this configuration and seed.
        KeyboardInterrupt: If it was interrupted. All that was done is saved if the training came to rest soon, and
            otherwise what was done up to the last checkpoint.
    """
    checkpoints = Checkpoints(folder)
    if resume:
        _load(training, description, folder, checkpoints)
    elif is_begun(folder):
        raise BadInput(f"{folder}: there is a run already; --resume goes on with it")
    else:
        checkpoints.write(training.done, training.save)
        write_json(folder / RECORD, description)
    saved = training.done
    with (
        _Figures(folder, training, description, logs) as figures,
        tqdm(total=training.total, initial=training.done, unit=training.unit, file=sys.stderr) as bar,
        _Interrupts() as interrupts,
    ):

        def save() -> None:
            nonlocal saved
            with interrupts.held():
                checkpoints.write(training.done, training.save)
                training.export(folder, folder.name)
            saved = training.done

        def write() -> None:
            row = figures.write()
            bar.set_postfix({key: f"{row[key]:.4f}" for key in SHOWN if key in row})
            if tell is not None and is_tried(row):
                save()
                tell(row)

        def at_rest() -> None:
            bar.update(training.done - bar.n)
            if training.done - figures.written >= training.log_every:
                write()
            if interrupts.number or training.done - saved >= training.checkpoint_every:
                save()
            if interrupts.number:
                raise KeyboardInterrupt

        figures.show_start()
        training.run(at_rest)
        bar.update(training.done - bar.n)
        if training.done > figures.written:
            write()
        save()


def summary(training: Training, folder: Path) -> str:
    """What a finished run has come to, and what to type next.

    Args:
        training: The training at its end.
        folder: Where :func:`train` wrote it.

    Raises:
        BadInput: If the figures there cannot be read.
    """
    last = figures_in(folder / FIGURES, f"{training.unit}s")[-1]
    tried = ", ".join(f"{name.removeprefix(TRIED)} {last[name]:.4g}" for name in sorted(last) if name.startswith(TRIED))
    command = ["polyproof", "prove", training.held_out.names()[0], "--agent", str(folder)]
    return (
        f"{folder}: {training.done} {training.unit}s in {last['seconds']:.0f} s;"
        f" means over {training.held_out.problems} held-out problems: {tried}\n"
        f"next, prove something with it: {shlex.join(command)}"
    )


def is_tried(row: Figures) -> bool:
    """Whether the agent was tried on the held-out problems when figures were written."""
    return any(name.startswith(TRIED) for name in row)


def _load(training: Training, description: dict[str, Any], folder: Path, checkpoints: Checkpoints) -> None:
    """Take a training to the last checkpoint of its run."""
    checkpoint = checkpoints.latest()
    if checkpoint is None or not is_begun(folder):
        raise BadInput(f"{folder}: nothing to resume there")
    _require_same(description, folder)
    try:
        training.load(checkpoint)
    except Exception as error:  # damaged archives, pickles and arrays raise many kinds
        raise BadInput(
            f"{checkpoint}: expected a checkpoint that is whole and of this version of the program"
            f" ({type(error).__name__}); without it the run can only be made again, in another folder"
        ) from None


def _require_same(description: dict[str, Any], folder: Path) -> None:
    """Check that a folder holds a run of the same configuration and seed.

    Raises:
        BadInput: If it holds another one, or no record of one.
    """
    try:
        theirs = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        theirs = None
    if not isinstance(theirs, dict):
        raise BadInput(f"{folder / RECORD}: expected the record of a run, as JSON")
    if any(theirs.get(key) != description[key] for key in ("config", "seed")):
        raise BadInput(f"{folder}: expected a run of the same configuration and seed to resume")


def figures_in(path: Path, key: str) -> list[dict[str, Any]]:
    """The rows of a file of figures, but for a last one that is cut short.

    Args:
        path: The file ``metrics.jsonl`` of a run.
        key: What counts how far it was: ``"updates"`` or ``"steps"``.

    Raises:
        BadInput: If a line is no such row.
    """
    rows = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")[:-1]
        for line in lines:
            row = json.loads(line)
            if not all(is_finite_number(row[name]) for name in (key, "seconds")):
                raise ValueError
            rows.append(row)
    except OSError as error:
        raise BadInput(f"{path}: {(error.strerror or str(error)).lower()}") from None
    except (KeyError, TypeError, ValueError, RecursionError):
        raise BadInput(f"{path}:{len(rows) + 1}: expected figures with {key} and seconds, as JSON") from None
    return rows


def settings_in(config: Mapping[str, Any], prefix: str = "") -> dict[str, Value]:
    """The settings of a configuration as one level of names and values, those that are not set left out."""
    settings: dict[str, Value] = {}
    for key, value in config.items():
        if isinstance(value, Mapping):
            settings.update(settings_in(value, f"{prefix}{key}."))
        elif value is not None:
            is_plain = isinstance(value, bool | int | float | str)
            settings[prefix + key] = value if is_plain else ", ".join(map(str, value))
    return settings


class _Figures:
    """The figures of a run, in ``metrics.jsonl`` and for TensorBoard.

    Attributes:
        written: How far the training was when figures were last written.
    """

    def __init__(
        self, folder: Path, training: Training, description: Mapping[str, Any], logs: Sequence[Log] = ()
    ) -> None:
        """Go on with those of a folder; what comes after the present state of the training is dropped."""
        self._training = training
        self._path = folder / FIGURES
        self._key = f"{training.unit}s"
        rows = []
        if self._path.exists():
            rows = [row for row in figures_in(self._path, self._key) if row[self._key] <= training.done]
            write_whole(self._path, "".join(json.dumps(row) + "\n" for row in rows))
        self.written: int = rows[-1][self._key] if rows else 0
        self._began = time.monotonic() - (rows[-1]["seconds"] if rows else 0.0)
        self._board = SummaryWriter(str(folder), purge_step=training.done + 1)
        self._tried = self.written
        config = description["config"]
        figures = ("train/return", "held_out/return", "held_out/bound")
        settings = {name: value for name, value in settings_in(config).items() if name not in WITHOUT_EFFECT}
        log_settings(self._board, {**settings, "seed": str(description["seed"])}, figures)
        self._board.add_text("train/config", as_code(yaml.safe_dump(config, sort_keys=False)), training.done)
        self._logs = logs
        for log in logs:
            log.begin(folder, description, rows)

    def __enter__(self) -> _Figures:
        return self

    def __exit__(self, *_: object) -> None:
        self._board.close()
        for log in self._logs:
            log.close()

    def write(self) -> dict[str, float]:
        """Write the present ones; all of the row."""
        figures, self.written = self._training.figures(), self._training.done
        seconds = round(time.monotonic() - self._began, 3)
        for key, value in figures.items():
            self._board.add_scalar(f"train/{key}", value, self.written)
        is_finished, every = self.written >= self._training.total, self._training.held_out_every
        if is_finished or (every and self.written // every > self._tried // every):
            tried, self._tried = self._training.tried(), self.written
            if is_finished:
                write_held_out(self._path.parent, self._training.held_out, tried.episodes, seconds)
            self._show(tried)
            figures = {**figures, **{f"{TRIED}{name}": value for name, value in means(tried.episodes).items()}}
        row: dict[str, float] = {self._key: self.written, **figures, "seconds": seconds}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        for log in self._logs:
            log.write(row)
        return row

    def show_start(self) -> None:
        """Show how the agent does on held-out problems before any training, where it is tried on them during it."""
        if self._training.held_out_every and not self._training.done:
            self._show(self._training.tried())

    def _show(self, tried: Tried) -> None:
        """Show TensorBoard how the agent does on held-out problems."""
        for name, value in means(tried.episodes).items():
            self._board.add_scalar(f"held_out/{name}", value, self.written)
        if tried.picture is not None:
            self._board.add_image("held_out/picture", tried.picture, self.written, dataformats="HWC")


class _Interrupts:
    """A context that lets a training come to rest after Ctrl-C or SIGTERM, but for :data:`PATIENCE` at most.

    After that, or at a second signal, it is interrupted wherever it is.

    Attributes:
        number: How many signals there were.
    """

    def __init__(self) -> None:
        self.number = 0
        self._is_held = False

    def __enter__(self) -> _Interrupts:
        handlers = {**dict.fromkeys(SIGNALS, self._note), signal.SIGALRM: self._run_out}
        self._former = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        return self

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.number += 1
        if self.number > 1:
            raise KeyboardInterrupt
        print("\nstopping; Ctrl-C again stops at once", file=sys.stderr)
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)

    def _run_out(self, number: int, frame: FrameType | None) -> None:
        if not self._is_held:
            raise KeyboardInterrupt

    @contextmanager
    def held(self) -> Iterator[None]:
        """Do not run out of patience within the context, which is to be followed by a rest."""
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._former.items():
            signal.signal(number, handler)
