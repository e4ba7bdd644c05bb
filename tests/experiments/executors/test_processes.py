from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import pytest

from experiments.executors import Failure, Processes

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


def outcomes_of(
    processes: int, work: Callable[[Item], Outcome], items: Iterable[Item]
) -> Iterator[tuple[Item, Outcome]]:
    for item, outcome in Processes(processes).outcomes(work, items):
        assert not isinstance(outcome, Failure)
        yield item, outcome


def square_and_process(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


def refuse_three(number: int) -> int:
    if number == 3:
        raise ValueError("not three")
    return number


def die(number: int) -> int:
    os._exit(7)


def signal_oneself(number: int) -> int:
    os.kill(os.getpid(), number)
    return number


def process_that_does_not_end(seconds: int) -> int:
    if seconds:
        time.sleep(seconds)
    return os.getpid()


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_every_item_comes_with_its_outcome(processes: int) -> None:
    outcomes = dict(outcomes_of(processes, square_and_process, range(10)))
    assert {item: square for item, (square, _) in outcomes.items()} == {i: i * i for i in range(10)}
    workers = {process for _, process in outcomes.values()}
    assert 1 <= len(workers) <= processes
    assert (os.getpid() in workers) == (processes == 1)


def test_there_may_be_nothing_to_do() -> None:
    assert list(outcomes_of(4, square_and_process, [])) == []


@pytest.mark.parametrize("processes", [1, 2])
def test_errors_are_raised_here(processes: int) -> None:
    with pytest.raises(ValueError, match="not three"):
        list(outcomes_of(processes, refuse_three, [1, 2, 3, 4, 5]))


def test_the_end_of_a_process_is_noticed() -> None:
    with pytest.raises(RuntimeError, match=r"a process ended while it worked on \d+ \(7\)"):
        list(outcomes_of(2, die, [1, 2, 3]))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_workers_leave_an_interrupt_to_the_first_process(number: int) -> None:
    assert [item for item, _ in Processes(2).outcomes(signal_oneself, [number] * 3)] == [number] * 3


def test_processes_end_with_the_iteration_whatever_they_do() -> None:
    iteration = outcomes_of(2, process_that_does_not_end, [0, 3600, 3600])
    _, process = next(iteration)
    iteration.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_processes_end_with_the_iteration() -> None:
    iteration = outcomes_of(2, square_and_process, range(100))
    _, (_, process) = next(iteration)
    iteration.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
