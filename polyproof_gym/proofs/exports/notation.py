"""How formulas and words are written, in any kind of document."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, localcontext
from fractions import Fraction

from polyproof_gym.polynomials import ONE, Polynomial, Rational
from polyproof_gym.proofs.exports.factors import in_order, is_monomial


class Notation(ABC):
    """How a kind of document writes words and formulas.

    Attributes:
        at_least: The sign of ``a >= b``.
        at_most: The sign of ``a <= b``.
        minus: The minus sign.
        times: What stands between two factors.
        comma: What stands between two items of a list.
        element: What stands between the elements of a set and the set.
        reals: The set of the real numbers.
        alpha: The stability number.
        braces: What encloses the elements of a set.
    """

    at_least: str
    at_most: str
    minus: str
    times: str
    comma: str
    element: str
    reals: str
    alpha: str
    braces: tuple[str, str] = ("{", "}")

    @abstractmethod
    def words(self, text: str) -> str:
        """Any text, with the characters escaped that mean something else in the document."""

    @abstractmethod
    def formula(self, formula: str) -> str:
        """A formula, ready to stand in a sentence."""

    @abstractmethod
    def name(self, name: str) -> str:
        """A variable."""

    @abstractmethod
    def power(self, base: str, exponent: int) -> str:
        """A variable to a power."""

    @abstractmethod
    def graph(self, name: str, index: str) -> str:
        """The name of a graph, with an index unless that is empty."""

    def size(self, value: Rational) -> str:
        """A number that is not negative."""
        return str(value)

    def number(self, value: Rational) -> str:
        """Any number."""
        return (self.minus if value < 0 else "") + self.size(abs(Fraction(value)))

    def about(self, value: Rational, digits: int = 9) -> str:
        """A number in some digits, for people to read beside the exact one."""
        with localcontext(prec=digits):
            figures, _, exponent = f"{abs(Decimal(value.numerator) / value.denominator):g}".partition("e")
        size = self.times.join([figures, self.power("10", int(exponent))]) if exponent else figures
        return (self.minus if value < 0 else "") + size

    def names(self, names: Iterable[str]) -> str:
        """A list of variables."""
        return self.comma.join(map(self.name, names))

    def polynomial(self, polynomial: Polynomial) -> str:
        """A polynomial, in the order of terms of its ``str``."""
        text = ""
        for monomial, coefficient in polynomial.textbook_terms():
            sign = self.minus if coefficient < 0 else "+"
            text += f" {sign} " if text else sign.strip("+")
            size = abs(Fraction(coefficient))
            factors = [self.size(size)] if size != 1 or monomial == ONE else []
            for i in dict.fromkeys(monomial):
                name, exponent = self.name(polynomial.ring.variables[i]), monomial.count(i)
                factors.append(self.power(name, exponent) if exponent > 1 else name)
            text += self.times.join(factors)
        return text or "0"

    def product(self, factors: Mapping[Polynomial, int]) -> str:
        """A product of powers of polynomials, not multiplied out, see :func:`in_order`."""
        return self.times.join(self._powers(factors))

    def _powers(self, factors: Mapping[Polynomial, int]) -> Iterator[str]:
        for polynomial, exponent in in_order(factors):
            text = self.polynomial(polynomial)
            if not is_monomial(polynomial) or (exponent > 1 and polynomial.degree != 1):
                text = f"({text})"
            yield self.power(text, exponent) if exponent > 1 else text

    def multiple(self, factor: Rational, factors: Mapping[Polynomial, int]) -> str:
        """A positive number times a product."""
        powers = [*([self.size(factor)] if factor != 1 else []), *self._powers(factors)]
        return self.times.join(powers)
