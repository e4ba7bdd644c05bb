"""Squares, and what they are multiplied by, as derivations in a proof."""

from __future__ import annotations

from collections.abc import Sequence

from polyproof_gym import stopping
from polyproof_gym.polynomials import ONE, Monomial, Polynomial
from polyproof_gym.proofs.reasons import Square, Times
from polyproof_gym.proofs.squares.blocks import Block, Equation
from polyproof_gym.proofs.squares.steps import product_with_axiom
from polyproof_gym.proofs.state import ProofState


class SquareDeriver:
    """Derives squares and what they need.

    Attributes:
        state: The proof.
        num_squares: How many squares were new.
    """

    def __init__(self, state: ProofState) -> None:
        """Derive in a state, of which the first inequalities are the problem's axioms."""
        self.state = state
        self.num_squares = 0

    def derive(self, block: Block, root: Polynomial) -> None:
        """Derive the square of a polynomial times the localiser of a block, if it is not 0 or known."""
        parent = self._localiser(block)
        if not root or (block.basis == (ONE,) and parent is not None):
            return
        reason = Square(root, parent)
        if not (conclusion := self.state.memory.conclusion(reason)):
            return
        before = len(self.state.memory)
        self.state.memory.add(reason, conclusion)
        self.num_squares += len(self.state.memory) - before

    def _localiser(self, block: Block) -> int | None:
        """The line that states a localiser, derived where it is not known; ``None`` for 1."""
        if not block.axioms:
            return None
        first, *rest = block.axioms
        for other in rest:
            first = self.state.derive(product_with_axiom(self.state.memory, first, other))
        return first

    def derive_equations(self, equations: Sequence[Equation]) -> None:
        """Derive the products of equations with monomials, with either sign, as many as there is time for."""
        for equation in equations:
            if stopping.requested():
                return
            for axiom in equation.axioms:
                for factor in equation.factors:
                    self._derive_multiple(axiom, factor)

    def _derive_multiple(self, line: int, factor: Monomial) -> None:
        """Derive a line times a monomial, as far as that is not 0."""
        for i in factor:
            reason = Times(line, i, complement=False)
            if not self.state.memory.conclusion(reason):
                return
            line = self.state.derive(reason)
