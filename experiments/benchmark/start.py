"""What it costs to start: commands in processes of their own, after they have been used before, against bare Python.

On a machine that does other work as well, the time that passes says little; shown beside it is the time of the
processor. Rounds of all commands follow each other, and of each command the smallest times are taken.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.tables import Result, duration, figure, markdown

_COMMANDS = {
    "`python -c pass`": ("-c", "pass"),
    "`import numpy`": ("-c", "import numpy"),
    "`import numba`": ("-c", "import numba"),
    "`import polyproof_gym`": ("-c", "import polyproof_gym"),
    "`polyproof verify` (petersen)": ("-m", "experiments.cli", "verify", "proof.json"),
    "`polyproof prove petersen`": ("-m", "experiments.cli", "prove", "petersen"),
    "`polyproof prove caprasse`": ("-m", "experiments.cli", "prove", "caprasse"),
    '`gym.make("PolyProof-v0")` and a reset': (
        "-c",
        "import gymnasium, polyproof_gym; gymnasium.make('PolyProof-v0', problem='petersen').reset(seed=0)",
    ),
}
_UNIT = "`import numpy`"


@dataclass(frozen=True)
class Start:
    """The smallest times of one command, in seconds.

    Attributes:
        command: The command.
        elapsed: From its start to its end.
        processor: On the processor, all its threads together.
        times_numpy: The latter in units of what ``python -c "import numpy"`` takes.
    """

    command: str
    elapsed: float
    processor: float
    times_numpy: float


@dataclass(frozen=True)
class Starts:
    """The result of this section; see :class:`Start`."""

    repetitions: int
    rows: tuple[Start, ...]


def _run(words: Sequence[str], folder: Path) -> tuple[float, float]:
    """Seconds elapsed, and seconds of the processor."""
    import resource  # which Windows does not have

    root = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *words], cwd=folder, env={**os.environ, "PYTHONPATH": path}, capture_output=True, check=True
    )
    elapsed, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return elapsed, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def measure(*, repetitions: int = 15, seed: int = 0) -> Starts:
    """Start all commands in turn, once before it counts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _run(("-m", "experiments.cli", "prove", "petersen", "--out", "proof.json"), folder)
        rounds = [
            {command: _run(words, folder) for command, words in _COMMANDS.items()} for _ in range(repetitions + 1)
        ][1:]
    elapsed, processor = (
        {command: min(times[command][kind] for times in rounds) for command in _COMMANDS} for kind in (0, 1)
    )
    rows = (
        Start(command, elapsed[command], processor[command], processor[command] / processor[_UNIT])
        for command in _COMMANDS
    )
    return Starts(repetitions, tuple(rows))


def table(result: Result) -> str:
    """One row per command."""
    return markdown(
        {
            "command": lambda row: row["command"],
            "elapsed": lambda row: duration(row["elapsed"]),
            "processor": lambda row: duration(row["processor"]),
            "processor, in units of `import numpy`": lambda row: figure(row["times_numpy"]),
        },
        result["rows"],
    )
