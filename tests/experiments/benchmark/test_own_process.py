from __future__ import annotations

import os

import numpy as np
import pytest

from experiments.benchmark.own_process import in_own_process, peak_bytes


def test_the_value_comes_from_another_process() -> None:
    assert in_own_process("os", "getpid") != os.getpid()
    assert in_own_process("textwrap", "shorten", text="one two three", width=9) == "one [...]"


def test_the_memory_of_this_process_is_not_counted_there() -> None:
    occupied = np.ones(40_000_000)  # 320 MB
    assert peak_bytes() > occupied.nbytes
    assert in_own_process("experiments.benchmark.own_process", "peak_bytes") < occupied.nbytes / 2


def test_a_failure_there_is_reported_with_its_last_line() -> None:
    with pytest.raises(RuntimeError, match=r"shorten.*ValueError: placeholder too large"):
        in_own_process("textwrap", "shorten", text="one two three", width=2)


def test_what_takes_too_long_is_ended() -> None:
    with pytest.raises(TimeoutError, match=r"getpid: not done in 0.001 s"):
        in_own_process("os", "getpid", 0.001)
