"""Exact polynomials: monomials, quotient rings, sparse polynomials, and the language in which people write them."""

from polyproof_gym.polynomials.expansion import MAX_EXPONENT, MAX_TERMS, substituted
from polyproof_gym.polynomials.parsing import parse_constraint, parse_polynomial
from polyproof_gym.polynomials.polynomial import Polynomial, Rational, rational
from polyproof_gym.polynomials.reading import (
    canonical_name,
    names_in,
    read_constraint,
    read_number,
    read_polynomial,
)
from polyproof_gym.polynomials.ring import ONE, Monomial, Ring, variables_of
from polyproof_gym.polynomials.sympy_input import from_sympy
from polyproof_gym.polynomials.tokens import variable_names

__all__ = [
    "MAX_EXPONENT",
    "MAX_TERMS",
    "ONE",
    "Monomial",
    "Polynomial",
    "Rational",
    "Ring",
    "canonical_name",
    "from_sympy",
    "names_in",
    "parse_constraint",
    "parse_polynomial",
    "rational",
    "read_constraint",
    "read_number",
    "read_polynomial",
    "substituted",
    "variable_names",
    "variables_of",
]
