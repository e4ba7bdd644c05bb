"""Whether a cluster of Ray answers: before it is joined, and while it works."""

from __future__ import annotations

import _thread
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from experiments.executors.executor import ExecutorLost

TIMEOUT = 5.0
"""Seconds within which a cluster must answer."""

TIMED_OUT = "timed out"
"""What :func:`silence_at` says of what takes longer."""

LOOK_INTERVAL = 2.0
"""Seconds between two looks at what the cluster has."""

LOOK_AT_MOST = 1.0
"""Seconds that the end waits for a look."""

PATIENCE = 5.0
"""Seconds without a sign of life after which a cluster is asked whether it is there; if not, it is lost."""

RECONNECT = "RAY_gcs_rpc_server_reconnect_timeout_s"
"""The variable by which Ray waits longer than a minute for a head that is replaced when it dies. So do we, then."""

GRACE = 2.0
"""Seconds that the main thread may take to answer an interrupt."""

MARGIN = 15.0
"""Seconds before the end of that time, when Ray ends this process without a word."""

FRAME_HEAD, SETTINGS = 9, b"\x04"
"""Bytes that a frame of HTTP/2 begins with, and the kind of frame with which both sides begin (RFC 9113)."""

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + SETTINGS + bytes(5)
"""How a client begins. A cluster is asked in this way, since Ray waits for minutes where something else answers."""


def silence_at(address: str) -> str | None:
    """Why no cluster answers at an address, in a few words; ``None`` if one does.

    Args:
        address: ``HOST:PORT``.
    """
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), TIMEOUT) as line:
            if os.environ.get("RAY_USE_TLS") == "1":
                return None
            line.sendall(PREFACE)
            answer = line.recv(FRAME_HEAD)
    except TimeoutError:
        return TIMED_OUT
    except (OSError, OverflowError) as error:
        return (getattr(error, "strerror", None) or str(error)).lower()
    return None if answer[3:4] == SETTINGS else "something else does"


class ClusterWatch:
    """What a cluster has, which a thread of its own looks at: where no head answers, Ray waits for a minute.

    After that, Ray ends this process without a word, so that it is to be noticed earlier.

    Attributes:
        nodes: How many machines there are.
        processors: How many processors they have.
    """

    def __init__(self, ray: Any) -> None:
        """Look for the first time, and begin to watch.

        Args:
            ray: Ray, which is connected.
        """
        self.nodes, self.processors = 0, 0
        self._ray = ray
        context = ray.get_runtime_context()
        self._head, self._here = context.gcs_address, context.get_node_id()
        self._own = ""
        self._patience = max(PATIENCE, float(os.environ.get(RECONNECT) or 0) - MARGIN)
        self._look()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_INTERVAL):
            with suppress(Exception):  # of whatever kind, then there is no sign of life
                self._look()

    def _look(self) -> None:
        nodes = self._ray.nodes()
        own = next(node for node in nodes if node["NodeID"] == self._here)
        self._own = f"{own['NodeManagerAddress']}:{own['NodeManagerPort']}"
        self.nodes = sum(node["Alive"] for node in nodes)
        self.processors = int(self._ray.cluster_resources().get("CPU", 0))
        if silence_at(self._own) is None:
            self._heard = time.monotonic()

    def require(self) -> None:
        """Check that the cluster is there.

        Raises:
            ExecutorLost: If there has been no sign of life for a while, and it does not answer when it is asked.
        """
        if time.monotonic() < self._heard + self._patience:
            return
        if silence_at(self._head) is not None:
            raise ExecutorLost(f"the cluster at {self._head} no longer answers")
        if silence_at(self._own) is not None:
            raise ExecutorLost(f"this machine is no longer part of the cluster at {self._head}")

    def hangs(self) -> bool:
        """Whether the head does not answer, but is not known to be gone either, so that Ray would wait for it."""
        return silence_at(self._head) == TIMED_OUT

    @contextmanager
    def guarding(self, told: Callable[[ExecutorLost], int]) -> Iterator[None]:
        """Have the main thread interrupted where the cluster is lost, while a library waits for it that cannot tell.

        If it does not answer, as where Ray waits for the head, this process ends there.

        Args:
            told: Tells people of it, in that case, and gives the exit status.

        Raises:
            ExecutorLost: In place of what the interrupt raises.
        """
        lost: list[ExecutorLost] = []
        ended = threading.Event()

        def guard() -> None:
            while not (lost or ended.wait(LOOK_INTERVAL)):
                try:
                    self.require()
                except ExecutorLost as error:
                    lost.append(error)
                    _thread.interrupt_main()
                    if not ended.wait(GRACE):
                        os._exit(told(error))

        threading.Thread(target=guard, daemon=True).start()
        try:
            yield
        except (Exception, KeyboardInterrupt):
            if lost:
                raise lost[0] from None
            raise
        finally:
            ended.set()

    def end(self) -> None:
        """Watch no longer: nobody may look while Ray shuts down, unless the cluster is gone, so that the look lasts."""
        self._ended.set()
        self._thread.join(LOOK_AT_MOST)
