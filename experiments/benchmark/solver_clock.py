"""How much of the time is spent inside HiGHS."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import highspy


class SolverClock:
    """Adds up the time that calls of the solver take.

    Attributes:
        seconds: Total time inside the solver's methods.
        calls: How many calls that were; calls that a method of the solver makes of another count as part of it.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.calls = 0
        self._is_inside = False

    def timed(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """A method that does the same and adds its time."""

        @wraps(method)
        def call(*arguments: Any, **options: Any) -> Any:
            if self._is_inside:
                return method(*arguments, **options)
            self._is_inside = True
            started = time.perf_counter()
            try:
                return method(*arguments, **options)
            finally:
                self.seconds += time.perf_counter() - started
                self._is_inside = False
                self.calls += 1

        return call


@contextmanager
def solver_clock() -> Iterator[SolverClock]:
    """Time every method of ``highspy.Highs``, for as long as the context lasts.

    The methods are replaced on the classes, so nothing in what is measured has to know. Turning what the solver
    returns into Python objects counts as outside of it, where it happens after the method has returned.
    """
    clock = SolverClock()
    classes = [cls for cls in highspy.Highs.__mro__ if cls.__module__.startswith("highspy")]
    originals = [
        (cls, name, member)
        for cls in classes
        for name, member in vars(cls).items()
        if callable(member) and not name.startswith("__") and not isinstance(member, (staticmethod, type))
    ]
    for cls, name, member in originals:
        setattr(cls, name, clock.timed(member))
    try:
        yield clock
    finally:
        for cls, name, member in originals:
            setattr(cls, name, member)


def timer_seconds(repetitions: int = 5, readings: int = 10_000) -> float:
    """What one timer, two readings of the clock and an addition, costs by itself: the least of some repetitions."""
    costs = []
    total = 0.0
    for _ in range(repetitions):
        began = time.perf_counter()
        for _ in range(readings):
            started = time.perf_counter()
            total += time.perf_counter() - started
        costs.append((time.perf_counter() - began) / readings)
    return min(costs)
