"""The named graphs, with their stability numbers where a formula or the literature gives them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.arguments import shown
from polyproof_gym.errors import BadInput
from polyproof_gym.problems.graph_forms import MAX_VERTICES

Adjacency = NDArray[np.bool_]
"""Which vertices are joined, shape ``(vertices, vertices)``: symmetric, false on the diagonal."""

NamedGraph = tuple[Adjacency, int | None]
"""A graph and its stability number, ``None`` where no formula is known."""


def _require(condition: bool, expected: str) -> None:
    if not condition:
        raise BadInput(f"expected {expected}")


def _limit(num_vertices: int) -> None:
    """Refuse before building what would be refused after it."""
    _require(num_vertices <= MAX_VERTICES, f"a graph of at most {MAX_VERTICES} vertices, got {shown(num_vertices)}")


def _symmetric(adjacency: Adjacency) -> Adjacency:
    """The graph that joins what a matrix joins in either direction, without loops."""
    joined = adjacency | adjacency.T
    np.fill_diagonal(joined, False)
    return joined


def _by_difference(n: int, differences: NDArray[np.bool_]) -> Adjacency:
    """The graph on the numbers below n that joins those whose difference modulo n is marked."""
    numbers = np.arange(n)
    return _symmetric(differences[(numbers[:, None] - numbers) % n])


def _cycle(n: int) -> Adjacency:
    _require(n >= 3, "n >= 3")
    _limit(n)
    return _by_difference(n, np.arange(n) == 1)


def cycle(n: int) -> NamedGraph:
    """The cycle C_n."""
    return _cycle(n), n // 2


def cycle_complement(n: int) -> NamedGraph:
    """The complement of the cycle C_n (an odd antihole where n is odd)."""
    return _symmetric(~_cycle(n)), 3 if n == 3 else 2


def path(n: int) -> NamedGraph:
    """The path on n vertices."""
    _require(n >= 1, "n >= 1")
    _limit(n)
    return _symmetric(np.eye(n, k=1, dtype=np.bool_)), (n + 1) // 2


def wheel(n: int) -> NamedGraph:
    """The wheel on n vertices: a cycle on n - 1 of them, and a hub joined to all, which comes first."""
    _require(n >= 4, "n >= 4")
    _limit(n)
    adjacency = np.zeros((n, n), np.bool_)
    adjacency[0] = True
    adjacency[1:, 1:] = _cycle(n - 1)
    return _symmetric(adjacency), (n - 1) // 2


def complete(n: int) -> NamedGraph:
    """The complete graph K_n."""
    _require(n >= 1, "n >= 1")
    _limit(n)
    return _symmetric(np.ones((n, n), np.bool_)), 1


def complete_bipartite(a: int, b: int) -> NamedGraph:
    """The complete bipartite graph K_{a,b}."""
    _require(a >= 1 and b >= 1, "a >= 1 and b >= 1")
    _limit(a + b)
    adjacency = np.zeros((a + b, a + b), np.bool_)
    adjacency[:a, a:] = True
    return _symmetric(adjacency), max(a, b)


def grid(rows: int, columns: int) -> NamedGraph:
    """The grid graph, its vertices row by row."""
    _require(rows >= 1 and columns >= 1, "rows >= 1 and columns >= 1")
    _limit(rows * columns)
    row, column = np.divmod(np.arange(rows * columns), columns)
    steps = abs(row[:, None] - row) + abs(column[:, None] - column)
    return steps == 1, (rows * columns + 1) // 2


def circulant(n: int, j: int) -> NamedGraph:
    """The circulant graph on n vertices with the jumps 1 .. j: the web W(n, j)."""
    _require(n >= 3 and 1 <= j <= n // 2, "n >= 3 and 1 <= j <= n/2")
    _limit(n)
    return _by_difference(n, np.arange(n) <= j), max(1, n // (j + 1))


def paley(q: int) -> NamedGraph:
    """The Paley graph of a prime q = 1 modulo 4: joined are the numbers that differ by a square."""
    _limit(q)
    prime = q > 1 and all(q % d for d in range(2, int(q**0.5) + 1))
    _require(prime and q % 4 == 1, "a prime q with q = 1 modulo 4")
    squares = np.zeros(q, np.bool_)
    squares[np.arange(1, q) ** 2 % q] = True
    return _by_difference(q, squares), {5: 2, 13: 3, 17: 3, 29: 4, 37: 4, 41: 5, 53: 5}.get(q)


def _common_points(n: int, k: int) -> NDArray[np.int_]:
    """How many points the k-subsets of n points have in common, in lexicographic order."""
    subsets = np.array([*combinations(range(n), k)], np.intp)
    contains = np.zeros((len(subsets), n), np.float32)  # a matrix product of floats is quick, and exact here
    np.put_along_axis(contains, subsets, 1, axis=1)
    return (contains @ contains.T).astype(np.int_)


def kneser(n: int, k: int) -> NamedGraph:
    """The Kneser graph: k-subsets of n points, joined where disjoint (Erdos-Ko-Rado gives the stability number)."""
    _require(2 <= 2 * k <= n <= MAX_VERTICES, f"1 <= k and 2k <= n <= {MAX_VERTICES}")
    _limit(comb(n, k))
    disjoint = _common_points(n, k) == 0
    # The subsets are numbered in the order in which a walk along the edges meets them.
    order = list(
        dict.fromkeys(chain.from_iterable((u, *np.flatnonzero(row).tolist()) for u, row in enumerate(disjoint)))
    )
    return disjoint[np.ix_(order, order)], comb(n - 1, k - 1)


def johnson(n: int, k: int) -> NamedGraph:
    """The Johnson graph: k-subsets of n points, joined where they share k - 1 of them."""
    _require(1 <= k < n <= MAX_VERTICES, f"1 <= k < n <= {MAX_VERTICES}")
    _limit(comb(n, k))
    return _common_points(n, k) == k - 1, {1: 1, 2: n // 2}.get(min(k, n - k))


def hamming(d: int, q: int) -> NamedGraph:
    """The Hamming graph: words of d letters out of q, joined where they differ in one place."""
    _require(1 <= d <= 11 and 1 <= q <= MAX_VERTICES, f"1 <= d <= 11 and 1 <= q <= {MAX_VERTICES}")
    _limit(q**d)
    differing = np.zeros((q**d, q**d), np.uint8)
    for place in range(d):
        letters = np.arange(q**d) // q**place % q
        differing += letters[:, None] != letters
    return differing == 1, q ** (d - 1)


def mycielski(k: int) -> NamedGraph:
    """The k-th Mycielski graph, triangle-free with chromatic number k: K_2, C_5, the Groetzsch graph, ..."""
    _require(2 <= k <= 9, "2 <= k <= 9")
    adjacency = _symmetric(np.ones((2, 2), np.bool_))
    for _ in range(k - 2):
        n = len(adjacency)
        larger = np.zeros((2 * n + 1, 2 * n + 1), np.bool_)
        larger[:n, :n] = larger[:n, n : 2 * n] = adjacency  # a twin of each vertex has the same neighbours
        larger[n : 2 * n, 2 * n] = True  # and all twins are joined to one vertex more
        adjacency = _symmetric(larger)
    return adjacency, 1 if k == 2 else 3 * 2 ** (k - 3) - 1


def _listed(n: int, stability_number: int, larger_neighbours: str) -> Callable[[], NamedGraph]:
    """The graph of n vertices that is given by the neighbours of each that come after it."""

    def build() -> NamedGraph:
        adjacency = np.zeros((n, n), np.bool_)
        for vertex, neighbours in enumerate(larger_neighbours.split(",")):
            adjacency[vertex, [int(number) for number in neighbours.split()]] = True
        return _symmetric(adjacency), stability_number

    return build


petersen = _listed(10, 4, "1 4 5, 2 6, 3 7, 4 8, 9, 7 8, 8 9, 9")
"""The Petersen graph."""
dodecahedral = _listed(
    20, 8, "1 10 19, 2 8, 3 6, 4 19, 5 17, 6 15, 7, 8 14, 9, 10 13, 11, 12 18, 13 16, 14, 15, 16, 17, 18, 19"
)
"""The vertices and edges of the dodecahedron."""
icosahedral = _listed(12, 3, "1 5 6 7 10, 2 5 7 11, 3 7 8 11, 4 8 9 11, 5 9 10 11, 10 11, 7 8 9 10, 8, 9, 10")
"""Those of the icosahedron."""
octahedral = _listed(6, 2, "1 2 3 4, 2 3 5, 4 5, 4 5, 5")
"""Those of the octahedron."""
frucht = _listed(12, 5, "1 6 7, 2 7, 3 8, 4 9, 5 9, 6 10, 10, 11, 9 11, , 11")
"""The Frucht graph: each vertex has three neighbours, and no symmetry maps one to another."""
heawood = _listed(14, 7, "1 5 13, 2 10, 3 7, 4 12, 5 9, 6, 7 11, 8, 9 13, 10, 11, 12, 13")
"""The Heawood graph: the points and lines of the Fano plane, joined where they meet."""
karate = _listed(
    34,
    20,
    "1 2 3 4 5 6 7 8 10 11 12 13 17 19 21 31, 2 3 7 13 17 19 21 30, 3 7 8 9 13 27 28 32, 7 12 13, 6 10, 6 10 "
    "16, 16, , 30 32 33, 33, , , , 33, 32 33, 32 33, , , 32 33, 33, 32 33, , 32 33, 25 27 29 32 33, 25 "
    "27 31, 31, 29 33, 33, 31 33, 32 33, 32 33, 32 33, 33",
)
"""The friendships in Zachary's karate club (1977)."""
