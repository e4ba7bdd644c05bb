"""How a search is getting on, on standard error."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from polyproof_gym.proofs import ProofState

if TYPE_CHECKING:
    from tqdm import tqdm

    from agents import Search

DELAY = 0.5
"""Seconds after which there is a bar: what takes less needs none, and loading it takes longer than many a proof."""


WITHOUT_END = "{n_fmt} steps, {elapsed}{postfix}"
"""What is shown of a search that goes on when its steps are used up, as an agent tries something else then."""


class ProgressBar:
    """A bar with the steps taken and the bound, once the search has taken a while; the context in which it is shown.

    It appears by itself, also before the first step of an agent that plans for long. Of an agent that says what it is
    doing, it shows that and the time instead of a share of the steps, which are but the first thing that it tries.
    """

    def __init__(self, max_steps: int, search: Search, is_quiet: bool) -> None:
        """Prepare the bar.

        Args:
            max_steps: The length of the bar.
            search: What it tells of.
            is_quiet: Whether there is to be none.
        """
        self._max_steps, self._search, self._is_quiet = max_steps, search, is_quiet
        self._steps, self._text = 0, self._told()
        self._bar: tqdm | None = None
        self._timer = threading.Timer(DELAY, self._appear)
        self._timer.daemon = True

    def __enter__(self) -> ProgressBar:
        if not self._is_quiet:
            self._timer.start()
        return self

    def _appear(self) -> None:
        from tqdm import tqdm

        if self._search.is_told:
            bar = tqdm(initial=self._steps, bar_format=WITHOUT_END, file=sys.stderr)
        else:
            bar = tqdm(total=self._max_steps, initial=self._steps, unit="step", file=sys.stderr)
        bar.set_postfix_str(self._text)
        self._bar = bar

    def _told(self) -> str:
        activity = self._search.activity
        return f"bound {self._search.bound:.8g}" + (f", {activity}" if activity else "")

    def show(self, state: ProofState) -> None:
        """Bring the bar up to date."""
        self._steps, self._text = self._search.leaves.steps, self._told()
        if self._bar is not None:
            self._bar.set_postfix_str(self._text, refresh=self._steps == self._bar.n)
            self._bar.update(self._steps - self._bar.n)

    def __exit__(self, *error: object) -> None:
        if not self._is_quiet:
            self._timer.cancel()
            self._timer.join()
        if self._bar is not None:
            # It may have appeared just now, from figures that were soon old.
            self._bar.n = self._steps
            self._bar.set_postfix_str(self._text)
            self._bar.close()
