"""Keeping standard output clean, whatever a library prints."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

STDOUT = 1
"""The file descriptor that libraries in other languages print to."""


@contextmanager
def sent_elsewhere(descriptor: int) -> Iterator[int | None]:
    """Send what anybody writes to the file descriptor of standard output to another one, for a while.

    Args:
        descriptor: Where to.

    Yields:
        A descriptor of what standard output was; ``None`` if it is closed.
    """
    try:
        original: int | None = os.dup(STDOUT)
    except OSError:
        original = None
    _flush_libraries()
    with suppress(OSError):
        os.dup2(descriptor, STDOUT)
    try:
        yield original
    finally:
        _flush_libraries()
        if original is None:
            with suppress(OSError):
                os.close(STDOUT)
        else:
            os.dup2(original, STDOUT)
            os.close(original)


def _flush_libraries() -> None:
    """Have the C library write what it has been given to print."""
    if sys.platform != "win32":
        ctypes.CDLL(None).fflush(None)
