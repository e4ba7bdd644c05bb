"""Independent tasks on a cluster, by Ray (https://docs.ray.io, Moritz et al., OSDI 2018)."""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import re
import signal
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from importlib import metadata
from itertools import count
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any, Generic

from experiments.executors.cluster_watch import ClusterWatch, silence_at
from experiments.executors.executor import Agenda, Attempt, Executor, ExecutorLost, Failure, Item, Outcome
from experiments.executors.own_process import end_above, received, sendable, single_threaded
from experiments.extras import require_extra
from experiments.starting import end_at_once
from polyproof_gym import BadInput, __version__
from polyproof_gym.stopping import SIGNALS

WAKE_INTERVAL = 1.0
"""Seconds after which what waits for outcomes sees whether the cluster is there and has more processors."""

QUEUED = 2
"""Batches for every processor: one that is worked on, and one that begins when it is finished."""

LEAST_SECONDS = 0.05
"""How long a batch takes at least, if there are so many items."""

SECONDS_HERE = 0.002
"""About twice what a batch costs this process, which is to keep up with all processors."""

LARGEST = 256
"""Most items of a batch."""

LONGEST = 400
"""Most characters of what Ray says that are shown; of more, that is the last line, which says what has happened."""

KEPT = 4
"""Functions that a worker keeps for later items."""

PACKAGES = ("numpy", "highspy", "clarabel", "torch")
"""What results depend on, beside this package: other versions find other vertices, or round in another way."""

AUTO = "auto"
"""The address of the cluster that this machine is part of."""

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DEDUP_LOGS": "0",
    "GLOG_minloglevel": "3",
}
"""Variables by which Ray tells nobody of its use, and says less."""


class RayCluster(Executor):
    """A cluster of Ray: one of this machine's own, which ends with the context, or another, which goes on.

    In a process that uses Ray already, it is that cluster which is used, whatever the address.

    Items that take little time travel in batches, each of which is a Ray task of one processor: a task costs the
    process that gives them out about a millisecond, whatever there is to do. Outcomes come with the tasks' answers.
    """

    def __init__(self, address: str | None = None, workers: int | None = None, task_memory: int | None = None) -> None:
        """Prepare; Ray is started, or the cluster joined, when there is something to do.

        Args:
            address: ``HOST:PORT`` of a cluster that this machine is part of, or ``"auto"`` for whatever cluster that
                is. By default the one that the variable ``RAY_ADDRESS`` names, as within a job of Ray; without it, one
                of this machine's own is started.
            workers: Most items at a time; by default as many as there are processors, also those that join later. A
                cluster of one's own has so many processors.
            task_memory: Megabytes above which a worker is killed, see
                :func:`~experiments.executors.own_process.end_above`, and that Ray reserves for it.

        Raises:
            BadInput: If Ray is not installed, or the address is none.
        """
        require_extra("ray", "ray")
        self._address = os.environ.get("RAY_ADDRESS") or None if address is None else address
        self._name = "ray" if address is None else f"ray:{address}"
        if self._address is not None:
            self._address = self._answering(self._address)
        self._workers, self._task_memory = workers, task_memory
        self._ray: Any = None
        self._watch: ClusterWatch | None = None
        self._is_own = False
        self._run: Any = None
        self._sent: OrderedDict[str, Any] = OrderedDict()
        self._versions = _versions()

    def _answering(self, address: str) -> str:
        """The address at which a cluster answers, ``HOST:PORT``.

        Raises:
            BadInput: If none does, or it is no address.
        """
        found = self._current() if address == AUTO else address
        is_given = self._name == f"ray:{found}"
        host, _, port = found.rpartition(":")
        if not host or "/" in host or not (port.isascii() and port.isdigit()):
            expected = f"ray:HOST:PORT or ray:{AUTO}" if is_given else f"HOST:PORT as RAY_ADDRESS, got {found!r}"
            raise BadInput(f"{self._name}: expected {expected}")
        silence = silence_at(found)
        if silence is not None:
            where = "there" if is_given else f"at {found}"
            raise BadInput(f"{self._name}: no cluster answers {where} ({silence})")
        return found

    def _current(self) -> str:
        """The address of the cluster that this machine is part of, as Ray finds it.

        Raises:
            BadInput: If it is part of none.
        """
        _quiet_ray()
        from ray._private.services import get_ray_address_from_environment

        try:
            return str(get_ray_address_from_environment(AUTO, None))
        except ConnectionError as error:
            raise BadInput(f"{self._name}: {_told([str(error)])}") from None

    def start(self) -> ClusterWatch:
        """Start Ray or join the cluster, unless that is done; what watches it.

        Raises:
            BadInput: If that is impossible.
        """
        if self._watch is not None:
            return self._watch
        ray = _quiet_ray()
        quiet = {"log_to_driver": False, "logging_level": logging.CRITICAL}
        # What Ray tells of workers and machines that have died goes to standard output, and is no result.
        ray._private.worker._worker_logs_enabled = False
        self._is_own = not ray.is_initialized()
        try:
            with _nothing_left_behind(ray), _signals_as_before():
                if not self._is_own:
                    pass
                elif self._address is None:
                    ray.init("local", num_cpus=self._workers, include_dashboard=False, **quiet)
                else:
                    ray.init(self._address, **quiet)
        except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            reasons = [str(error), str(error.__cause__ or "")]
            raise BadInput(f"{self._name}: {_told(reasons)}") from None
        self._ray, self._watch = ray, ClusterWatch(ray)
        options: dict[str, Any] = {"num_cpus": 1, "max_retries": 0}
        if self._task_memory is not None:
            options["memory"] = self._task_memory * 10**6
            most = max(node["Resources"].get("memory", 0) for node in ray.nodes() if node["Alive"])
            if options["memory"] > most:
                self.close()
                raise BadInput(f"{self._name}: no node has {self._task_memory} MB for a task, but {most // 1e6:.0f}")
        self._run = ray.remote(**options)(_run)
        return self._watch

    def outcomes(
        self, work: Callable[[Item], Outcome], items: Iterable[Item]
    ) -> Iterator[tuple[Item, Outcome | Failure]]:
        """See :meth:`Executor.outcomes`.

        Raises:
            BadInput: If there is no cluster, the function or an item cannot travel, or the workers cannot use it.
            ExecutorLost: If the cluster no longer answers.
            Exception: Whatever the function raises, with the traceback as a note.
        """
        agenda = Agenda(items)
        attempt = agenda.next()
        if attempt is None:
            return
        agenda.put_back(attempt)
        watch = self.start()
        digest = self._send(work)
        batches = _Batches(agenda)
        running: dict[int, tuple[Any, list[Attempt[Item]]]] = {}
        numbers = count()
        finished: SimpleQueue[tuple[int, Future[Any]]] = SimpleQueue()
        try:
            while True:
                while len(running) < self._most() and (batch := batches.next(self._seconds())):
                    content = self._sendable([attempt.item for attempt in batch])
                    reference = self._run.remote(
                        [self._sent[digest]], digest, self._versions, content, self._seconds(), self._task_memory
                    )
                    number = next(numbers)
                    running[number] = reference, batch
                    reference.future().add_done_callback(lambda done, number=number: finished.put((number, done)))
                if not running:
                    return
                watch.require()
                try:
                    number, done = finished.get(timeout=WAKE_INTERVAL)
                except Empty:  # perhaps there are more processors now
                    continue
                _, batch = running.pop(number)
                yield from self._outcomes(batch, done, batches)
        finally:
            for reference, _ in running.values():
                with suppress(Exception):  # what is lost need not be ended
                    self._ray.cancel(reference, force=True)

    def _outcomes(
        self, batch: list[Attempt[Item]], done: Future[Any], batches: _Batches[Item]
    ) -> Iterator[tuple[Item, Outcome | Failure]]:
        """What has come of a batch; the rest is to be done again.

        Raises:
            BadInput: If Ray cannot work.
            ExecutorLost: If this machine's part of the cluster is gone.
            Exception: Whatever the function has raised.
        """
        exceptions = self._ray.exceptions
        crash = "a crash" if self._task_memory is None else f"a crash, or more than {self._task_memory} MB"
        try:
            outcomes, seconds, error = done.result()
        except (exceptions.NodeDiedError, exceptions.ObjectLostError):
            failures = [attempt.lost("they do not answer") for attempt in batch]
        except exceptions.OutOfMemoryError:
            failures = _died(batch, "its machine had no memory left")
        except exceptions.WorkerCrashedError:
            failures = _died(batch, crash)
        except exceptions.LocalRayletDiedError:
            raise ExecutorLost("this machine is no longer part of the cluster") from None
        except exceptions.RayError as problem:
            raise BadInput(f"{self._name}: {_told([str(problem)])}") from None
        else:
            for attempt, outcome in zip(batch, outcomes, strict=False):
                yield attempt.item, outcome
            if error is not None:
                raise error
            batches.note(len(outcomes), seconds)
            for attempt in batch[len(outcomes) :]:
                batches.put_back(attempt)
            return
        for attempt, failure in zip(batch, failures, strict=True):
            if failure is None:
                batches.put_back(attempt)
            else:
                yield attempt.item, failure

    def _send(self, work: Callable[[Item], Outcome]) -> str:
        """Send a function to the cluster, unless it is there; the digest of its content.

        Raises:
            BadInput: If it cannot be sent.
        """
        content = self._sendable(work)
        digest = hashlib.sha256(content).hexdigest()
        if digest not in self._sent:
            self._sent[digest] = self._ray.put(content)
            while len(self._sent) > KEPT:
                self._sent.popitem(last=False)
        self._sent.move_to_end(digest)
        return digest

    def _sendable(self, value: object) -> bytes:
        """A value in the form in which it is sent.

        Raises:
            BadInput: If it cannot be sent.
        """
        try:
            content: bytes = self._ray.cloudpickle.dumps(value)
        except (AttributeError, TypeError, ValueError, pickle.PicklingError) as error:
            raise BadInput(f"{self._name}: this cannot be sent to other machines ({_told([str(error)])})") from None
        return content

    def _most(self) -> int:
        """How many tasks there may be at a time; those that no processor is free for wait."""
        processors = self._processors()
        if self._workers is not None and self._workers < processors:
            return self._workers
        return max(1, QUEUED * processors)

    def _seconds(self) -> float:
        """How long a batch is to take, so that this process can keep up."""
        return max(LEAST_SECONDS, SECONDS_HERE * self._processors())

    def _processors(self) -> int:
        return 0 if self._watch is None else self._watch.processors

    def resources(self) -> str:
        """How many machines and processors there are."""
        nodes = 0 if self._watch is None else self._watch.nodes
        return f"{nodes} node{'s' if nodes != 1 else ''}, {self._processors()} CPUs"

    def close(self) -> None:
        """End a cluster that was started here, or leave another one; one that hangs is left when the program ends."""
        if self._watch is not None:
            self._watch.end()
        if self._ray is not None and self._is_own:
            if self._watch is not None and self._address is not None and self._watch.hangs():
                end_at_once()
            else:
                _end(self._ray)
        self._ray, self._watch, self._sent = None, None, OrderedDict()


class _Batches(Generic[Item]):
    """Items by the batch: the faster they are finished, the more at a time."""

    def __init__(self, agenda: Agenda[Item]) -> None:
        """Begin with single items."""
        self._agenda = agenda
        self._size, self._rate = 1, 0.0

    def next(self, seconds: float) -> list[Attempt[Item]]:
        """The items that are to be worked on next, for about so long; none if there are none.

        One that a worker may have died of comes alone.
        """
        most = min(self._size, max(1, int(self._rate * seconds)))
        batch: list[Attempt[Item]] = []
        while len(batch) < most and (attempt := self._agenda.next()) is not None:
            if attempt.is_suspect and batch:
                self._agenda.put_back(attempt)
                break
            batch.append(attempt)
            if attempt.is_suspect:
                break
        return batch

    def note(self, number: int, seconds: float) -> None:
        """Note how long items took."""
        self._rate = number / max(seconds, 1e-9)
        self._size = min(LARGEST, max(self._size, 2 * number))

    def put_back(self, attempt: Attempt[Item]) -> None:
        """Have an item tried again."""
        self._agenda.put_back(attempt)


def _died(batch: Sequence[Attempt[Item]], how: str) -> list[Failure | None]:
    """Note that a worker has died of one of several items, which then come alone; the failures."""
    if len(batch) == 1:
        return [batch[0].died(how)]
    for attempt in batch:
        attempt.is_suspect = True
    return [None] * len(batch)


_works: OrderedDict[str, Callable[[Any], Any]] = OrderedDict()
"""Functions that this worker has been sent, by their digests."""

_threads = ExitStack()
"""Contexts that this worker never leaves."""


def _run(
    parcel: list[Any], digest: str, versions: Mapping[str, str], items: bytes, seconds: float, task_memory: int | None
) -> tuple[list[Any], float, Exception | None]:
    """Work on items, on a worker.

    Args:
        parcel: The reference to the function's content, in a list so that it is fetched only where it is needed.
        digest: The content's digest.
        versions: Those of the packages where the content comes from.
        items: The items, as they are sent: what cannot be read is told as any other error.
        seconds: After so long, nothing more is begun.
        task_memory: See :class:`RayCluster`.

    Returns:
        The outcomes of the first items, how long they took, and the error with which the next one has ended, if so.
    """
    outcomes: list[Any] = []
    try:
        end_above(task_memory)
        work = _work(parcel, digest, versions)
        began = time.monotonic()
        for item in received(items, _node()):
            outcomes.append(work(item))
            if time.monotonic() > began + seconds:
                break
        return outcomes, time.monotonic() - began, None
    except Exception as error:
        import ray

        told: Exception = error
        if isinstance(error, ModuleNotFoundError):
            told = BadInput(f"{_node()} has no module {error.name}: all nodes must have the same packages")
            told.__cause__ = error
        return outcomes, 0.0, sendable(told, ray.cloudpickle.dumps)


def _work(parcel: list[Any], digest: str, versions: Mapping[str, str]) -> Callable[[Any], Any]:
    """The function that this worker is sent, or has been sent.

    Raises:
        BadInput: If this worker has other versions of the packages.
    """
    if digest not in _works:
        import ray

        ours = _versions()
        for package, version in versions.items():
            if ours.get(package, version) != version:
                found = f"{_node()} has {package} {ours[package]}, not {version} as here"
                raise BadInput(f"{found}: what it finds could differ")
        _works[digest] = received(ray.get(parcel[0]), _node())
        _threads.enter_context(single_threaded())  # of libraries that are loaded by now
        while len(_works) > KEPT:
            _works.popitem(last=False)
    return _works[digest]


def _versions() -> dict[str, str]:
    """The versions of the packages that results depend on, so far as they are installed; builds do not count."""
    versions = {"polyproof-gym": __version__}
    for package in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            versions[package] = metadata.version(package).partition("+")[0]
    return versions


def _node() -> str:
    """What this worker's machine is called."""
    import ray

    return f"the node {ray.util.get_node_ip_address()}"


def _quiet_ray() -> Any:
    """Ray, which says little."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    import ray

    return ray


def _end(ray: Any) -> None:
    """End a cluster of this machine's own, or leave another one.

    What looks after a cluster here goes at once: Ray would leave each of these processes a second, one after the other.
    """
    node = ray._private.worker._global_node
    for name in ("kill_monitor", "kill_dashboard", "kill_log_monitor"):
        with suppress(Exception):  # of another version
            getattr(node, name)(check_alive=False)
    ray.shutdown()


@contextmanager
def _signals_as_before() -> Iterator[None]:
    """Keep what this process does on signals: Ray would end it on SIGTERM, and may lose what is raised on Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {number: signal.getsignal(number) for number in SIGNALS}
    on_interrupt = former[signal.SIGINT]
    raised: list[BaseException] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        assert callable(on_interrupt)
        try:
            on_interrupt(number, frame)
        except BaseException as error:
            raised.append(error)
            raise

    if callable(on_interrupt):
        signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    if raised:
        raise raised[0]


@contextmanager
def _nothing_left_behind(ray: Any) -> Iterator[None]:
    """Have the processes that are started within the context end where an interrupt ends it: Ray knows them later."""
    import psutil  # which comes with Ray

    own = psutil.Process()
    former = {*own.children(recursive=True)}
    try:
        yield
    except KeyboardInterrupt:
        with suppress(Exception):  # of what is half made
            _end(ray)
        for process in {*own.children(recursive=True)} - former:
            with suppress(psutil.Error):  # it has ended
                process.kill()
        raise


def _told(reasons: Sequence[str]) -> str:
    """What is wrong, in one line for people, by what Ray says."""
    text = " ".join(" ".join(reasons).split())
    missing = re.search(r"No module named '([^']*)'", text)
    if missing:
        return f"the workers have no module {missing[1]}: this version of polyproof-gym must be installed on all nodes"
    if "Could not find any running Ray instance" in text:
        return "this machine is part of no cluster; `ray start --address=HOST:PORT` makes it part of one"
    if "Failed to connect" in text:
        return "it cannot be joined; a cluster with a token needs RAY_AUTH_MODE=token here as well"
    return text if len(text) <= LONGEST else [*filter(None, reasons[0].split("\n"))][-1].strip()
