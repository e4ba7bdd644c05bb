"""What a search would do in the place of a student."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from agents.neighbourhood_search import NeighbourhoodSearch, default_guides
from polyproof_gym.proofs import ProofState


class Teacher:
    """A proof found by neighbourhood search, looked at along the way of a student that is to learn it.

    The memory only grows, so that lines of the plan are right whatever the student does in between (Ross, Gordon and
    Bagnell 2011: imitation in the states that the student itself gets into).

    Attributes:
        tried: How often the student chose.
        hits: How often its choice derived a line of the plan.
    """

    def __init__(self, root: ProofState, budget: int, rounds: int, trust: float, rng: np.random.Generator) -> None:
        """Search for a proof.

        Args:
            root: What is known at the start; it stays as it is.
            budget: Steps of a proof.
            rounds: Rounds of the neighbourhood search.
            trust: The probability that a step is the student's choice.
            rng: Source of all randomness.
        """
        search = NeighbourhoodSearch(root, default_guides(), rng, budget=budget)
        search.improve(rounds)
        self._plan, self._trust, self._rng = search.plan(), trust, rng
        self.tried = self.hits = 0

    def good_actions(self, state: ProofState) -> NDArray[np.intp]:
        """The valid actions that derive a line of the plan, the most important one first; none if it is carried out."""
        return np.array(list(self._plan.next_actions(state)), np.intp)

    def action(self, good: NDArray[np.intp], choice: Callable[[], int]) -> int:
        """What is done next: the first good action, or, by chance, what the student chooses.

        Args:
            good: The good actions, of which there is one at least.
            choice: The student; it is asked only when it may choose.
        """
        if self._rng.random() >= self._trust:
            return int(good[0])
        action = choice()
        self.tried, self.hits = self.tried + 1, self.hits + (action in good)
        return action
