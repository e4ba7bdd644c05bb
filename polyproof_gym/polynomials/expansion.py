"""Sums, products and powers of polynomials that come from outside, within stated limits.

What a short text asks for may not fit into any memory: ``(x + y + 1)^2000``. Every operation here tells beforehand what
it will cost and refuses what is beyond the limits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials.polynomial import MAX_DIGITS, Polynomial, Rational
from polyproof_gym.polynomials.ring import ONE, Monomial, Ring, variables_of

MAX_EXPONENT = 60
"""Largest total degree that is read."""

MAX_TERMS = 100_000
"""Largest number of terms of any intermediate polynomial."""

MAX_BITS = 7 * MAX_DIGITS
"""Largest size of a coefficient that may come out: products of a few long numbers."""

MAX_WORK = 5_000_000
"""Largest number of products of two terms that one input may take; those of long numbers and monomials count more."""

_MAX_DENOMINATOR_BITS = 1000
_TOO_LONG = 10**MAX_DIGITS
_OVERHEAD = 10  # of one multiplication, in products of terms

Terms = dict[Monomial, Rational]
"""A polynomial that is being made: the nonzero coefficients by monomial."""


class Refusal(BadInput):
    """What is asked for is not a polynomial, or beyond a limit that the message names."""


def check_digits(value: Rational) -> Rational:
    """The number itself, unless it is too long to be read.

    Raises:
        Refusal: If it has more than ``MAX_DIGITS`` digits.
    """
    if abs(value.numerator) >= _TOO_LONG or value.denominator >= _TOO_LONG:
        raise Refusal(f"numbers of more than {MAX_DIGITS} digits are not accepted")
    return value


def bits(value: Rational) -> int:
    """Length of the longer one of numerator and denominator."""
    if type(value) is int:
        return value.bit_length()
    return max(value.numerator.bit_length(), value.denominator.bit_length())


class Expansion:
    """The arithmetic of one input, which counts the work.

    Its values are :data:`Terms` in the normal form of the ring; only :meth:`add` changes one that exists.
    """

    def __init__(self, ring: Ring) -> None:
        """Begin, with no work done.

        Args:
            ring: The ring of the results.
        """
        self.ring = ring
        self._work = 0

    def foresee(self, work: Iterable[int]) -> None:
        """Refuse at once what is going to take about so many products of terms.

        Raises:
            Refusal: If that is beyond the limit.
        """
        left = MAX_WORK - self._work
        for products in work:
            left -= products
            if left < 0:
                raise self._too_much_work()

    def constant(self, value: Rational) -> Terms:
        """The constant polynomial."""
        return {ONE: value} if value else {}

    def variable(self, i: int) -> Terms:
        """The polynomial ``x_i``."""
        return {(i,): 1}

    def add(self, total: Terms, summand: Mapping[Monomial, Rational], sign: int = 1) -> None:
        """Add ``sign * summand`` to ``total``, which is changed."""
        self._charge(len(summand))
        work = 0
        for monomial, coefficient in summand.items():
            value = total.get(monomial, 0) + sign * coefficient
            if not value:
                del total[monomial]
                continue
            total[monomial] = value
            if type(value) is not int:
                size = value.denominator.bit_length()
                work += 4 + size // 16
                if size > MAX_BITS:
                    raise self._too_many_digits()
        self._charge(work)
        if len(total) > MAX_TERMS:
            raise self._too_many_terms()

    def negative(self, terms: Terms) -> Terms:
        """The polynomial with all signs changed."""
        self._charge(len(terms))
        return {monomial: -coefficient for monomial, coefficient in terms.items()}

    def multiply(self, a: Terms, b: Terms) -> Terms:
        """The product.

        Raises:
            Refusal: If it is beyond a limit.
        """
        if not a or not b:
            return {}
        if len(a) == len(b) == 1:
            return self._monomial_product(a, b)
        degree = _degree(a) + _degree(b)
        if degree > MAX_EXPONENT:
            raise self._too_high()
        denominator = 1
        if len(a) > 1 and len(b) > 1:
            (a, c), (b, d) = _cleared(a), _cleared(b)
            denominator = c * d
        self._charge(_OVERHEAD + len(a) * len(b) * _weight(a, b, degree))
        return self._checked(_divided(self._convolution(a, b), denominator))

    def divide(self, dividend: Terms, divisor: Terms) -> Terms:
        """The quotient by a constant.

        Raises:
            Refusal: If the divisor is zero or not constant.
        """
        if not divisor:
            raise Refusal("division by zero; expected a nonzero number as divisor")
        if divisor.keys() != {ONE}:
            raise Refusal("quotients of polynomials are not polynomials; expected a nonzero number as divisor")
        return self.multiply(dividend, {ONE: 1 / Fraction(divisor[ONE])})

    def power(self, base: Terms, exponent: Rational) -> Terms:
        """The power, with the empty product 1 for the exponent 0.

        Raises:
            Refusal: If the exponent is not a whole number, or a negative one of what is not a nonzero number, or if the
                power is beyond a limit.
        """
        if type(exponent) is not int:
            raise Refusal("roots are not polynomials; expected a whole number as exponent")
        if exponent < 0:
            if not base or base.keys() != {ONE}:
                raise Refusal("negative powers are not polynomials; expected a whole number as exponent")
            base, exponent = self.divide({ONE: 1}, base), -exponent
        if exponent == 0:
            return {ONE: 1}
        if _degree(base) * exponent > MAX_EXPONENT:
            raise self._too_high()
        if len(base) <= 1:
            return self._monomial_power(base, exponent)
        cleared, denominator = _cleared(base)
        self._charge_power(cleared, exponent)
        power = cleared
        for _ in range(exponent - 1):
            power = self._convolution(power, cleared)
        return self._checked(_divided(power, denominator**exponent))

    def polynomial(self, terms: Terms) -> Polynomial:
        """The finished polynomial."""
        return Polynomial(self.ring, {monomial: _whole(coefficient) for monomial, coefficient in terms.items()})

    def _monomial_product(self, a: Terms, b: Terms) -> Terms:
        """The product of two polynomials of one term each: most products in a long text."""
        ((left, c),) = a.items()
        ((right, d),) = b.items()
        if len(left) + len(right) > MAX_EXPONENT:
            raise self._too_high()
        coefficient = c * d
        size = bits(coefficient)
        if size > MAX_BITS:
            raise self._too_many_digits()
        self._charge(_OVERHEAD + size // 100)
        monomial = self.ring.normal_form(left + right)
        return {} if monomial is None else {monomial: coefficient}

    def _monomial_power(self, base: Terms, exponent: int) -> Terms:
        """The power of a polynomial of one term at most, of which only the number may be to a high power."""
        power: Terms = {}
        for monomial, number in base.items():
            if (bits(number) - 1) * exponent > MAX_BITS:
                raise self._too_many_digits()
            image = self.ring.normal_form(monomial * exponent if monomial else ONE)
            if image is not None:
                power[image] = number**exponent
        return power

    def _convolution(self, a: Terms, b: Terms) -> Terms:
        """The product, not divided by anything."""
        free, normal_form = self.ring.is_free, self.ring.normal_form
        product: Terms = {}
        for left, c in a.items():
            for right, d in b.items():
                monomial = tuple(sorted(left + right)) if free else normal_form(left + right)
                if monomial is not None:
                    product[monomial] = product.get(monomial, 0) + c * d
            if len(product) > MAX_TERMS:
                raise self._too_many_terms()
        return {monomial: c for monomial, c in product.items() if c} if 0 in product.values() else product

    def _charge_power(self, base: Terms, exponent: int) -> None:
        """Refuse a power that may be too long, or take too long, before anything of it is computed."""
        terms, degree = len(base), _degree(base)
        variables = len(variables_of(base))

        def length(k: int) -> int:
            """No more terms than ways to choose factors, nor than monomials of that degree."""
            return min(math.comb(terms + k - 1, k), math.comb(variables + degree * k, variables))

        if length(exponent) > MAX_TERMS:
            raise self._too_many_terms()
        if max(map(bits, base.values())) * exponent > 8 * MAX_BITS:
            raise self._too_many_digits()
        products = terms * sum(map(length, range(1, exponent)))
        self._charge(_OVERHEAD + products * _weight(base, base, degree * exponent, exponent))

    def _checked(self, terms: Terms) -> Terms:
        if any(bits(coefficient) > MAX_BITS for coefficient in terms.values()):
            raise self._too_many_digits()
        return terms

    def _charge(self, work: int) -> None:
        self._work += work
        if self._work > MAX_WORK:
            raise self._too_much_work()

    def _too_much_work(self) -> Refusal:
        return Refusal(f"expressions that take more than {MAX_WORK} products of terms to expand are not accepted")

    def _too_high(self) -> Refusal:
        return Refusal(f"polynomials above degree {MAX_EXPONENT} are not accepted")

    def _too_many_terms(self) -> Refusal:
        return Refusal(f"polynomials of more than {MAX_TERMS} terms are not accepted")

    def _too_many_digits(self) -> Refusal:
        return Refusal(f"numbers of more than {MAX_DIGITS} digits are not accepted")


def substituted(polynomial: Polynomial, images: Sequence[Polynomial]) -> Polynomial:
    """The polynomial with every variable replaced by its image, within the limits of this module.

    Raises:
        Refusal: If it is beyond a limit.
    """
    ring = images[0].ring
    expansion = Expansion(ring)
    expansion.foresee(
        math.prod(math.comb(max(len(images[i]), 1) + monomial.count(i) - 1, monomial.count(i)) for i in set(monomial))
        for monomial in polynomial.terms
    )

    def multiply(a: Polynomial, b: Polynomial) -> Polynomial:
        return Polynomial(ring, expansion.multiply(a.terms, b.terms))

    return polynomial.substitute(images, multiply, expansion.add)


def _degree(terms: Terms) -> int:
    return max(map(len, terms), default=0)


def _weight(a: Terms, b: Terms, degree: int, factors: int = 2) -> int:
    """About how many products of small terms one product of a term of ``a`` and one of ``b`` is worth."""
    size = factors * max(bits(c) for terms in (a, b) for c in terms.values()) // 2
    whole = all(type(c) is int for terms in (a, b) for c in terms.values())
    return 1 + degree // 16 + (size // 1000 if whole else 5 + size // 150)


def _cleared(terms: Terms) -> tuple[Terms, int]:
    """Whole coefficients and their common denominator, which is faster; as it is, where that would be long."""
    denominator = 1
    for coefficient in terms.values():
        if type(coefficient) is not int:
            denominator = math.lcm(denominator, coefficient.denominator)
            if denominator.bit_length() > _MAX_DENOMINATOR_BITS:
                return terms, 1
    if denominator == 1:
        return terms, 1
    return {monomial: int(c * denominator) for monomial, c in terms.items()}, denominator


def _divided(terms: Terms, denominator: int) -> Terms:
    if denominator == 1:
        return terms
    return {monomial: _whole(Fraction(c) / denominator) for monomial, c in terms.items()}


def _whole(value: Rational) -> Rational:
    return value if type(value) is int or value.denominator > 1 else value.numerator
