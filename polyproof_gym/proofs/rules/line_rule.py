"""Rules that do the same few things to every known inequality."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from polyproof_gym.errors import BadInput
from polyproof_gym.proofs.reasons import Reason
from polyproof_gym.proofs.rules.reasoned_rule import ReasonedRule
from polyproof_gym.proofs.rules.rule import View

MAX_ACTIONS = 5_000_000
"""Largest number of actions that is kept track of (about 5 bytes each, and the conclusions)."""

_Way = TypeVar("_Way")


class LineRule(ReasonedRule, Generic[_Way]):
    """Action ``j * width + k`` derives something from inequality ``j`` in way ``k``.

    Attributes:
        ways: The ways that the problem has.
        width: The number of ways that actions are numbered for, at least as many.
    """

    ways: Sequence[_Way]
    width: int

    @abc.abstractmethod
    def set_ways(self, view: View) -> None:
        """Set the ways, and the number of those that actions are numbered for."""

    @abc.abstractmethod
    def derivation(self, parent: int, way: _Way) -> Reason:
        """What is derived from an inequality in some way."""

    @abc.abstractmethod
    def way_of(self, reason: Reason) -> _Way | None:
        """In which way something would be derived from the first of its parents; ``None`` if by no rule like this."""

    def begin(self, view: View) -> None:
        """Prepare for the inequalities of a memory."""
        self.set_ways(view)
        super().begin(view)

    def count(self) -> int:
        """Inequalities times ways.

        Raises:
            BadInput: If that is too much to keep track of.
        """
        if self.view.capacity * self.width > MAX_ACTIONS:
            raise BadInput(
                f"rule {self.name}: expected at most {MAX_ACTIONS // self.width} inequalities, axioms and steps"
                f" together, with {self.width} actions each, beyond which there are too many to keep track of"
            )
        return self.view.capacity * self.width

    def reason(self, action: int) -> Reason:
        """The derivation that an action stands for.

        Raises:
            IndexError: If the problem has no such way; others that actions are numbered for may have it.
        """
        parent, k = divmod(action, self.width)
        return self.derivation(parent, self.ways[k])

    def action(self, reason: Reason) -> int | None:
        """The action of a derivation."""
        way = self.way_of(reason)
        return None if way not in self.ways else reason.parents[0] * self.width + self.ways.index(way)

    def new_actions(self, begin: int, end: int) -> Iterable[int]:
        """What is derived from inequalities ``begin`` to ``end - 1``."""
        return (j * self.width + k for j in range(begin, end) for k in range(len(self.ways)))
