"""Results on standard output, and nothing else, whatever a library prints."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from polyproof_gym.standard_output import STDOUT, sent_elsewhere

_STDERR = 2

_results: TextIO | None = None


@contextmanager
def only_results() -> Iterator[None]:
    """A context in which all that is printed goes to standard error, but for what :func:`emit` is given."""
    global _results
    stdout, stderr = sys.stdout, sys.stderr
    if stdout is not None:
        stdout.flush()
    with open(os.devnull, "w") as nowhere, sent_elsewhere(_STDERR if stderr is not None else nowhere.fileno()) as kept:
        outer, _results = _results, stdout
        own = _reopened(stdout, kept) if kept is not None and _is_standard(stdout) else None
        if own is not None:
            _results = own
        sys.stdout = stderr if stderr is not None else nowhere
        try:
            yield
        finally:
            sys.stdout, _results = stdout, outer
            if own is not None:
                with suppress(OSError):  # which has been raised before
                    own.close()


def emit(text: str, end: str = "\n") -> None:
    """Print a result, at once."""
    if _results is not None:  # as where there is no standard output
        print(text, end=end, file=_results, flush=True)


def _is_standard(stream: TextIO | None) -> bool:
    """Whether a stream is the one that a process begins with, and no other in its place."""
    try:
        return stream is not None and stream.fileno() == STDOUT
    except (OSError, ValueError):
        return False


def _reopened(stream: TextIO, descriptor: int) -> TextIO:
    """A stream like another one that writes to a copy of a descriptor."""
    return open(os.dup(descriptor), "w", encoding=stream.encoding, errors=stream.errors)
