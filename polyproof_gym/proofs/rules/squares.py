"""Squares of polynomials, and products of such squares with known inequalities, told by a semidefinite program."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from polyproof_gym import stopping
from polyproof_gym.polynomials import Polynomial
from polyproof_gym.proofs.reasons import Axiom, Reason, Square
from polyproof_gym.proofs.rules.rule import View
from polyproof_gym.proofs.rules.slots import VIOLATED, SlotRule

if TYPE_CHECKING:  # loaded with the solver when it is first needed
    from polyproof_gym.proofs.squares import Block, Naming, Relaxation

SLOTS = 32
"""Number of slots by default."""

BITS = 20
"""Binary places of the squares' coefficients."""

CUTS_PER_BLOCK = 6
"""The most squares for each localiser that are told from one solution of the bound LP."""

MAX_TERMS = 500
"""Length up to which squares are admitted where no limit is given: 8 variables at degree 4, 29 at degree 2."""

LARGE_BASIS = 30
"""Number of monomials above which squares are of polynomials in few variables."""

SECONDS = 10.0
"""A relaxation that is expected to take longer is not solved."""

Goal = tuple["Block", Polynomial]
"""The square of a polynomial times the localiser of a block."""


class Squares(SlotRule[Goal]):
    """From nothing follows ``q^2 >= 0``, and from ``m >= 0`` follows ``q^2 m >= 0``.

    At the start the slots hold the squares of largest weight in the solution of a semidefinite relaxation, of the
    lowest degree that fits the problem; later those that the pseudo-moments violate most. Where a square is multiplied
    by a product of two axioms that is not known yet, the slot holds that product first. Neither the names of variables
    nor the order of axioms matter to what is found, but for variables that occur in the same way.
    """

    leaves_remainders = True

    def __init__(self, slots: int = SLOTS) -> None:
        """Fix the number of slots.

        Raises:
            BadInput: If it is out of range.
        """
        super().__init__(slots)
        self.name = "squares" if slots == SLOTS else f"squares:slots={slots}"

    def usual_terms(self, num_variables: int, degree: int) -> int:
        """As many as there are monomials of the relaxation's degree, up to :data:`MAX_TERMS`."""
        even = degree + degree % 2
        return min(math.comb(num_variables + even, even), MAX_TERMS)

    def begin(self, view: View) -> None:
        """Prepare for the inequalities of a memory."""
        super().begin(view)
        self._is_started = False

    def next_step(self, goal: Goal) -> Reason:
        """The square, or a product that leads to its localiser."""
        from polyproof_gym.proofs.squares.steps import next_step

        return next_step(self.view.memory, *goal)

    def is_last(self, reason: Reason) -> bool:
        """Whether a step is a square."""
        return isinstance(reason, Square)

    def goals(self, moments: NDArray[np.float64]) -> Iterable[Goal]:
        """At first those of the relaxation's solution, the largest weight first; later those that cut off moments."""
        memory = self.view.memory
        axioms = tuple(memory[j] for j, reason in enumerate(memory.reasons) if isinstance(reason, Axiom))
        relaxed = _relaxed(self.view.objective or Polynomial(memory.ring, {}), axioms, self.view.limits.max_degree)
        if stopping.requested():  # a solution that was cut short is not for others
            _relaxed.cache_clear()
        if relaxed is None:
            return ()
        naming, relaxation, solution = relaxed
        is_start, self._is_started = not self._is_started, True
        found = solution if is_start and solution else self._cuts(naming, relaxation, moments)
        return ((naming.given_block(block), naming.given_root(root)) for block, root in found)

    def _cuts(self, naming: Naming, relaxation: Relaxation, moments: NDArray[np.float64]) -> Iterator[Goal]:
        """Squares in monomials that all have a row, the most violated first."""
        from polyproof_gym.proofs.squares import roots_cutting

        coordinates = relaxation.coordinates
        row_of = {naming.monomial(given): row for given, row in self.view.memory.row_of.items()}
        own = coordinates.change(relaxation.moments, row_of) @ moments
        cuts = [
            (size, block, root)
            for block, matrix in zip(relaxation.blocks, relaxation.moment_matrices(own), strict=True)
            for size, root in roots_cutting(coordinates, block, matrix, CUTS_PER_BLOCK, VIOLATED, BITS)
        ]
        cuts.sort(key=lambda cut: cut[0])
        for _, block, root in cuts:
            if (root * root * block.localiser).terms.keys() <= row_of.keys():
                yield block, root


@lru_cache(maxsize=16)
def _relaxed(
    objective: Polynomial, axioms: tuple[Polynomial, ...], max_degree: int
) -> tuple[Naming, Relaxation, tuple[Goal, ...]] | None:
    """A problem's own names, its relaxation by these, and the squares that the solution of this consists of.

    There are none where it is not solved. ``None`` where its degree is beyond the limit.
    """
    from polyproof_gym.proofs.squares import Coordinates, Localisers, Naming, Relaxation, cliques, roots_of_gram

    naming = Naming(objective, axioms)
    objective = naming.objective
    coordinates = Coordinates(objective.ring)
    localisers = Localisers(coordinates, objective, naming.axioms)
    degree = localisers.degree
    if degree > max_degree:
        return None
    everything = tuple(range(objective.ring.num_variables))
    sets = [everything]
    if len(coordinates.monomials(everything, degree // 2)) > LARGE_BASIS:
        sets = cliques(objective, localisers.variable_sets)
    relaxation = Relaxation(coordinates, objective, *localisers.blocks(degree, sets))
    # By an estimate and not by the clock, so that the slots are the same whatever else the machine does.
    solution = relaxation.solve(math.inf) if relaxation.expected_seconds <= SECONDS else None
    if solution is None:
        return naming, relaxation, ()
    found = [
        (weight, block, root)
        for block, gram in zip(relaxation.blocks, solution.grams, strict=True)
        for weight, root in roots_of_gram(coordinates, block, gram, BITS)
    ]
    found.sort(key=lambda square: -square[0])
    return naming, relaxation, tuple((block, root) for _, block, root in found)
