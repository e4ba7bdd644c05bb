"""What a semidefinite relaxation of some degree is made of: localisers, equations and monomials."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from polyproof_gym import stopping
from polyproof_gym.polynomials import Monomial, Polynomial, variables_of
from polyproof_gym.proofs.squares.coordinates import Coordinates
from polyproof_gym.proofs.squares.signs import SignSymmetries

MAX_HELPFUL_ENTRIES = 4000
"""The most entries of the matrices that are necessary, up to which others are added that make rounding lose less."""


@dataclass(frozen=True)
class Block:
    """A localiser with the monomials of the polynomials whose squares it is multiplied by.

    Attributes:
        axioms: The numbers of the axioms, in a list, whose product is the localiser; none for 1.
        localiser: That product, in unit coordinates.
        basis: The monomials, in the coordinates of the relaxation.
    """

    axioms: tuple[int, ...]
    localiser: Polynomial
    basis: tuple[Monomial, ...]


@dataclass(frozen=True)
class Equation:
    """A polynomial that is known to be zero, with the monomials that it may be multiplied by.

    Attributes:
        axioms: The numbers of the two axioms that say so.
        polynomial: The polynomial, in unit coordinates.
        factors: The monomials, in the coordinates of the relaxation, and as many in unit coordinates.
    """

    axioms: tuple[int, int]
    polynomial: Polynomial
    factors: tuple[Monomial, ...]


class _Plan(NamedTuple):
    """A block to be: its localiser, its variables, the largest degree in its basis, and about how large that is."""

    axioms: tuple[int, ...]
    clique: tuple[int, ...]
    half: int
    size: int


class Localisers:
    """The axioms of a problem as factors of squares: bounds of variables, equations, and other constraints.

    Attributes:
        coordinates: The coordinates of bases and factors.
    """

    def __init__(self, coordinates: Coordinates, objective: Polynomial, axioms: Sequence[Polynomial]) -> None:
        """Sort the axioms.

        Args:
            coordinates: The coordinates of bases and factors.
            objective: The polynomial to bound, in unit coordinates.
            axioms: Polynomials that are nonnegative, among them ``u`` and ``1 - u`` for every variable.
        """
        self.coordinates = coordinates
        self._objective = objective
        self._axioms = tuple(axioms)
        self._variables = [frozenset(variables_of(axiom.terms)) for axiom in axioms]
        ring = coordinates.ring
        number = {axiom: k for k, axiom in enumerate(axioms)}
        variables = [Polynomial.variable(ring, i) for i in range(ring.num_variables)]
        self._bounds = [(number[u], number[1 - u]) for u in variables]
        rest = [k for k in range(len(axioms)) if k not in {k for pair in self._bounds for k in pair}]
        self._equations = [(k, number[-axioms[k]]) for k in rest if number.get(-axioms[k], -1) > k]
        paired = {k for pair in self._equations for k in pair}
        self._constraints = [k for k in rest if k not in paired and axioms[k].degree]

    @cached_property
    def _symmetries(self) -> SignSymmetries:
        fixed = [self._objective, *(self._axioms[k] for k in self._constraints)]
        return SignSymmetries(self.coordinates, fixed, [self._axioms[k] for k, _ in self._equations])

    @property
    def variable_sets(self) -> Iterator[frozenset[int]]:
        """The variables of every constraint and equation."""
        for k in (*self._constraints, *(k for k, _ in self._equations)):
            yield self._variables[k]

    @property
    def degree(self) -> int:
        """The smallest even degree that is at least that of the objective and all axioms."""
        degree = max(self._objective.degree, *(axiom.degree for axiom in self._axioms), 1)
        return degree + degree % 2

    def blocks(self, degree: int, cliques: Sequence[Sequence[int]]) -> tuple[list[Block], list[Equation]]:
        """All blocks and equations of a degree; where signs can be changed, there are several for a localiser.

        Where a stop is requested (see :mod:`polyproof_gym.stopping`), only some of them.

        Args:
            degree: The largest degree of a localiser times a square, even.
            cliques: Sets of variables; squares are of polynomials in the variables of one of them.
        """
        necessary: list[_Plan] = []
        helpful: list[_Plan] = []
        equations: list[Equation] = []
        done: set[int] = set()
        for number, clique in enumerate(cliques):
            if number and stopping.requested():
                break
            necessary.append(self._plan((), degree, clique))
            free = [i for i in clique if i not in self.coordinates.ring.idempotent]
            necessary += [self._plan(self._bounds[i], degree, clique) for i in free]
            helpful += [self._plan((k,), degree, clique) for i in free for k in self._bounds[i]]
            inside = [k for k in self._constraints if k not in done and self._variables[k] <= {*clique}]
            necessary += [self._plan((k,), degree, clique) for k in inside]
            helpful += [self._plan(pair, degree, clique) for pair in self._pairs(clique, inside, degree)]
            for pair in self._equations:
                if pair[0] not in done and self._variables[pair[0]] <= {*clique}:
                    equations.append(self._equation(pair, degree, clique))
                    done.update(pair)
            done.update(inside)
        entries = sum(plan.size**2 for plan in necessary)
        for plan in sorted(helpful, key=lambda plan: plan.size * (1 + len(plan.axioms))):
            entries += plan.size**2
            if entries > MAX_HELPFUL_ENTRIES:
                break
            necessary.append(plan)
        blocks: list[Block] = []
        for plan in necessary:
            blocks += self._blocks(plan)
            if stopping.requested():
                break
        return blocks, equations

    def _pairs(self, clique: Sequence[int], constraints: Sequence[int], degree: int) -> Iterator[tuple[int, int]]:
        """Pairs of constraints and bounds in a clique whose product is of at most a degree."""
        factors = [*constraints, *(k for i in clique for k in self._bounds[i])]
        for a, b in itertools.combinations(factors, 2):
            if (a in constraints or self._variables[a] != self._variables[b]) and (
                self._axioms[a].degree + self._axioms[b].degree <= degree
            ):
                yield a, b

    def _plan(self, axioms: tuple[int, ...], degree: int, clique: Sequence[int]) -> _Plan:
        half = (degree - sum(self._axioms[k].degree for k in axioms)) // 2
        return _Plan(axioms, tuple(clique), half, math.comb(len(clique) + half, half))

    def _blocks(self, plan: _Plan) -> Iterator[Block]:
        """The blocks of a plan, one for each class of monomials; none where the localiser is 0."""
        localiser = Polynomial.constant(self.coordinates.ring, 1)
        for k in plan.axioms:
            localiser = localiser * self._axioms[k]
        if localiser:
            for basis in self._symmetries.classes(localiser, self.coordinates.monomials(plan.clique, plan.half)):
                yield Block(plan.axioms, localiser, basis)

    def _equation(self, pair: tuple[int, int], degree: int, clique: Sequence[int]) -> Equation:
        polynomial = self._axioms[pair[0]]
        factors = self.coordinates.monomials(clique, degree - polynomial.degree)
        return Equation(pair, polynomial, tuple(factors))
