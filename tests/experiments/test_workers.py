from __future__ import annotations

import os
import signal
import time

import pytest

from experiments.workers import in_processes


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
    outcomes = dict(in_processes(square_and_process, range(10), processes))
    assert {item: square for item, (square, _) in outcomes.items()} == {i: i * i for i in range(10)}
    workers = {process for _, process in outcomes.values()}
    assert 1 <= len(workers) <= processes
    assert (os.getpid() in workers) == (processes == 1)


def test_there_may_be_nothing_to_do() -> None:
    assert list(in_processes(square_and_process, [], 4)) == []


@pytest.mark.parametrize("processes", [1, 2])
def test_errors_are_raised_here(processes: int) -> None:
    with pytest.raises(ValueError, match="not three"):
        list(in_processes(refuse_three, [1, 2, 3, 4, 5], processes))


def test_the_end_of_a_process_is_noticed() -> None:
    with pytest.raises(RuntimeError, match=r"a process ended while it worked on \d+ \(7\)"):
        list(in_processes(die, [1, 2, 3], 2))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_workers_leave_an_interrupt_to_the_first_process(number: int) -> None:
    assert [item for item, _ in in_processes(signal_oneself, [number] * 3, 2)] == [number] * 3


def test_processes_end_with_the_iteration_whatever_they_do() -> None:
    iteration = in_processes(process_that_does_not_end, [0, 3600, 3600], 2)
    _, process = next(iteration)
    iteration.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_processes_end_with_the_iteration() -> None:
    iteration = in_processes(square_and_process, range(100), 2)
    _, (_, process) = next(iteration)
    iteration.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
