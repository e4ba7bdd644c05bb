"""Starting a program whose modules take a while to load."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from importlib import import_module

BAD_INPUT = 2
"""Exit status where a package is missing."""

INTERRUPTED = 130
"""Exit status after Ctrl-C."""

INCOMPLETE = 6
"""Exit status where some of what was asked for is missing, since workers have died of it, or all are gone."""

_program: ContextVar[str | None] = ContextVar("program", default=None)


class _Present:
    """What is known in this process.

    Attributes:
        is_held: Whether something that does not answer would hold it up when it ends.
    """

    is_held = False


def end_at_once() -> None:
    """Have the program end as soon as its exit status is known: what a library does at the end would wait for ever."""
    _Present.is_held = True


def program(name: str) -> str:
    """How the program that is running was called: ``polyproof NAME``, or ``python -m experiments.NAME``.

    Args:
        name: The program's module, without its package.
    """
    return _program.get() or f"python -m experiments.{name}"


@contextmanager
def interrupts_of_imports() -> Iterator[None]:
    """Have what interrupts the loading of an extension module, which makes it an ``ImportError``, interrupt as ever."""
    try:
        yield
    except ImportError as error:
        cause: BaseException | None = error
        while isinstance(cause, ImportError):
            cause = cause.__cause__
        if isinstance(cause, KeyboardInterrupt):
            raise cause from None
        raise


def run(
    module: str, arguments: Sequence[str] | None = None, called: str | None = None, *, answers_signals: bool = False
) -> int:
    """Load a module and run its ``main``; the exit status.

    Ctrl-C, when the program is still loading and cannot answer it, ends it with one line, and so does a package of an
    extra that is not installed.

    Args:
        module: The module.
        arguments: What ``main`` is called with.
        called: How the program was called, where that is not by its module.
        answers_signals: Whether what runs answers the first Ctrl-C or SIGTERM with a result. Then one that comes too
            early is kept for it (see :class:`polyproof_gym.stopping.StopOnSignals`).
    """
    atexit.register(gc.freeze)  # at the end nothing need be collected, which takes up to half a second
    status = _status(module, arguments, called, answers_signals)
    if _Present.is_held:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        os._exit(status)
    return status


def _status(module: str, arguments: Sequence[str] | None, called: str | None, answers_signals: bool) -> int:
    """The exit status of a module's ``main``, see :func:`run`."""
    token = _program.set(called)
    try:
        with ExitStack() as early:
            if answers_signals:
                from polyproof_gym.stopping import StopOnSignals

                early.enter_context(StopOnSignals())
            early.enter_context(interrupts_of_imports())
            status: int = import_module(module).main(arguments)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except ImportError as error:
        from experiments.extras import advice

        reason = advice(error)
        if reason is None:
            raise
        print(f"{called or module}: {reason}", file=sys.stderr)
        return BAD_INPUT
    finally:
        _program.reset(token)
        # If an interrupt has passed through text that was executed, as that of a named tuple is, Python ends a module
        # that it runs by the signal, also if the interrupt was answered, unless other text is executed afterwards.
        exec("")
    return status
