"""Measurements in a process of their own, whose memory nothing else has used."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def peak_bytes() -> int:
    """The most memory that this process has had resident.

    Where Linux tells, it is its own account of this program: what ``getrusage`` gives there also covers the process
    that it was started from.
    """
    peak = _status("VmHWM")
    if peak is not None:
        return peak
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def resident_bytes() -> int | None:
    """The memory that this process has resident, where Linux tells it."""
    return _status("VmRSS")


def _status(key: str) -> int | None:
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return 1024 * int(lines[key].split()[0])


def in_own_process(module: str, function: str, end_after: float | None = None, /, **arguments: Any) -> Any:
    """Call a function in a fresh interpreter.

    Args:
        module: The full name of its module.
        function: Its name.
        end_after: Seconds after which the interpreter is ended.
        arguments: Its arguments, which JSON can hold.

    Returns:
        What it returned, which JSON must be able to hold.

    Raises:
        TimeoutError: If the time did not suffice.
        RuntimeError: If it failed, with the last line of what it said.
    """
    command = [sys.executable, "-m", __spec__.name, module, function, json.dumps(arguments)]
    root = Path(__file__).parents[2]  # where the packages are found, whatever the working directory
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root, timeout=end_after)
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"{function}: not done in {end_after:g} s") from None
    if done.returncode:
        raise RuntimeError(f"{function}({arguments}) failed: {(done.stderr.strip().splitlines() or ['no output'])[-1]}")
    return json.loads(done.stdout)


if __name__ == "__main__":
    _module, _function, _arguments = sys.argv[1:]
    print(json.dumps(getattr(importlib.import_module(_module), _function)(**json.loads(_arguments))))
