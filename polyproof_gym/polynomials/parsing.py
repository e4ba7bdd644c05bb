"""Polynomials from text and from SymPy."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials.polynomial import MAX_DIGITS, Polynomial, rational
from polyproof_gym.polynomials.ring import Ring

MAX_EXPONENT = 60
"""Largest exponent, and largest total degree, that a text may ask for."""

MAX_TERMS = 100_000
"""Largest number of terms of any intermediate polynomial."""

MAX_BITS = 7 * MAX_DIGITS
"""Largest size of a coefficient that a text may lead to: products of a few long numbers."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![.\d]))"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<op>\*\*|<=|>=|==|[-+*/^()<>=]))"
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    column: int


def _tokenize(text: str) -> list[_Token]:
    tokens = []
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            column = position + len(text[position:]) - len(text[position:].lstrip())
            raise BadInput(f"column {column + 1}: expected a number, a name or an operator, got {text[column]!r}")
        kind = str(match.lastgroup)
        tokens.append(_Token(kind, match.group(kind), match.start(kind) + 1))
        position = match.end()
    tokens.append(_Token("end", "the end of the text", end + 1))
    return tokens


def natural_order(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sorting key under which ``x2`` comes before ``x10``."""
    parts = [part for part in re.split(r"(\d+)", name) if part]
    key = [(0, len(part.lstrip("0")), part.lstrip("0")) if part.isdecimal() else (1, 0, part) for part in parts]
    return key, name


def variable_names(*texts: str) -> list[str]:
    """The names that occur in the texts, in natural order (``x2`` before ``x10``)."""
    names = {token.text for text in texts for token in _tokenize(text) if token.kind == "name"}
    return sorted(names, key=natural_order)


class _Parser:
    """Recursive descent over ``sum = product (("+" | "-") product)*`` and so on; juxtaposition multiplies."""

    def __init__(self, text: str, ring: Ring) -> None:
        self.tokens = _tokenize(text)
        self.position = 0
        self.ring = ring
        self.indices = {name: i for i, name in enumerate(ring.variables)}

    @property
    def token(self) -> _Token:
        return self.tokens[self.position]

    def accept(self, *texts: str) -> str | None:
        if self.token.kind == "op" and self.token.text in texts:
            self.position += 1
            return self.tokens[self.position - 1].text
        return None

    def fail(self, expected: str) -> BadInput:
        got = self.token.text if self.token.kind == "end" else repr(self.token.text)
        return BadInput(f"column {self.token.column}: expected {expected}, got {got}")

    def sum(self) -> Polynomial:
        total = self.product()
        while operator := self.accept("+", "-"):
            term = self.product()
            total = total + term if operator == "+" else total - term
        return total

    def product(self) -> Polynomial:
        result = self.signed()
        while True:
            if self.accept("*"):
                result = self.bounded_product(result, self.signed())
            elif self.accept("/"):
                result = self.divide(result)
            elif self.token.kind in ("number", "name") or self.token.text == "(":
                result = self.bounded_product(result, self.power())
            else:
                return result

    def divide(self, dividend: Polynomial) -> Polynomial:
        column = self.token.column
        divisor = self.signed()
        if divisor.degree > 0 or not divisor.constant_term:
            raise BadInput(f"column {column}: expected a nonzero number as divisor")
        return dividend * (1 / Fraction(divisor.constant_term))

    def signed(self) -> Polynomial:
        signs = 0
        while operator := self.accept("+", "-"):
            signs += operator == "-"
        value = self.power()
        return -value if signs % 2 else value

    def power(self) -> Polynomial:
        base = self.atom()
        if not self.accept("^", "**"):
            return base
        token = self.token
        if token.kind != "number" or not token.text.isdigit() or len(token.text) > 4:
            raise self.fail("a whole number as exponent")
        self.position += 1
        result = Polynomial.constant(self.ring, 1)
        if int(token.text) > MAX_EXPONENT:
            raise BadInput(f"column {token.column}: exponents above {MAX_EXPONENT} are not accepted")
        for _ in range(int(token.text)):
            result = self.bounded_product(result, base)
        return result

    def atom(self) -> Polynomial:
        token = self.token
        self.position += 1
        if token.kind == "number":
            try:
                return Polynomial.constant(self.ring, rational(token.text))
            except ValueError as error:
                raise BadInput(f"column {token.column}: {error}") from None
        if token.kind == "name" and token.text in self.indices:
            return Polynomial.variable(self.ring, self.indices[token.text])
        if token.kind == "op" and token.text == "(":
            inner = self.sum()
            if not self.accept(")"):
                raise self.fail("')'")
            return inner
        self.position -= 1
        if token.kind == "name":
            raise self.fail(f"one of the variables {', '.join(self.ring.variables)}")
        raise self.fail("a number, a variable or '('")

    def bounded_product(self, a: Polynomial, b: Polynomial) -> Polynomial:
        if len(a) * len(b) > MAX_TERMS or a.degree + b.degree > MAX_EXPONENT:
            raise BadInput(
                f"column {self.token.column}: polynomials above degree {MAX_EXPONENT} or {MAX_TERMS} terms"
                " are not accepted"
            )
        product = a * b
        if any(max(c.numerator.bit_length(), c.denominator.bit_length()) > MAX_BITS for c in product.terms.values()):
            raise BadInput(f"column {self.token.column}: numbers of more than {MAX_DIGITS} digits are not accepted")
        return product


def _complete(text: str, ring: Ring, parse: Callable[[_Parser], Any]) -> Any:
    parser = _Parser(text, ring)
    try:
        result = parse(parser)
    except RecursionError:
        raise BadInput("expected less deeply nested parentheses") from None
    if parser.token.kind != "end":
        raise parser.fail("an operator or the end of the text")
    return result


def parse_polynomial(text: str, ring: Ring) -> Polynomial:
    """Read a polynomial as people write it: ``x1^2 + 2 x1 x2 - 0.5*(x2 - 1/3)**3``.

    Decimals are exact rationals. Juxtaposition multiplies; division is by numbers only.

    Args:
        text: The polynomial.
        ring: The ring whose variables may occur; the result is in its normal form.

    Raises:
        BadInput: With the column and what was expected there.
    """
    polynomial: Polynomial = _complete(text, ring, _Parser.sum)
    return polynomial


def parse_constraint(text: str, ring: Ring) -> list[Polynomial]:
    """Read ``a >= b``, ``a <= b`` or ``a == b`` as the polynomials that are nonnegative where it holds.

    Raises:
        BadInput: With the column and what was expected there.
    """

    def relation(parser: _Parser) -> list[Polynomial]:
        left = parser.sum()
        operator = parser.accept(">=", "<=", "==", "=")
        if operator is None:
            raise parser.fail("'>=', '<=' or '=='")
        difference = left - parser.sum()
        return {">=": [difference], "<=": [-difference]}.get(operator, [difference, -difference])

    polynomials: list[Polynomial] = _complete(text, ring, relation)
    return polynomials


def from_sympy(expression: Any, ring: Ring) -> Polynomial:
    """The polynomial that a SymPy expression stands for.

    Args:
        expression: A SymPy expression in symbols named like the ring's variables. Floats are read as the decimals
            that they print as.
        ring: The ring of the result.

    Raises:
        BadInput: If the expression is not a polynomial with rational coefficients in those symbols.
    """
    import sympy

    symbols = {symbol.name: symbol for symbol in expression.free_symbols}
    unknown = sorted(set(symbols) - set(ring.variables))
    if unknown:
        raise BadInput(f"expected an expression in {', '.join(ring.variables)}, got the symbol {unknown[0]!r}")
    if isinstance(expression, sympy.Poly):
        expression = expression.as_expr()
    if not isinstance(expression, sympy.Expr):
        raise BadInput(f"expected a polynomial with rational coefficients, got {expression}")
    floats = [number for number in expression.atoms(sympy.Float) if number.is_finite]
    expression = expression.xreplace({number: sympy.Rational(_decimal(number)) for number in floats})
    generators = [symbols.get(name, sympy.Symbol(name)) for name in ring.variables]
    try:
        polynomial = sympy.Poly(expression, *generators)
        if polynomial.total_degree() > MAX_EXPONENT:
            raise BadInput(f"expected a polynomial of degree at most {MAX_EXPONENT}")
        terms = polynomial.terms()
        return Polynomial.of(ring, [(_expand(exponents), _sympy_number(value)) for exponents, value in terms])
    except (sympy.PolynomialError, ValueError, TypeError) as error:
        raise BadInput(f"expected a polynomial with rational coefficients: {error}") from None


def _expand(exponents: Sequence[int]) -> list[int]:
    return [i for i, exponent in enumerate(exponents) for _ in range(exponent)]


def _decimal(number: Any) -> str:
    """The decimal that a SymPy float prints as; up to double precision, the shortest one."""
    return repr(float(number)) if float(number) == number else str(number)


def _sympy_number(value: Any) -> int | Fraction:
    if not value.is_Rational:
        raise ValueError(f"{value} is not rational")
    return rational(Fraction(int(value.p), int(value.q)))
