"""Independent tasks in several processes, so that Ctrl-C loses only what is unfinished."""

from __future__ import annotations

import multiprocessing
import signal
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar

from polyproof_gym.stopping import leave_to_first_process

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


def in_processes(
    function: Callable[[Item], Outcome], items: Sequence[Item], processes: int
) -> Iterator[tuple[Item, Outcome]]:
    """Apply a function to items, and give each with its outcome as soon as it is finished.

    The items are begun in their order. With one process they are worked on in this one. Otherwise processes are
    forked, which must be possible; an interrupt then reaches this process only, and when the iteration ends, for
    whatever reason, so do the others.

    Args:
        function: What is to be done; its outcome can be pickled.
        items: What it is to be done with.
        processes: Most items at a time.

    Raises:
        RuntimeError: If a process has ended by itself.
        Exception: Whatever the function raises, with the traceback as a note.
    """
    if processes == 1 or len(items) < 2:
        for item in items:
            yield item, function(item)
        return
    workers: dict[Connection, _Worker[Item, Outcome]] = {}
    try:
        for _ in range(min(processes, len(items))):
            worker = _Worker(function, [*workers])
            workers[worker.connection] = worker
        waiting = iter(items)
        for worker in workers.values():
            worker.begin(next(waiting))
        while busy := [connection for connection, worker in workers.items() if worker.item is not None]:
            for connection in wait(busy):
                assert isinstance(connection, Connection)
                worker = workers[connection]
                yield worker.finish()
                worker.begin(next(waiting, None))
    finally:
        for worker in workers.values():
            worker.end()


class _Worker(Generic[Item, Outcome]):
    """A forked process and what it is working on.

    Attributes:
        connection: The line to it.
        item: What it is working on, if anything.
    """

    def __init__(self, function: Callable[[Item], Outcome], others: Sequence[Connection]) -> None:
        """Start the process, which closes its copies of the lines to the others."""
        context = multiprocessing.get_context("fork")
        self.connection, far_end = context.Pipe()
        self.item: Item | None = None
        self._process: BaseProcess = context.Process(
            target=_serve, args=(function, far_end, [*others, self.connection]), daemon=True
        )
        with warnings.catch_warnings():
            # Python 3.12 and later warn of threads: there are those of the progress bar and of idle libraries.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process.start()
        far_end.close()

    def begin(self, item: Item | None) -> None:
        """Have it work on an item, or on nothing more."""
        self.item = item
        if item is not None:
            with suppress(BrokenPipeError):  # noticed when its outcome is asked for
                self.connection.send(item)

    def finish(self) -> tuple[Item, Outcome]:
        """The item and its outcome, which is waited for."""
        assert self.item is not None
        try:
            is_error, outcome = self.connection.recv()
        except (EOFError, ConnectionError):
            self._process.join()
            raise RuntimeError(f"a process ended while it worked on {self.item} ({self._process.exitcode})") from None
        if is_error:
            raise outcome
        return self.item, outcome

    def end(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.join()
        self.connection.close()


def _serve(function: Callable[[Item], Outcome], connection: Connection, others: Sequence[Connection]) -> None:
    """Work on the items that come in, until there is nobody any more who sends some."""
    leave_to_first_process()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # which may reach all processes as well
    for other in others:
        other.close()  # so that every line breaks when the first process ends
    with suppress(EOFError, ConnectionError):
        while True:
            item = connection.recv()
            try:
                reply: tuple[bool, object] = False, function(item)
            except Exception as error:
                error.add_note("".join(traceback.format_exception(error)).rstrip())
                reply = True, error
            connection.send(reply)
