"""How a search is getting on, on standard error."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from polyproof_gym.proofs import ProofState

if TYPE_CHECKING:
    from tqdm import tqdm

DELAY = 0.5
"""Seconds after which there is a bar: what takes less needs none, and loading it takes longer than many a proof."""


class ProgressBar:
    """A bar with the steps taken and the bound, once the search has taken a while; the context in which it is shown.

    It appears by itself, also before the first step of an agent that plans for long.
    """

    def __init__(self, max_steps: int, bound: float, is_quiet: bool) -> None:
        """Prepare the bar.

        Args:
            max_steps: The length of the bar.
            bound: The bound at the start.
            is_quiet: Whether there is to be none.
        """
        self._max_steps, self._bound, self._is_quiet = max_steps, bound, is_quiet
        self._steps = 0
        self._bar: tqdm | None = None
        self._timer = threading.Timer(DELAY, self._appear)
        self._timer.daemon = True

    def __enter__(self) -> ProgressBar:
        if not self._is_quiet:
            self._timer.start()
        return self

    def _appear(self) -> None:
        from tqdm import tqdm

        bar = tqdm(total=self._max_steps, initial=self._steps, unit="step", file=sys.stderr)
        bar.set_postfix_str(f"bound {self._bound:.8g}")
        self._bar = bar

    def show(self, state: ProofState) -> None:
        """Bring the bar up to date."""
        self._steps, self._bound = state.steps, state.bound
        if self._bar is not None:
            self._bar.set_postfix_str(f"bound {self._bound:.8g}", refresh=False)
            self._bar.update(self._steps - self._bar.n)

    def __exit__(self, *error: object) -> None:
        if not self._is_quiet:
            self._timer.cancel()
            self._timer.join()
        if self._bar is not None:
            self._bar.refresh()
            self._bar.close()
