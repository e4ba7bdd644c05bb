"""Branch trees that show that no stable set has more than some weight: functions of the graph and the weight alone.

So the trees of parts can be found anywhere and in any order: put together, they are the tree that one after the other
would have made. What is found first in its order decides where there is no tree.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from agents.agent import RunTasks
from agents.planning.branching.covers import CliqueCovers
from agents.planning.branching.exclusions import Exclusions, VertexSet, members
from agents.planning.branching.tree import BranchNode, FlatNode, WeightedClique, flat, from_flat
from polyproof_gym import stopping
from polyproof_gym.proofs.checker import MAX_WORK

MAX_DEPTH = 400
"""Largest number of vertices chosen one after the other; deeper trees are given up, as nobody could read them."""

PARTS = 200
"""Into how many parts a tree is divided, about, and how many nodes at most are opened for that."""


class NotRefuted(Exception):
    """There is no tree; the subclasses say why."""


class LargerSet(NotRefuted):
    """There is a stable set of more weight.

    Attributes:
        chosen: The vertices.
        work: What it takes to check the nodes that come before it.
    """

    def __init__(self, chosen: tuple[int, ...], work: int) -> None:
        super().__init__(chosen, work)
        self.chosen, self.work = chosen, work


class TooLarge(NotRefuted):
    """The tree is too deep, or the checker would not check it within its limits."""


class Stopped(NotRefuted):
    """A stop was requested, or whoever worked on a part is gone."""


class Part(NamedTuple):
    """Vertices among which no stable set is to have more than some weight.

    Attributes:
        path: The vertices chosen before, by their places.
        left: The vertices, by their places.
        bound: The weight.
        limit: The time after which the search is to end (see :mod:`polyproof_gym.stopping`).
    """

    path: tuple[int, ...]
    left: VertexSet
    bound: int
    limit: float


class Refuted(NamedTuple):
    """The tree of a part.

    Attributes:
        nodes: Its nodes, each before those below it.
        work: What it takes to check them.
    """

    nodes: tuple[FlatNode, ...]
    work: int


class _Opened(NamedTuple):
    """A node without those below it.

    Attributes:
        branches: The places of the vertices branched on, each with the vertices that are left where it is chosen.
        cover: The cover of what is left where none of them is.
        work: What it takes to check these splits, and the case with that cover.
    """

    branches: tuple[tuple[int, VertexSet], ...]
    cover: tuple[WeightedClique, ...]
    work: int


@dataclass
class _Place:
    """A node in a tree that is divided into parts.

    Attributes:
        part: What is to be shown there.
        opened: The node, if it is opened; otherwise its tree is a part.
        below: The nodes below it, in order.
    """

    part: Part
    opened: _Opened | None = None
    below: tuple[_Place, ...] = ()

    def walk(self) -> Iterator[_Place]:
        """This node and all below it, each before those below it."""
        stack = [self]
        while stack:
            place = stack.pop()
            yield place
            stack.extend(reversed(place.below))


class Refuter:
    """Makes branch trees.

    Attributes:
        covers: The graph.
        room: What checking a tree may take, within the checker's limit, which the problem itself counts towards.
    """

    def __init__(self, exclusions: Exclusions) -> None:
        """Bring the vertices into order."""
        self.covers = CliqueCovers(exclusions)
        self._num_variables = len(exclusions.weights)
        self._name_lengths = [1 + len(str(v)) for v in range(self._num_variables)]  # in a line, with spaces
        self._num_losses = sum(weight < 0 for weight in exclusions.weights)
        num_pairs = sum(map(int.bit_count, exclusions.neighbours)) // 2
        self.room = MAX_WORK - 3 * num_pairs - 60 * self._num_variables

    def __call__(self, part: Part) -> Refuted | NotRefuted:
        """The tree of a part, as plain values."""
        with stopping.time_limit(part.limit):
            attempt = _Attempt(self, part.path)
            try:
                node = attempt.refute(part.left, part.bound)
            except NotRefuted as reason:
                return reason.with_traceback(None)
            nodes = tuple(flat((v for v, _ in each.branches), each.cover) for each in node.walk())
            return Refuted(nodes, attempt.work)

    def refuted(self, bound: int, run_tasks: RunTasks | None) -> BranchNode | NotRefuted:
        """The tree that shows that no stable set has more than a weight.

        Args:
            bound: The weight.
            run_tasks: Makes the trees of parts; by default that is done here, one after the other.
        """
        if run_tasks is not None:
            return self._shared(bound, run_tasks)
        try:
            return _Attempt(self).refute(self.covers.everything, bound)
        except NotRefuted as reason:
            return reason.with_traceback(None)

    def opened(self, left: VertexSet, bound: int) -> _Opened:
        """The node for some vertices and a weight."""
        neighbours = self.covers.neighbours
        cover, uncovered = self.covers.cover(left, bound)
        branches: list[tuple[int, VertexSet]] = []
        work = 0
        while uncovered:
            # The fewest vertices are left where the most are excluded.
            v = max(members(uncovered), key=lambda u: (neighbours[u] & left).bit_count())
            uncovered ^= 1 << v
            left ^= 1 << v
            chosen = left & ~neighbours[v]
            work += self._split_work(left, chosen)
            branches.append((v, chosen))
        kept = self.covers.named([(clique & left, multiplier) for clique, multiplier in cover])
        return _Opened(tuple(branches), kept, work + self._leaf_work(left, kept))

    # What the checker counts, about; see ``spend`` there ------------------------------------------------------------

    def _split_work(self, left: VertexSet, chosen: VertexSet) -> int:
        """The work of a split: two copies of the case, and the objective in both."""
        terms, terms_above = (rest.bit_count() + self._num_losses for rest in (left, chosen))
        return 80 + 3 * self._num_variables // 2 + 15 * terms // 2 + 10 * terms_above

    def _leaf_work(self, left: VertexSet, cover: tuple[WeightedClique, ...]) -> int:
        """The work of a case: its lines, whose text is read and whose pairs are looked up, and their combination."""
        lengths = self._name_lengths
        lines = sum(
            14 + 5 * len(clique.vertices) // 2 + sum([lengths[v] for v in clique.vertices]) ** 2 // 10
            for clique in cover
        )
        return 20 + lines + 5 * left.bit_count() // 2 + 25 * self._num_losses

    # Parts -----------------------------------------------------------------------------------------------------------

    def _shared(self, bound: int, run_tasks: RunTasks) -> BranchNode | NotRefuted:
        """The same, where parts are sent to others; nodes are put together and counted in the order of one process."""
        root = _Place(Part((), self.covers.everything, bound, 0.0))
        if not self._divide(root):
            return Stopped()
        places = [*root.walk()]
        outcomes = _Outcomes(self, [place.part for place in places if place.opened is None], run_tasks)
        nodes: list[FlatNode] = []
        work = 0
        for place in places:
            if place.opened is not None:
                branches, cover, more = place.opened
                work += more
                nodes.append(flat((self.covers.order[v] for v, _ in branches), cover))
            else:
                outcome = outcomes.of(place.part)
                if isinstance(outcome, Refuted):
                    work += outcome.work
                    nodes += outcome.nodes
                elif not isinstance(outcome, LargerSet) or work + outcome.work <= self.room:
                    return outcome
                else:
                    return TooLarge()
            if work > self.room:
                return TooLarge()
        return from_flat(nodes)

    def _divide(self, root: _Place) -> bool:
        """Open nodes, those with the most vertices first, until there are enough parts; whether that was done."""
        number, num_parts = 0, 1
        waiting = [(-root.part.left.bit_count(), number, root)]
        for _ in range(PARTS):
            if not waiting or num_parts >= PARTS:
                break
            if stopping.requested():
                return False
            place = heapq.heappop(waiting)[-1]
            path, left, bound, limit = place.part
            if bound < 0 or len(path) > MAX_DEPTH:
                continue  # which whoever gets it says
            place.opened = self.opened(left, bound)
            weights = self.covers.weights
            place.below = tuple(
                _Place(Part((*path, v), rest, bound - weights[v], limit)) for v, rest in place.opened.branches
            )
            num_parts += len(place.below) - 1
            for below in place.below:
                number += 1
                heapq.heappush(waiting, (-below.part.left.bit_count(), number, below))
        return True


class _Attempt:
    """A tree in the making.

    Attributes:
        work: What it takes to check the nodes so far.
    """

    def __init__(self, refuter: Refuter, path: Iterable[int] = ()) -> None:
        self._refuter, self._path = refuter, [*path]
        self.work = 0

    def refute(self, left: VertexSet, bound: int) -> BranchNode:
        """Show that no stable set among the vertices left has more weight than the bound.

        Raises:
            NotRefuted: If there is one, or no tree.
        """
        covers = self._refuter.covers
        if bound < 0:
            raise LargerSet(covers.grown(self._path, left), self.work)
        if stopping.requested():
            raise Stopped
        if len(self._path) > MAX_DEPTH:
            raise TooLarge
        branches, cover, work = self._refuter.opened(left, bound)
        self.work += work
        if self.work > self._refuter.room:
            raise TooLarge
        below: list[tuple[int, BranchNode]] = []
        for v, rest in branches:
            self._path.append(v)
            below.append((covers.order[v], self.refute(rest, bound - covers.weights[v])))
            self._path.pop()
        return BranchNode(tuple(below), cover)


class _Outcomes:
    """What comes of parts, which are begun in their order, and waited for in it."""

    def __init__(self, refuter: Refuter, parts: list[Part], run_tasks: RunTasks) -> None:
        limited = (part._replace(limit=stopping.seconds_left()) for part in parts)
        self._running = run_tasks(refuter, limited) if parts else iter(())
        self._found: dict[tuple[int, ...], Refuted | NotRefuted] = {}

    def of(self, part: Part) -> Refuted | NotRefuted:
        """What comes of a part; the wait for it may be given up at any time, and is when whoever had one is gone."""
        while part.path not in self._found:
            finished = stopping.abortable(_next_of, self._running)
            if finished is None or not isinstance(finished[1], Refuted | NotRefuted):
                return Stopped()
            self._found[finished[0].path] = finished[1]
        return self._found.pop(part.path)


def _next_of(outcomes: Iterator[tuple[Part, object]]) -> tuple[Part, object] | None:
    return next(outcomes, None)
