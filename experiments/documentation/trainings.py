"""Trainings: how far the bound on held-out problems falls, and what that takes."""

from __future__ import annotations

import resource
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.documentation import commands
from polyproof_gym import BadInput

DIGITS = 6
"""Digits after the point of bounds that are kept."""


def trained(command: str, file: Path) -> dict[str, Any]:
    """Run a training, in a process of its own; what it came to and what it took.

    Args:
        command: The command, without ``--out``.
        file: A file, beside which the run's folder is, of the same name without its ending.

    Returns:
        The mean bounds on ``held_out`` problems, from before the training to its end, the ``seconds`` of the clock, and
        the ``processor_seconds`` of all processes.

    Raises:
        BadInput: If it does not end well.
    """
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    commands.check(command)
    folder = file.with_suffix("")
    shutil.rmtree(folder, ignore_errors=True)
    program, *words = shlex.split(command)
    start = ("-m", "experiments.cli") if program == "polyproof" else ()
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    status = subprocess.run([sys.executable, *start, *words, "--out", str(folder)], check=False).returncode
    after, ended = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    if status:
        raise BadInput(f"{command}: ended with {status}")
    events = EventAccumulator(str(folder)).Reload()
    return {
        "held_out": [event.value for event in events.Scalars("held_out/bound")],
        "seconds": ended - began,
        "processor_seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
    }


def summary(run: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a run, as :func:`trained` gives it."""
    bounds = [round(bound, DIGITS) for bound in run["held_out"]]  # TensorBoard has them in single precision
    return {"start": bounds[0], "end": bounds[-1], **{key: run[key] for key in ("seconds", "processor_seconds")}}
