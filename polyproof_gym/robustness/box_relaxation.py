"""How far all products of a level prove that polynomials are positive on boxes around a point, in floats.

Written in ``s = (z - point) / radius``, the box is ``[-1, 1]^n`` whatever the radius, and the products of a level, of
factors ``1 + s_i`` and ``1 - s_i``, are always the same. So one linear program serves all radii and all polynomials:

    max gamma   such that   f(point + radius s) - gamma = sum_k lambda_k p_k(s),   lambda >= 0.

Around a ball, ``1 - s's`` is a further factor, once in a product, in place of two. Products of more factors, of one
variable each, are few and see more of minima inside: with an odd number ``k`` of factors, ``s_i^2 >= -1/k``. The dual
solution, pseudo-moments ``L``, bounds what any radius can give: ``L(f(point + r s))`` is a polynomial in ``r`` alone,
and where it is negative the products prove nothing. Its first root is the next radius to try, so that the largest one
is found from above in a few steps, as in Newton's method. Nothing here is trusted: see the proofs.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

from polyproof_gym.polynomials import ONE, Monomial, Rational
from polyproof_gym.solver import Solver

Floats = NDArray[np.float64]

SOLVER_OPTIONS: dict[str, Any] = {
    "primal_feasibility_tolerance": 1e-10,
    "dual_feasibility_tolerance": 1e-10,
    "presolve": "off",  # which starts from scratch
}
"""Options of HiGHS."""

MAX_PRODUCTS = 20_000
"""The most products of a level."""

MAX_STEPS = 50
"""The most steps towards the largest radius; two to four are usual."""

POSITIVE = 1e-9
"""Values down to minus this, for polynomials with largest coefficient 1, are taken for positive."""


class Relaxed(NamedTuple):
    """The solution of a relaxation for one polynomial and one radius.

    Attributes:
        value: The lower bound on the polynomial.
        multipliers: One for every product, not negative.
        moments: The pseudo-moments of the monomials in ``s``, that of 1 being 1.
    """

    value: float
    multipliers: Floats
    moments: Floats


@lru_cache(maxsize=8)
def products_of(num_variables: int, level: int, is_ball: bool = False, powers: int = 0) -> tuple[tuple[int, ...], ...]:
    """All products of so many factors, as ascending numbers of these: ``2 i`` is ``1 + s_i``, ``2 i + 1`` ``1 - s_i``.

    Those with fewer factors are combinations of these, as the two of a variable add up to 2. Of a ball, number ``2 n``
    is ``1 - s's``. Where ``powers`` is above the level, there are those of so many factors of one variable as well.
    """
    numbers = range(2 * num_variables)
    products = itertools.combinations_with_replacement(numbers, level)
    of_ball = itertools.combinations_with_replacement(numbers, level - 2) if is_ball and level >= 2 else ()
    of_one = (
        (2 * i,) * (powers - k) + (2 * i + 1,) * k
        for i in range(num_variables if powers > level else 0)
        for k in range(powers + 1)
    )
    return (*products, *((*product, 2 * num_variables) for product in of_ball), *of_one)


def num_products(num_variables: int, level: int) -> int:
    """How many products of a level there are, without those of a ball."""
    return math.comb(2 * num_variables + level - 1, level)


def is_small(num_variables: int, level: int) -> bool:
    """Whether there are not too many products."""
    return num_products(num_variables, level) <= MAX_PRODUCTS


class BoxRelaxation:
    """The linear program of all products of a level, which goes on from its last basis.

    Attributes:
        products: The products, see :func:`products_of`.
        monomials: The monomials up to the level, by degree, and then powers of one variable.
    """

    def __init__(self, num_variables: int, level: int, is_ball: bool = False, powers: int = 0) -> None:
        """Set up the program.

        Args:
            num_variables: Number of variables.
            level: Number of factors, at least 1 and the degree of the polynomials.
            is_ball: Whether the polynomials are to be bounded on the ball in the box.
            powers: Number of factors of further products of one variable each, if it is above the level.
        """
        self.products = products_of(num_variables, level, is_ball, powers)
        self.monomials: list[Monomial] = [
            monomial
            for degree in range(level + 1)
            for monomial in itertools.combinations_with_replacement(range(num_variables), degree)
        ]
        self.monomials += [(i,) * degree for degree in range(level + 1, powers + 1) for i in range(num_variables)]
        self._size = num_variables
        self._row = {monomial: row for row, monomial in enumerate(self.monomials)}
        self._degrees = np.array([len(monomial) for monomial in self.monomials])
        self._solver = Solver(SOLVER_OPTIONS)
        count, nothing = len(self.monomials), np.empty(0)
        zeros = np.zeros(count)
        self._solver.addRows(count, zeros, zeros, 0, np.zeros(count, np.int32), np.empty(0, np.int32), nothing)
        self._solver.addCol(-1.0, -highspy.kHighsInf, highspy.kHighsInf, 1, np.zeros(1, np.int32), np.ones(1))
        self._add_products()

    def _add_products(self) -> None:
        columns = [self._column(product) for product in self.products]
        starts = np.cumsum([0, *map(len, columns[:-1])], dtype=np.int32)
        rows = np.array([row for column in columns for row in column], np.int32)
        values = np.array([value for column in columns for value in column.values()], float)
        count = len(columns)
        costs, above = np.zeros(count), np.full(count, highspy.kHighsInf)
        self._solver.addCols(count, costs, costs, above, len(rows), starts, rows, values)

    def _column(self, product: Sequence[int]) -> dict[int, int]:
        terms: dict[Monomial, int] = {ONE: 1}
        for factor in product:
            i, sign = factor // 2, -1 if factor % 2 else 1
            added = [((i,), sign)] if i < self._size else [((k, k), -1) for k in range(self._size)]
            extended = dict(terms)
            for (monomial, coefficient), (further, share) in itertools.product(terms.items(), added):
                longer = tuple(sorted((*monomial, *further)))
                extended[longer] = extended.get(longer, 0) + share * coefficient
            terms = extended
        return {self._row[monomial]: coefficient for monomial, coefficient in terms.items() if coefficient}

    def coefficients(self, terms: Mapping[Monomial, Rational] | Mapping[Monomial, float]) -> Floats:
        """The coefficients of a polynomial in ``z - point``, in the order of the monomials.

        Args:
            terms: Those of the polynomial, of at most the relaxation's degree.
        """
        found = np.zeros(len(self.monomials))
        for monomial, coefficient in terms.items():
            found[self._row[monomial]] = float(coefficient)
        return found

    def solve(self, coefficients: Floats, radius: float) -> Relaxed | None:
        """The bound on a polynomial on the box with a radius; ``None`` if the solver fails."""
        sides = coefficients * radius**self._degrees
        scale = float(np.abs(sides).max(initial=0.0))
        if not 0 < scale < math.inf:
            return None
        sides = sides / scale
        solver = self._solver
        for row, side in enumerate(sides.tolist()):
            solver.changeRowBounds(row, side, side)
        solver.limit_iterations()
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            solver.clearSolver()
            return None
        solution = solver.getSolution()
        found, duals = np.array(solution.col_value), np.array(solution.row_dual)
        return Relaxed(float(found[0]) * scale, np.maximum(found[1:], 0.0) * scale, duals / (duals[0] or 1.0))

    def largest_radius(self, coefficients: Floats, most: float) -> tuple[float, Relaxed | None] | None:
        """The largest radius up to which a polynomial is proved positive, about.

        Args:
            coefficients: The polynomial, positive at the point.
            most: The largest radius of interest.

        Returns:
            The radius, at most ``most``, and the solution for the last one on the way that was too large, if there was
            one; ``None`` if the solver fails.
        """
        radius = most
        last: Relaxed | None = None
        for _ in range(MAX_STEPS):
            relaxed = self.solve(coefficients, radius)
            if relaxed is None:
                return None
            scale = float(np.abs(coefficients * radius**self._degrees).max())
            if relaxed.value >= -POSITIVE * scale:
                return radius, last
            last = relaxed
            by_degree = np.bincount(self._degrees, coefficients * relaxed.moments).astype(np.float64)
            radius = _first_root(by_degree, radius)
        return radius, last


def _first_root(by_degree: Floats, most: float) -> float:
    """The smallest positive root of a polynomial that is positive at 0 and negative at ``most``."""
    roots = np.roots(by_degree[::-1])
    is_real = np.abs(roots.imag) < 1e-9 * (1 + np.abs(roots))
    between: list[float] = roots.real[is_real & (roots.real > 0) & (roots.real < most)].tolist()
    return min([most * (1 - 1e-6), *between])
