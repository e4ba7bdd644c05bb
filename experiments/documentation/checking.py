"""What the independent check of a proof file takes: work and memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from polyproof_gym.proofs import checker

PRECISION = 1.01
"""The factor up to which the work is found."""

CHECKED = """
import sys
sys.path.insert(0, sys.argv[1])
import checker
checker.verify(sys.argv[2])
print(open("/proc/self/status").read())
"""
"""A program that checks a file with nothing but the checker, and prints what Linux tells of its own process."""


def work(content: Any) -> int:
    """The least limit of the work, to a hundredth, within which a proof file's content is found valid."""
    low, high = 1, checker.MAX_WORK
    while high > max(PRECISION * low, low + 1):
        middle = round((low * high) ** 0.5)
        try:
            checker.check(content, middle)
        except checker.ResourceLimit:
            low = middle
        else:
            high = middle
    return high


def memory(file: Path) -> int | None:
    """The most bytes that a process had resident which only checked a file; ``None`` without Linux."""
    if not Path("/proc/self/status").exists():
        return None
    words = [sys.executable, "-c", CHECKED, str(Path(checker.__file__).parent), str(file)]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    status = dict(line.split(":", 1) for line in said.splitlines() if ":" in line)
    return 1024 * int(status["VmHWM"].split()[0])
