"""``polyproof doctor``: what is installed, and what is in the way."""

from __future__ import annotations

import argparse
import platform
import shutil
from importlib import metadata

import polyproof_gym
from experiments import own_agents
from experiments.cli.exit_status import OK
from experiments.cli.output import emit
from polyproof_gym.compiled import Store

_PACKAGES = (
    "gymnasium",
    "highspy",
    "numpy",
    "scipy",
    "numba",
    "llvmlite",
    "networkx",
    "python-flint",
    "tqdm",
    "matplotlib",
    "torch",
    "stable-baselines3",
    "sb3-contrib",
    "pyyaml",
    "tensorboard",
    "clarabel",
    "sympy",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There are none."""


def run(options: argparse.Namespace) -> int:
    """Print versions and platform, and where things are; the exit status."""
    emit(f"polyproof-gym {polyproof_gym.__version__}")
    emit(f"Python {platform.python_version()} ({platform.python_implementation()}), {platform.platform()}")
    for package in _PACKAGES:
        emit(f"{package} {_version(package)}")
    emit(f"coqc {shutil.which('coqc') or 'not on the path'}")
    for package in ("polyproof_gym.problems", "polyproof_gym.proofs", "polyproof_gym.envs", "agents"):
        emit(f"inner loops of {package}: {_state_of_loops(package)}")
    emit(f"package agents: {own_agents.clash() or 'ours'}")
    return OK


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _state_of_loops(package: str) -> str:
    try:
        store = Store(package)
    except ImportError:  # without Numba, or with another package called agents
        return "cannot be compiled here"
    if store.path is not None:
        return f"compiled, {store.path}"
    if store.writable_folder is not None:
        return f"to be compiled when first used, and kept in {store.writable_folder}"
    folders = ", ".join(map(str, store.folders))
    return f"compiled by every process anew, as none of these can be written: {folders} (POLYPROOF_CACHE_DIR names one)"
