"""The static hierarchy of a symmetric problem: whole orbits of products at once."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from agents.baselines import static_sherali_adams
from agents.baselines.product_orbits import Product, ProductOrbits, permutations_to_apply
from agents.baselines.static_sherali_adams import MAX_LEVEL, num_products
from polyproof_gym import stopping
from polyproof_gym.arguments import whole
from polyproof_gym.errors import BadInput, ResourceLimit
from polyproof_gym.polynomials import Monomial, Polynomial, Rational
from polyproof_gym.problems import Problem
from polyproof_gym.problems.symmetry import Permutation, orbit
from polyproof_gym.proofs import BoundLP, LPStatus, Memory, ProofState, Renamed, Times
from polyproof_gym.proofs.certificate import NEGLIGIBLE, solve_exactly
from polyproof_gym.proofs.checker import MAX_WORK

MAX_PRODUCTS = 20_000_000
"""Largest number of products, before those that are equal, zero or in one orbit are identified, that is tried.

Without symmetries it is that of the full system.
"""


class OrbitsAgent:
    """All products of ``level`` factors, as ``static-sherali-adams`` has them, of which it multiplies one per orbit.

    The objective is the same under every symmetry of the problem, and so the average of a combination over them is one
    that proves the same bound. Hence one column for all products of an orbit does in the LP, and one row for all
    monomials of an orbit. What has a multiplier there is derived: one product, and the others of its orbit by renaming.
    """

    def __init__(self, level: int = 2) -> None:
        """Fix the level.

        Raises:
            BadInput: If it is less than 1.
        """
        self._level = whole(level, "level of orbits", 1)
        self._findings: weakref.WeakKeyDictionary[Memory, dict[str, int]] = weakref.WeakKeyDictionary()

    @property
    def name(self) -> str:
        """The spec string."""
        return f"orbits:level={self._level}"

    def require(self, problem: Problem) -> None:
        """Check that symmetries can be found, and there are not too many products.

        Raises:
            BadInput: If they cannot, or there are.
        """
        limit = MAX_PRODUCTS if problem.symmetries.generators else static_sherali_adams.MAX_PRODUCTS
        if self._level > MAX_LEVEL or num_products(problem, self._level) > limit:
            raise BadInput(f"{self.name}: expected at most {limit} products and level {MAX_LEVEL}")

    def advance(self, state: ProofState, rng: np.random.Generator) -> int:
        """Derive what the best combination needs; 0 if that has been done.

        On the question whether any point satisfies the constraints it does nothing: renaming must not change the
        objective.

        Raises:
            ResourceLimit: If these are beyond the limits of the checker.
        """
        if state.memory in self._findings or not state.problem.objective:
            return 0
        before = state.steps
        system = _OrbitSystem(state.problem, self._level)
        system.combine(state)
        self._findings[state.memory] = system.findings()
        return state.steps - before

    def findings(self, state: ProofState) -> dict[str, int]:
        """Rows and columns of the LP of orbits, and the number of products that these columns stand for."""
        return self._findings.get(state.memory, {})


class _Column(NamedTuple):
    """What a column of the LP stands for.

    Attributes:
        product: A product.
        size: How many products are in its orbit.
        terms: How many terms each of them has.
    """

    product: Product
    size: int
    terms: int

    @property
    def work(self) -> int:
        """At least what it takes the checker to multiply them out and combine them."""
        return 2 * self.size * self.terms


class _OrbitSystem:
    """All products of a level up to symmetry, and the LP over them."""

    def __init__(self, problem: Problem, level: int) -> None:
        self._problem = problem
        self._generators = problem.symmetries.generators
        self._on_factors = [_on_factors(problem, permutation) for permutation in self._generators]
        self._num_products = 0
        self._factors = {
            factor: polynomial
            for i in range(problem.num_variables)
            for factor, polynomial in _bound_factors(problem, i)
        }
        num_bounds = len(self._factors)
        constraints = (problem.axioms[k] for k in problem.constraints)
        self._factors |= {num_bounds + number: constraint for number, constraint in enumerate(constraints)}
        self._steps: dict[Product, tuple[Product, int]] = {}  # from which product each was made, and its last factor
        self._representatives = representatives = _Representatives(self._generators)
        # A combination of these, in which all monomials of an orbit count as one, is one of averages over orbits.
        self._objective = representatives.folded(problem.minimised)
        columns: dict[Polynomial, _Column] = {}
        for product, size, polynomial in self._products(level, num_bounds):
            folded = representatives.folded(polynomial)
            if folded and (folded not in columns or columns[folded].size > size):
                columns[folded] = _Column(product, size, len(polynomial))
        self._columns = [*columns.values()]
        self._memory = Memory(problem.ring, self._objective)
        wanted = [float(self._objective.terms.get(monomial, 0)) for monomial in self._memory.monomials]
        self._memory.add_axioms([*columns])
        self._lp = BoundLP(self._memory, np.array(wanted))

    def findings(self) -> dict[str, int]:
        """Rows and columns of the LP, and the number of products that these columns stand for."""
        columns, rows = len(self._columns), len(self._memory.monomials)
        return {"orbit columns": columns, "orbit rows": rows, "products": self._num_products}

    def _products(self, level: int, num_bounds: int) -> Iterator[tuple[Product, int, Polynomial]]:
        """One product of every orbit, with the size of the orbit and what it is multiplied out.

        Left out are those that are zero, or equal to a product of fewer factors.
        """
        permutations, is_group = permutations_to_apply(self._on_factors, len(self._factors))
        current: dict[Product, Polynomial] = {}
        candidates: Iterator[tuple[Product, int, Polynomial]]
        candidates = (((), factor, polynomial) for factor, polynomial in self._factors.items())
        for num_factors in range(1, level + 1):
            current, former = {}, current
            met = ProductOrbits(permutations, is_group, num_bounds, num_factors)
            if former:
                candidates = self._extended(former, met, num_bounds)
            for parent, factor, polynomial in candidates:
                product = tuple(sorted((*parent, factor)))
                if stopping.requested():
                    return
                if product not in met and polynomial:
                    size = met.meet(product)
                    self._num_products += size
                    self._steps[product] = parent, factor
                    current[product] = polynomial
                    yield product, size, polynomial

    def _extended(
        self, former: dict[Product, Polynomial], met: ProductOrbits, num_bounds: int
    ) -> Iterator[tuple[Product, int, Polynomial]]:
        """The products of some with one factor more: their parents, these factors, and what they are multiplied out."""
        for parent, known in former.items():
            for factor in range(num_bounds):
                if not self._is_redundant(parent, factor) and tuple(sorted((*parent, factor))) not in met:
                    step = Times(0, factor // 2, bool(factor % 2))
                    polynomial = step.conclude(self._problem.ring, [known])
                    if polynomial != known:
                        yield parent, factor, polynomial

    def _is_redundant(self, product: Product, factor: int) -> bool:
        """Whether two factors can be told to have the product 0, or that of one of them alone."""
        ring, (i, complement) = self._problem.ring, divmod(factor, 2)
        return any(
            i in ring.idempotent if i == other // 2 else other // 2 in ring.exclusive_with(i) and not complement & other
            for other in product
        )

    def combine(self, state: ProofState) -> None:
        """Derive all members of the orbits that the best combination needs, and suggest their multipliers.

        Raises:
            ResourceLimit: If these are beyond the limits of the checker.
        """
        solution = self._lp.solve()
        if solution.status not in (LPStatus.OPTIMAL, LPStatus.CONTRADICTORY):
            return
        floats = solution.multipliers
        support = np.flatnonzero(floats > NEGLIGIBLE * floats.max(initial=0.0)).tolist()
        exact: dict[int, Rational] | None = None
        if solution.status is LPStatus.OPTIMAL:
            for columns in (support, self._lp.basic_inequalities()):
                exact = exact or solve_exactly(self._objective, self._memory, columns)
        multipliers: dict[int, Rational] = {}
        # Where none are found, which would be rare, those of the state's own LP will do.
        chosen = exact or dict.fromkeys(support, 0)
        if sum(self._columns[column].work for column in chosen) > MAX_WORK:
            raise ResourceLimit(
                f"{self._problem.name}: what was found takes a proof that is too large to be checked, as"
                f" {sum(self._columns[column].size for column in chosen)} products are combined"
            )
        for column, value in chosen.items():
            if stopping.is_up():
                return
            numbers = self._derive_orbit(state, self._columns[column].product)
            for number in numbers:
                multipliers[number] = multipliers.get(number, 0) + Fraction(value) / len(numbers)
        moment_of = dict(zip(self._memory.monomials, solution.moments.tolist(), strict=True))
        moments = {monomial: moment_of.get(self._representatives[monomial], 0.0) for monomial in state.memory.monomials}
        state.suggest(multipliers, moments)

    def _derive_orbit(self, state: ProofState, product: Product) -> list[int]:
        """Derive a product and all that it is renamed to; their numbers.

        Each is renamed by a generator from one before, so that the checker has no more than these to verify.
        """
        numbers: dict[Product, int] = {}
        for member, step in orbit(product, self._on_factors).items():
            if step is None:
                numbers[member] = self._derive(state, product)
            else:
                numbers[member] = state.derive(Renamed(numbers[step.points], self._generators[step.generator]))
        return [*numbers.values()]

    def _derive(self, state: ProofState, product: Product) -> int:
        """Derive a product of which the parents are representatives as well; its number."""
        parent, factor = self._steps[product]
        if not parent:
            known = state.memory.number_of(self._factors[factor])
            assert known is not None  # it is an axiom
            return known
        return state.derive(Times(self._derive(state, parent), factor // 2, bool(factor % 2)))


class _Representatives(dict[Monomial, Monomial]):
    """One monomial for all those of an orbit, found when first asked for."""

    def __init__(self, generators: Sequence[Permutation]) -> None:
        super().__init__()
        self._generators = generators

    def __missing__(self, monomial: Monomial) -> Monomial:
        self.update(dict.fromkeys(orbit(monomial, self._generators), monomial))
        return monomial

    def folded(self, polynomial: Polynomial) -> Polynomial:
        """The polynomial with all monomials replaced by their representatives."""
        terms: dict[Monomial, Rational] = {}
        for monomial, coefficient in polynomial.terms.items():
            representative = self[monomial]
            terms[representative] = terms.get(representative, 0) + coefficient
        return Polynomial(polynomial.ring, terms)


def _bound_factors(problem: Problem, i: int) -> Iterator[tuple[int, Polynomial]]:
    """The factors ``x_i`` and ``1 - x_i``, with their numbers."""
    variable = Polynomial.variable(problem.ring, i)
    yield 2 * i, variable
    yield 2 * i + 1, 1 - variable


def _on_factors(problem: Problem, permutation: Permutation) -> Permutation:
    """What a symmetry makes of the factors, by their numbers."""
    constraints = [problem.axioms[k] for k in problem.constraints]
    place = {constraint: number for number, constraint in enumerate(constraints)}
    bounds = (2 * image + complement for image in permutation for complement in range(2))
    images = (2 * len(permutation) + place[constraint.renamed(permutation)] for constraint in constraints)
    return (*bounds, *images)
