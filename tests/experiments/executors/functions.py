"""What the tests have executors do; workers on clusters import it from here."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TypeVar

import numpy as np

from experiments.executors import Executor, Failure

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


def finished(
    executor: Executor, work: Callable[[Item], Outcome], items: Iterable[Item]
) -> Iterator[tuple[Item, Outcome]]:
    """The outcomes, none of which is a failure."""
    for item, outcome in executor.outcomes(work, items):
        assert not isinstance(outcome, Failure)
        yield item, outcome


def square_and_process(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


def refuse_three(number: int) -> int:
    if number == 3:
        raise ValueError("not three")
    return number


class OfTwo(Exception):
    """An error that is sent, and cannot be made again from what it says."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"{number} is {reason}")


class WithLine(Exception):
    """An error that cannot be sent."""

    def __init__(self) -> None:
        super().__init__("the line is closed")
        self.lock = threading.Lock()


def refuse_oddly(number: int) -> int:
    if number == 3:
        raise OfTwo(number, "odd")
    if number == 4:
        raise WithLine
    return number


class Unreadable:
    """What can be sent, but not read where it comes."""

    def __reduce__(self) -> tuple[type[int], tuple[str]]:
        return int, ("seven",)


class OfMissingModule:
    """What needs a module to be read that is nowhere."""

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return import_module, ("missing_here",)


def use_a_missing_module(number: int) -> int:
    import_module("missing_here")
    return number


def give_a_generator(number: int) -> Iterator[int]:
    return (number for _ in range(3))


def signal_oneself(number: int) -> int:
    os.kill(os.getpid(), number)
    return number


def process_that_does_not_end(seconds: int) -> int:
    if seconds:
        time.sleep(seconds)
    return os.getpid()


def take_megabytes(number: int) -> int:
    held = np.ones(number * 125_000)
    time.sleep(0.5)
    return int(held.sum()) * 8 // 10**6


class Deadly:
    """Ends the process at odd numbers: at multiples of three each time, at others only the first time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, number: int) -> int:
        with (self.folder / str(number)).open("a") as file:
            file.write("x")
        if number % 2 and (number % 3 == 0 or self.times(number) == 1):
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    def times(self, number: int) -> int:
        """How often the work on a number has been begun."""
        return len((self.folder / str(number)).read_text())


class Counting:
    """Counts its calls, once it is where it works."""

    def __init__(self, name: str) -> None:
        self.name, self._calls = name, 0

    def __getstate__(self) -> dict[str, object]:
        return {"name": self.name, "_calls": 0}

    def __call__(self, number: int) -> tuple[int, int]:
        self._calls += 1
        return self._calls, os.getpid()
