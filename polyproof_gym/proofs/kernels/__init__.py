"""The inner loops of proofs; see :mod:`polyproof_gym.compiled` for how they are called.

All have the memory's matrix row by row: where the entries of each inequality begin, their rows, and their values or
coefficients. What they need to remember while they work they get as arrays, whose content does not matter before.
"""

ZERO, ABSENT = -1, -2
"""In place of a row: the product is zero, or has no row yet."""

SMALL = 1 << 60
"""Largest coefficient of inequalities whose products can be computed with 64-bit integers."""
