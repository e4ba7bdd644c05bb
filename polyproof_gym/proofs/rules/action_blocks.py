"""The numbering of actions: the blocks of all rules, one after the other."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.polynomials import Monomial
from polyproof_gym.proofs.candidate_features import FEATURES
from polyproof_gym.proofs.reasons import Reason
from polyproof_gym.proofs.rules.products import ProductBlock, ProductNumbers
from polyproof_gym.proofs.rules.rule import Block, Extents, InferenceRule, Limits, Oracle, View
from polyproof_gym.proofs.rules.splits import SplitBlock

_T = TypeVar("_T", bound=np.generic)


class ActionBlocks:
    """What rules derive from a memory, numbered: first the block of the first rule, then that of the second, and so on.

    Every answer is for the memory as it is now.

    Attributes:
        rules: The rules.
        num_actions: Number of actions, valid or not.
        splits: The numbers of those that split a variable each, in their order; empty if no rule gives splits.
        chosen: The variable that is to be split, once one was chosen; then no action is valid any more.
    """

    def __init__(self, rules: Sequence[InferenceRule], view: View) -> None:
        """Open a block for every rule."""
        self.rules = tuple(rules)
        self._view, self._memory = view, view.memory
        self._blocks = [rule.open(view) for rule in self.rules]
        self._seen = self._asked = 0
        self._oracles = tuple(block for block in self._blocks if isinstance(block, Oracle))
        self.num_actions = sum(block.num_actions for block in self._blocks)
        self.splits = self._numbers_of_splits()
        self.chosen: int | None = None

    def reopened(self, limits: Limits, capacity: int) -> ActionBlocks:
        """The blocks of the same rules over the same memory with other limits."""
        return ActionBlocks(self.rules, replace(self._view, limits=limits, capacity=capacity))

    def _now(self) -> list[Block]:
        """The blocks, with all that the memory has learned taken in."""
        if self._seen < len(self._memory):
            for block in self._blocks:
                block.update()
            self._seen = len(self._memory)
        return self._blocks

    @property
    def leave_remainders(self) -> bool:
        """Whether some conclusions combine to the objective only up to a little, which the bound LP must allow for."""
        return any(getattr(rule, "leaves_remainders", False) for rule in self.rules)

    @property
    def lack_proposals(self) -> bool:
        """Whether there are oracles that have not been asked since the memory has grown."""
        return bool(self._oracles) and self._asked < len(self._memory)

    def propose(self, moments: NDArray[np.float64]) -> None:
        """Let oracles fill their slots.

        Args:
            moments: The pseudo-moment of every row's monomial, shape ``(monomials,)``.
        """
        for block in self._oracles:
            block.propose(moments)
        self._asked = len(self._memory)

    @property
    def num_slots(self) -> int:
        """The number of actions that are slots, which oracles fill anew."""
        return sum(block.num_actions for block in self._oracles)

    def valid_slots(self) -> NDArray[np.intp]:
        """The valid actions that are slots, ascending."""
        first, actions = 0, [np.empty(0, np.intp)]
        for block in self._now():
            if isinstance(block, Oracle):
                actions.append(np.flatnonzero(block.mask()) + first)
            first += block.num_actions
        return np.concatenate(actions)

    def slot_terms(self) -> Iterator[tuple[int, list[Monomial], NDArray[np.float64]]]:
        """The conclusions of valid slots: the slot's number among all slots, monomials, and scaled coefficients."""
        first = 0
        for block in self._oracles:
            for slot in np.flatnonzero(block.mask()).tolist():
                yield first + slot, *block.conclusion_terms(slot)
            first += block.num_actions

    @property
    def products(self) -> ProductNumbers | None:
        """The actions that are products with variables; ``None`` if no rule gives these."""
        first = 0
        for block in self._blocks:
            if isinstance(block, ProductBlock):
                return replace(block.numbers, first=first)
            first += block.num_actions
        return None

    def _numbers_of_splits(self) -> range:
        first = 0
        for block in self._blocks:
            if isinstance(block, SplitBlock):
                return range(first, first + block.num_actions)
            first += block.num_actions
        return range(0)

    def split_variable(self, action: int) -> int | None:
        """The variable that an action splits, valid or not; ``None`` if it derives something."""
        number = operator.index(action)
        return number - self.splits.start if number in self.splits else None

    def split_action(self, variable: int) -> int | None:
        """The action that splits a variable, valid or not; ``None`` if no rule gives splits."""
        return self.splits[variable] if 0 <= variable < len(self.splits) else None

    def choose_split(self, action: int) -> None:
        """Choose the variable that a valid action splits.

        Raises:
            ValueError: If the action is not valid now.
        """
        self._located_valid(action)
        self.chosen = self.split_variable(action)

    def forbid_splits(self) -> None:
        """Let nothing be split any more, in blocks that are opened again neither."""
        self._view = replace(self._view, splittable=())
        for block in self._blocks:
            if isinstance(block, SplitBlock):
                block.forbid()

    def mask(self) -> NDArray[np.bool_]:
        """Which actions are valid, shape ``(num_actions,)``. Not to be changed or kept."""
        if self.chosen is not None:
            return np.zeros(self.num_actions, np.bool_)
        return _joined([block.mask() for block in self._now()], np.bool_)

    def num_valid(self) -> int:
        """The number of valid actions."""
        return sum(int(np.count_nonzero(block.mask())) for block in self._now())

    def reason(self, action: int) -> Reason:
        """The derivation that an action stands for.

        Raises:
            IndexError: If there is no such action.
        """
        block, local = self._located(action)
        return block.reason(local)

    def valid_reason(self, action: int) -> Reason:
        """The same of an action that must be valid.

        Raises:
            IndexError: If there is no such action.
            ValueError: If it is not valid now.
        """
        block, local = self._located_valid(action)
        return block.reason(local)

    def action(self, reason: Reason) -> int | None:
        """The action that stands for a derivation, valid or not; ``None`` if no rule derives in this way."""
        first = 0
        for block in self._blocks:
            local = block.action(reason)
            if local is not None:
                return first + local
            first += block.num_actions
        return None

    def derive(self, action: int) -> int:
        """Append the conclusion of a valid action to the memory; the number of the inequality.

        Raises:
            IndexError: If there is no such action.
            ValueError: If it is not valid now.
        """
        block, local = self._located_valid(action)
        return block.derive(local)

    def expectations(self, moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """The value of a pseudo-expectation on every conclusion, shape ``(num_actions,)``, 0 where not valid."""
        return _joined([block.expectations(moments) for block in self._now()], np.float64)

    def closed(self) -> NDArray[np.bool_]:
        """Which valid actions bring no new monomial, shape ``(num_actions,)``."""
        return _joined([block.closed() for block in self._now()], np.bool_)

    def most_violated(self, moments: NDArray[np.float64], below: float, tie: float) -> NDArray[np.intp]:
        """The closed valid actions of smallest pseudo-expectation, ascending.

        Args:
            moments: The pseudo-moment of every row's monomial, shape ``(monomials,)``.
            below: Only values below this are looked for.
            tie: Values up to this much above the smallest are as good.
        """
        if len(self._blocks) == 1:
            return self._now()[0].most_violated(moments, below, tie)[0]
        first, actions, values = 0, [np.empty(0, np.intp)], [np.empty(0)]
        for block in self._now():
            local, expectations = block.most_violated(moments, below, tie)
            actions.append(local + first)
            values.append(expectations)
            first += block.num_actions
        found, worst = np.concatenate(actions), np.concatenate(values)
        best: NDArray[np.intp] = found[worst <= worst.min(initial=below) + tie]
        return best

    def extents(self, actions: NDArray[np.intp]) -> Extents:
        """How long the conclusions of valid actions are and how far each could still grow, one entry per action.

        Raises:
            ValueError: If an action is not valid.
        """
        if len(self._blocks) == 1:
            return self._now()[0].extents(actions)
        terms, extensions = np.empty(len(actions), np.int32), np.empty(len(actions), np.int32)
        for block, own, first in self._by_block(actions):
            terms[own], extensions[own] = block.extents(actions[own] - first)
        return Extents(terms, extensions)

    def absent_shares(self, actions: NDArray[np.intp]) -> NDArray[np.float64]:
        """Which share of the terms of valid actions' conclusions are new monomials, about, shape ``(actions,)``.

        Raises:
            ValueError: If an action is not valid.
        """
        shares = np.empty(len(actions))
        for block, own, first in self._by_block(actions):
            shares[own] = block.absent_shares(actions[own] - first)
        return shares

    def features(self, actions: NDArray[np.intp], moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """What tells valid actions apart, shape ``(actions, len(FEATURES))``.

        Raises:
            ValueError: If an action is not valid, or there is not one moment for every monomial.
        """
        features = np.empty((len(actions), len(FEATURES)))
        for block, own, first in self._by_block(actions):
            features[own] = block.features(actions[own] - first, moments)
        return features

    def _located(self, action: int) -> tuple[Block, int]:
        """The block of an action, and its number there."""
        local = operator.index(action)  # NumPy's numbers would stay in the reasons, and the small ones overflow
        for block in self._now():
            if 0 <= local < block.num_actions:
                return block, local
            local -= block.num_actions
        raise IndexError(f"expected an action from 0 to {self.num_actions - 1}, got {action}")

    def _located_valid(self, action: int) -> tuple[Block, int]:
        block, local = self._located(action)
        if self.chosen is not None or not block.mask()[local]:
            raise ValueError(f"action {action} is not valid")
        return block, local

    def _by_block(self, actions: NDArray[np.intp]) -> Iterator[tuple[Block, NDArray[np.bool_], int]]:
        """The blocks, which of some actions belong to each, and the first action of each."""
        if len(actions) and not 0 <= actions.min() <= actions.max() < self.num_actions:
            raise ValueError("an action is not valid")
        first = 0
        for block in self._now():
            yield block, (actions >= first) & (actions < first + block.num_actions), first
            first += block.num_actions


def _joined(parts: list[NDArray[_T]], kind: type[_T]) -> NDArray[_T]:
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, kind), *parts])
