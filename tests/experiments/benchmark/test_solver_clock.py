from __future__ import annotations

import time

import highspy
import numpy as np
import pytest

from experiments.benchmark.solver_clock import solver_clock, timer_seconds


def small_program() -> highspy.Highs:
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.addCol(-1.0, 0.0, 4.0, 0, np.empty(0, np.int32), np.empty(0))
    return highs


def test_calls_are_counted_and_timed_and_do_what_they_did() -> None:
    highs = small_program()
    with solver_clock() as clock:
        began = time.perf_counter()
        highs.run()
        value = highs.getObjectiveValue()
        wall = time.perf_counter() - began
    assert value == -4.0
    assert clock.calls == 2
    assert 0.0 < clock.seconds <= wall


def test_calls_within_calls_count_once() -> None:
    highs = small_program()
    with solver_clock() as clock:
        highs.minimize()  # sets the objective and runs, all methods of the solver
    assert clock.calls == 1


def test_an_error_of_the_solver_passes_and_the_clock_goes_on() -> None:
    highs = small_program()
    with solver_clock() as clock:
        with pytest.raises(TypeError):
            highs.setOptionValue()  # type: ignore[call-arg]
        highs.run()
    assert clock.calls == 2


def test_nothing_is_timed_afterwards() -> None:
    before = {name: member for cls in highspy.Highs.__mro__ for name, member in vars(cls).items()}
    highs = small_program()
    with solver_clock() as clock:
        pass
    highs.run()
    assert clock.calls == 0
    assert {name: member for cls in highspy.Highs.__mro__ for name, member in vars(cls).items()} == before


def test_a_timer_costs_something_and_not_much() -> None:
    assert 0.0 < timer_seconds(repetitions=2, readings=100) < 1e-3
