"""Moduli of continuity of generators: exact, certified, or estimated."""

from polyproof_gym.robustness.moduli.generator import generator_modulus
from polyproof_gym.robustness.moduli.linear import linear_modulus
from polyproof_gym.robustness.moduli.network import ACTIVATIONS, Factors, network_modulus
from polyproof_gym.robustness.moduli.polynomial import derivative_problem, polynomial_modulus
from polyproof_gym.robustness.moduli.quadratic import quadratic_modulus
from polyproof_gym.robustness.moduli.sampled import sampled_modulus

__all__ = [
    "ACTIVATIONS",
    "Factors",
    "derivative_problem",
    "generator_modulus",
    "linear_modulus",
    "network_modulus",
    "polynomial_modulus",
    "quadratic_modulus",
    "sampled_modulus",
]
