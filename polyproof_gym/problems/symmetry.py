"""Symmetries: permutations of the variables that map a problem to itself, and what they make of products."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import ONE

if TYPE_CHECKING:
    from igraph import Graph

    from polyproof_gym.problems.problem import Problem

Permutation = tuple[int, ...]
"""A permutation of some points, numbered from 0: what takes the place of each of them."""


INSTALL = "pip install 'polyproof-gym[symmetry]'"
"""What makes symmetries found."""


def can_be_found() -> bool:
    """Whether the package that finds symmetries is installed."""
    return find_spec("igraph") is not None


class Symmetries:
    """The permutations of the variables that map a problem to itself: a group.

    A permutation is one of them if it leaves the objective, the set of axioms, the variables' intervals and kinds and
    the exclusive pairs as they are, all in unit coordinates. What is derived from the axioms can then be derived with
    the variables renamed, too.
    """

    def __init__(self, problem: Problem) -> None:
        """Those of a problem; nothing is computed yet."""
        self._problem = problem
        self._known: dict[Permutation, bool] = {}

    def __contains__(self, permutation: Permutation) -> bool:
        """Whether the problem is mapped to itself, checked exactly, once for every permutation."""
        if permutation not in self._known:
            self._known[permutation] = self._is_symmetry(permutation)
        return self._known[permutation]

    def __deepcopy__(self, memo: dict[int, Any]) -> Symmetries:
        """The same object: what it knows of a problem stays true."""
        return self

    def _is_symmetry(self, permutation: Permutation) -> bool:
        problem, ring = self._problem, self._problem.ring
        if sorted(permutation) != [*range(problem.num_variables)]:
            return False
        if any(self._kind(i) != self._kind(image) for i, image in enumerate(permutation)):
            return False
        order = np.array(permutation, np.intp)
        if not np.array_equal(ring.exclusion_matrix[np.ix_(order, order)], ring.exclusion_matrix):
            return False
        # The bounds of the unit box are mapped to each other.
        constraints = {problem.axioms[k] for k in problem.constraints}
        return (
            problem.objective.renamed(permutation) == problem.objective
            and {axiom.renamed(permutation) for axiom in constraints} == constraints
        )

    def _kind(self, i: int) -> object:
        """What variables that are exchanged must have in common."""
        problem = self._problem
        return tuple(problem.box[i]), i in problem.ring.idempotent, i in problem.integer

    @cached_property
    def generators(self) -> tuple[Permutation, ...]:
        """Some of them that all others are products of; none where only the identity is a symmetry.

        They are automorphisms of a coloured graph, which the library Bliss finds, and checked here. The graph has a
        vertex for every variable, constraint and term, and one for every power of a variable. Its vertices are first
        brought into an order of Bliss's that does not depend on the given one: if variables get other names, the
        generators are the same by these names, up to a symmetry of the problem that is applied to all of them.

        Raises:
            BadInput: If the package ``igraph`` is missing.
        """
        graph, colours, given = self._ordered_graph
        place = {vertex: new for new, vertex in enumerate(given)}
        size = self._problem.num_variables
        found = graph.automorphism_group(color=colours)
        permutations = dict.fromkeys(tuple([given[images[place[i]]] for i in range(size)]) for images in found)
        return tuple(p for p in permutations if p != (*range(size),) and p in self)

    @cached_property
    def order_at_most(self) -> int:
        """At most how many there are, told from where the variables occur alone, without the package."""
        problem = self._problem
        places: list[list[object]] = [[] for _ in range(problem.num_variables)]
        for number, polynomial in enumerate((problem.objective, *(problem.axioms[k] for k in problem.constraints))):
            for monomial, coefficient in polynomial.terms.items():
                term = number == 0, len(polynomial), coefficient, len(monomial)
                for i in dict.fromkeys(monomial):
                    places[i].append((term, monomial.count(i)))
        exclusive = problem.ring.exclusion_matrix.sum(axis=0).tolist()
        alike = Counter(
            (self._kind(i), exclusive[i], frozenset(Counter(found).items())) for i, found in enumerate(places)
        )
        return math.prod(map(math.factorial, alike.values()))

    @cached_property
    def order(self) -> int:
        """How many there are, as Bliss counts them.

        Raises:
            BadInput: If the package ``igraph`` is missing.
        """
        graph, colours, _ = self._ordered_graph
        return int(graph.count_automorphisms(color=colours))

    @cached_property
    def _ordered_graph(self) -> tuple[Graph, list[int], list[int]]:
        """The coloured graph in Bliss's order: with the colour of every vertex, and its number before."""
        try:
            from igraph import Graph
        except ImportError:
            raise BadInput(f"symmetries need the package igraph: {INSTALL}") from None
        colours, edges = self._coloured_graph()
        number = {colour: number for number, colour in enumerate(sorted(dict.fromkeys(colours), key=repr))}
        numbers = [number[colour] for colour in colours]
        graph = Graph(n=len(colours), edges=edges, vertex_attrs={"given": range(len(colours))})
        # Versions of igraph differ in which way round a permutation is; the attribute goes with its vertex.
        graph = graph.permute_vertices(graph.canonical_permutation(color=numbers))
        given = graph.vs["given"]
        ordered = Graph(n=len(given), edges=sorted(tuple(sorted(edge)) for edge in graph.get_edgelist()))
        return ordered, [numbers[vertex] for vertex in given], given

    def _coloured_graph(self) -> tuple[list[object], list[tuple[int, int]]]:
        """A graph of which every automorphism that keeps the colours is a symmetry; the colours and the edges."""
        problem = self._problem
        size = problem.num_variables
        linear = {m[0]: c for m, c in problem.objective.terms.items() if len(m) == 1}
        colours: list[object] = [(self._kind(i), linear.get(i, 0)) for i in range(size)]
        edges: list[tuple[int, int]] = list(map(tuple, problem.ring.exclusive_pairs().tolist()))

        def vertex(colour: object, *neighbours: int) -> int:
            colours.append(colour)
            edges.extend((neighbour, len(colours) - 1) for neighbour in neighbours)
            return len(colours) - 1

        longer = {m: c for m, c in problem.objective.terms.items() if len(m) > 1}
        constraints = [("constraint", problem.axioms[k].terms) for k in problem.constraints]
        for kind, terms in [("objective", longer), *constraints]:
            whole = vertex((kind, terms.get(ONE, 0)))
            for monomial, coefficient in terms.items():
                if monomial != ONE:
                    term = vertex(("term", coefficient), whole)
                    for i in dict.fromkeys(monomial):
                        exponent = monomial.count(i)
                        edges.append((i, term) if exponent == 1 else (i, vertex(("power", exponent), term)))
        return colours, edges


Points = tuple[int, ...]
"""Some points, each perhaps several times, ascending."""


class Step(NamedTuple):
    """How a permutation leads from some points to others.

    Attributes:
        points: The points that it is applied to.
        generator: The number of the permutation.
    """

    points: Points
    generator: int


def orbit(points: Iterable[int], generators: Sequence[Permutation]) -> dict[Points, Step | None]:
    """What a group of permutations makes of some points, each perhaps several times.

    Args:
        points: The points.
        generators: Permutations that all of the group are products of.

    Returns:
        Every image, with the step that leads to it from one before; the points themselves come first, without.
    """
    start = tuple(sorted(points))
    found: dict[Points, Step | None] = {start: None}
    pending = [start]
    while pending:
        known = pending.pop()
        for number, generator in enumerate(generators):
            image = tuple(sorted([generator[i] for i in known]))
            if image not in found:
                found[image] = Step(known, number)
                pending.append(image)
    return found


def cycles_of(permutation: Permutation) -> list[tuple[int, ...]]:
    """The cycles of a permutation, each from its smallest point, without the points that stay where they are."""
    cycles: list[tuple[int, ...]] = []
    done: set[int] = set()
    for start in range(len(permutation)):
        cycle, i = [], start
        while i not in done:
            done.add(i)
            cycle.append(i)
            i = permutation[i]
        if len(cycle) > 1:
            cycles.append(tuple(cycle))
    return cycles


def permutation_of(cycles: Iterable[Sequence[int]], size: int) -> Permutation:
    """The permutation of so many points that has these cycles.

    Raises:
        ValueError: If a point occurs twice, or does not exist.
    """
    images = list(range(size))
    moved: set[int] = set()
    for cycle in cycles:
        for i, image in zip(cycle, [*cycle[1:], *cycle[:1]], strict=True):
            if i in moved or not 0 <= i < size:
                raise ValueError("expected every point at most once in the cycles")
            moved.add(i)
            images[i] = image
    return tuple(images)
