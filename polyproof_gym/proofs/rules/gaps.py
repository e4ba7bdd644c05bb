"""Gaps between the values of integer variables."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.proofs.reasons import Gap, Reason
from polyproof_gym.proofs.rules.reasoned_rule import ReasonedRule
from polyproof_gym.proofs.rules.rule import View


class Gaps(ReasonedRule):
    """From nothing follows ``(x - k) (x - k - 1) >= 0`` for every integer variable ``x`` and whole number ``k``.

    Action ``i`` is the gap of ``x_i`` that the variable's pseudo-moment lies in, the one that is violated most; so the
    meaning of an action changes with the pseudo-moments, and their number does not grow with the intervals.
    """

    name = "gaps"

    def begin(self, view: View) -> None:
        """Prepare for the inequalities of a memory; there are no gaps yet."""
        self._gaps: dict[int, Gap] = {}
        super().begin(view)

    def count(self) -> int:
        """One for every variable."""
        return self.view.num_variables

    def reason(self, action: int) -> Reason:
        """The present gap of a variable.

        Raises:
            IndexError: If it has none.
        """
        if action not in self._gaps:
            raise IndexError(f"variable {action} is no integer variable")
        return self._gaps[action]

    def action(self, reason: Reason) -> int | None:
        """The action of a gap, as long as it is the present one."""
        return next((action for action, gap in self._gaps.items() if gap == reason), None)

    def new_actions(self, begin: int, end: int) -> Iterable[int]:
        """All gaps, when they have moved."""
        return self._gaps if begin == 0 else ()

    def propose(self, moments: NDArray[np.float64]) -> None:
        """Move the gaps to the pseudo-moments of their variables.

        Args:
            moments: The pseudo-moment of every row's monomial.
        """
        self.update()
        gaps = {}
        for i, (low, high) in self.view.integer.items():
            inside = math.floor((high - low) * float(moments[self.view.memory.row_of[(i,)]]))
            gaps[i] = Gap(i, low + min(max(inside, 0), high - low - 1), (low, high))
        if gaps != self._gaps:
            self._gaps = gaps
            self.restart()
            self.update()
