"""Rules that an oracle tells what is worth deriving: a fixed number of slots, filled anew as the proof goes on."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.arguments import whole
from polyproof_gym.proofs.reasons import Reason
from polyproof_gym.proofs.rules.reasoned_rule import ReasonedRule
from polyproof_gym.proofs.rules.rule import View

MAX_SLOTS = 4096
"""Largest number of slots."""

VIOLATED = -1e-9
"""Pseudo-expectations below this count as negative."""

_Goal = TypeVar("_Goal")


class SlotRule(ReasonedRule, Generic[_Goal]):
    """Action ``k`` is the next step towards the goal in slot ``k``.

    The slots are filled at the start, and anew when none of them is of use: when no valid step is left that is violated
    by the pseudo-moments, brings new monomials, or prepares for its goal only.
    """

    slots: int

    def __init__(self, slots: int) -> None:
        """Fix the number of slots.

        Raises:
            BadInput: If it is no whole number from 1 to :data:`MAX_SLOTS`.
        """
        self.slots = whole(slots, "slots", 1, MAX_SLOTS)

    @abc.abstractmethod
    def goals(self, moments: NDArray[np.float64]) -> Iterable[_Goal]:
        """What is worth deriving, the best first.

        Args:
            moments: The pseudo-moment of every row's monomial.
        """

    @abc.abstractmethod
    def next_step(self, goal: _Goal) -> Reason:
        """The derivation that is to be made next for a goal; the last of these reaches it."""

    @abc.abstractmethod
    def is_last(self, reason: Reason) -> bool:
        """Whether a step reaches its goal."""

    def begin(self, view: View) -> None:
        """Prepare for the inequalities of a memory, with empty slots."""
        self._goals: tuple[_Goal, ...] = ()
        self._reasons: tuple[Reason, ...] = ()
        super().begin(view)

    def count(self) -> int:
        """The number of slots."""
        return self.slots

    def reason(self, action: int) -> Reason:
        """The step in a slot.

        Raises:
            IndexError: If the slot is empty.
        """
        return self._reasons[action]

    def action(self, reason: Reason) -> int | None:
        """The first slot with a step."""
        return self._reasons.index(reason) if reason in self._reasons else None

    def new_actions(self, begin: int, end: int) -> Iterable[int]:
        """All steps, when the slots have been filled."""
        return range(len(self._reasons)) if begin == 0 else ()

    def propose(self, moments: NDArray[np.float64]) -> None:
        """Bring the slots up to date with the memory, and fill them anew if that is due.

        Args:
            moments: The pseudo-moment of every row's monomial.
        """
        self.update()
        self._fill(self._goals)
        if not self._is_of_use(moments):
            self._fill(self._admissible(self.goals(moments)))

    def _fill(self, goals: Sequence[_Goal]) -> None:
        """Put goals into the slots."""
        self._goals = tuple(goals)
        reasons = tuple(map(self.next_step, goals))
        if reasons != self._reasons:
            self._reasons = reasons
            self.restart()
            self.update()

    def _admissible(self, goals: Iterable[_Goal]) -> list[_Goal]:
        """As many goals as there are slots, whose next steps are new and within the limits."""
        memory, limits = self.view.memory, self.view.limits
        chosen: list[_Goal] = []
        for goal in goals:
            if len(chosen) == self.slots:
                break
            polynomial = memory.conclusion(self.next_step(goal))
            fits = len(polynomial) <= limits.max_terms and polynomial.degree <= limits.max_degree
            if polynomial and fits and polynomial not in memory:
                chosen.append(goal)
        return chosen

    def _is_of_use(self, moments: NDArray[np.float64]) -> bool:
        """Whether some valid step is worth taking."""
        prepares = np.zeros(self.num_actions, np.bool_)
        prepares[: len(self._reasons)] = [not self.is_last(reason) for reason in self._reasons]
        violated = self.expectations(moments) < VIOLATED
        return bool((self.mask() & (prepares | violated | ~self.closed())).any())
