"""Clique covers: what bounds the weight of stable sets where nothing is branched on."""

from __future__ import annotations

from collections.abc import Sequence

from agents.planning.branching.exclusions import Exclusions, VertexSet, members, vertex_set
from agents.planning.branching.tree import WeightedClique

EXCHANGES = 3
"""How many vertices may change their clique to make room for one more."""

FEW = 8
"""Number of uncovered vertices up to which exchanges go on where none makes room at once."""

WALK = 200
"""The most such exchanges."""

STAY = 10
"""For how many of them a vertex does not go back to the clique that it had to leave."""


class CliqueCovers:
    """The vertices of weight above 0, by their places in the degeneracy order, and clique covers of them.

    What is found depends on what is asked for alone. It can be pickled.

    Attributes:
        order: The numbers of the vertices in the problem, by their places.
        neighbours: What each excludes, by places.
        weights: The weights, by places.
        everything: All of them, by places.
    """

    def __init__(self, exclusions: Exclusions) -> None:
        """Bring the vertices into order."""
        self.order = _degeneracy_order(exclusions)
        place = {v: i for i, v in enumerate(self.order)}
        own = [exclusions.neighbours[v] for v in self.order]
        self.neighbours = [vertex_set(place[u] for u in members(mask) if u in place) for mask in own]
        self.weights = [exclusions.weights[v] for v in self.order]
        self.everything = (1 << len(self.order)) - 1
        self._is_unweighted = set(self.weights) <= {1}

    def grown(self, path: Sequence[int], left: VertexSet) -> tuple[int, ...]:
        """The vertices chosen, and as many of those left as come first."""
        chosen = [*path]
        while left:
            v = (left & -left).bit_length() - 1
            chosen.append(v)
            left &= ~(self.neighbours[v] | 1 << v)
        return tuple(self.order[v] for v in chosen)

    def named(self, cover: Sequence[tuple[VertexSet, int]]) -> tuple[WeightedClique, ...]:
        """The cliques of a cover, but for empty ones, by the numbers of the problem."""
        return tuple(
            WeightedClique(tuple(sorted(self.order[v] for v in members(clique))), multiplier)
            for clique, multiplier in cover
            if clique
        )

    def least_cover(self) -> tuple[int, tuple[WeightedClique, ...]]:
        """The least bound that a cover is found for, and that cover."""
        least, _ = self.cover(self.everything, sum(self.weights))
        while True:
            bound = sum(multiplier for _, multiplier in least)
            cover, left = self.cover(self.everything, max(0, bound - 1))
            if left or not bound:
                return bound, self.named(least)
            least = cover

    def cover(self, left: VertexSet, bound: int) -> tuple[list[tuple[VertexSet, int]], VertexSet]:
        """Cliques with multipliers that add up to a bound at most, and the vertices that they leave uncovered.

        Of two covers, in the order of the whole graph and in that of the degrees among what is left, it is the one that
        leaves fewer.
        """
        cover = self._cover_unweighted if self._is_unweighted else self._cover_weighted
        best = cover(left, [*members(left)], bound)
        if best[1] and bound:
            degrees = {v: (self.neighbours[v] & left).bit_count() for v in members(left)}
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
            least = len(self.order)
            for v in members(uncovered):
                neighbours = self.neighbours[v]
                for number, clique in enumerate(cliques):
                    leaving = (clique & ~neighbours).bit_count()
                    if leaving < least and barred.get((v, number), 0) <= step:
                        least, place = leaving, (v, number)
            if place is None:
                break
            v, number = place
            strangers = cliques[number] & ~self.neighbours[v]
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
        weights = {v: self.weights[v] for v in order}
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
                candidates &= self.neighbours[v]
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
        neighbours = self.neighbours[v]
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
