"""A process that steps some of the environments of a vector environment."""

from __future__ import annotations

import ctypes
import os
import pickle
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.synchronize import Semaphore
from typing import Any

from polyproof_gym.envs.env_group import EnvGroup
from polyproof_gym.errors import PolyProofError
from polyproof_gym.stopping import leave_to_first_process

PATIENCE = 5.0
"""Seconds that a worker may take to end by itself before it is killed."""


ALERTNESS = 1e-3
"""Seconds that a process stays awake for the next message.

One that has fallen asleep takes 50 to 100 microseconds to wake up, about as much as a step of an environment.
"""

ROOM = 4096
"""Longest message in bytes that goes through common memory; longer ones go through a pipe."""

_HEARTBEAT = 0.1
"""Seconds between two looks at whether the other process still exists."""

_give_way: Callable[[], None] = getattr(os, "sched_yield", lambda: None)


class WorkerDied(PolyProofError, RuntimeError):
    """A worker process has ended although nobody told it to."""


@dataclass(frozen=True)
class Reply:
    """What a method of a group has returned, or the error it has raised."""

    result: Any = None
    error: Exception | None = None


def attempt(group: EnvGroup, method: str, arguments: tuple[Any, ...]) -> Reply:
    """Call a method of a group."""
    try:
        return Reply(getattr(group, method)(*arguments))
    except Exception as error:
        return Reply(error=error)


def _packed(reply: Reply) -> bytes:
    """A reply as bytes; where it cannot be sent, an error that says so."""
    if reply.error is not None:
        reply.error.add_note("".join(traceback.format_exception(reply.error)))
    try:
        data = pickle.dumps(reply)
        if reply.error is not None:
            pickle.loads(data)  # some errors can be written but not read
        return data
    except Exception as error:
        return pickle.dumps(Reply(error=RuntimeError(f"{reply.error!r}" if reply.error else f"not sent: {error!r}")))


class _Box:
    """Common memory for one message."""

    def __init__(self, context: BaseContext) -> None:
        self.content: Any = context.RawArray(ctypes.c_char, ROOM)
        self.length = context.RawValue(ctypes.c_int64)  # -1 for a message that goes through the pipe
        self.is_full = context.Semaphore(0)


class Line:
    """One end of a connection between two processes that ask and answer in turn."""

    def __init__(self, connection: Connection, inbox: _Box, outbox: _Box) -> None:
        """Hold one end.

        Args:
            connection: A pipe for long messages, which also tells when the other process has ended.
            inbox: Where messages from the other end arrive.
            outbox: Where messages for the other end are put.
        """
        self._connection = connection
        self._inbox = inbox
        self._outbox = outbox

    @classmethod
    def pair(cls, context: BaseContext) -> tuple[Line, Line]:
        """Both ends of a new connection."""
        (here, there), boxes = context.Pipe(), (_Box(context), _Box(context))
        return cls(here, *boxes), cls(there, *boxes[::-1])

    def send(self, message: bytes) -> None:
        """Send a message, when the last one has been answered.

        Raises:
            ConnectionError: If there is nobody at the other end; not always noticed.
        """
        is_short = len(message) <= ROOM
        self._outbox.length.value = len(message) if is_short else -1
        if is_short:
            self._outbox.content[: len(message)] = message
        self._outbox.is_full.release()
        if not is_short:
            self._connection.send_bytes(message)

    def receive(self) -> bytes:
        """Wait for the next message.

        Raises:
            EOFError: If there is nobody at the other end.
            ConnectionError: Likewise.
        """
        box = self._inbox
        self._wait(box.is_full)
        length = box.length.value
        return box.content[:length] if length >= 0 else self._connection.recv_bytes()

    def _wait(self, is_full: Semaphore) -> None:
        end = time.perf_counter() + ALERTNESS
        while time.perf_counter() < end:
            if is_full.acquire(False):
                return
            _give_way()
        while not is_full.acquire(timeout=_HEARTBEAT):
            if self._connection.poll():
                # What comes through the pipe is announced before; what was not can only be its end.
                if is_full.acquire(False):
                    return
                raise EOFError

    def close(self) -> None:
        """Tell the other end that there is nobody here."""
        self._connection.close()


def _serve(make_group: Callable[[], EnvGroup], line: Line, other_end: Line) -> None:
    """Carry out what is asked for until told to stop, or until there is nobody any more who could ask."""
    leave_to_first_process()
    other_end.close()
    # The connection breaks when the first process ends.
    with suppress(EOFError, ConnectionError):
        group = make_group()
        line.send(_packed(Reply()))
        while (message := pickle.loads(line.receive())) is not None:
            line.send(_packed(attempt(group, *message)))


class Worker:
    """A running process with a group of environments."""

    def __init__(self, context: BaseContext, name: str, make_group: Callable[[], EnvGroup]) -> None:
        """Start the process; its first reply says that it is ready.

        Args:
            context: How the process is started.
            name: Name of the process.
            make_group: Makes the group; can be pickled unless processes are forked.
        """
        self._line, other_end = Line.pair(context)
        self._process = context.Process(  # type: ignore[attr-defined]
            target=_serve, args=(make_group, other_end, self._line), name=name, daemon=True
        )
        self._process.start()
        other_end.close()  # so that the connection breaks when the worker ends

    def ask(self, message: bytes) -> None:
        """Have the worker call a method of its group.

        Args:
            message: The name of the method and a tuple of its arguments, pickled.

        Raises:
            WorkerDied: If it has ended.
        """
        try:
            self._line.send(message)
        except ConnectionError:
            raise self._death() from None

    def reply(self) -> Reply:
        """Wait for the reply to what was asked.

        Raises:
            WorkerDied: If it ends before.
        """
        try:
            reply: Reply = pickle.loads(self._line.receive())
        except (EOFError, ConnectionError):
            raise self._death() from None
        return reply

    def _death(self) -> WorkerDied:
        self._process.join(PATIENCE)
        return WorkerDied(f"{self._process.name} has ended unexpectedly (exit code {self._process.exitcode})")

    def close(self) -> None:
        """End the process, which finishes what it is doing; if that takes too long, it is killed."""
        with suppress(ConnectionError):
            self._line.send(pickle.dumps(None))
        self._line.close()
        self._process.join(PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()
