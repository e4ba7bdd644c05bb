"""Which derivations lead to a square times a localiser."""

from __future__ import annotations

from polyproof_gym.polynomials import Polynomial, variables_of
from polyproof_gym.proofs.memory import Memory
from polyproof_gym.proofs.reasons import Reason, Square, Times, TimesLine
from polyproof_gym.proofs.squares.blocks import Block


def product_with_axiom(memory: Memory, line: int, axiom: int) -> Times | TimesLine:
    """The reason for the product of a line with an axiom, whose numbers are those in the memory."""
    factor = memory[axiom]
    for i in variables_of(factor.terms) if len(factor) <= 2 else ():
        u = Polynomial.variable(memory.ring, i)
        if factor in (u, 1 - u):
            return Times(line, i, factor != u)
    return TimesLine(line, axiom)


def next_step(memory: Memory, block: Block, root: Polynomial) -> Reason:
    """What is to be derived next for the square of a polynomial times the localiser of a block.

    That is the square itself where the localiser is 1 or known, and otherwise a product that leads to the localiser.
    """
    if not block.axioms:
        return Square(root)
    line, *rest = block.axioms
    for axiom in rest:
        product = product_with_axiom(memory, line, axiom)
        known = memory.number_of(memory.conclusion(product))
        if known is None:
            return product
        line = known
    return Square(root, line)
