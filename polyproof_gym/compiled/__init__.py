"""Inner loops as machine code: compiled once by Numba and stored, from then on loaded without it.

A package's loops stand in the modules of its subpackage ``kernels``, as Numba functions with given signatures. To load
Numba and what it keeps of each function takes most of a second, so that machine code is stored in a form of our own,
which llvmlite loads within milliseconds. What such loops may do follows from that they then have neither Numba nor
Python at hand: they create no arrays, raise no errors, and return nothing or a whole number (0 or 1 for truth).

* ``building`` makes machine code of Numba functions;
* ``loading`` makes Python functions of machine code;
* ``storing`` keeps machine code from one process to the next.
"""

from __future__ import annotations

import os
from functools import cache
from types import SimpleNamespace

from polyproof_gym.compiled.loading import is_possible, load
from polyproof_gym.compiled.storing import Store

__all__ = ["Store", "kernels"]


@cache
def kernels(package: str) -> SimpleNamespace:
    """The compiled loops of a package, by name; they are compiled now where no earlier process has done so.

    Where machine code cannot be used so, be it that Numba's own checks are wanted (``NUMBA_BOUNDSCHECK=1``,
    ``NUMBA_DISABLE_JIT=1``), these are the Numba functions themselves.

    Args:
        package: Its full name, such as ``"polyproof_gym.proofs"``.
    """
    if not is_possible() or any(
        os.environ.get(name, "0") != "0" for name in ("NUMBA_BOUNDSCHECK", "NUMBA_DISABLE_JIT")
    ):
        return _numba_functions(package)
    store = Store(package)
    code = store.read()
    if code is None:
        _say_that_it_takes_a_while(is_kept=store.writable_folder is not None)
        from polyproof_gym.compiled.building import build

        code = build(package)
        store.write(code)
    try:
        return load(code)
    except RuntimeError:  # llvmlite cannot, on this platform
        return _numba_functions(package)


def _numba_functions(package: str) -> SimpleNamespace:
    _say_that_it_takes_a_while(is_kept=False)
    from polyproof_gym.compiled.building import functions

    return SimpleNamespace(**functions(package))


@cache  # once in a process
def _say_that_it_takes_a_while(is_kept: bool) -> None:
    import logging

    often = "once per machine" if is_kept else "in every process, since they cannot be kept"
    logging.getLogger("polyproof_gym").warning("compiling the inner loops, %s: about ten seconds", often)
