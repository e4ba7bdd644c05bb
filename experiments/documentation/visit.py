"""What a visitor's commands take, from a fresh clone on."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from polyproof_gym import BadInput


@cache
def fresh_clone() -> Path:
    """A clone of the repository at its last commit, for as long as the process lasts."""
    folder = Path(mkdtemp(prefix="polyproof-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    subprocess.run(["git", "clone", "--quiet", "--local", ".", str(folder)], check=True)
    return folder


def timed(line: str, file: Path) -> dict[str, Any]:
    """Run commands in a fresh clone, the same one for all lines.

    Programs are those of the clone's own environment, once ``make`` has made it, and otherwise those of this one. What
    is compiled and kept beside the sources is compiled by the first command that needs it.

    Args:
        line: Commands for a shell, joined with ``&&``.
        file: Not needed, as the time is all that is kept.

    Returns:
        The ``seconds`` that passed.

    Raises:
        BadInput: If they do not end well.
    """
    clone = fresh_clone()
    path = os.pathsep.join([str(clone / ".venv" / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    started = time.perf_counter()
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=clone,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(clone)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise BadInput(f"{line}: ended with {done.returncode}")
    return {"seconds": time.perf_counter() - started}
