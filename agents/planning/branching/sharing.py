"""Short proofs for few steps: the weights are shared out among small graphs, whose bounds add up.

A clique cover is such a sharing, with a clique for every part. Where the largest weight of some parts together is less
than the sum of their bounds, taking them together improves the bound, and costs as many products as the proof for that
small graph has, whatever there is around it. (Partial maximum satisfiability bounds cliques in the same way: Li, Quan
2010.)
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from agents.planning.branching.products import LiteralProducts
from agents.planning.branching.search import BranchSearch
from agents.planning.branching.tree import BranchNode, BranchTree
from polyproof_gym import stopping
from polyproof_gym.problems import Problem
from polyproof_gym.proofs import Limits

MAX_TOGETHER = 4
"""The most parts that are taken together at once."""

MAX_CHOICES = 1400
"""The most ways to choose parts that are tried, beyond pairs: all triples of 20, and all fours of 14."""


@dataclass(frozen=True)
class _Part:
    """A share of the weights.

    Attributes:
        tree: What bounds it.
        steps: The number of products that the proof of the bound takes.
    """

    tree: BranchTree
    steps: int


class Sharing:
    """A sharing of weights whose proof by products fits a number of steps.

    Attributes:
        parts: The shares, by number; their bounds add up.
    """

    def __init__(self, problem: Problem, cover: BranchTree, max_steps: int, limits: Limits) -> None:
        """Begin with a clique cover.

        Args:
            problem: The problem.
            cover: A tree without branches, whose proof fits.
            max_steps: The number of products.
            limits: What these may grow to.
        """
        self._problem, self._exclusions = problem, cover.exclusions
        self._max_steps, self._limits = max_steps, limits
        self.parts: dict[int, _Part] = {}
        self._together: dict[tuple[int, ...], _Part | None] = {}
        for number, clique in enumerate(cover.root.cover):
            weights = [0] * problem.num_variables
            for v in clique.vertices:
                weights[v] = clique.multiplier
            share = replace(self._exclusions, weights=tuple(weights))
            steps = max(0, len(clique.vertices) - 1)
            self.parts[number] = _Part(BranchTree(share, clique.multiplier, BranchNode((), (clique,))), steps)
        self._made = len(self.parts)

    @property
    def bound(self) -> int:
        """What the bounds of the parts add up to."""
        return sum(part.tree.bound for part in self.parts.values())

    @property
    def trees(self) -> list[BranchTree]:
        """The trees of the parts."""
        return [part.tree for part in self.parts.values()]

    def improve(self) -> None:
        """Take parts together as long as that improves the bound and fits, or until a stop is requested."""
        while not stopping.requested() and self._take_together():
            pass

    def _take_together(self) -> bool:
        """Take those parts together that gain the most for a step, if some can be; whether that was done."""
        left = self._max_steps - sum(part.steps for part in self.parts.values())
        best: tuple[float, tuple[int, ...], _Part] | None = None
        for chosen in self._choices():
            if stopping.requested():
                break
            if chosen not in self._together:
                self._together[chosen] = self._taken_together([self.parts[number] for number in chosen])
            part = self._together[chosen]
            if part is not None:
                gain = sum(self.parts[number].tree.bound for number in chosen) - part.tree.bound
                more = part.steps - sum(self.parts[number].steps for number in chosen)
                rate = gain / max(1, more)
                if more <= left and (best is None or rate > best[0]):
                    best = rate, chosen, part
        if best is None:
            return False
        for number in best[1]:
            del self.parts[number]
        self.parts[self._made] = best[2]
        self._made += 1
        return True

    def _choices(self) -> Iterator[tuple[int, ...]]:
        """The ways to choose parts, as far as these are not too many."""
        for size in range(2, min(MAX_TOGETHER, len(self.parts)) + 1):
            if size == 2 or math.comb(len(self.parts), size) <= MAX_CHOICES:
                yield from combinations(self.parts, size)

    def _taken_together(self, parts: list[_Part]) -> _Part | None:
        """The part that some make together; ``None`` if that improves nothing, or takes too much."""
        weights = tuple(map(sum, zip(*(part.tree.exclusions.weights for part in parts), strict=True)))
        search = BranchSearch(replace(self._exclusions, weights=weights))
        if search.refuted(sum(part.tree.bound for part in parts) - 1) is None:
            return None
        search.run()
        products = LiteralProducts(self._problem, self._exclusions, self._limits)
        if products.combination([search.tree], self._max_steps) is None:
            return None
        return _Part(search.tree, products.steps)
