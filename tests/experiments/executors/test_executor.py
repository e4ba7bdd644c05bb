"""What all executors do alike."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from experiments.executors import Executor, Failure, Processes, make_executor
from experiments.executors.own_process import STATUS
from polyproof_gym import BadInput
from tests.experiments.executors.functions import (
    Counting,
    Deadly,
    Unreadable,
    finished,
    give_a_generator,
    refuse_oddly,
    refuse_three,
    square_and_process,
    take_megabytes,
)


@pytest.fixture(scope="module", params=["processes", pytest.param("ray", marks=pytest.mark.ray)])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    """Two workers."""
    with make_executor(request.param, 2) as made:
        yield made


def test_every_item_comes_with_its_outcome(executor: Executor) -> None:
    outcomes = dict(finished(executor, square_and_process, range(20)))
    assert {item: square for item, (square, _) in outcomes.items()} == {i: i * i for i in range(20)}
    assert os.getpid() not in {process for _, process in outcomes.values()}


def test_there_may_be_nothing_to_do(executor: Executor) -> None:
    assert list(executor.outcomes(square_and_process, [])) == []
    assert executor.map(square_and_process, []) == []


def test_a_map_is_in_order(executor: Executor) -> None:
    assert [square for square, _ in executor.map(square_and_process, [3, 3, 1, 2, 3])] == [9, 9, 1, 4, 9]


def test_items_are_taken_when_they_are_to_be_worked_on(executor: Executor) -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    iteration = executor.outcomes(square_and_process, items())
    next(iteration)
    assert len(taken) <= 5
    assert sum(1 for _ in iteration) == 999
    assert taken == [*range(1000)]


def test_errors_are_raised_here(executor: Executor) -> None:
    with pytest.raises(ValueError, match="not three") as raised:
        list(executor.outcomes(refuse_three, [1, 2, 3, 4, 5]))
    assert any("in refuse_three" in note for note in raised.value.__notes__)
    assert executor.map(refuse_three, [4, 5]) == [4, 5]  # nobody is worse for it


@pytest.mark.parametrize(("number", "message"), [(3, "^OfTwo: 3 is odd"), (4, "^WithLine: the line is closed")])
def test_errors_that_cannot_be_sent_are_told(executor: Executor, number: int, message: str) -> None:
    with pytest.raises(RuntimeError, match=message) as raised:
        list(executor.outcomes(refuse_oddly, [number]))
    assert any("in refuse_oddly" in note for note in raised.value.__notes__)


def test_an_item_that_cannot_be_read_is_an_error(executor: Executor) -> None:
    with pytest.raises(BadInput, match=r"cannot read what it is sent \(ValueError: invalid literal .*seven"):
        list(executor.outcomes(bool, [1, Unreadable(), 2, 3]))
    assert executor.map(bool, [0, 1]) == [False, True]  # nobody is worse for it


def test_what_cannot_come_back_is_an_error(executor: Executor) -> None:
    with pytest.raises((TypeError, BadInput), match="generator"):
        list(executor.outcomes(give_a_generator, [1, 2, 3]))


def test_items_are_done_again_when_their_worker_has_died(executor: Executor, tmp_path: Path) -> None:
    deadly = Deadly(tmp_path)
    outcomes = dict(executor.outcomes(deadly, range(12)))
    failures = {number for number, outcome in outcomes.items() if isinstance(outcome, Failure)}
    assert failures == {3, 9}
    assert {number: outcome for number, outcome in outcomes.items() if number not in failures} == {
        number: number for number in range(12) if number not in failures
    }
    times = [deadly.times(number) for number in range(12)]
    assert all(2 <= number <= 3 for number in times[1::2])  # three times where it was not alone at first
    assert all(1 <= number <= 2 for number in times[::2])
    failure = outcomes[3]
    assert isinstance(failure, Failure)
    assert failure.reason.startswith("2 workers have died of it (")
    with pytest.raises(RuntimeError, match="3: 2 workers have died of it"):
        executor.map(deadly, [2, 3])


@pytest.mark.parametrize("name", ["processes", pytest.param("ray", marks=pytest.mark.ray)])
def test_a_worker_that_takes_too_much_memory_is_killed(name: str) -> None:
    # A forked worker holds what the tests so far have left in this process, and that counts.
    held = int(re.findall(r"RssAnon:\s*(\d+)", STATUS.read_text(encoding="ascii"))[0]) // 1000
    with make_executor(name, 1, task_memory=held + 600) as limited:
        outcomes = dict(limited.outcomes(take_megabytes, [1, held + 1000, 2]))
    assert (outcomes[1], outcomes[2]) == (1, 2)
    failure = outcomes[held + 1000]
    assert isinstance(failure, Failure)
    assert failure.reason.startswith("2 workers have died of it (")


def test_a_function_that_was_sent_before_is_kept_where_there_is_a_pool(executor: Executor) -> None:
    calls = [call for _ in range(3) for call in executor.map(Counting("one"), range(10))]
    most = max(number for number, _ in calls)
    assert most > 10 or isinstance(executor, Processes)  # whose processes are forked anew
    assert max(number for number, _ in executor.map(Counting("other"), range(10))) <= 10
