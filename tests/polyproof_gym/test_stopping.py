from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator

import pytest

from polyproof_gym import stopping
from polyproof_gym.stopping import (
    SIGNALS,
    StopOnSignals,
    Terminated,
    abortable,
    interrupted_by_signals,
    raised_on_sigterm,
    signals_held,
)


@pytest.fixture(autouse=True)
def usual_handlers() -> Iterator[None]:
    """Handlers as Python installs them, even where the tests ignore Ctrl-C; and afterwards those that were there."""
    former = {number: signal.getsignal(number) for number in SIGNALS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    before = [signal.getsignal(number) for number in SIGNALS]
    yield
    assert [signal.getsignal(number) for number in SIGNALS] == before
    assert not stopping.requested()
    for number, handler in former.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_is_a_request_and_the_second_interrupts(number: signal.Signals) -> None:
    with StopOnSignals() as stop:
        assert stop.number is None
        assert not stopping.requested()
        signal.raise_signal(number)
        assert stop.number == number
        assert stopping.requested()
        with pytest.raises(Terminated if number is signal.SIGTERM else KeyboardInterrupt):
            signal.raise_signal(number)
    assert stop.number == number
    assert not stopping.requested()


def test_contexts_within_each_other() -> None:
    with StopOnSignals() as outer:
        with StopOnSignals() as inner:
            signal.raise_signal(signal.SIGINT)
            assert stopping.requested()
        assert inner.number == signal.SIGINT
        assert outer.number is None
        assert not stopping.requested()


def test_a_request_that_came_before_a_context_counts_within_it() -> None:
    with StopOnSignals() as outer:
        signal.raise_signal(signal.SIGTERM)
        with StopOnSignals() as inner:
            assert inner.number == signal.SIGTERM
            assert stopping.requested()
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        assert outer.number == signal.SIGTERM
        assert stopping.requested()
    assert not stopping.requested()


def test_what_is_wanted_has_some_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not stopping.is_up()
    with StopOnSignals():
        signal.raise_signal(signal.SIGINT)
        assert not stopping.is_up()
        monkeypatch.setattr(stopping, "GRACE", 0.0)
        time.sleep(0.001)
        assert stopping.is_up()


def test_what_can_be_given_up_is_given_up_after_a_while() -> None:
    def choose() -> str:
        signal.raise_signal(signal.SIGINT)
        while True:
            time.sleep(0.01)

    with StopOnSignals():
        assert abortable(choose) is None
        assert stopping.is_up()


def test_what_cannot_be_given_up_goes_on() -> None:
    with StopOnSignals():
        signal.raise_signal(signal.SIGINT)
        end = time.monotonic() + 2 * stopping.GRACE
        while time.monotonic() < end:
            time.sleep(0.01)
        assert abortable(lambda x, y: x + y, 1, y=2) == 3


def test_errors_pass_through_what_can_be_given_up() -> None:
    with pytest.raises(ZeroDivisionError):
        abortable(lambda: 1 // 0)


def test_signals_that_are_held_come_at_the_end() -> None:
    seen = []

    def work() -> None:
        with signals_held():
            signal.raise_signal(signal.SIGINT)
            seen.append(stopping.requested())

    with pytest.raises(KeyboardInterrupt):
        work()
    assert seen == [True]


def test_signals_that_are_held_reach_who_takes_them_for_requests() -> None:
    with StopOnSignals() as stop:
        with signals_held():
            signal.raise_signal(signal.SIGTERM)
            assert stop.number is None
            assert stopping.requested()
        assert stop.number == signal.SIGTERM
        with pytest.raises(KeyboardInterrupt), signals_held():
            signal.raise_signal(signal.SIGINT)
        assert stopping.requested()


def test_sigterm_as_an_exception() -> None:
    with pytest.raises(Terminated), raised_on_sigterm():
        signal.raise_signal(signal.SIGTERM)


def test_sigterm_is_a_request_where_signals_are() -> None:
    with StopOnSignals() as stop, raised_on_sigterm():
        signal.raise_signal(signal.SIGTERM)
        assert stop.number == signal.SIGTERM


@pytest.mark.parametrize("number", SIGNALS)
def test_who_waits_is_interrupted_by_the_first_signal(number: signal.Signals) -> None:
    with StopOnSignals() as stop:
        expected = Terminated if number is signal.SIGTERM else KeyboardInterrupt
        with pytest.raises(expected), interrupted_by_signals():
            signal.raise_signal(number)
        assert stop.number is None
        signal.raise_signal(number)
        assert stop.number == number


def test_other_threads_are_left_alone() -> None:
    seen = []

    def work() -> None:
        with StopOnSignals() as stop, signals_held(), raised_on_sigterm(), interrupted_by_signals():
            seen.append((stop.number, stopping.requested(), abortable(int, "3")))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [(None, False, 3)]


def test_a_time_limit_counts_as_a_request_within_its_context() -> None:
    assert not stopping.requested()
    with stopping.time_limit(1000.0):
        assert not stopping.requested()
        with stopping.time_limit(0.0):
            assert stopping.requested()
            assert not stopping.is_up()  # what is wanted has some time left
            with stopping.time_limit(1000.0):
                assert stopping.requested()
        assert not stopping.requested()
    with stopping.time_limit(-2 * stopping.GRACE):
        assert stopping.is_up()
    assert not stopping.is_up()
