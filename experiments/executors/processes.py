"""Independent tasks in several processes, so that Ctrl-C loses only what is unfinished."""

from __future__ import annotations

import multiprocessing
import signal
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic

from experiments.executors.executor import Executor, Failure, Item, Outcome
from polyproof_gym.stopping import leave_to_first_process


class Processes(Executor):
    """Processes that are forked from this one, which must be possible; with one, all is done in this process itself.

    An interrupt reaches this process only. Whatever the function holds is there in all of them, and need not travel.
    """

    def __init__(self, processes: int = 1) -> None:
        """Prepare them; they are started when there is something to do.

        Args:
            processes: Most items at a time.
        """
        self._processes = processes

    def outcomes(
        self, work: Callable[[Item], Outcome], items: Iterable[Item]
    ) -> Iterator[tuple[Item, Outcome | Failure]]:
        """See :meth:`Executor.outcomes`.

        Raises:
            RuntimeError: If a process has ended by itself.
            Exception: Whatever the function raises, with the traceback as a note.
        """
        waiting = iter(items)
        first = [*islice(waiting, self._processes if self._processes > 1 else 0)]
        waiting = chain(first, waiting)
        if len(first) < 2:
            for item in waiting:
                yield item, work(item)
            return
        workers: dict[Connection, _Worker[Item, Outcome]] = {}
        try:
            for _ in first:
                worker = _Worker(work, [*workers])
                workers[worker.connection] = worker
            for worker in workers.values():
                worker.begin(waiting)
            while busy := [connection for connection, worker in workers.items() if worker.is_busy]:
                for connection in wait(busy):
                    assert isinstance(connection, Connection)
                    worker = workers[connection]
                    yield worker.finish()
                    worker.begin(waiting)
        finally:
            for worker in workers.values():
                worker.end()


class _Worker(Generic[Item, Outcome]):
    """A forked process and what it is working on.

    Attributes:
        connection: The line to it.
        is_busy: Whether it is working on something.
    """

    def __init__(self, function: Callable[[Item], Outcome], others: Sequence[Connection]) -> None:
        """Start the process, which closes its copies of the lines to the others."""
        context = multiprocessing.get_context("fork")
        self.connection, far_end = context.Pipe()
        self._items: list[Item] = []
        self._process: BaseProcess = context.Process(
            target=_serve, args=(function, far_end, [*others, self.connection]), daemon=True
        )
        with warnings.catch_warnings():
            # Python 3.12 and later warn of threads: there are those of the progress bar and of idle libraries.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process.start()
        far_end.close()

    @property
    def is_busy(self) -> bool:
        return bool(self._items)

    def begin(self, waiting: Iterator[Item]) -> None:
        """Have it work on the next item, if there is one."""
        self._items = [*islice(waiting, 1)]
        for item in self._items:
            with suppress(BrokenPipeError):  # noticed when its outcome is asked for
                self.connection.send(item)

    def finish(self) -> tuple[Item, Outcome]:
        """The item and its outcome, which is waited for."""
        (item,) = self._items
        try:
            is_error, outcome = self.connection.recv()
        except (EOFError, ConnectionError):
            self._process.join()
            raise RuntimeError(f"a process ended while it worked on {item} ({self._process.exitcode})") from None
        if is_error:
            raise outcome
        return item, outcome

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
