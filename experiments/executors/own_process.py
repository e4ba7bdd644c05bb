"""What a process that works for others does for itself: it reads what it is sent, and limits threads and memory."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from polyproof_gym.errors import BadInput

STATUS = Path("/proc/self/status")
"""Where a process reads how much memory it has."""

_WATCH = """
import os, select, signal, sys
process, limit = int(sys.argv[1]), int(sys.argv[2])
while not select.select([0], [], [], 0.1)[0]:  # which is at its end when the process is
    with open(f"/proc/{process}/status") as status:
        held = next((int(line.split()[1]) for line in status if line.startswith("RssAnon:")), 0)
    if held > limit:
        os.kill(process, signal.SIGKILL)
        break
"""
"""Run by a process of its own: a thread would not run while compiled code holds Python's lock, and where allocations
fail instead, libraries go on with other results."""

KIBIBYTE = 1024
"""The unit of that file."""


class _Watched:
    """How this process is watched.

    Attributes:
        megabytes: The limit.
        by: The process that watches, which ends when the line to it is closed.
    """

    megabytes: int | None = None
    by: subprocess.Popen[bytes] | None = None


@contextmanager
def single_threaded() -> Iterator[None]:
    """Have libraries compute with one thread: more gain little, and sums in another order have other last digits."""
    torch = sys.modules.get("torch")
    threads = None if torch is None else torch.get_num_threads()
    if torch is not None:
        torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        if torch is not None:
            torch.set_num_threads(threads)


def sendable(error: Exception, dumps: Callable[[Any], bytes] = pickle.dumps) -> Exception:
    """An error that can be sent, with its traceback as a note.

    Args:
        error: The error. Some cannot be sent, or read by those who get them; what they say is told by another one.
        dumps: What makes bytes of it.
    """
    try:
        pickle.loads(dumps(error))
    except Exception:
        sent: Exception = RuntimeError(f"{type(error).__name__}: {error}")
    else:
        sent = error
    sent.add_note("".join(traceback.format_exception(error)).rstrip())
    return sent


def received(content: bytes, here: str) -> Any:
    """What a process has been sent.

    Args:
        content: Its pickle.
        here: What the process is called.

    Raises:
        ModuleNotFoundError: If it needs a module that is missing here.
        BadInput: If it cannot be read for another reason.
    """
    try:
        return pickle.loads(content)
    except ModuleNotFoundError:
        raise
    except Exception as error:
        raise BadInput(f"{here} cannot read what it is sent ({type(error).__name__}: {error})") from error


def can_be_limited() -> bool:
    """Whether the memory of processes can be watched, as on Linux."""
    return STATUS.is_file()


def end_above(megabytes: int | None) -> None:
    """Have this process killed soon after it holds more memory of its own; shared and mapped files do not count.

    Args:
        megabytes: The limit, in millions of bytes; what the process holds already is counted. ``None`` is no limit.
    """
    if megabytes == _Watched.megabytes:
        return
    if _Watched.by is not None:
        _Watched.by.communicate()  # closes the line, and waits for the end
    _Watched.megabytes, _Watched.by = megabytes, None
    if megabytes is not None:
        limit = megabytes * 10**6 // KIBIBYTE
        _Watched.by = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _WATCH, str(os.getpid()), str(limit)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if _held() > limit:  # seen before the first look of the other process
            os.kill(os.getpid(), signal.SIGKILL)


def _held() -> int:
    """How much memory this process has for itself, in :data:`KIBIBYTE`."""
    lines = STATUS.read_text(encoding="ascii").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("RssAnon:")), 0)
