"""Stopping before the work is done, on Ctrl-C or SIGTERM, with what there is so far.

Python runs signal handlers between its own instructions only, and in its main thread only, so what computes for long
has to help. Loops whose result so far is worth something ask :func:`requested`, and end. A library that calls back runs
within :func:`signals_held`, and its callback asks :func:`is_up`. What only chooses and changes nothing is
:func:`abortable`.
"""

from __future__ import annotations

import _thread
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import ParamSpec, TypeVar

GRACE = 0.5
"""Seconds after a request that a computation whose result is wanted may still take."""

SIGNALS = (signal.SIGINT, signal.SIGTERM)

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Terminated(KeyboardInterrupt):
    """SIGTERM, where that ends the work in the same way as Ctrl-C does."""


class _Aborted(KeyboardInterrupt):
    """What could be given up has not ended by itself in time."""


class _Present:
    """What is known in this process.

    Attributes:
        since: When a stop was requested, by the clock ``time.monotonic``.
        limit: When what runs has had its time, by the same clock.
        on_signals: Who takes signals for requests, if anybody does.
        may_abort: Whether what runs in the main thread can be given up.
    """

    since: float | None = None
    limit: float = math.inf
    on_signals: StopOnSignals | None = None
    may_abort = False


def requested() -> bool:
    """Whether what runs is to end soon, with what it has."""
    return _Present.since is not None or time.monotonic() > _Present.limit


def seconds_left() -> float:
    """How long what runs may still take; infinite where there is no limit."""
    return math.inf if _Present.limit == math.inf else max(0.0, _Present.limit - time.monotonic())


def is_up() -> bool:
    """Whether a stop was requested, and the time that was left for what is wanted has passed."""
    since = _Present.limit if _Present.since is None else min(_Present.since, _Present.limit)
    return time.monotonic() > since + GRACE


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Have what runs end soon, as if a stop was requested, once it has taken so long; within the context only.

    Libraries that ask :func:`is_up` are ended as well. A limit around this one stays.
    """
    outer = _Present.limit
    _Present.limit = min(outer, time.monotonic() + seconds)
    try:
        yield
    finally:
        _Present.limit = outer


def exit_status(number: int) -> int:
    """The exit status that says which signal has stopped a process, as shells give it."""
    return 128 + number


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _note_request() -> None:
    if _Present.since is None:
        _Present.since = time.monotonic()


class StopOnSignals:
    """A context in which the first Ctrl-C or SIGTERM requests a stop, and a second one interrupts.

    Within another such context the request that came there counts as well. It does nothing in other threads than the
    main one.

    Attributes:
        number: The signal that has requested a stop, if one has.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._timer = threading.Timer(GRACE, self._abort)
        self._timer.daemon = True
        self._is_from_timer = False

    def __enter__(self) -> StopOnSignals:
        if _in_main_thread():
            self._outer = outer, since = _Present.on_signals, _Present.since
            _Present.on_signals, _Present.since = self, None
            self._former = {number: signal.signal(number, self._take) for number in SIGNALS}
            if outer is not None and outer.number is not None:
                self.number, _Present.since = outer.number, since
                self._timer.start()
        return self

    def _take(self, number: int, frame: FrameType | None) -> None:
        if self._is_from_timer:
            self._is_from_timer = False
            if _Present.may_abort:
                raise _Aborted
        elif self.number is None:
            self.number = number
            _note_request()
            self._timer.start()
        else:
            raise Terminated if number == signal.SIGTERM else KeyboardInterrupt

    def _abort(self) -> None:
        """Have the main thread give up what it does, if that can be given up."""
        if _Present.may_abort:
            self._is_from_timer = True
            _thread.interrupt_main()

    def __exit__(self, *error: object) -> None:
        if _in_main_thread():
            self._timer.cancel()
            for number, handler in self._former.items():
                signal.signal(number, handler)
            _Present.on_signals, _Present.since = self._outer


def abortable(function: Callable[_P, _T], *arguments: _P.args, **options: _P.kwargs) -> _T | None:
    """What a function gives; ``None`` if a stop was requested and it does not end in time.

    Args:
        function: It may be given up at any instruction.
        arguments: What it is called with.
        options: The same, by name.
    """
    outer, _Present.may_abort = _Present.may_abort, True
    try:
        return function(*arguments, **options)
    except _Aborted:
        return None
    finally:
        _Present.may_abort = outer


@contextmanager
def signals_held() -> Iterator[None]:
    """Hold back signals while a library runs that calls back, and through which no exception may pass.

    They count as a request to stop, and get to their handlers at the end. Signals that Python has no handler for do at
    once what they always do.
    """
    if not _in_main_thread():
        yield
        return
    held: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:
        held.append(number)
        _note_request()

    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    former = {number: handler for number, handler in handlers.items() if callable(handler)}
    for held_back in former:
        signal.signal(held_back, hold)
    try:
        yield
    finally:
        for held_back, handler in former.items():
            signal.signal(held_back, handler)
        if held and _Present.on_signals is None:
            _Present.since = None
        for number in held:
            signal.raise_signal(number)


@contextmanager
def raised_on_sigterm() -> Iterator[None]:
    """Have SIGTERM raise :class:`Terminated`, as Ctrl-C raises ``KeyboardInterrupt``: what was begun is tidied up.

    Within :class:`StopOnSignals` it is left to that.
    """
    with _handled({} if _Present.on_signals is not None else {signal.SIGTERM: _terminate}):
        yield


@contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """Have signals interrupt, also within :class:`StopOnSignals`: while waiting for what may never come."""
    with _handled({signal.SIGTERM: _terminate, signal.SIGINT: signal.default_int_handler}):
        yield


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated


@contextmanager
def _handled(handlers: Mapping[int, Callable[[int, FrameType | None], object]]) -> Iterator[None]:
    """Other handlers of signals, in the main thread."""
    if not _in_main_thread():
        yield
        return
    former = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def leave_to_first_process() -> None:
    """Let the first process decide on Ctrl-C, which reaches all those of a terminal; SIGTERM ends this one at once."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
