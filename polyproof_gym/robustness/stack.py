"""Many polynomials at once: one matrix of whole numbers, for substitutions that single polynomials are slow at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.polynomials import ONE, Monomial, Polynomial, Rational, Ring, rational

IntegerMatrix = NDArray[np.object_]
"""Whole numbers of Python, of any size, as a NumPy array of objects."""


@dataclass(frozen=True, eq=False)
class Stack:
    """Polynomials in free variables, a row each, with a common denominator.

    Attributes:
        monomials: The monomials of the columns, distinct.
        numerators: The coefficients times the denominator, shape ``(polynomials, monomials)``.
        denominator: The common denominator, positive.
    """

    monomials: tuple[Monomial, ...]
    numerators: IntegerMatrix
    denominator: int

    @classmethod
    def of(cls, polynomials: Sequence[Polynomial]) -> Stack:
        """The stack of some polynomials."""
        monomials = tuple(dict.fromkeys(monomial for p in polynomials for monomial in p.terms)) or (ONE,)
        columns = {monomial: j for j, monomial in enumerate(monomials)}
        denominator = math.lcm(*(c.denominator for p in polynomials for c in p.terms.values()))
        numerators = integer_matrix(np.zeros((len(polynomials), len(monomials)), np.int64))
        for i, p in enumerate(polynomials):
            for monomial, c in p.terms.items():
                numerators[i, columns[monomial]] = c.numerator * (denominator // c.denominator)
        return cls(monomials, numerators, denominator)

    def polynomials(self, ring: Ring) -> tuple[Polynomial, ...]:
        """The polynomials, in a ring without rewriting rules."""
        return tuple(
            Polynomial(ring, {m: self._quotient(c) for m, c in zip(self.monomials, row, strict=True) if c})
            for row in self.numerators
        )

    def _quotient(self, numerator: int) -> Rational:
        return rational(Fraction(numerator, self.denominator)) if self.denominator > 1 else numerator

    def rows(self, indices: Sequence[int]) -> Stack:
        """Some of the polynomials, perhaps repeated."""
        return Stack(self.monomials, self.numerators[list(indices)], self.denominator)

    def combined(self, weights: IntegerMatrix, denominator: int = 1) -> Stack:
        """The linear combinations with the rows of ``weights / denominator`` as coefficients."""
        return Stack(self.monomials, weights @ self.numerators, self.denominator * denominator)

    def __add__(self, other: Stack) -> Stack:
        monomials = tuple(dict.fromkeys((*self.monomials, *other.monomials)))
        columns = {monomial: j for j, monomial in enumerate(monomials)}
        denominator = math.lcm(self.denominator, other.denominator)
        total = integer_matrix(np.zeros((len(self.numerators), len(monomials)), np.int64))
        for part in (self, other):
            places = [columns[monomial] for monomial in part.monomials]
            total[:, places] += part.numerators * (denominator // part.denominator)
        return Stack(monomials, total, denominator)

    def __mul__(self, other: Stack) -> Stack:
        """The products of the polynomials in the same rows."""
        left, right = (side.ravel() for side in np.indices((len(self.monomials), len(other.monomials))))
        products = self.numerators[:, left] * other.numerators[:, right]
        monomials = [tuple(sorted(self.monomials[i] + other.monomials[j])) for i, j in zip(left, right, strict=True)]
        return _collected(monomials, products, self.denominator * other.denominator)

    def squares(self) -> Stack:
        """The squares of the polynomials, in half the time of products."""
        left, right = np.triu_indices(len(self.monomials))
        products = self.numerators[:, left] * self.numerators[:, right]
        products[:, left < right] *= 2
        monomials = [tuple(sorted(self.monomials[i] + self.monomials[j])) for i, j in zip(left, right, strict=True)]
        return _collected(monomials, products, self.denominator**2)


def integer_matrix(numbers: NDArray[np.integer] | Sequence[Sequence[int]]) -> IntegerMatrix:
    """Whole numbers as a matrix of whole numbers of Python, which do not overflow."""
    rows = numbers.tolist() if isinstance(numbers, np.ndarray) else numbers
    return np.array(rows, dtype=object).reshape(len(rows), -1)


def _collected(monomials: Sequence[Monomial], terms: IntegerMatrix, denominator: int) -> Stack:
    """The stack with the columns of equal monomials added."""
    places: dict[Monomial, int] = {}
    columns = np.array([places.setdefault(monomial, len(places)) for monomial in monomials])
    order = np.argsort(columns, kind="stable")
    starts = np.searchsorted(columns[order], np.arange(len(places)))
    return Stack(tuple(places), np.add.reduceat(terms[:, order], starts, axis=1), denominator)
