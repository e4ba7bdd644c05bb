"""Polynomials in floats, evaluated at many points of the unit box at once."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.polynomials import Polynomial, Rational

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

SAFE = 1e200
"""Coefficients up to this size, and down to its inverse, are scaled in floats; others exactly."""


class FloatView:
    """Several functions of the same variables, each a sum of ``coefficient * product of powers``.

    A term's factors are stored as indices into a table of powers, one row per variable and exponent, which is made
    once per set of points. Derivatives are functions of the same kind.

    Attributes:
        num_variables: Number of variables ``n``.
        num_functions: Number of functions.
        functions: The function that every term belongs to, in order.
        coefficients: The terms' coefficients.
        width: Most factors of a term.
        size: Number of factors of all terms: what the values at one point cost.
    """

    def __init__(
        self, num_variables: int, num_functions: int, functions: Indices, coefficients: Floats, powers: list[Indices]
    ) -> None:
        """Take over the terms.

        Args:
            num_variables: Number of variables.
            num_functions: Number of functions.
            functions: The function that every term belongs to, shape ``(terms,)``.
            coefficients: Shape ``(terms,)``.
            powers: Variables and exponents of the factors, each of shape ``(terms, width)``. A variable occurs once
                in a term; shorter terms are padded by exponents 0.
        """
        order = np.argsort(functions, kind="stable")
        self.num_variables = num_variables
        self.num_functions = num_functions
        self.functions = functions[order]
        self.coefficients = coefficients[order]
        self.variables, self.exponents = (array[order] for array in powers)
        self.max_exponent = int(self.exponents.max(initial=1))
        self.width = self.variables.shape[1]
        self.size = max(self.variables.size, 1)
        self._factors = self.variables * (self.max_exponent + 1) + self.exponents
        self._starts = np.flatnonzero(np.diff(self.functions, prepend=-1))
        self._present = self.functions[self._starts]

    @classmethod
    def of(cls, polynomials: Sequence[Polynomial]) -> FloatView:
        """The polynomials of one ring, each divided by its largest coefficient."""
        functions = np.repeat(np.arange(len(polynomials)), [len(p) for p in polynomials])
        coefficients = np.concatenate([np.empty(0), *(_scaled([*p.terms.values()]) for p in polynomials)])
        factors = [[(i, len([*same])) for i, same in groupby(monomial)] for p in polynomials for monomial in p.terms]
        width = max(map(len, factors), default=1) or 1
        padded = np.array([term + [(0, 0)] * (width - len(term)) for term in factors], np.intp).reshape(-1, width, 2)
        n = polynomials[0].ring.num_variables
        return cls(n, len(polynomials), functions, coefficients, [padded[..., 0], padded[..., 1]])

    def derivative(self) -> FloatView:
        """The partial derivatives: function ``f * n + i`` is that of function ``f`` by variable ``i``."""
        terms, places = np.nonzero(self.exponents)
        exponents = self.exponents[terms]
        exponents[np.arange(len(terms)), places] -= 1
        variables = self.variables[terms, places]
        return FloatView(
            self.num_variables,
            self.num_functions * self.num_variables,
            self.functions[terms] * self.num_variables + variables,
            self.coefficients[terms] * self.exponents[terms, places],
            [self.variables[terms], exponents],
        )

    def table(self, points: Floats) -> Floats:
        """The powers of all coordinates, shape ``(n, largest exponent + 1, points)``."""
        table = np.ones((self.num_variables, self.max_exponent + 1, points.shape[1]))
        for exponent in range(1, self.max_exponent + 1):
            np.multiply(table[:, exponent - 1], points, out=table[:, exponent])
        return table

    def at(self, points: Floats) -> Floats:
        """The values at points, given as columns: shape ``(n, points)`` gives ``(functions, points)``."""
        values = np.zeros((self.num_functions, points.shape[1]))
        if len(self._starts):
            terms = _products(self.table(points), self._factors, self.coefficients)
            values[self._present] = np.add.reduceat(terms, self._starts)
        return values

    def along(self, i: int) -> Slices:
        """What the functions are along variable ``i`` alone."""
        return Slices(self, i)


class Slices:
    """The functions that contain one variable, as univariate polynomials in it without their constant terms.

    Attributes:
        functions: The functions that contain the variable, in order.
        degrees: Their degrees in it.
    """

    def __init__(self, view: FloatView, i: int) -> None:
        """Collect the terms that contain variable ``i``."""
        terms, places = np.nonzero((view.variables == i) & (view.exponents > 0))
        exponents = view.exponents[terms, places]
        order = np.lexsort((exponents, view.functions[terms]))
        terms, exponents = terms[order], exponents[order]
        self._coefficients = view.coefficients[terms]
        rest = np.where(view.variables[terms] == i, 0, view.exponents[terms])
        self._factors = view.variables[terms] * (view.max_exponent + 1) + rest
        self.functions, rows = np.unique(view.functions[terms], return_inverse=True)
        # Terms of one function and one power of the variable are added.
        groups, self._starts = np.unique(rows * (view.max_exponent + 1) + exponents, return_index=True)
        self._rows, self._powers = np.divmod(groups, view.max_exponent + 1)
        self.degrees = np.zeros(len(self.functions), np.intp)
        np.maximum.at(self.degrees, self._rows, self._powers)
        self._max_degree = int(self.degrees.max(initial=0))

    def at(self, table: Floats) -> Floats:
        """Coefficients by ascending power, shape ``(functions, largest degree + 1, points)``."""
        slices = np.zeros((len(self.functions), self._max_degree + 1, table.shape[2]))
        if len(self._starts):
            terms = _products(table, self._factors, self._coefficients)
            slices[self._rows, self._powers] = np.add.reduceat(terms, self._starts)
        return slices


def _products(table: Floats, factors: Indices, coefficients: Floats) -> Floats:
    powers = table.reshape(-1, table.shape[2])
    products: Floats = coefficients[:, None] * powers[factors[:, 0]]
    for place in range(1, factors.shape[1]):
        products *= powers[factors[:, place]]
    return products


def _scaled(coefficients: Sequence[Rational]) -> Floats:
    """The coefficients over the largest of them; numbers beyond the range of floats are no trouble."""
    try:
        floats = np.array([float(c) for c in coefficients])
        largest = np.abs(floats).max(initial=0.0)
        if 1 / SAFE < largest < SAFE:
            scaled: Floats = floats / largest
            return scaled
    except OverflowError:
        pass
    scale = max((abs(Fraction(c)) for c in coefficients), default=Fraction(1))
    return np.array([float(c / scale) for c in coefficients])
