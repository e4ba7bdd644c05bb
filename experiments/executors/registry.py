"""Executors by name; each is loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from experiments.executors.executor import Executor
from polyproof_gym.errors import BadInput

DEFAULT = "processes"
"""What works on tasks if nothing else is asked for."""


class Limits(NamedTuple):
    """How much is to be used.

    Attributes:
        workers: Most items at a time; ``None`` leaves that to the executor.
        task_memory: Megabytes above which a worker is killed; ``None`` is no limit.
    """

    workers: int | None = None
    task_memory: int | None = None


def _processes(address: str | None, limits: Limits) -> Executor:
    if address is not None:
        raise BadInput(f"{DEFAULT}: expected no address, got {address!r}")
    from experiments.executors.processes import Processes

    return Processes(limits.workers or 1, limits.task_memory)


def _ray(address: str | None, limits: Limits) -> Executor:
    from experiments.executors.ray import RayCluster

    return RayCluster(address, limits.workers, limits.task_memory)


EXECUTORS: dict[str, Callable[[str | None, Limits], Executor]] = {DEFAULT: _processes, "ray": _ray}
"""What makes the executors, of the address that follows their names, if one does."""


def make_executor(spec: str = DEFAULT, workers: int | None = None, task_memory: int | None = None) -> Executor:
    """The executor that a text names: ``"processes"``, ``"ray"``, ``"ray:HOST:PORT"``.

    Args:
        spec: The name, and perhaps an address after a colon.
        workers: Most items at a time; by default 1 in processes, and as many as there are processors with Ray.
        task_memory: Megabytes above which a worker is killed; what it worked on is tried once more.

    Raises:
        BadInput: If there is none of this name, what it needs is not installed, nobody answers at the address, or this
            system cannot limit memory.
    """
    name, colon, address = spec.strip().partition(":")
    if name not in EXECUTORS:
        from polyproof_gym.specs import unknown  # with NumPy, which is not needed otherwise

        raise unknown("executor", name, EXECUTORS)
    if task_memory is not None:
        from experiments.executors.own_process import can_be_limited

        if not can_be_limited():
            raise BadInput("a limit of memory needs /proc, which Linux has")
    return EXECUTORS[name](address if colon else None, Limits(workers, task_memory))
