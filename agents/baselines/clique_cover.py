"""For stable sets: derive the clique inequalities of a greedy clique cover."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from agents.agent import StepAgent
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Ring
from polyproof_gym.problems import Problem
from polyproof_gym.problems.stable_set import FAMILY
from polyproof_gym.proofs import ProofState, Times


class CliqueCoverAgent(StepAgent):
    """Covers the vertices by cliques and derives ``1 - sum_{v in K} x_v >= 0`` for each.

    Modulo the edges, ``(1 - x_k) * (1 - sum_{v in K} x_v)`` is ``1 - sum_{v in K + k} x_v`` where ``k`` is adjacent to
    all of ``K``; so a clique costs one multiplication less than it has vertices, and unweighted graphs are bounded by
    the number of cliques. The agent stops when the cover is derived.
    """

    name = "clique-cover"

    def require(self, problem: Problem) -> None:
        """Check that the problem is a stable set problem.

        Raises:
            BadInput: If it is another.
        """
        if problem.family != FAMILY:
            raise BadInput(f"{self.name}: expected a stable set problem, got {problem.name}")

    def act(self, state: ProofState, rng: np.random.Generator) -> int | None:
        """The next multiplication that grows a clique of the cover."""
        ring = state.problem.ring
        for clique in greedy_clique_cover(ring):
            parent: int | None = None
            for size, vertex in enumerate(clique, 1):
                number = state.memory.number_of(clique_inequality(ring, clique[:size]))
                if number is None and parent is not None:
                    action = state.find_action(Times(parent, vertex, complement=True))
                    return action if action is not None and state.action_mask()[action] else None
                parent = number
        return None


def clique_inequality(ring: Ring, clique: tuple[int, ...]) -> Polynomial:
    """``1 - sum_{v in clique} x_v``."""
    return 1 - Polynomial(ring, {(vertex,): 1 for vertex in clique})


@lru_cache(maxsize=16)
def greedy_clique_cover(ring: Ring) -> tuple[tuple[int, ...], ...]:
    """Cliques that partition the vertices, each grown from the vertex with the most neighbours left."""
    uncovered = set(range(ring.num_variables))
    cover: list[tuple[int, ...]] = []
    while uncovered:
        clique: list[int] = []
        candidates = set(uncovered)
        while candidates:
            vertex = max(sorted(candidates), key=lambda v: len(ring.exclusive_with(v) & candidates))
            clique.append(vertex)
            candidates &= ring.exclusive_with(vertex)
        uncovered.difference_update(clique)
        cover.append(tuple(clique))
    return tuple(cover)
