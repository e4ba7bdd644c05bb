"""Packages that are not installed, and the extra that installs them."""

from __future__ import annotations

import importlib.util

from polyproof_gym.errors import BadInput

EXTRAS = {
    "agents": ("cma", "sb3_contrib", "stable_baselines3", "tensorboard", "torch", "yaml"),
    "render": ("matplotlib", "PIL"),
    "robustness": ("sklearn",),
    "symmetry": ("igraph",),
    "attacks": ("foolbox",),
    "completion": ("argcomplete",),
    "ray": ("ray",),
    "tune": ("ray", "pyarrow"),
    "wandb": ("wandb",),
    "bench": ("alkahest", "pyscipopt", "z3"),
}
"""The packages of every extra, as they are imported."""


def advice(error: ImportError) -> str | None:
    """What to install, in one line, where a package of an extra is missing; ``None`` where it is another one."""
    package = (error.name or "").partition(".")[0]
    return next((_advice(package, extra) for extra, packages in EXTRAS.items() if package in packages), None)


def require_extra(extra: str, *packages: str) -> None:
    """Check that packages of an extra are installed, before anything takes time.

    Raises:
        BadInput: If one is not.
    """
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise BadInput(_advice(package, extra))


def _advice(package: str, extra: str) -> str:
    return f"this needs {package}, which is not installed: pip install 'polyproof-gym[{extra}]'"
