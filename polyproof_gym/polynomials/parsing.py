"""Polynomials and constraints from text.

The grammar, over the words of :mod:`polyproof_gym.polynomials.tokens`::

    constraint = sum (("<=" | ">=" | "==") sum)+
    sum        = product (("+" | "-") product)*
    product    = signed (("*" | "/") signed | power)*          juxtaposition multiplies
    signed     = ("+" | "-")* power
    power      = atom [("^" | "**") exponent | superscript]
    atom       = number | name | "(" sum ")"
    exponent   = ["+" | "-"] number | "(" ["+" | "-"] number ["/" number] ")"      braces will do as well

What could be read in two ways is refused: a number after another factor (``x 2``, ``1 000``), ``x/2y``, ``x^2^3``,
``x(y + 1)``, ``2e3`` where ``e3`` is a variable. It is read without recursion, so that parentheses nest to any depth.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials.expansion import Expansion, Refusal, Terms
from polyproof_gym.polynomials.messages import listed, quoted
from polyproof_gym.polynomials.polynomial import MAX_DIGITS, Polynomial, Rational, rational
from polyproof_gym.polynomials.ring import Ring
from polyproof_gym.polynomials.tokens import Token, common_meaning, tokens

_EXPONENT = re.compile(r"[eE](?:[0-9]++|(?=[-+]))")
_LIKE_EXPONENT = re.compile(r"[eE][0-9]++")
_LONGEST_GUESS = 40


def parse_polynomial(text: str, ring: Ring) -> Polynomial:
    """Read a polynomial as people write it: ``x1^2 + 2 x1*x2 - 0.5*(x2 - 1/3)**3``.

    Decimals are exact rationals. Juxtaposition multiplies; division is by numbers only.

    Args:
        text: The polynomial.
        ring: The ring whose variables may occur; the result is in its normal form.

    Raises:
        BadInput: With the column and what was expected there.
    """
    parser = _Parser(text, ring)
    polynomial = parser.side()
    if parser.token.kind != "end":
        raise parser.fail("an operator or the end of the text")
    return parser.expansion.polynomial(polynomial)


def parse_constraint(text: str, ring: Ring) -> list[Polynomial]:
    """Read ``a >= b``, ``a <= b``, ``a == b`` or a chain of them as polynomials that are nonnegative where it holds.

    A chain such as ``-1 <= x + y <= 1`` gives one polynomial for each link, and an equality ``d = 0`` gives ``d`` and
    ``-d``.

    Raises:
        BadInput: With the column and what was expected there.
    """
    parser = _Parser(text, ring)
    left = parser.expansion.polynomial(parser.side())
    if parser.token.text not in _RELATIONS:
        raise parser.fail("'>=', '<=' or '=='")
    polynomials: list[Polynomial] = []
    directions: set[str] = set()
    while parser.token.text in _RELATIONS:
        relation = parser.advance()
        directions |= {relation.text} - {"=="}
        if len(directions) > 1:
            raise BadInput(f"column {relation.column}: expected a chain in one direction, with '<=' or with '>=' only")
        right = parser.expansion.polynomial(parser.side())
        difference = left - right if relation.text != "<=" else -(left - right)
        polynomials += [difference, -difference] if relation.text == "==" else [difference]
        left = right
    if parser.token.kind != "end":
        raise parser.fail("an operator or the end of the text")
    return polynomials


_RELATIONS = ("<=", ">=", "==")


@dataclass(slots=True)
class _Group:
    """What has been read since the parenthesis in a column: a sum, and the product that is to be added to it next."""

    column: int = 1
    total: Terms = field(default_factory=dict)
    product: Terms | None = None
    negative: bool = False
    operator: str = "*"
    literals: bool = True
    """Whether the factors of the product so far are plain numbers, so that ``1/2 x`` has one meaning."""


class _Parser:
    """Reads one text from left to right; ``token`` is the next word."""

    def __init__(self, text: str, ring: Ring) -> None:
        self.words = tokens(text)
        self.token = next(self.words)
        self.expansion = Expansion(ring)
        self.indices = ring.indices
        self.column = 1
        """Of what is being computed with."""

    def advance(self) -> Token:
        """The next word, which is taken."""
        token = self.token
        if token.kind != "end":
            self.token = next(self.words)
        return token

    def accept(self, *signs: str) -> str | None:
        """The next word, taken if it is one of the signs."""
        return self.advance().text if self.token.kind == "sign" and self.token.text in signs else None

    def fail(self, expected: str) -> BadInput:
        """The error that something else was expected than the next word."""
        kind, text, column = self.token
        got = text if kind == "end" else f"the superscript {text}" if kind == "power" else quoted(text)
        return BadInput(f"column {column}: expected {expected}, got {got}")

    def side(self) -> Terms:
        """A sum, up to a relation or the end."""
        try:
            return self.sum()
        except Refusal as reason:
            raise BadInput(f"column {self.column}: {reason}") from None

    def sum(self) -> Terms:
        """A sum, with those in its parentheses: reading needs no recursion."""
        enclosing: list[_Group] = []
        group = _Group()
        while True:
            # An operand is expected, perhaps with signs before it.
            while sign := self.accept("+", "-"):
                group.negative ^= sign == "-"
            start = self.token
            if self.accept("("):
                enclosing.append(group)
                group = _Group(start.column)
                continue
            value = self.atom()
            group.literals &= start.kind == "number"
            column = start.column
            # An operand is read but for its exponent. Where it ends its group, the group is an operand in turn.
            while not self.join(group, self.raised(value), column):
                self.end_product(group)
                if not enclosing:
                    return group.total
                if not self.accept(")"):
                    raise self.fail(f"')' for the '(' in column {group.column}")
                value, column = group.total, group.column
                group = enclosing.pop()
                group.literals = False

    def join(self, group: _Group, factor: Terms, column: int) -> bool:
        """Multiply the product by a factor, or divide it; whether another operand follows in the group."""
        self.column = column
        if group.product is None:
            group.product = factor
        elif group.operator == "/":
            group.product = self.expansion.divide(group.product, factor)
        else:
            group.product = self.expansion.multiply(group.product, factor)
        if operator := self.accept("*", "/"):
            group.operator = operator
            return True
        kind, text, column = self.token
        if kind == "sign" and text in ("+", "-"):
            self.end_product(group)
            return True
        if kind == "number":
            raise self.fail("an operator before a number that follows a factor")
        if kind == "name" or text == "(":
            if group.operator == "/" and not group.literals:
                raise BadInput(f"column {column}: expected an operator, since 'a/b c' can be read in two ways")
            group.operator = "*"
            return True
        return False

    def end_product(self, group: _Group) -> None:
        """Add the product to the sum of the group; another one may begin."""
        assert group.product is not None
        summand, total = group.product, group.total
        if not total:
            group.total = self.expansion.negative(summand) if group.negative else summand
        else:
            self.expansion.add(total, summand, -1 if group.negative else 1)
        group.product, group.negative, group.operator, group.literals = None, False, "*", True

    def atom(self) -> Terms:
        """A number or a variable."""
        kind, text, column = self.token
        if kind == "number":
            return self.expansion.constant(self.number())
        if kind != "name":
            raise self.fail("a number, a variable or '('")
        if text not in self.indices:
            raise BadInput(f"column {column}: {undeclared(text, [*self.indices])}")
        self.advance()
        return self.expansion.variable(self.indices[text])

    def may_be_variable(self, exponent: str) -> bool:
        """Whether the exponent of a number can be meant as a variable: ``2e3``, where ``e3`` or ``e1`` is one."""
        return exponent in self.indices or (len(exponent) > 1 and any(map(_LIKE_EXPONENT.fullmatch, self.indices)))

    def number(self) -> Rational:
        """A number."""
        text, column = self.token.text, self.token.column
        if len(text) < MAX_DIGITS and text.isdigit():  # most numbers in a long text
            self.advance()
            return int(text)
        letter = _EXPONENT.search(text)
        if letter and self.may_be_variable(letter[0]):
            raise BadInput(
                f"column {column}: expected '*' or no exponent in {quoted(text)}, where {quoted(letter[0])} may be a"
                " variable"
            )
        self.advance()
        try:
            return rational(text)
        except ValueError as error:
            raise BadInput(f"column {column}: {error}") from None

    def raised(self, base: Terms) -> Terms:
        """The base, raised to the power that follows it, if one does."""
        self.column = self.token.column
        if self.token.kind == "power":
            exponent = self.number()
        elif self.accept("^"):
            self.column = self.token.column
            exponent = self.exponent()
        else:
            return base
        if self.token.kind == "power" or self.token.text == "^":
            raise self.fail("parentheses around one of two exponents")
        return self.expansion.power(base, exponent)

    def exponent(self) -> Rational:
        """What stands behind ``^``: a number, or a quotient of numbers in parentheses."""
        opening = self.accept("(", "{")
        closing = {"(": ")", "{": "}"}.get(opening or "")
        sign = -1 if self.accept("+", "-") == "-" else 1
        if self.token.kind != "number":
            raise self.fail("a whole number as exponent")
        value = Fraction(self.number())
        if closing and self.accept("/"):
            column = self.token.column
            if self.token.kind != "number":
                raise self.fail("a number")
            divisor = self.number()
            if not divisor:
                raise BadInput(f"column {column}: expected a nonzero number as divisor")
            value /= divisor
        if closing and not self.accept(closing):
            raise self.fail(f"a whole number as exponent and {closing!r}")
        return rational(sign * value)


def undeclared(name: str, variables: Sequence[str]) -> str:
    """Why a name that is not among the variables cannot be used, and what may be meant."""
    if not variables:
        return common_meaning(name) or f"expected a number, got {quoted(name)}"
    reason = common_meaning(name)
    if reason is None:
        letters = "" if name.isascii() else " (" + ", ".join(_described(name)) + ")"
        reason = f"{quoted(name)}{letters} is not one of the declared variables {listed(variables)}"
    guess = _closest(name, variables)
    return f"{reason}; did you mean {quoted(guess)}?" if guess else reason


def _described(name: str) -> list[str]:
    """The names of the first letters that may look like others."""
    return [unicodedata.name(character, "?").lower() for character in name if not character.isascii()][:3]


def _closest(name: str, variables: Sequence[str]) -> str | None:
    if len(name) > _LONGEST_GUESS:
        return None
    for simplified in (str.lower, lambda text: text.lower().replace("_", "")):
        alike = [variable for variable in variables if simplified(variable) == simplified(name)]
        if alike:
            return alike[0]
    factors = _factors(name, frozenset(variables))
    if factors is not None and len(set(factors)) > 1:
        return "*".join(factors)
    return next(iter(difflib.get_close_matches(name, variables, 1)), None)


def _factors(name: str, variables: Collection[str]) -> list[str] | None:
    """The variables that the name is made of, if it is ``xy`` for ``x*y``."""
    splits: dict[int, list[str]] = {0: []}
    for end in range(1, len(name) + 1):
        for start in [*splits]:
            if name[start:end] in variables:
                splits.setdefault(end, [*splits[start], name[start:end]])
    return splits.get(len(name))
