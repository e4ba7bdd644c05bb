"""Splits, of which each half is to be proved on its own: what is there to choose, as a block of actions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.arguments import whole
from polyproof_gym.proofs.candidate_features import FEATURES
from polyproof_gym.proofs.reasons import Reason
from polyproof_gym.proofs.rules.rule import Extents, View

LEAVES = 128
"""The most cases by default."""

MAX_LEAVES = 256
"""Largest limit on the number of cases."""


class Splits:
    """Action ``i`` splits variable ``i``; it derives nothing, and ends the proof of the case as a whole.

    What is split is up to the owner of the proof, :class:`~polyproof_gym.proofs.OpenLeaves`: it goes on with a proof of
    either half.

    Attributes:
        leaves: The most cases that there may be.
    """

    def __init__(self, leaves: int = LEAVES) -> None:
        """Fix how many cases there may be.

        Raises:
            BadInput: If that is no whole number from 2 to :data:`MAX_LEAVES`.
        """
        self.leaves = whole(leaves, "leaves of splits", 2, MAX_LEAVES)
        self.name = "splits" if self.leaves == LEAVES else f"splits:leaves={self.leaves}"

    def open(self, view: View) -> SplitBlock:
        """The variables of a case that may be split."""
        return SplitBlock(view)


class SplitBlock:
    """One action for every variable, valid where the variable can be split.

    It has no conclusions, which could be violated or long: all that is asked of these is 0.
    """

    def __init__(self, view: View) -> None:
        """Look which variables can be split."""
        self.num_actions = view.num_variables
        self._valid = np.zeros(self.num_actions, np.bool_)
        self._valid[list(view.splittable)] = True

    def forbid(self) -> None:
        """Let no variable be split any more."""
        self._valid[:] = False

    def update(self) -> None:
        """Nothing that the memory learns changes what can be split."""

    def mask(self) -> NDArray[np.bool_]:
        """Which variables can be split; see :class:`~polyproof_gym.proofs.rules.Block`, also for what follows."""
        return self._valid

    def reason(self, action: int) -> Reason:
        """A split has none.

        Raises:
            ValueError: Always.
        """
        raise ValueError(f"a split of variable {action} derives nothing")

    def action(self, reason: Reason) -> int | None:
        """No split stands for a derivation."""
        return None

    def derive(self, action: int) -> int:
        """A split derives nothing.

        Raises:
            ValueError: Always.
        """
        raise ValueError(f"a split of variable {action} derives nothing")

    def expectations(self, moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """0, as there are no conclusions."""
        return np.zeros(self.num_actions)

    def closed(self) -> NDArray[np.bool_]:
        """None: a split may bring anything."""
        return np.zeros(self.num_actions, np.bool_)

    def most_violated(
        self, moments: NDArray[np.float64], below: float, tie: float
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """None."""
        return np.empty(0, np.intp), np.empty(0)

    def extents(self, actions: NDArray[np.intp]) -> Extents:
        """No terms, as there are no conclusions."""
        self._require_valid(actions)
        return Extents(np.zeros(len(actions), np.int32), np.zeros(len(actions), np.int32))

    def absent_shares(self, actions: NDArray[np.intp]) -> NDArray[np.float64]:
        """0, as there are no terms."""
        self._require_valid(actions)
        return np.zeros(len(actions))

    def features(self, actions: NDArray[np.intp], moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """0, as there are no conclusions."""
        self._require_valid(actions)
        return np.zeros((len(actions), len(FEATURES)))

    def _require_valid(self, actions: NDArray[np.intp]) -> None:
        if not self._valid[actions].all():
            raise ValueError("an action is not valid")
