"""Names and an order of a problem's parts that depend on what it says, so that what is found in them does as well.

Solvers and eigenvectors give other digits, and choose otherwise between what is equally good, when variables or axioms
come in another order. So they are brought into one that does not depend on the given one, by colour refinement
(Weisfeiler and Leman 1968): variables differ if they occur with other coefficients, or beside other variables. Those
that it does not tell apart, most of them images of each other under a symmetry, stay in the given order.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from polyproof_gym.polynomials import Monomial, Polynomial, Ring
from polyproof_gym.proofs.squares.blocks import Block


class Naming:
    """A problem in its own order of variables and axioms, and the way back to the given one.

    Attributes:
        objective: The objective.
        axioms: The axioms.
    """

    def __init__(self, objective: Polynomial, axioms: Sequence[Polynomial]) -> None:
        """Find the order."""
        self._given = given = objective.ring
        self._variables = _order(objective, axioms)
        self._number = number = {i: new for new, i in enumerate(self._variables)}
        self._ring = Ring(
            [given.variables[i] for i in self._variables],
            idempotent=(number[i] for i in given.idempotent),
            exclusive=[(number[i], number[j]) for i, j in given.exclusive],
        )
        self.objective = self._renamed(objective)
        renamed = [self._renamed(axiom) for axiom in axioms]
        self._axioms = sorted(range(len(axioms)), key=lambda k: renamed[k].sorted_terms())
        self.axioms = tuple(renamed[k] for k in self._axioms)

    def _renamed(self, polynomial: Polynomial) -> Polynomial:
        terms = Polynomial(self._ring, {self.monomial(m): c for m, c in polynomial.terms.items()}).sorted_terms()
        return Polynomial(self._ring, dict(terms))

    def monomial(self, given: Monomial) -> Monomial:
        """A monomial by the names of this order."""
        return tuple(sorted(self._number[i] for i in given))

    def given_block(self, block: Block) -> Block:
        """A block by the given names and numbers."""
        axioms = tuple(self._axioms[k] for k in block.axioms)
        return Block(axioms, self._given_polynomial(block.localiser), tuple(map(self._given_monomial, block.basis)))

    def given_root(self, root: Polynomial) -> Polynomial:
        """A polynomial that is to be squared by the given names; its first coefficient is positive."""
        given = self._given_polynomial(root)
        return -given if next(iter(given.terms.values()), 1) < 0 else given

    def _given_monomial(self, monomial: Monomial) -> Monomial:
        return tuple(sorted(self._variables[i] for i in monomial))

    def _given_polynomial(self, polynomial: Polynomial) -> Polynomial:
        terms = {self._given_monomial(m): c for m, c in polynomial.terms.items()}
        return Polynomial(self._given, dict(Polynomial(self._given, terms).sorted_terms()))


def _order(objective: Polynomial, axioms: Sequence[Polynomial]) -> list[int]:
    """The variables in an order that does not depend on their numbers, as far as refinement tells them apart."""
    ring = objective.ring
    variables = range(ring.num_variables)
    colours = _ranks((i in ring.idempotent, len(ring.exclusive_with(i))) for i in variables)
    while True:
        seen: list[list[Any]] = [[] for _ in variables]
        for number, polynomial in enumerate((objective, *axioms)):
            parts: dict[int, list[Any]] = {}
            terms = []
            for monomial, coefficient in polynomial.terms.items():
                term = coefficient, sorted(colours[i] for i in monomial)
                terms.append(term)
                for i in dict.fromkeys(monomial):
                    parts.setdefault(i, []).append((monomial.count(i), *term))
            whole = number == 0, sorted(terms)
            for i, part in parts.items():
                seen[i].append((whole, sorted(part)))
        refined = _ranks(
            (colours[i], sorted(seen[i]), sorted(colours[j] for j in ring.exclusive_with(i))) for i in variables
        )
        if max(refined, default=0) == max(colours, default=0):
            return sorted(variables, key=colours.__getitem__)
        colours = refined


def _ranks(keys: Iterable[Any]) -> list[int]:
    """The place of every key among the different ones."""
    found = list(keys)
    order = sorted(range(len(found)), key=found.__getitem__)
    ranks = [0] * len(found)
    for before, k in itertools.pairwise(order):
        ranks[k] = ranks[before] + (found[k] != found[before])
    return ranks
