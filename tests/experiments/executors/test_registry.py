from __future__ import annotations

import pytest

from experiments.executors import Processes, make_executor
from polyproof_gym import BadInput


def test_the_default_are_processes() -> None:
    with make_executor() as executor:
        assert isinstance(executor, Processes)
        assert executor.map(abs, [-1]) == [1]
        assert executor.resources() == ""


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("rya", "unknown executor 'rya', did you mean 'ray'"),
        ("", "unknown executor ''"),
        ("processes:4", "processes: expected no address, got '4'"),
    ],
)
def test_there_is_no_other(spec: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        make_executor(spec)
