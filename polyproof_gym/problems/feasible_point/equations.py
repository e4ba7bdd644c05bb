"""Exact solutions of polynomial equations near points in floats, where linear algebra and known points lead to them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from random import Random

import numpy as np

from polyproof_gym.polynomials import ONE, Monomial, Rational, rational, variables_of

Terms = Mapping[Monomial, Rational]
"""A polynomial as the coefficients of its monomials, without rewriting rules."""

DENOMINATORS = (1, 60, 10**6, 2**40)
"""Largest denominators of numbers near floats, in the order in which they are tried."""

MAX_TRIED = 500
"""Most points that are tried in the search for a first rational point of a quadric."""


def nearby(value: float, denominator: int) -> Rational:
    """A rational number near a float, with at most this denominator."""
    if value in (0.0, 1.0):
        return int(value)
    if denominator == DENOMINATORS[-1]:  # quicker than the best approximation, and as good
        return rational(Fraction(round(value * denominator), denominator))
    return rational(Fraction(value).limit_denominator(denominator))


def rational_roots(terms: Terms) -> list[Rational]:
    """The rational roots in the unit interval of a polynomial in one variable, as far as floats show them."""
    largest = max(abs(Fraction(c)) for c in terms.values())
    coefficients = np.zeros(max(map(len, terms)) + 1)
    for monomial, c in terms.items():
        coefficients[len(monomial)] = c / largest
    coefficients[np.abs(coefficients) < 1e-200] = 0.0  # roots beyond the range of floats are not sought
    roots = np.polynomial.polynomial.polyroots(np.trim_zeros(coefficients, "b"))
    near = [u for u in roots.real.tolist() if -1e-3 < u < 1 + 1e-3]
    candidates = {nearby(u, denominator) for u in near for denominator in DENOMINATORS}
    return sorted(u for u in candidates if 0 <= u <= 1 and not value_at(terms, u))


def value_at(terms: Terms, u: Rational) -> Rational:
    """The value of a polynomial in one variable."""
    return sum(c * u ** len(monomial) for monomial, c in terms.items())


def restricted(terms: Terms, known: Mapping[int, Rational]) -> dict[Monomial, Rational]:
    """A polynomial with values for some of its variables."""
    rest: dict[Monomial, Rational] = {}
    for monomial, coefficient in terms.items():
        value = coefficient * math.prod(known[i] for i in monomial if i in known)
        left = tuple(i for i in monomial if i not in known)
        rest[left] = rest.get(left, 0) + value
    return {monomial: value for monomial, value in rest.items() if value}


class EquationSolver:
    """Finds rational points near given ones at which equations hold exactly.

    Some variables are taken from the given point, and the equations are solved for the others, one linear system
    or univariate equation after another. A quadric like a circle has no rational point on most lines parallel to an
    axis, but one on every line of rational direction through a first one.
    """

    def __init__(self) -> None:
        """Without first points of any quadric."""
        self._first_points: dict[frozenset[tuple[Monomial, Rational]], dict[int, Rational] | None] = {}

    def solve(
        self, equations: Sequence[Terms], point: Sequence[float], rounded: Sequence[Rational], dependent: frozenset[int]
    ) -> tuple[Rational, ...] | None:
        """Solve equations near a point.

        Args:
            equations: Polynomials that should be zero.
            point: The coordinates in floats.
            rounded: The same as rational numbers.
            dependent: The variables that the equations are solved for, as far as they can be.

        Returns:
            A point where they are zero, as far as they have been used, or ``None``.
        """
        known = self._on_quadrics(equations, rounded)
        known = {i: u for i, u in enumerate(rounded) if i not in dependent} | known
        while len(known) < len(point):
            rests = [rest for e in equations if (rest := restricted(e, known))]
            if any(rest.keys() == {ONE} for rest in rests):
                return None
            linear = [rest for rest in rests if max(map(len, rest)) == 1]
            found = _determined(linear) or _nearby_root(rests, point)
            if not found:  # what no equation determines can be chosen, first what stands in products
                if any(len(variables_of(rest)) == 1 for rest in rests):
                    return None  # an irrational root
                factors = [i for rest in rests for monomial in rest if len(monomial) > 1 for i in monomial]
                i = max((i for i in range(len(point)) if i not in known), key=factors.count)
                found = {i: rounded[i]}
            known |= found
        return tuple(known[i] for i in range(len(point)))

    def _on_quadrics(self, equations: Sequence[Terms], rounded: Sequence[Rational]) -> dict[int, Rational]:
        """Values for the variables of equations in which every variable is squared, which can be solved for none."""
        known: dict[int, Rational] = {}
        at_ends = {i: u for i, u in enumerate(rounded) if u in (0, 1)}
        for equation in equations:
            variables = variables_of(equation)
            if (
                max(map(len, equation)) == 2
                and variables.isdisjoint(known)
                and all((i, i) in equation for i in variables)
            ):
                rests = [restricted(e, at_ends) for e in equations if variables_of(e) <= variables]
                found = self._on_quadric(
                    restricted(equation, at_ends), _reduced(r for r in rests if _is_linear(r)), rounded
                )
                if found:
                    known |= {i: at_ends[i] for i in variables & at_ends.keys()} | found
        return known

    def _on_quadric(
        self, quadric: Terms, linear: Mapping[int, Terms], rounded: Sequence[Rational]
    ) -> dict[int, Rational] | None:
        """A point of a quadric, on the line from a first one to the rounded one; linear equations are kept, too."""
        reduced = _substituted(quadric, linear)
        variables = variables_of(reduced)
        if len(variables) < 2:
            return None
        key = frozenset(reduced.items())
        if key not in self._first_points:
            self._first_points[key] = _first_point(reduced)
        first = self._first_points[key]
        if first is None:
            return None
        direction = {i: rounded[i] - u for i, u in first.items()}
        ahead, behind = (
            restricted(reduced, {i: u + sign * direction[i] for i, u in first.items()}).get(ONE, 0) for sign in (1, -1)
        )
        if ahead + behind == 0:
            return None
        length = Fraction(behind - ahead) / (ahead + behind)
        found = {i: u + length * direction[i] for i, u in first.items()}
        return found | {i: -restricted(rest, found).get(ONE, 0) for i, rest in linear.items()}


def _is_linear(terms: Terms) -> bool:
    return bool(terms) and max(map(len, terms)) == 1


def _determined(equations: Sequence[Terms]) -> dict[int, Rational]:
    """The variables that linear equations determine, with their values."""
    return {i: rational(-rest.get(ONE, 0)) for i, rest in _reduced(equations).items() if rest.keys() <= {ONE}}


def _reduced(equations: Iterable[Terms]) -> dict[int, dict[Monomial, Rational]]:
    """Linear equations by elimination: for some variables ``x_i``, what ``-x_i`` is in terms of the others."""
    reduced: dict[int, dict[Monomial, Rational]] = {}
    for equation in equations:
        row = _substituted(equation, reduced)
        pivot = next((monomial[0] for monomial in row if monomial), None)
        if pivot is None:
            continue  # whether it holds is checked in the end
        scale = Fraction(row.pop((pivot,)))
        row = {monomial: c / scale for monomial, c in row.items()}
        reduced = {i: _substituted(rest, {pivot: row}) for i, rest in reduced.items()} | {pivot: row}
    return reduced


def _substituted(terms: Terms, negatives: Mapping[int, Terms]) -> dict[Monomial, Rational]:
    """A polynomial with linear polynomials, given by their negatives, instead of some variables."""
    total: dict[Monomial, Rational] = {}
    for monomial, coefficient in terms.items():
        factors = [[(m, -c) for m, c in negatives[i].items()] if i in negatives else [((i,), 1)] for i in monomial]
        for chosen in itertools.product(*factors):
            product = tuple(sorted(i for m, _ in chosen for i in m))
            total[product] = total.get(product, 0) + coefficient * math.prod(c for _, c in chosen)
    return {monomial: c for monomial, c in total.items() if c}


def _nearby_root(equations: Sequence[Terms], point: Sequence[float]) -> dict[int, Rational]:
    """A rational root of an equation in one variable near the point, where there is one."""
    for equation in equations:
        variables = variables_of(equation)
        if len(variables) == 1:
            (i,) = variables
            for denominator in DENOMINATORS:
                u = nearby(point[i], denominator)
                if not value_at(equation, u):
                    return {i: u}
    return {}


def _first_point(quadric: Terms) -> dict[int, Rational] | None:
    """A rational point of a quadric, not only in the box, found by trying simple values of all variables but one."""
    *others, last = sorted(variables_of(quadric))
    for values in _simple_values(len(others)):
        point = dict(zip(others, values, strict=True))
        rest = restricted(quadric, point)
        a, b, c = (Fraction(rest.get((last,) * power, 0)) for power in (2, 1, 0))
        discriminant = b * b - 4 * a * c
        root = math.isqrt(max(discriminant.numerator * discriminant.denominator, 0))
        if a and root * root == discriminant.numerator * discriminant.denominator:
            point[last] = rational((Fraction(root, discriminant.denominator) - b) / (2 * a))
            return point
    return None


def _simple_values(count: int) -> Iterator[Sequence[Rational]]:
    """Some tuples of simple numbers in the unit interval."""
    simple = _fractions(30 if count == 1 else 6)
    yield from ([u] * count for u in simple)
    random = Random(0)
    for _ in range(MAX_TRIED):
        values = [random.choice(simple)] * count
        for i in random.sample(range(count), min(count, 3)):
            values[i] = random.choice(simple)
        yield values


def _fractions(denominator: int) -> list[Rational]:
    """The numbers of the unit interval with at most this denominator, simple ones first."""
    fractions = [rational(Fraction(k, d)) for d in range(1, denominator + 1) for k in range(d + 1)]
    return [*dict.fromkeys(fractions)]
