"""The static hierarchy of a symmetric problem, level by level, as far as the time allows."""

from __future__ import annotations

import sys
import time

import numpy as np

from agents.baselines import OrbitsAgent
from agents.baselines.static_sherali_adams import num_products
from polyproof_gym import stopping
from polyproof_gym.errors import BadInput, ResourceLimit
from polyproof_gym.problems import Problem
from polyproof_gym.problems.symmetry import can_be_found
from polyproof_gym.proofs import Proof, ProofState, certify
from polyproof_gym.proofs.checker import MAX_WORK

MIN_SYMMETRIES = 20
"""Number of symmetries below which the hierarchy is left to the full system: orbits are no larger than this."""

SECONDS_PER_PRODUCT = 2e-6
"""Time that a product takes, before any has been measured."""

LOADING_SECONDS = 3.0
"""Time without which the package that counts symmetries is not loaded; it takes one second and more."""

NUM_BESIDES = 20_000
"""The number of products that take as long as what is to be done however few there are."""

LONGER = 2
"""How many times as long as it had a level is expected to take that was not found in time."""


def lacks_package(problem: Problem) -> bool:
    """Whether a problem may have enough symmetries, but the package that finds them is missing."""
    return not can_be_found() and problem.symmetries.order_at_most >= MIN_SYMMETRIES


class OrbitLevels:
    """What ``orbits`` proves at one level after the other.

    Attributes:
        level: The next level; at first the lowest that may prove anything.
    """

    def __init__(self, problem: Problem) -> None:
        """Begin with a problem; nothing is computed yet."""
        self.level = max(2, problem.objective.degree)
        self._problem = problem
        self._seconds_per_product = SECONDS_PER_PRODUCT
        self._is_over = not can_be_found()

    def fits(self, seconds: float) -> bool:
        """Whether there is a next level, which is expected to take at most so long.

        The first answer may take long itself, as it loads the package that counts symmetries.
        """
        symmetries = self._problem.symmetries
        if self._is_over or self._size() * self._seconds_per_product > seconds:
            return False
        if stopping.seconds_left() < LOADING_SECONDS and "igraph" not in sys.modules:
            return False
        # The package that counts them takes longer to load than many a proof to find.
        self._is_over = symmetries.order_at_most < MIN_SYMMETRIES or symmetries.order < MIN_SYMMETRIES
        return not self._is_over

    def _size(self) -> int:
        return NUM_BESIDES + num_products(self._problem, self.level)

    def proof(self, rng: np.random.Generator, seconds: float) -> Proof | None:
        """What the next level proves; ``None`` where that cannot be checked, or is not found in time.

        A level that is not found in time stays the next one, for where there is more time.
        """
        started = time.monotonic()
        agent = OrbitsAgent(self.level)
        state = ProofState(self._problem, max_steps=0, rules=())
        try:
            agent.require(self._problem)
            with stopping.time_limit(seconds):
                agent.advance(state, rng)
                is_late = stopping.requested() and not state.suggested
            proof = None if is_late else certify(state, max_work=MAX_WORK)
        except (BadInput, ResourceLimit):  # no level above would do better
            self._is_over, is_late, proof = True, False, None
        per_product = (time.monotonic() - started) / self._size()
        if is_late:
            self._seconds_per_product = max(self._seconds_per_product, LONGER * per_product)
        else:
            self._seconds_per_product = per_product
            self.level += 1
        return proof
