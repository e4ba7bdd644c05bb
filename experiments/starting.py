"""Starting a program whose modules take a while to load."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

INTERRUPTED = 130
"""Exit status after Ctrl-C."""


def run(module: str, arguments: Sequence[str] | None = None) -> int:
    """Load a module and run its ``main``; the exit status.

    Ctrl-C, when the program is still loading and cannot answer it, ends it with one line.

    Args:
        module: The module.
        arguments: What ``main`` is called with.
    """
    try:
        status: int = import_module(module).main(arguments)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    return status
