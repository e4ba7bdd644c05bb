"""Access to the compiled inner loops, which are loaded when they are first needed."""

from __future__ import annotations

from functools import cache
from types import ModuleType


@cache
def kernels() -> ModuleType:
    """The module :mod:`~polyproof_gym.proofs.kernels`; with the compiler it takes longer to load than all others."""
    from polyproof_gym.proofs import kernels

    return kernels
