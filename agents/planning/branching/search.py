"""Branch and bound for stable sets: branch on vertices, bound by clique covers.

The largest weight of a stable set in ``P`` is at most ``k`` if cliques with multipliers that add up to ``k`` or less
cover ``P``, every vertex with its weight. Where they leave some vertices, these are branched on one after the other:
either the vertex ``v`` is chosen, so that ``k - w_v`` bounds what does not neighbour it, or it leaves ``P``.
Sources: Tomita, Sutani, Higashi, Takahashi, Wakatsuki 2010 (MCS, for cliques in the complement, with the exchange of
vertices between colour classes that is called Re-NUMBER); Blöchliger, Zufferey 2008 (PartialCol, for the exchanges that
go on where these make no room); Held, Cook, Sewell 2012 (weighted covers).
"""

from __future__ import annotations

from collections.abc import Sequence

from agents.agent import RunTasks
from agents.planning.branching.exclusions import Exclusions
from agents.planning.branching.refuting import LargerSet, Refuter, TooLarge
from agents.planning.branching.tree import BranchNode, BranchTree


class BranchSearch:
    """The search for the largest weight of a stable set, with a tree that shows that there is none larger.

    The bound starts at the greedy clique cover and then halves its distance to the best set known, with a tree of its
    own for every value. Trees grow by a factor for every unit, so that those before the last take little time; and
    whenever the search is stopped (see :mod:`polyproof_gym.stopping`), the last one holds.

    Attributes:
        tree: The tree of the best bound so far.
        chosen: The vertices of the best stable set so far.
    """

    def __init__(self, exclusions: Exclusions, chosen: Sequence[int] = (), run_tasks: RunTasks | None = None) -> None:
        """Bound by a clique cover.

        Args:
            exclusions: The graph.
            chosen: A stable set to begin with.
            run_tasks: Makes parts of trees; by default that is done here, one after the other.
        """
        self._exclusions, self._run_tasks = exclusions, run_tasks
        self._refuter = Refuter(exclusions)
        covers = self._refuter.covers
        greedy = covers.grown((), covers.everything)
        self.chosen = max(greedy, tuple(v for v in chosen if v in covers.order), key=exclusions.weight)
        bound, cover = covers.least_cover()
        self.tree = BranchTree(exclusions, bound, BranchNode((), cover))
        self._out_of_reach = -1  # the largest weight whose tree is known to be too large

    @property
    def value(self) -> int:
        """The weight of the best stable set so far."""
        return self._exclusions.weight(self.chosen)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to find out."""
        return self.tree.bound == self.value

    @property
    def _least(self) -> int:
        """The least bound that there may be a tree for."""
        return max(self.value, self._out_of_reach + 1)

    def run(self) -> None:
        """Search until the bound is the least that can be shown, or a stop is requested."""
        while self.tree.bound > self._least and self.improve():
            pass

    def improve(self) -> bool:
        """Halve the distance of the bound to the least there may be, from either end; whether that was done."""
        least = self._least
        tree = self.refuted((self.tree.bound + least) // 2)
        if tree is not None:
            self.tree = tree
        return tree is not None or self._least > least

    def refuted(self, bound: int) -> BranchTree | None:
        """The tree that shows a bound.

        Returns:
            The tree; ``None`` if there is a larger set, which is then known, if the tree is too large to be checked, or
            if no time is left.
        """
        outcome = self._refuter.refuted(bound, self._run_tasks)
        if isinstance(outcome, BranchNode):
            return BranchTree(self._exclusions, bound, outcome)
        if isinstance(outcome, LargerSet):
            self.chosen = max(self.chosen, outcome.chosen, key=self._exclusions.weight)
        elif isinstance(outcome, TooLarge):
            self._out_of_reach = max(self._out_of_reach, bound)
        return None
