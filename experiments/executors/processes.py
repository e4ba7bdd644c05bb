"""Independent tasks in several processes, so that Ctrl-C loses only what is unfinished."""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic

from experiments.executors.executor import Agenda, Attempt, Executor, Failure, Item, Outcome
from experiments.executors.own_process import end_above, received, sendable, single_threaded
from polyproof_gym.stopping import leave_to_first_process

GRACE = 1.0
"""Seconds that a process may take to end, once it has closed its line."""


class Processes(Executor):
    """Processes that are forked from this one, which must be possible.

    With one, all is done in this process itself, which an item may then end. An interrupt reaches this process only.
    """

    def __init__(self, processes: int = 1, task_memory: int | None = None) -> None:
        """Prepare them; they are started when there is something to do.

        Args:
            processes: Most items at a time.
            task_memory: Megabytes above which a process is killed, see
                :func:`~experiments.executors.own_process.end_above`; one process is forked as well, then.
        """
        self._processes, self._task_memory = processes, task_memory

    def outcomes(
        self, work: Callable[[Item], Outcome], items: Iterable[Item]
    ) -> Iterator[tuple[Item, Outcome | Failure]]:
        """See :meth:`Executor.outcomes`."""
        if self._processes == 1 and self._task_memory is None:
            with single_threaded():
                for item in items:
                    yield item, work(item)
            return
        agenda = Agenda(items)
        workers: dict[Connection, _Worker[Item, Outcome]] = {}
        try:
            while True:
                while len(workers) < self._processes and (attempt := agenda.next()) is not None:
                    worker = _Worker(work, [*workers], self._task_memory)
                    workers[worker.connection] = worker
                    worker.begin(attempt)
                if not workers:
                    return
                for connection in wait([*workers]):
                    assert isinstance(connection, Connection)
                    worker = workers[connection]
                    attempt, outcome = worker.finish()
                    if outcome is None:
                        failure = attempt.died(workers.pop(connection).death())
                        if failure is None:
                            agenda.put_back(attempt)
                        else:
                            yield attempt.item, failure
                        continue
                    yield attempt.item, outcome.value
                    following = agenda.next()
                    if following is None:
                        workers.pop(connection).end()
                    else:
                        worker.begin(following)
        finally:
            for worker in workers.values():
                worker.end()


class _Finished(Generic[Outcome]):
    """An outcome, which may be ``None``."""

    def __init__(self, value: Outcome) -> None:
        self.value = value


class _Worker(Generic[Item, Outcome]):
    """A forked process and what it is working on.

    Attributes:
        connection: The line to it.
    """

    def __init__(
        self, function: Callable[[Item], Outcome], others: Sequence[Connection], task_memory: int | None
    ) -> None:
        """Start the process, which closes its copies of the lines to the others."""
        context = multiprocessing.get_context("fork")
        self.connection, far_end = context.Pipe()
        self._attempt: Attempt[Item] | None = None
        self._process: BaseProcess = context.Process(
            target=_serve, args=(function, far_end, [*others, self.connection], task_memory), daemon=True
        )
        with warnings.catch_warnings():
            # Python 3.12 and later warn of threads: there are those of the progress bar and of idle libraries.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process.start()
        far_end.close()

    def begin(self, attempt: Attempt[Item]) -> None:
        """Have it work on an item."""
        self._attempt = attempt
        with suppress(BrokenPipeError):  # noticed when its outcome is asked for
            self.connection.send(attempt.item)

    def finish(self) -> tuple[Attempt[Item], _Finished[Outcome] | None]:
        """What it was working on and the outcome, which is waited for; ``None`` if the process has ended instead."""
        assert self._attempt is not None
        try:
            is_error, outcome = self.connection.recv()
        except (EOFError, ConnectionError):
            return self._attempt, None
        if is_error:
            raise outcome
        return self._attempt, _Finished(outcome)

    def death(self) -> str:
        """How the process has ended, which its line told of."""
        self._process.join(GRACE)
        code = self._process.exitcode
        self.end()
        if code is None:
            return "it closed its line"
        return f"exit status {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"

    def end(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.join()
        self.connection.close()


def _serve(
    function: Callable[[Item], Outcome],
    connection: Connection,
    others: Sequence[Connection],
    task_memory: int | None,
) -> None:
    """Work on the items that come in, until there is nobody any more who sends some."""
    leave_to_first_process()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # which may reach all processes as well
    for other in others:
        other.close()  # so that every line breaks when the first process ends
    end_above(task_memory)
    with suppress(EOFError, ConnectionError), single_threaded():
        while True:
            content = connection.recv_bytes()
            try:
                reply = pickle.dumps((False, function(received(content, "a process"))))
            except Exception as error:  # also of what cannot be read or pickled
                reply = pickle.dumps((True, sendable(error)))
            connection.send_bytes(reply)
