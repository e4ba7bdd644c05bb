"""The static hierarchy: all products of a level at once."""

from __future__ import annotations

from collections.abc import Iterator
from math import comb

import numpy as np

from polyproof_gym import stopping
from polyproof_gym.arguments import whole
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial
from polyproof_gym.problems import Problem
from polyproof_gym.problems.problem import end_of
from polyproof_gym.proofs import Memory, ProofState, Times

MAX_LEVEL = 100
"""Highest level that is tried."""

MAX_PRODUCTS = 400_000
"""Largest number of products, before equal ones are identified, that is tried."""


class StaticSheraliAdamsAgent:
    """All products of ``level`` factors out of ``x_i``, ``1 - x_i``, with one further axiom in place of a factor.

    Modulo ``x_i^2 = x_i`` this is the hierarchy of Sherali and Adams, on free variables that of Handelman and Krivine.
    It is not a search: everything is derived in one go, and one LP is solved.
    """

    def __init__(self, level: int = 2) -> None:
        """Fix the level.

        Raises:
            BadInput: If it is less than 1.
        """
        self._level = whole(level, "level of static-sherali-adams", 1)

    @property
    def name(self) -> str:
        """The spec string."""
        return f"static-sherali-adams:level={self._level}"

    def require(self, problem: Problem) -> None:
        """Check that there are not too many products.

        Raises:
            BadInput: If there are.
        """
        if self._level > MAX_LEVEL or num_products(problem, self._level) > MAX_PRODUCTS:
            raise BadInput(f"{self.name}: expected at most {MAX_PRODUCTS} products and level {MAX_LEVEL}")

    def advance(self, state: ProofState, rng: np.random.Generator) -> int:
        """Derive all products of the level, or some if a stop is requested; 0 if that has been done."""
        before = state.steps
        for product in _products(state.memory, len(state.problem.axioms), self._level):
            state.derive(product)
        return state.steps - before


def num_products(problem: Problem, level: int) -> int:
    """The number of products up to a level before equal ones are identified."""
    factors = 2 * problem.num_variables
    further = max(0, len(problem.axioms) - factors)
    return comb(factors + level, level) - 1 + further * comb(factors + level - 1, level - 1)


def _products(memory: Memory, num_axioms: int, level: int) -> Iterator[Times]:
    """The derivations of all products, level by level, until a stop is requested.

    Each multiset of factors is met once, through its sorted prefixes: a product whose last factor has number ``f``
    (``2 i`` for ``x_i``, ``2 i + 1`` for ``1 - x_i``) is only extended by factors from ``f`` on.
    """
    ring = memory.ring
    first_factor = {number: _factor_number(memory[number]) for number in range(num_axioms)}
    current = dict.fromkeys(first_factor.items())
    for _ in range(level - 1):
        extended: dict[tuple[int, int], None] = {}
        for parent, last in current:
            if stopping.requested():
                return
            for factor in range(last, 2 * ring.num_variables):
                product = Times(parent, factor // 2, bool(factor % 2))
                polynomial = memory.conclusion(product)
                if not polynomial:
                    continue
                number = memory.number_of(polynomial)
                if number is None:
                    number = len(memory)
                    yield product
                extended[number, factor] = None
        current = extended


def _factor_number(axiom: Polynomial) -> int:
    """The number of the factor that an axiom is, and 0, so that all factors come later, of any other."""
    end = end_of(axiom)
    return 0 if end is None else 2 * end[0] + (end[1] == "upper")
