"""Branch trees: why no stable set has more than some weight."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agents.planning.branching.exclusions import Exclusions


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


FlatNode = tuple[tuple[int, ...], tuple[tuple[tuple[int, ...], int], ...]]
"""A node without those below it, as plain values: the vertices branched on, and the cliques of the cover, each with its
multiplier."""


def flat(branches: Iterable[int], cover: Iterable[WeightedClique]) -> FlatNode:
    """A node by the vertices that it branches on and its cover."""
    return tuple(branches), tuple((clique.vertices, clique.multiplier) for clique in cover)


def from_flat(nodes: Iterable[FlatNode]) -> BranchNode:
    """The tree of nodes, each of which comes before those below it; deep trees can be sent in this way only."""
    done: list[BranchNode] = []
    for vertices, cover in reversed([*nodes]):
        branches = tuple((v, done.pop()) for v in vertices)
        done.append(BranchNode(branches, tuple(WeightedClique(*clique) for clique in cover)))
    (root,) = done
    return root
