"""``polyproof doctor``: what is installed."""

from __future__ import annotations

import argparse
import platform
from importlib import metadata

import polyproof_gym
from experiments.cli.exit_status import OK
from experiments.cli.output import emit

_PACKAGES = (
    "gymnasium",
    "highspy",
    "numpy",
    "scipy",
    "numba",
    "networkx",
    "python-flint",
    "tqdm",
    "matplotlib",
    "torch",
    "stable-baselines3",
    "sb3-contrib",
    "tensorboard",
    "sympy",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There are none."""


def run(options: argparse.Namespace) -> int:
    """Print versions and platform; the exit status."""
    emit(f"polyproof-gym {polyproof_gym.__version__}")
    emit(f"Python {platform.python_version()} ({platform.python_implementation()}), {platform.platform()}")
    for package in _PACKAGES:
        try:
            version = metadata.version(package)
        except metadata.PackageNotFoundError:
            version = "not installed"
        emit(f"{package} {version}")
    return OK
