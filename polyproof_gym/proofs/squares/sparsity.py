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

    Variables are eliminated one after the other, always one whose neighbours lack the fewest edges to be a clique.

    Args:
        objective: The objective.
        sets: The variables of every constraint.
    """
    neighbours: dict[int, set[int]] = {i: set() for i in range(objective.ring.num_variables)}
    for together in (*(frozenset(monomial) for monomial in objective.terms), *sets):
        _connect(neighbours, together)

    def cost(i: int) -> tuple[int, int]:
        return sum(b not in neighbours[a] for a, b in itertools.combinations(neighbours[i], 2)), len(neighbours[i])

    found: list[set[int]] = []
    while neighbours:
        i = min(neighbours, key=cost)
        _connect(neighbours, neighbours[i])
        around = neighbours.pop(i)
        for j in around:
            neighbours[j].discard(i)
        if not any(around | {i} <= clique for clique in found):
            found.append(around | {i})
    return sorted(tuple(sorted(clique)) for clique in found)


def _connect(neighbours: dict[int, set[int]], together: Iterable[int]) -> None:
    for one, other in itertools.permutations(together, 2):
        neighbours[one].add(other)
