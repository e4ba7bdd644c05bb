"""Sets of variables that suffice for squares where few variables occur together.

Two variables are adjacent if they occur in one monomial of the objective or in one constraint. In a chordal extension
of this graph the maximal cliques overlap like the bags of a tree, and squares of polynomials in the variables of one
clique each converge as the degree grows (Waki, Kim, Kojima and Muramatsu, SIAM J. Optim. 17, 2006; Wang, Magron and
Lasserre, "TSSOS", SIAM J. Optim. 31, 2021).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from polyproof_gym.polynomials import Polynomial


def cliques(objective: Polynomial, sets: Iterable[frozenset[int]]) -> list[tuple[int, ...]]:
    """The maximal cliques of a chordal extension, the variables of each in ascending order.

    Args:
        objective: The objective.
        sets: The variables of every constraint.
    """
    import networkx

    variables = range(objective.ring.num_variables)
    graph = networkx.Graph()
    graph.add_nodes_from(variables)
    for together in (*(frozenset(monomial) for monomial in objective.terms), *sets):
        graph.add_edges_from(itertools.combinations(sorted(together), 2))
    chordal, _ = networkx.complete_to_chordal_graph(graph)
    return sorted(tuple(sorted(clique)) for clique in networkx.chordal_graph_cliques(chordal))
