"""How a search is getting on, on standard error."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from polyproof_gym.proofs import ProofState

if TYPE_CHECKING:
    from tqdm import tqdm

DELAY = 0.5
"""Seconds after which there is a bar: what takes less needs none, and loading it takes longer than many a proof."""


class ProgressBar:
    """A bar with the steps taken and the bound, once the search has taken a while; the context in which it is shown."""

    def __init__(self, max_steps: int, is_quiet: bool) -> None:
        """Prepare the bar.

        Args:
            max_steps: The length of the bar.
            is_quiet: Whether there is to be none.
        """
        self._max_steps = max_steps
        self._is_quiet = is_quiet
        self._begin = time.monotonic() + DELAY
        self._bar: tqdm | None = None

    def __enter__(self) -> ProgressBar:
        return self

    def show(self, state: ProofState) -> None:
        """Bring the bar up to date."""
        if self._bar is None:
            if self._is_quiet or time.monotonic() < self._begin:
                return
            from tqdm import tqdm

            self._bar = tqdm(total=self._max_steps, initial=state.steps, unit="step", file=sys.stderr)
        self._bar.set_postfix_str(f"bound {state.bound:.8g}", refresh=False)
        self._bar.update(state.steps - self._bar.n)

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.refresh()
            self._bar.close()
