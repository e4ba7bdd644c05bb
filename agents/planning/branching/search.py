"""Branch and bound for stable sets: branch on vertices, bound by clique covers.

The largest weight of a stable set in ``P`` is at most ``k`` if cliques with multipliers that add up to ``k`` or less
cover ``P``, every vertex with its weight. Where they leave some vertices, these are branched on one after the other:
either the vertex ``v`` is chosen, so that ``k - w_v`` bounds what does not neighbour it, or it leaves ``P``.
Sources: Tomita, Sutani, Higashi, Takahashi, Wakatsuki 2010 (MCS, for cliques in the complement, with the exchange of
vertices between colour classes that is called Re-NUMBER); Blöchliger, Zufferey 2008 (PartialCol, for the exchanges that
go on where these make no room); Held, Cook, Sewell 2012 (weighted covers).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.planning.branching.exclusions import Exclusions, VertexSet, members, vertex_set
from polyproof_gym import stopping

MAX_DEPTH = 400
"""Largest number of vertices chosen one after the other; deeper trees are given up, as nobody could read them."""

EXCHANGES = 3
"""How many vertices may change their clique to make room for one more."""

FEW = 8
"""Number of uncovered vertices up to which exchanges go on where none makes room at once."""

WALK = 200
"""The most such exchanges."""

STAY = 10
"""For how many of them a vertex does not go back to the clique that it had to leave."""


@dataclass(frozen=True)
class WeightedClique:
    """A clique with its multiplier in a cover: at most one of the vertices is chosen."""

    vertices: tuple[int, ...]
    multiplier: int


@dataclass(frozen=True)
class BranchNode:
    """Why stable sets among some vertices have at most some weight.

    Attributes:
        branches: The vertices branched on, in order, each with the node where it is chosen: its neighbours are gone
            there, and the vertices branched on before it as well.
        cover: Cliques that cover what is left when none of these vertices is chosen, each vertex with its weight.
    """

    branches: tuple[tuple[int, BranchNode], ...]
    cover: tuple[WeightedClique, ...]

    @property
    def size(self) -> int:
        """The number of nodes from this one on."""
        return sum(1 for _ in self.walk())

    def walk(self) -> Iterator[BranchNode]:
        """This node and all below it, each before those below it."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(child for _, child in reversed(node.branches))


@dataclass(frozen=True)
class BranchTree:
    """Why no stable set has more than some weight.

    Attributes:
        exclusions: The graph.
        bound: The weight.
        root: The node of all vertices whose weight is above 0; those chosen later each lower the bound by their weight.
    """

    exclusions: Exclusions
    bound: int
    root: BranchNode


class _Larger(Exception):
    """There is a stable set of more weight than was to be refuted."""

    def __init__(self, chosen: tuple[int, ...]) -> None:
        super().__init__()
        self.chosen = chosen


class _GivenUp(Exception):
    """There was no time to refute a weight, or it takes too deep a tree."""


class BranchSearch:
    """The search for the largest weight of a stable set, with a tree that shows that there is none larger.

    The bound starts at the greedy clique cover and then halves its distance to the best set known, with a tree of its
    own for every value. Trees grow by a factor for every unit, so that those before the last take little time; and
    whenever the search is stopped (see :mod:`polyproof_gym.stopping`), the last one holds.

    Attributes:
        tree: The tree of the best bound so far.
        chosen: The vertices of the best stable set so far.
    """

    def __init__(self, exclusions: Exclusions, chosen: Sequence[int] = ()) -> None:
        """Bound by a clique cover.

        Args:
            exclusions: The graph.
            chosen: A stable set to begin with.
        """
        self._exclusions = exclusions
        self._order = _degeneracy_order(exclusions)
        place = {v: i for i, v in enumerate(self._order)}
        own = [exclusions.neighbours[v] for v in self._order]
        self._neighbours = [vertex_set(place[u] for u in members(mask) if u in place) for mask in own]
        self._weights = [exclusions.weights[v] for v in self._order]
        self._is_unweighted = set(self._weights) <= {1}
        self._everything = (1 << len(self._order)) - 1
        self._path: list[int] = []
        greedy = self._grown(self._everything)
        self.chosen = max(greedy, tuple(v for v in chosen if v in place), key=exclusions.weight)
        self.tree = self._least_cover()

    @property
    def value(self) -> int:
        """The weight of the best stable set so far."""
        return self._exclusions.weight(self.chosen)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to find out."""
        return self.tree.bound == self.value

    def run(self) -> None:
        """Search until the bound is the largest weight, or a stop is requested."""
        while not self.is_complete and self.improve():
            pass

    def improve(self) -> bool:
        """Halve the distance between the bound and the best set, from one end or the other; whether that was done."""
        goal = (self.tree.bound + self.value) // 2
        tree = self.refuted(goal)
        if tree is not None:
            self.tree = tree
        return tree is not None or self.value > goal

    def refuted(self, bound: int) -> BranchTree | None:
        """The tree that shows a bound; ``None`` if there is a larger set, which is then known, or no time is left."""
        self._path.clear()
        try:
            return BranchTree(self._exclusions, bound, self._refute(self._everything, bound))
        except _Larger as found:
            self.chosen = max(self.chosen, found.chosen, key=self._exclusions.weight)
        except _GivenUp:
            pass
        return None

    def _refute(self, left: VertexSet, bound: int) -> BranchNode:
        """Show that no stable set among the vertices left has more weight than the bound."""
        if bound < 0:
            raise _Larger(self._grown(left))
        if stopping.requested() or len(self._path) > MAX_DEPTH:
            raise _GivenUp
        cover, uncovered = self._cover(left, bound)
        branches: list[tuple[int, BranchNode]] = []
        while uncovered:
            # The fewest vertices are left where the most are excluded.
            v = max(members(uncovered), key=lambda u: (self._neighbours[u] & left).bit_count())
            uncovered ^= 1 << v
            left ^= 1 << v
            self._path.append(v)
            node = self._refute(left & ~self._neighbours[v], bound - self._weights[v])
            self._path.pop()
            branches.append((self._order[v], node))
        kept = [(clique & left, multiplier) for clique, multiplier in cover]
        return BranchNode(tuple(branches), self._named(kept))

    def _grown(self, left: VertexSet) -> tuple[int, ...]:
        """The vertices chosen, and as many of those left as come first."""
        chosen = [*self._path]
        while left:
            v = (left & -left).bit_length() - 1
            chosen.append(v)
            left &= ~(self._neighbours[v] | 1 << v)
        return tuple(self._order[v] for v in chosen)

    def _named(self, cover: Sequence[tuple[VertexSet, int]]) -> tuple[WeightedClique, ...]:
        return tuple(
            WeightedClique(tuple(sorted(self._order[v] for v in members(clique))), multiplier)
            for clique, multiplier in cover
            if clique
        )

    def _least_cover(self) -> BranchTree:
        """A tree without branches, with the least bound that a cover is found for."""
        least, _ = self._cover(self._everything, sum(self._weights))
        while True:
            bound = sum(multiplier for _, multiplier in least)
            cover, left = self._cover(self._everything, max(0, bound - 1))
            if left or not bound:
                return BranchTree(self._exclusions, bound, BranchNode((), self._named(least)))
            least = cover

    # Clique covers -------------------------------------------------------------------------------------------------

    def _cover(self, left: VertexSet, bound: int) -> tuple[list[tuple[VertexSet, int]], VertexSet]:
        """Cliques with multipliers that add up to a bound at most, and the vertices that they leave uncovered.

        Of two covers, in the order of the whole graph and in that of the degrees among what is left, it is the one that
        leaves fewer.
        """
        cover = self._cover_unweighted if self._is_unweighted else self._cover_weighted
        best = cover(left, [*members(left)], bound)
        if best[1] and bound:
            degrees = {v: (self._neighbours[v] & left).bit_count() for v in members(left)}
            other = cover(left, sorted(degrees, key=degrees.__getitem__), bound)
            best = min(best, other, key=lambda found: found[1].bit_count())
            if self._is_unweighted and 0 < best[1].bit_count() <= FEW:
                best = self._exchanged([clique for clique, _ in best[0]], best[1])
        return best

    def _cover_unweighted(
        self, left: VertexSet, order: list[int], bound: int
    ) -> tuple[list[tuple[VertexSet, int]], VertexSet]:
        cliques: list[VertexSet] = []
        while order and len(cliques) < bound:
            clique = self._clique(order, left)
            cliques.append(clique)
            left &= ~clique
            order = [v for v in order if left >> v & 1]
        stuck = [0] * (EXCHANGES + 1)
        for v in order if bound else ():
            if self._make_room(v, cliques, EXCHANGES, 0, stuck):
                left ^= 1 << v
                stuck = [0] * (EXCHANGES + 1)
        return [(clique, 1) for clique in cliques], left

    def _exchanged(
        self, cliques: list[VertexSet], uncovered: VertexSet
    ) -> tuple[list[tuple[VertexSet, int]], VertexSet]:
        """The cover with the fewest uncovered vertices on a walk among covers by as many cliques.

        Every step puts an uncovered vertex into the clique with the fewest vertices that must leave it for that.
        """
        best, fewest = [*cliques], uncovered
        barred: dict[tuple[int, int], int] = {}
        for step in range(WALK):
            place: tuple[int, int] | None = None
            least = len(self._order)
            for v in members(uncovered):
                neighbours = self._neighbours[v]
                for number, clique in enumerate(cliques):
                    leaving = (clique & ~neighbours).bit_count()
                    if leaving < least and barred.get((v, number), 0) <= step:
                        least, place = leaving, (v, number)
            if place is None:
                break
            v, number = place
            strangers = cliques[number] & ~self._neighbours[v]
            cliques[number] ^= strangers | 1 << v
            uncovered ^= strangers | 1 << v
            for u in members(strangers):
                barred[u, number] = step + STAY
            if uncovered.bit_count() < fewest.bit_count():
                best, fewest = [*cliques], uncovered
                if not fewest:
                    break
        return [(clique, 1) for clique in best], fewest

    def _cover_weighted(
        self, left: VertexSet, order: list[int], bound: int
    ) -> tuple[list[tuple[VertexSet, int]], VertexSet]:
        """The same where a clique has the least weight of its vertices that is not covered yet as its multiplier."""
        weights = {v: self._weights[v] for v in order}
        cover: list[tuple[VertexSet, int]] = []
        while order and bound:
            clique = self._clique(order, left)
            multiplier = min(bound, *(weights[v] for v in members(clique)))
            cover.append((clique, multiplier))
            bound -= multiplier
            for v in members(clique):
                weights[v] -= multiplier
                if not weights[v]:
                    left ^= 1 << v
            order = [v for v in order if weights[v]]
        return cover, left

    def _clique(self, order: list[int], candidates: VertexSet) -> VertexSet:
        """The clique of the first vertex in an order, the next one that neighbours it, and so on."""
        clique = 0
        for v in order:
            if candidates >> v & 1:
                clique |= 1 << v
                candidates &= self._neighbours[v]
        return clique

    def _make_room(
        self, v: int, cliques: list[VertexSet], exchanges: int, in_use: VertexSet, stuck: list[VertexSet]
    ) -> bool:
        """Put a vertex into a clique, from which another vertex may have to go to another clique; whether it fits.

        Args:
            v: The vertex.
            cliques: The cliques, which are changed if it fits.
            exchanges: How many vertices may change their clique.
            in_use: The cliques that are not to change, by number.
            stuck: For every number of exchanges the vertices for which no room was found; more are noted.
        """
        neighbours = self._neighbours[v]
        for number, clique in enumerate(cliques):
            strangers = clique & ~neighbours
            if strangers & (strangers - 1) or in_use >> number & 1:
                continue
            if strangers:
                if not exchanges or strangers & stuck[exchanges - 1]:
                    continue
                other = strangers.bit_length() - 1
                if not self._make_room(other, cliques, exchanges - 1, in_use | 1 << number, stuck):
                    continue
            cliques[number] = clique & ~strangers | 1 << v
            return True
        stuck[exchanges] |= 1 << v
        return False


def _degeneracy_order(exclusions: Exclusions) -> list[int]:
    """The vertices of weight above 0 in an order in which each excludes many of those before it.

    The last one has the most neighbours, the one before it the most when the last one is gone, and so on. So covers
    begin with vertices that fit into few cliques, and those that are left to branch on exclude many.
    """
    left = exclusions.vertices
    degrees = {v: (exclusions.neighbours[v] & left).bit_count() for v in members(left)}
    order: list[int] = []
    while degrees:
        v = max(degrees, key=lambda u: (degrees[u], u))
        del degrees[v]
        left ^= 1 << v
        order.append(v)
        for u in members(exclusions.neighbours[v] & left):
            degrees[u] -= 1
    order.reverse()
    return order
