"""Where figures come from: the command, the day, the machine and the versions that made them."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import polyproof_gym
from polyproof_gym.solver import Solver

PACKAGES = ("clarabel", "foolbox", "gymnasium", "numba", "numpy", "python-flint", "scipy", "stable-baselines3", "torch")
"""Distributions whose versions are told, where they are installed, beside those of :func:`machine`."""


def origin(program: str, arguments: Sequence[str] | None) -> dict[str, Any]:
    """What is written beside results, as JSON has it.

    Args:
        program: How the program was called.
        arguments: Its words, by default those of the process.
    """
    words = sys.argv[1:] if arguments is None else arguments
    return {
        "command": " ".join([program, *words]),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "packages": {name: number for name in PACKAGES if (number := _version(name)) is not None},
    }


def machine() -> dict[str, Any]:
    """What figures are measured on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "platform": platform.system(),
        "python": platform.python_version(),
        "highs": Solver({}).version(),
        "polyproof_gym": polyproof_gym.__version__,
    }


def _processor() -> str:
    description = Path("/proc/cpuinfo")
    lines = description.read_text().splitlines() if description.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
