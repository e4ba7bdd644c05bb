"""Squares of polynomials that prove a bound, found by one semidefinite program and made exact.

Nothing here knows of agents or environments, and nothing that it returns is trusted: squares are derived like any other
inequality, and their combination is found by the bound LP and checked exactly.
"""

from polyproof_gym.proofs.squares.blocks import Block, Equation, Localisers
from polyproof_gym.proofs.squares.convex import ConvexMinimum, convex_minimum
from polyproof_gym.proofs.squares.coordinates import Coordinates
from polyproof_gym.proofs.squares.exact import exact_combination, facial_squares
from polyproof_gym.proofs.squares.naming import Naming
from polyproof_gym.proofs.squares.relaxation import Relaxation, RelaxationSolution
from polyproof_gym.proofs.squares.rounding import BITS, roots_cutting, roots_of_gram
from polyproof_gym.proofs.squares.sparsity import cliques

__all__ = [
    "BITS",
    "Block",
    "ConvexMinimum",
    "Coordinates",
    "Equation",
    "Localisers",
    "Naming",
    "Relaxation",
    "RelaxationSolution",
    "cliques",
    "convex_minimum",
    "exact_combination",
    "facial_squares",
    "roots_cutting",
    "roots_of_gram",
]
