"""Coordinates in which semidefinite programs are well conditioned: ``t = 2 u - 1``, which lies in ``[-1, 1]``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from polyproof_gym.polynomials import ONE, Monomial, Polynomial, Rational, Ring

Terms = dict[Monomial, Rational]
"""A polynomial in these coordinates, by monomials as a ring has them."""


class Coordinates:
    """The coordinates that suit a ring, with its rewriting rules, and the change from and to the ring's own.

    They are ``t = 2 u - 1``, where ``u^2 = u`` becomes ``t^2 = 1``. A ring with exclusive pairs keeps its own ``u``, in
    which these are monomials.

    Attributes:
        ring: The ring of the unit coordinates.
        is_centred: Whether they are ``t``.
    """

    def __init__(self, ring: Ring) -> None:
        """Choose the coordinates for a ring."""
        self.ring = ring
        self.is_centred = not ring.num_exclusive
        self._in_unit: dict[Monomial, dict[Monomial, int]] = {ONE: {ONE: 1}}
        self._from_unit: dict[Monomial, Terms] = {ONE: {ONE: 1}}

    def product(self, a: Monomial, b: Monomial) -> Monomial | None:
        """The normal form of a product of monomials; ``None`` stands for zero."""
        if not self.is_centred:
            return self.ring.normal_form(a + b)
        if not self.ring.idempotent:
            return tuple(sorted(a + b))
        odd: list[int] = []
        for i in sorted(a + b):
            if odd and odd[-1] == i and i in self.ring.idempotent:
                odd.pop()
            else:
                odd.append(i)
        return tuple(odd)

    def monomials(self, variables: Sequence[int], degree: int) -> list[Monomial]:
        """All monomials up to a degree in some variables, those of smaller degree first."""
        layers: list[list[Monomial]] = [[ONE]]
        for _ in range(degree):
            layer = []
            for monomial in layers[-1]:
                for i in variables:
                    if monomial and (i < monomial[-1] or (i == monomial[-1] and i in self.ring.idempotent)):
                        continue
                    if self.is_centred or self.ring.normal_form((*monomial, i)) is not None:
                        layer.append((*monomial, i))
            layers.append(layer)
        return [monomial for layer in layers for monomial in layer]

    def in_unit(self, monomial: Monomial) -> dict[Monomial, int]:
        """A monomial of these coordinates as a polynomial in ``u``, by its terms. Not to be changed."""
        known = self._in_unit.get(monomial)
        if known is None:
            known = {monomial: 1}
            if self.is_centred:
                *rest, i = monomial
                part = Polynomial(self.ring, dict(self.in_unit(tuple(rest))))
                twice = part.times_variable(i)
                known = {m: int(c) for m, c in (twice * 2 - part).terms.items()}
            self._in_unit[monomial] = known
        return known

    def root(self, basis: Sequence[Monomial], entries: Iterable[int]) -> Polynomial:
        """The polynomial in ``u`` with given entries on a basis, up to a factor; coprime, the first one positive."""
        terms: dict[Monomial, int] = {}
        for monomial, entry in zip(basis, entries, strict=True):
            if entry:
                for own, coefficient in self.in_unit(monomial).items():
                    terms[own] = terms.get(own, 0) + entry * coefficient
        terms = {monomial: terms[monomial] for monomial in sorted(terms, key=lambda m: (len(m), m)) if terms[monomial]}
        content = math.gcd(*terms.values()) if terms else 1
        if next(iter(terms.values()), 1) < 0:
            content = -content
        return Polynomial(self.ring, {monomial: value // content for monomial, value in terms.items()})

    def terms_of(self, polynomial: Polynomial) -> Terms:
        """A polynomial in ``u``, written in these coordinates."""
        total: Terms = {}
        for monomial, coefficient in polynomial.terms.items():
            for own, share in self._monomial_from_unit(monomial).items():
                total[own] = total.get(own, 0) + coefficient * share
        return {monomial: value for monomial, value in total.items() if value}

    def _monomial_from_unit(self, monomial: Monomial) -> Terms:
        known = self._from_unit.get(monomial)
        if known is None:
            known = {monomial: 1}
            if self.is_centred:
                *rest, i = monomial
                known = {}
                for part, share in self._monomial_from_unit(tuple(rest)).items():
                    for image in (part, self.product(part, (i,))):
                        if image is not None:
                            known[image] = known.get(image, 0) + Fraction(share) / 2
            self._from_unit[monomial] = known
        return known

    def change(self, monomials: Sequence[Monomial], rows: Mapping[Monomial, int]) -> scipy.sparse.csr_matrix:
        """The matrix that takes the moments of monomials in ``u`` to those of monomials of these coordinates.

        Args:
            monomials: Monomials of these coordinates, one for each row of the matrix.
            rows: The place of every monomial in ``u`` that has a moment; others count as having the moment 0.
        """
        entries = [
            (k, rows[own], coefficient)
            for k, monomial in enumerate(monomials)
            for own, coefficient in self.in_unit(monomial).items()
            if own in rows
        ]
        where, columns, values = (np.array(part) for part in zip(*entries, strict=True))
        return scipy.sparse.csr_matrix((values.astype(float), (where, columns)), shape=(len(monomials), len(rows)))


Floats = NDArray[np.float64]
