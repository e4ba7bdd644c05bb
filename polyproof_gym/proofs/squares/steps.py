"""Which derivations lead to a square times a localiser."""

from __future__ import annotations

from polyproof_gym.polynomials import Polynomial
from polyproof_gym.problems.problem import end_of
from polyproof_gym.proofs.memory import Memory
from polyproof_gym.proofs.reasons import Reason, Square, Times, TimesLine
from polyproof_gym.proofs.squares.blocks import Block


def product_with_axiom(memory: Memory, line: int, axiom: int) -> Times | TimesLine:
    """The reason for the product of a line with an axiom, whose numbers are those in the memory."""
    end = end_of(memory[axiom])
    return TimesLine(line, axiom) if end is None else Times(line, end[0], end[1] == "upper")


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
