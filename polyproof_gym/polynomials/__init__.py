"""Exact polynomials: monomials, quotient rings, sparse polynomials and parsing."""

from polyproof_gym.polynomials.parsing import from_sympy, parse_constraint, parse_polynomial, variable_names
from polyproof_gym.polynomials.polynomial import Polynomial, Rational, rational
from polyproof_gym.polynomials.ring import ONE, Monomial, Ring

__all__ = [
    "ONE",
    "Monomial",
    "Polynomial",
    "Rational",
    "Ring",
    "from_sympy",
    "parse_constraint",
    "parse_polynomial",
    "rational",
    "variable_names",
]
