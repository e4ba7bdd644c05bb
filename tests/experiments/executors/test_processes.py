from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from experiments.executors import Processes
from tests.experiments.executors.functions import (
    Deadly,
    finished,
    process_that_does_not_end,
    refuse_three,
    signal_oneself,
    square_and_process,
)


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_there_are_no_more_processes_than_asked_for(processes: int) -> None:
    workers = {process for _, (_, process) in finished(Processes(processes), square_and_process, range(10))}
    assert 1 <= len(workers) <= processes
    assert (os.getpid() in workers) == (processes == 1)


def test_one_process_is_this_one() -> None:
    with pytest.raises(ValueError, match="not three"):
        list(Processes().outcomes(refuse_three, [1, 2, 3, 4, 5]))
    iteration = Processes().outcomes(refuse_three, [1, 2, 3])
    assert next(iteration) == (1, 1)


def test_the_failure_says_how_a_process_has_ended(tmp_path: Path) -> None:
    ((_, failure),) = Processes(2).outcomes(Deadly(tmp_path), [3])
    assert str(failure) == "Failure(reason='2 workers have died of it (killed by SIGKILL)')"
    ((_, failure),) = Processes(2).outcomes(os._exit, [7])
    assert str(failure) == "Failure(reason='2 workers have died of it (exit status 7)')"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_workers_leave_an_interrupt_to_the_first_process(number: int) -> None:
    assert [item for item, _ in Processes(2).outcomes(signal_oneself, [number] * 3)] == [number] * 3


def test_processes_end_with_the_iteration_whatever_they_do() -> None:
    iteration = finished(Processes(2), process_that_does_not_end, [0, 3600, 3600])
    _, process = next(iteration)
    iteration.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_processes_end_with_the_iteration() -> None:
    iteration = finished(Processes(2), square_and_process, range(100))
    _, (_, process) = next(iteration)
    iteration.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
