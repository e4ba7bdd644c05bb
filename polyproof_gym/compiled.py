"""Access to the compiled inner loops, which are loaded when they are first needed."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType


@cache
def kernels(package: str) -> ModuleType:
    """The module ``kernels`` of a package of this one; with the compiler it takes longer to load than all others."""
    return import_module(f"polyproof_gym.{package}.kernels")
