"""Rules of which everything follows from the reasons that their actions stand for."""

from __future__ import annotations

import abc
import copy
from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.polynomials import ONE, Monomial
from polyproof_gym.proofs.candidate_features import FEATURES
from polyproof_gym.proofs.reasons import Reason
from polyproof_gym.proofs.rules.conclusions import Columns, Conclusions
from polyproof_gym.proofs.rules.rule import Extents, View

_COLUMN = {name: column for column, name in enumerate(FEATURES)}


class ReasonedRule(abc.ABC):
    """A rule that opens copies of itself as blocks, which form the conclusion of every action, exactly.

    A subclass says how many actions there are and what they stand for; see :class:`~polyproof_gym.proofs.rules.Block`
    for the rest. Its own attributes must not be changed in place, as the copies share them.

    Attributes:
        name: The spec string that makes this rule again, of rules that come with the package; otherwise any name.
        view: What a block sees of the proof.
        num_actions: Size of a block, fixed for the whole proof.
    """

    name: str
    view: View
    num_actions: int

    def open(self, view: View) -> Self:
        """The rule's actions over a memory."""
        block = copy.copy(self)
        block.begin(view)
        return block

    def begin(self, view: View) -> None:
        """Prepare for the inequalities of a memory."""
        self.view = view
        self.num_actions = self.count()
        self.restart()

    def restart(self) -> None:
        """Forget all conclusions; the next update forms them again."""
        self._size = 0
        self._valid = np.zeros(self.num_actions, np.bool_)
        self._conclusions = Conclusions(self.view.memory)
        self._actions = np.empty(0, np.intp)  # of every conclusion
        self._places = np.full(self.num_actions, -1, np.int32)  # of the actions' conclusions

    @abc.abstractmethod
    def count(self) -> int:
        """The number of a block's actions, which follows from the view alone."""

    @abc.abstractmethod
    def reason(self, action: int) -> Reason:
        """The derivation that an action stands for."""

    @abc.abstractmethod
    def action(self, reason: Reason) -> int | None:
        """The action that stands for a derivation, valid or not; ``None`` if there is none."""

    def new_actions(self, begin: int, end: int) -> Iterable[int]:
        """The actions whose parents are known since inequalities ``begin`` to ``end - 1`` are.

        By default the parents of all are axioms, or there are none.
        """
        return range(self.num_actions) if begin == 0 else ()

    def update(self) -> None:
        """Take in what the memory has learned since the last call.

        Raises:
            ValueError: If the memory has outgrown the capacity.
        """
        memory = self.view.memory
        begin, end = self._size, len(memory)
        if begin == end:
            return
        if end > self.view.capacity:
            raise ValueError(f"expected at most {self.view.capacity} inequalities (see max_steps), got {end}")
        self._size = end
        self._valid[self._actions[self._conclusions.follow()]] = False  # what is known is not new any more
        self.include(begin, end)

    def include(self, begin: int, end: int) -> None:
        """Admit the conclusions of the actions that :meth:`new_actions` tells, which may be done faster."""
        memory = self.view.memory
        formed = [(action, memory.conclusion(self.reason(action))) for action in self.new_actions(begin, end)]
        formed = [(action, polynomial) for action, polynomial in formed if polynomial]
        self.admit([action for action, _ in formed], self._conclusions.formed([polynomial for _, polynomial in formed]))

    def admit(self, actions: Sequence[int] | NDArray[np.intp], conclusions: Columns) -> None:
        """Make those actions valid whose conclusions are new within the limits.

        Args:
            actions: Actions.
            conclusions: What each of them derives, none of it 0.
        """
        limits = self.view.limits
        kept = np.asarray(actions, np.intp)[self._conclusions.admit(conclusions, limits.max_degree, limits.max_terms)]
        self._valid[kept] = True
        self._places[kept] = np.arange(len(self._actions), len(self._actions) + len(kept))
        self._actions = np.append(self._actions, kept)

    def mask(self) -> NDArray[np.bool_]:
        """Which actions are valid; see :class:`~polyproof_gym.proofs.rules.Block`, also for what follows."""
        return self._valid

    def derive(self, action: int) -> int:
        """Append the conclusion of a valid action to the memory; the number of the inequality."""
        return self.view.memory.add(self.reason(action))

    def conclusion_terms(self, action: int) -> tuple[list[Monomial], NDArray[np.float64]]:
        """The monomials of a valid action's conclusion, and their coefficients, divided by the largest."""
        (place,) = self._of_valid(np.array([action], np.intp)).tolist()
        return self._conclusions.terms(place)

    def _spread(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values of conclusions as those of their actions, 0 where these are not valid."""
        spread = np.zeros(self.num_actions, values.dtype)
        spread[self._actions] = values
        spread[~self._valid] = 0
        return spread

    def _require(self, moments: NDArray[np.float64]) -> None:
        self.update()
        if len(moments) != len(self.view.memory.monomials):
            number = len(self.view.memory.monomials)
            raise ValueError(f"expected {number} moments, one for every row, got {len(moments)}")

    def expectations(self, moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """The value of a pseudo-expectation on every conclusion."""
        self._require(moments)
        return self._spread(self._conclusions.expectations(moments))

    def closed(self) -> NDArray[np.bool_]:
        """Which valid actions have conclusions in monomials that all have a row."""
        self.update()
        return self._spread(self._conclusions.absent() == 0)

    def most_violated(
        self, moments: NDArray[np.float64], below: float, tie: float
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The closed valid actions of smallest pseudo-expectation, and these values."""
        values = np.where(self.closed(), self.expectations(moments), np.inf)
        actions = np.flatnonzero((values < below) & (values <= values.min(initial=np.inf) + tie))
        return actions, values[actions]

    def _of_valid(self, actions: NDArray[np.intp]) -> NDArray[np.int32]:
        """The places of the conclusions of actions that must be valid."""
        self.update()
        if len(actions) and not (0 <= actions.min() <= actions.max() < self.num_actions and self._valid[actions].all()):
            raise ValueError("an action is not valid")
        places: NDArray[np.int32] = self._places[actions]
        return places

    def extents(self, actions: NDArray[np.intp]) -> Extents:
        """How long the conclusions of some valid actions are, and how far they could grow."""
        places = self._of_valid(actions)
        terms = self._conclusions.columns.lengths[places].astype(np.int32)
        return Extents(terms, np.array([self._num_extensions(place) for place in places.tolist()], np.int32))

    def _num_extensions(self, place: int) -> int:
        ring = self.view.memory.ring
        if not ring.num_exclusive:
            return 0
        monomials = [monomial for monomial in self._conclusions.terms(place)[0] if monomial != ONE]
        return len(frozenset.intersection(*map(ring.annihilators, monomials))) if monomials else 0

    def absent_shares(self, actions: NDArray[np.intp]) -> NDArray[np.float64]:
        """Which share of the terms of some valid actions' conclusions has no row."""
        places = self._of_valid(actions)
        shares: NDArray[np.float64] = self._conclusions.absent()[places] / self._conclusions.columns.lengths[places]
        return shares

    def features(self, actions: NDArray[np.intp], moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """What tells some valid actions apart: what the features of products say that has a meaning here."""
        self._require(moments)
        features = np.zeros((len(actions), len(FEATURES)))
        terms, extensions = self.extents(actions)
        absent = self.absent_shares(actions)
        memory = self.view.memory
        features[:, _COLUMN["closed"]] = absent == 0
        features[:, _COLUMN["terms"]] = np.log(np.maximum(terms, 1))
        features[:, _COLUMN["extensions"]] = np.log1p(extensions)
        features[:, _COLUMN["absent"]] = absent
        for number, action in enumerate(actions.tolist()):
            parents = self.reason(action).parents
            if parents:
                rows, values = memory.column(parents[0])
                features[number, _COLUMN["parent"]] = values @ moments[rows]
                features[number, _COLUMN["age"]] = (len(memory) - 1 - parents[0]) / len(memory)
        return features

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """An independent block over the copy of the memory."""
        twin = copy.copy(self)
        of_the_proof = ("view", "_conclusions")
        vars(twin).update(
            (name, copy.deepcopy(value, memo) if name in of_the_proof else copy.copy(value))
            for name, value in vars(self).items()
        )
        return twin
