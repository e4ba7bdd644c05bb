from __future__ import annotations

import numpy as np

from agents.planning.branching import BranchSearch, Exclusions
from polyproof_gym import Problem
from polyproof_gym.problems.stable_set import stable_set_from_edges


def random_graph(seed: int, max_vertices: int = 24, max_weight: int = 1) -> Problem:
    """A graph of any density, sparse ones among them; weights from 0 where they are not all 1."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, max_vertices + 1))
    edges = np.argwhere(np.triu(rng.random((n, n)) < rng.random(), 1))
    weights = None if max_weight == 1 else rng.integers(0, max_weight + 1, n).tolist()
    return stable_set_from_edges([f"x{v}" for v in range(n)], edges, weights)


def searched(problem: Problem) -> BranchSearch:
    """The search from nothing to the end."""
    search = BranchSearch(Exclusions.of(problem, "test"))
    search.run()
    return search
