"""Sparse polynomials with exact rational coefficients, in the normal form of their ring."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from polyproof_gym.polynomials.ring import ONE, Monomial, Ring

Rational = int | Fraction
"""An exact number. Whole numbers are kept as ``int``, which is several times faster and equal to the ``Fraction``."""


MAX_DIGITS = 1000
"""Longest number that is read from text, in digits, which also bounds its decimal exponent."""


def rational(value: Rational | float | str | Decimal) -> Rational:
    """Read a number exactly: a decimal, also one in a float, means what is written (``0.1`` is ``1/10``).

    Raises:
        ValueError: If the value is not a finite number, or too long.
    """
    if type(value) is int:
        return value
    if isinstance(value, str | Decimal):
        mantissa, _, exponent = str(value).lower().partition("e")
        digits = exponent.lstrip("+-").replace("_", "")
        if len(mantissa) > MAX_DIGITS or (digits.isdecimal() and (len(digits) > 5 or int(digits) > MAX_DIGITS)):
            raise ValueError(f"numbers of more than {MAX_DIGITS} digits are not accepted")
    if isinstance(value, float):
        written: Any = repr(float(value))
    else:  # NumPy's other floats print as the shortest decimal, too, but Fraction does not know them
        written = str(value) if isinstance(value, np.floating) else value
    try:
        exact = Fraction(written)
    except (ValueError, OverflowError, TypeError, ZeroDivisionError):
        raise ValueError(f"expected a finite number, got {value!r}") from None
    # int() because NumPy's whole numbers are let through by Fraction as they are, and overflow.
    numerator, denominator = int(exact.numerator), int(exact.denominator)
    return numerator if denominator == 1 else Fraction(numerator, denominator)


def add_terms(total: dict[Monomial, Rational], terms: Mapping[Monomial, Rational]) -> None:
    """Add the terms to a sum that is being made; what cancels is dropped."""
    for monomial, coefficient in terms.items():
        value = total.get(monomial, 0) + coefficient
        if value:
            total[monomial] = value
        else:
            total.pop(monomial, None)


class Polynomial:
    """An immutable polynomial: a map from the monomials of a ring to nonzero rational coefficients.

    Build one from a ring with :meth:`constant`, :meth:`variable` or :meth:`of`, by arithmetic, or from text with
    :func:`~polyproof_gym.polynomials.parsing.parse_polynomial`. Equal polynomials compare and hash equal.

    Attributes:
        ring: The ring, which holds the rewriting rules.
        terms: The coefficient of every monomial that occurs. Not to be changed.
    """

    __slots__ = ("_hash", "ring", "terms")

    def __init__(self, ring: Ring, terms: dict[Monomial, Rational]) -> None:
        """Take over ``terms``, whose monomials must be in the ring's normal form and whose zeros are dropped."""
        self.ring = ring
        self.terms = {m: c for m, c in terms.items() if c} if 0 in terms.values() else terms
        self._hash: int | None = None

    @classmethod
    def of(cls, ring: Ring, terms: Iterable[tuple[Iterable[int], Rational]]) -> Polynomial:
        """The sum of ``coefficient * (product of the variables)``, brought to normal form."""
        total: dict[Monomial, Rational] = {}
        for variables, coefficient in terms:
            monomial = ring.normal_form(variables)
            if monomial is not None:
                total[monomial] = total.get(monomial, 0) + coefficient
        return cls(ring, total)

    @classmethod
    def constant(cls, ring: Ring, value: Rational) -> Polynomial:
        """The constant polynomial ``value``."""
        return cls(ring, {ONE: value})

    @classmethod
    def variable(cls, ring: Ring, i: int) -> Polynomial:
        """The polynomial ``x_i``."""
        return cls(ring, {(i,): 1})

    def renamed(self, images: Sequence[int]) -> Polynomial:
        """The polynomial with ``x_images[i]`` in place of every ``x_i``.

        Args:
            images: A permutation that maps the rewriting rules of the ring to themselves.
        """
        return Polynomial(self.ring, {tuple(sorted([images[i] for i in m])): c for m, c in self.terms.items()})

    @property
    def degree(self) -> int:
        """Largest total degree of a monomial; 0 for constants and for zero."""
        return max(map(len, self.terms), default=0)

    @property
    def constant_term(self) -> Rational:
        """Coefficient of the monomial 1."""
        return self.terms.get(ONE, 0)

    def sorted_terms(self) -> list[tuple[Monomial, Rational]]:
        """The terms by degree, then by variables: an order that depends on nothing but the polynomial."""
        return sorted(self.terms.items(), key=lambda term: (len(term[0]), term[0]))

    def textbook_terms(self) -> list[tuple[Monomial, Rational]]:
        """The terms as people write them: highest degree first, unless only the other order avoids a leading minus."""
        terms = self.sorted_terms()
        if not terms or terms[-1][1] > 0 or terms[0][1] < 0:  # otherwise "1 - x1 - x2"
            terms.sort(key=lambda term: (-len(term[0]), term[0]))
        return terms

    def times_variable(self, i: int) -> Polynomial:
        """The product with ``x_i``."""
        images = self.ring.multiplication(i)
        product: dict[Monomial, Rational] = {}
        for monomial, coefficient in self.terms.items():
            image = images[monomial]
            if image is not None:
                product[image] = product.get(image, 0) + coefficient
        return Polynomial(self.ring, product)

    def times_complement(self, i: int) -> Polynomial:
        """The product with ``1 - x_i``."""
        images = self.ring.multiplication(i)
        product = dict(self.terms)
        for monomial, coefficient in self.terms.items():
            image = images[monomial]
            if image is not None:
                product[image] = product.get(image, 0) - coefficient
        return Polynomial(self.ring, product)

    def substitute(
        self,
        images: Sequence[Polynomial],
        multiply: Callable[[Polynomial, Polynomial], Polynomial] = operator.mul,
        add: Callable[[dict[Monomial, Rational], Mapping[Monomial, Rational]], None] = add_terms,
    ) -> Polynomial:
        """The polynomial with every variable replaced by its image, in the ring of the images.

        Args:
            images: One polynomial for every variable, all of one ring.
            multiply: How two polynomials of that ring are multiplied, for example within limits (see
                :func:`~polyproof_gym.polynomials.expansion.substituted`).
            add: How the terms of a product are added to a sum, which is changed.
        """
        ring = images[0].ring
        powers: dict[tuple[int, int], Polynomial] = {(i, 1): image for i, image in enumerate(images)}

        def power(i: int, exponent: int) -> Polynomial:
            if (i, exponent) not in powers:
                powers[i, exponent] = multiply(power(i, exponent - 1), images[i])
            return powers[i, exponent]

        total: dict[Monomial, Rational] = {}
        for monomial, coefficient in self.terms.items():
            product = Polynomial.constant(ring, coefficient)
            for i in dict.fromkeys(monomial):
                product = multiply(product, power(i, monomial.count(i)))
            add(total, product.terms)
        return Polynomial(ring, {monomial: rational(coefficient) for monomial, coefficient in total.items()})

    def evaluate(self, point: Sequence[Rational]) -> Rational:
        """Exact value at a point with one coordinate per variable."""
        # Over a common denominator, so that the many products are of whole numbers.
        denominator = math.lcm(*(u.denominator for u in point))
        numerators = [u.numerator * (denominator // u.denominator) for u in point]
        by_degree: list[Rational] = [0] * (self.degree + 1)
        for monomial, coefficient in self.terms.items():
            by_degree[len(monomial)] += coefficient * math.prod([numerators[i] for i in monomial])
        value: Rational = 0
        for total in reversed(by_degree):
            value = Fraction(value, denominator) + total if value else total
        return rational(value)

    def lower_bound_on_unit_box(self) -> Rational:
        """The bound that the signs alone prove: every monomial lies between 0 and 1 on the unit box."""
        negative = sum(c for m, c in self.terms.items() if c < 0 and m != ONE)
        return rational(self.constant_term + negative)

    def primitive(self) -> Polynomial:
        """The positive multiple with coprime integer coefficients: the same inequality in its simplest form."""
        if not self.terms:
            return self
        denominators = math.lcm(*(Fraction(c).denominator for c in self.terms.values()))
        numerators = {m: int(c * denominators) for m, c in self.terms.items()}
        content = math.gcd(*numerators.values())
        return Polynomial(self.ring, {m: c // content for m, c in numerators.items()})

    def _coerce(self, other: Polynomial | Rational) -> Polynomial:
        if isinstance(other, int | Fraction):
            return Polynomial.constant(self.ring, other)
        if other.ring != self.ring:
            raise ValueError("the polynomials belong to different rings")
        return other

    def __add__(self, other: Polynomial | Rational) -> Polynomial:
        total = dict(self.terms)
        add_terms(total, self._coerce(other).terms)
        return Polynomial(self.ring, total)

    __radd__ = __add__

    def __neg__(self) -> Polynomial:
        return Polynomial(self.ring, {m: -c for m, c in self.terms.items()})

    def __sub__(self, other: Polynomial | Rational) -> Polynomial:
        return self + -self._coerce(other)

    def __rsub__(self, other: Rational) -> Polynomial:
        return -self + other

    def __mul__(self, other: Polynomial | Rational) -> Polynomial:
        if isinstance(other, int | Fraction):
            return Polynomial(self.ring, {m: rational(c * other) for m, c in self.terms.items()})
        if other is self:
            return self._squared()
        multiply, factors = self.ring.product, [*self._coerce(other).terms.items()]
        total: dict[Monomial, Rational] = {}
        for a, c in self.terms.items():
            for b, d in factors:
                monomial = multiply(a, b)
                if monomial is not None:
                    total[monomial] = total.get(monomial, 0) + c * d
        return Polynomial(self.ring, {m: rational(c) for m, c in total.items()})

    def _squared(self) -> Polynomial:
        """The product with itself, in half the time."""
        multiply, terms = self.ring.product, [*self.terms.items()]
        total: dict[Monomial, Rational] = {}
        for k, (a, c) in enumerate(terms):
            monomial = multiply(a, a)
            if monomial is not None:
                total[monomial] = total.get(monomial, 0) + c * c
            for b, d in terms[k + 1 :]:
                monomial = multiply(a, b)
                if monomial is not None:
                    total[monomial] = total.get(monomial, 0) + 2 * c * d
        return Polynomial(self.ring, {m: rational(c) for m, c in total.items()})

    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> Polynomial:
        if exponent < 0:
            raise ValueError("a polynomial has no negative powers")
        power = Polynomial.constant(self.ring, 1)
        for _ in range(exponent):
            power = power * self
        return power

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __len__(self) -> int:
        return len(self.terms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Polynomial) and self.terms == other.terms and self.ring == other.ring

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self.terms.items()))
        return self._hash

    def __deepcopy__(self, memo: dict[int, Any]) -> Polynomial:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Polynomial, (self.ring, self.terms)

    def __str__(self) -> str:
        text = ""
        for monomial, coefficient in self.textbook_terms():
            sign = "-" if coefficient < 0 else "+"
            text += f" {sign} " if text else sign.strip("+")
            size = abs(coefficient)
            name = self.ring.format_monomial(monomial)
            text += str(size) if monomial == ONE else name if size == 1 else f"{size}*{name}"
        return text or "0"

    def __repr__(self) -> str:
        return f"Polynomial({self})"
