"""The named graphs, with their stability numbers where a formula or the literature gives them."""

from __future__ import annotations

from collections.abc import Callable
from math import comb
from typing import TYPE_CHECKING, Any

from polyproof_gym.errors import BadInput
from polyproof_gym.problems.stable_set import MAX_VERTICES

if TYPE_CHECKING:
    import networkx as nx

NamedGraph = tuple["nx.Graph[Any]", int | None]
"""A graph and its stability number, ``None`` where no formula is known."""


def _require(condition: bool, expected: str) -> None:
    if not condition:
        raise BadInput(f"expected {expected}")


def _limit(num_vertices: int) -> None:
    """Refuse before building what would be refused after it."""
    _require(num_vertices <= MAX_VERTICES, f"a graph of at most {MAX_VERTICES} vertices, got {num_vertices}")


def cycle(n: int) -> NamedGraph:
    """The cycle C_n."""
    import networkx as nx

    _require(n >= 3, "n >= 3")
    _limit(n)
    return nx.cycle_graph(n), n // 2


def cycle_complement(n: int) -> NamedGraph:
    """The complement of the cycle C_n (an odd antihole where n is odd)."""
    import networkx as nx

    _require(n >= 3, "n >= 3")
    _limit(n)
    return nx.complement(nx.cycle_graph(n)), 3 if n == 3 else 2


def path(n: int) -> NamedGraph:
    """The path on n vertices."""
    import networkx as nx

    _require(n >= 1, "n >= 1")
    _limit(n)
    return nx.path_graph(n), (n + 1) // 2


def wheel(n: int) -> NamedGraph:
    """The wheel on n vertices: a cycle on n - 1 of them, and a hub joined to all."""
    import networkx as nx

    _require(n >= 4, "n >= 4")
    _limit(n)
    return nx.wheel_graph(n), (n - 1) // 2


def complete(n: int) -> NamedGraph:
    """The complete graph K_n."""
    import networkx as nx

    _require(n >= 1, "n >= 1")
    _limit(n)
    return nx.complete_graph(n), 1


def complete_bipartite(a: int, b: int) -> NamedGraph:
    """The complete bipartite graph K_{a,b}."""
    import networkx as nx

    _require(a >= 1 and b >= 1, "a >= 1 and b >= 1")
    _limit(a + b)
    return nx.complete_bipartite_graph(a, b), max(a, b)


def grid(rows: int, columns: int) -> NamedGraph:
    """The grid graph."""
    import networkx as nx

    _require(rows >= 1 and columns >= 1, "rows >= 1 and columns >= 1")
    _limit(rows * columns)
    return nx.convert_node_labels_to_integers(nx.grid_2d_graph(rows, columns)), (rows * columns + 1) // 2


def circulant(n: int, j: int) -> NamedGraph:
    """The circulant graph on n vertices with the jumps 1 .. j: the web W(n, j)."""
    import networkx as nx

    _require(n >= 3 and 1 <= j <= n // 2, "n >= 3 and 1 <= j <= n/2")
    _limit(n)
    return nx.circulant_graph(n, range(1, j + 1)), max(1, n // (j + 1))


def paley(q: int) -> NamedGraph:
    """The Paley graph of a prime q = 1 modulo 4: joined are the numbers that differ by a square."""
    import networkx as nx

    _limit(q)
    prime = q > 1 and all(q % d for d in range(2, int(q**0.5) + 1))
    _require(prime and q % 4 == 1, "a prime q with q = 1 modulo 4")
    squares = {x * x % q for x in range(1, q)}
    graph: nx.Graph[Any] = nx.Graph()
    graph.add_nodes_from(range(q))
    graph.add_edges_from((u, v) for u in range(q) for v in range(u) if (u - v) % q in squares)
    return graph, {5: 2, 13: 3, 17: 3, 29: 4, 37: 4, 41: 5, 53: 5}.get(q)


def kneser(n: int, k: int) -> NamedGraph:
    """The Kneser graph: k-subsets of n points, joined where disjoint (Erdos-Ko-Rado gives the stability number)."""
    import networkx as nx

    _require(2 <= 2 * k <= n <= MAX_VERTICES, f"1 <= k and 2k <= n <= {MAX_VERTICES}")
    _limit(comb(n, k))
    return nx.convert_node_labels_to_integers(nx.kneser_graph(n, k)), comb(n - 1, k - 1)


def johnson(n: int, k: int) -> NamedGraph:
    """The Johnson graph: k-subsets of n points, joined where they share k - 1 of them."""
    from itertools import combinations

    import networkx as nx

    _require(1 <= k < n <= MAX_VERTICES, f"1 <= k < n <= {MAX_VERTICES}")
    _limit(comb(n, k))
    subsets = [frozenset(s) for s in combinations(range(n), k)]
    graph: nx.Graph[Any] = nx.Graph()
    graph.add_nodes_from(range(len(subsets)))
    graph.add_edges_from(
        (u, v) for u, a in enumerate(subsets) for v, b in enumerate(subsets[:u]) if len(a & b) == k - 1
    )
    return graph, {1: 1, 2: n // 2}.get(min(k, n - k))


def hamming(d: int, q: int) -> NamedGraph:
    """The Hamming graph: words of d letters out of q, joined where they differ in one place."""
    from itertools import product

    import networkx as nx

    _require(1 <= d <= 11 and 1 <= q <= MAX_VERTICES, f"1 <= d <= 11 and 1 <= q <= {MAX_VERTICES}")
    _limit(q**d)
    words = list(product(range(q), repeat=d))
    graph: nx.Graph[Any] = nx.Graph()
    graph.add_nodes_from(range(len(words)))
    graph.add_edges_from(
        (u, v)
        for u, a in enumerate(words)
        for v, b in enumerate(words[:u])
        if sum(x != y for x, y in zip(a, b, strict=True)) == 1
    )
    return graph, q ** (d - 1)


def mycielski(k: int) -> NamedGraph:
    """The k-th Mycielski graph, triangle-free with chromatic number k: K_2, C_5, the Groetzsch graph, ..."""
    import networkx as nx

    _require(2 <= k <= 9, "2 <= k <= 9")
    return nx.mycielski_graph(k), 1 if k == 2 else 3 * 2 ** (k - 3) - 1


def _fixed(builder: str, stability_number: int) -> Callable[[], NamedGraph]:
    def build() -> NamedGraph:
        import networkx as nx

        return nx.convert_node_labels_to_integers(getattr(nx, builder)(), ordering="sorted"), stability_number

    build.__doc__ = f"The graph of ``networkx.{builder}``."
    return build


petersen = _fixed("petersen_graph", 4)
dodecahedral = _fixed("dodecahedral_graph", 8)
icosahedral = _fixed("icosahedral_graph", 3)
octahedral = _fixed("octahedral_graph", 2)
frucht = _fixed("frucht_graph", 5)
heawood = _fixed("heawood_graph", 7)
karate = _fixed("karate_club_graph", 20)
