"""HiGHS, with what all of its users need: silence, a limit on every run, and an answer to those who want to stop it.

Without limits it may cycle for ever on ill-conditioned programs, deaf to Ctrl-C, as Python handles no signal in the
meantime. The limit on the iterations is what ends such a run; that on the time is wide, since it
depends on the machine, and only for runs that do not even iterate.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import highspy

from polyproof_gym import stopping
from polyproof_gym.standard_output import sent_elsewhere

OPTIONS: dict[str, Any] = {"output_flag": False, "threads": 1, "parallel": "off"}
"""Options of HiGHS for all solvers."""

SECONDS = 5.0
"""Time that a run of a linear program may take at least."""

SECONDS_PER_ENTRY = 1e-3
"""What it may take longer for every coefficient; a cold start takes some 10^-5 to 10^-4 seconds for each."""

MAX_ITERATIONS = 1000
"""The most iterations of the simplex from scratch: this many, and :data:`MAX_ITERATIONS_PER_LINE` for every line."""

MAX_ITERATIONS_PER_LINE = 100
"""For every row and every column; as many as there are rows are usual."""

NO_LIMIT = 2**31 - 1
"""The most iterations that can be asked for."""

LARGE = 50_000
"""Number of coefficients from which a run is stopped on request.

The callback costs about 2 microseconds per iteration, which is nothing beside an iteration of such a size; smaller
programs are stopped by the limit on their iterations within a second.
"""

LIMITS = (highspy.HighsModelStatus.kIterationLimit, highspy.HighsModelStatus.kTimeLimit)
"""How runs end that meet a limit."""


_ERROR, _NOT_RUN = highspy.HighsStatus.kError, highspy.HighsModelStatus.kNotset


class Solver(highspy.Highs):
    """A silent HiGHS, whose runs end within limits, and early if a stop is requested."""

    _is_announced = False  # the first one of a process says who it is, before it can be told to be silent

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Make one without a program.

        Args:
            options: Options of HiGHS, beside :data:`OPTIONS`.
        """
        if Solver._is_announced:
            super().__init__()  # type: ignore[no-untyped-call]
        else:
            with open(os.devnull, "w") as nowhere, sent_elsewhere(nowhere.fileno()):
                super().__init__()  # type: ignore[no-untyped-call]
            Solver._is_announced = True
        self._checked_until = -1.0  # up to this reading of its clock, which is never reset, there is time enough
        self.set_options({**OPTIONS, **options})

    def set_options(self, options: Mapping[str, Any]) -> None:
        """Set options of HiGHS."""
        for option, value in options.items():
            self.setOptionValue(option, value)

    def limit_iterations(self) -> None:
        """Limit the iterations of the simplex to more than a program of this size takes from scratch."""
        lines = self.getNumRow() + self.getNumCol()
        self.setOptionValue("simplex_iteration_limit", MAX_ITERATIONS + MAX_ITERATIONS_PER_LINE * lines)

    def run(self, stoppable: bool = False) -> highspy.HighsStatus:
        """Solve the linear program.

        Args:
            stoppable: Whether requests to stop are heeded even though it is small.
        """
        entries, now = self.getNumNz(), self.getRunTime()
        seconds, left = SECONDS + SECONDS_PER_ENTRY * entries, stopping.seconds_left() + stopping.GRACE
        if left < 2 * seconds:  # no result is waited for after that
            self._checked_until = -1.0
            self.setOptionValue("time_limit", now + left)
        elif now > self._checked_until:
            self._checked_until = now + seconds
            self.setOptionValue("time_limit", now + 2 * seconds)
        if entries < LARGE and not stoppable:
            return self._run()
        return self._run_stoppably(_end_if_up)

    def run_mip(self, seconds: float) -> highspy.HighsStatus:
        """Solve the mixed-integer program as well as it can be done in some time."""
        self.setOptionValue("simplex_iteration_limit", NO_LIMIT)
        self.setOptionValue("time_limit", seconds)  # by a clock of its own
        self._checked_until = -1.0
        return self._run_stoppably(_end_if_requested)

    def _run(self) -> highspy.HighsStatus:
        status = super().run()
        if status == _ERROR and self.getModelStatus() == _NOT_RUN:
            # Somebody else has run HiGHS in more threads in this process; it insists on that number until it is reset.
            self.resetGlobalScheduler(True)
            status = super().run()
        return status

    def _run_stoppably(self, callback: Callable[[Any, str, Any, Any, Any], None]) -> highspy.HighsStatus:
        self.setCallback(callback, None)
        for kind in _INTERRUPTS:
            self.startCallback(kind)
        try:
            with stopping.signals_held():  # HiGHS does not survive an exception
                return self._run()
        finally:
            for kind in _INTERRUPTS:
                self.stopCallback(kind)


_INTERRUPTS = (
    highspy.cb.HighsCallbackType.kCallbackSimplexInterrupt,
    highspy.cb.HighsCallbackType.kCallbackMipInterrupt,
)


def _end_if_up(kind: Any, message: str, results: Any, wishes: Any, data: Any) -> None:
    wishes.user_interrupt = stopping.is_up()


def _end_if_requested(kind: Any, message: str, results: Any, wishes: Any, data: Any) -> None:
    wishes.user_interrupt = stopping.requested()
