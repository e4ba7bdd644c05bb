"""A process that steps some of the environments of a vector environment."""

from __future__ import annotations

import pickle
import signal
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from typing import Any

from polyproof_gym.envs.env_group import EnvGroup
from polyproof_gym.errors import PolyProofError

PATIENCE = 5.0
"""Seconds that a worker may take to end by itself before it is killed."""


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


def _serve(make_group: Callable[[], EnvGroup], connection: Connection, other_end: Connection) -> None:
    """Carry out what is asked for until told to stop, or until there is nobody any more who could ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the first one decides
    other_end.close()
    # The connection breaks when the first process ends.
    with suppress(EOFError, ConnectionError):
        group = make_group()
        connection.send_bytes(_packed(Reply()))
        while (message := connection.recv()) is not None:
            connection.send_bytes(_packed(attempt(group, *message)))


class Worker:
    """A running process with a group of environments."""

    def __init__(self, context: BaseContext, name: str, make_group: Callable[[], EnvGroup]) -> None:
        """Start the process; its first reply says that it is ready.

        Args:
            context: How the process is started.
            name: Name of the process.
            make_group: Makes the group; can be pickled unless processes are forked.
        """
        self._connection, other_end = context.Pipe()
        self._process = context.Process(  # type: ignore[attr-defined]
            target=_serve, args=(make_group, other_end, self._connection), name=name, daemon=True
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
            self._connection.send_bytes(message)
        except ConnectionError:
            raise self._death() from None

    def reply(self) -> Reply:
        """Wait for the reply to what was asked.

        Raises:
            WorkerDied: If it ends before.
        """
        try:
            reply: Reply = pickle.loads(self._connection.recv_bytes())
        except (EOFError, ConnectionError):
            raise self._death() from None
        return reply

    def _death(self) -> WorkerDied:
        self._process.join(PATIENCE)
        return WorkerDied(f"{self._process.name} has ended unexpectedly (exit code {self._process.exitcode})")

    def close(self) -> None:
        """End the process, which finishes what it is doing; if that takes too long, it is killed."""
        with suppress(ConnectionError):
            self._connection.send(None)
        self._connection.close()
        self._process.join(PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()
