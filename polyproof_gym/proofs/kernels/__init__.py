"""The inner loops of proofs, compiled on import (Numba keeps the machine code on disk from then on).

All have the memory's matrix row by row: where the entries of each inequality begin, their rows, and their values or
coefficients.
"""

from polyproof_gym.proofs.kernels.expectations import closed_products, most_violated_products, product_expectations
from polyproof_gym.proofs.kernels.extents import product_extents, product_growth
from polyproof_gym.proofs.kernels.fingerprints import include_monomials, include_products
from polyproof_gym.proofs.kernels.multiplication import product_entries
from polyproof_gym.proofs.kernels.primal_dual import primal_dual_steps
from polyproof_gym.proofs.kernels.separate_bounds import bound_separately

__all__ = [
    "bound_separately",
    "closed_products",
    "include_monomials",
    "include_products",
    "most_violated_products",
    "primal_dual_steps",
    "product_entries",
    "product_expectations",
    "product_extents",
    "product_growth",
]
