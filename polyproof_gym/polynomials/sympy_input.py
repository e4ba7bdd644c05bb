"""Polynomials and constraints from SymPy, read term by term: nothing is expanded that is beyond the limits.

SymPy is optional and slow to import, so that this module imports it only when it is given something of SymPy's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials.expansion import Expansion, Refusal, Terms, check_digits
from polyproof_gym.polynomials.messages import quoted
from polyproof_gym.polynomials.parsing import undeclared
from polyproof_gym.polynomials.polynomial import MAX_DIGITS, Polynomial, Rational, rational
from polyproof_gym.polynomials.ring import ONE, Ring
from polyproof_gym.polynomials.tokens import name_from_text

_SHORT = 12  # parts of an expression that is quoted in a message


def is_sympy(value: object) -> bool:
    """Whether the value is an object of SymPy's, or of a class derived from one."""
    return any(str(kind.__module__).partition(".")[0] == "sympy" for kind in type(value).__mro__)


def from_sympy(expression: Any, ring: Ring) -> Polynomial:
    """The polynomial that a SymPy expression or ``Poly`` stands for.

    Args:
        expression: An expression in symbols that are named like the ring's variables, in any spelling. Floats are read
            as the decimals that they print as. What symbols are assumed to be is ignored.
        ring: The ring of the result.

    Raises:
        BadInput: If the expression is not a polynomial with rational coefficients in those symbols, or beyond a limit.
    """
    return _Reader(ring).polynomial(expression)


def constraint_from_sympy(relation: Any, ring: Ring) -> list[Polynomial]:
    """The polynomials that are nonnegative where a SymPy relation, or an ``And`` of relations, holds.

    Relations between numbers are evaluated by SymPy: what is always true gives no polynomial, and what is always false
    gives the constant -1.

    Raises:
        BadInput: If it is no relation of the kinds ``Ge``, ``Le`` and ``Eq`` between polynomials.
    """
    import sympy

    reader = _Reader(ring)
    polynomials: list[Polynomial] = []
    pending = [relation]
    while pending:
        part = pending.pop()
        if part is sympy.true:
            continue
        if part is sympy.false:
            polynomials.append(Polynomial.constant(ring, -1))
        elif isinstance(part, sympy.And):
            pending += reversed(part.args)
        elif isinstance(part, sympy.Ge | sympy.Le | sympy.Eq):
            left, right = (reader.polynomial(side) for side in (part.lhs, part.rhs))
            difference = -(left - right) if isinstance(part, sympy.Le) else left - right
            polynomials += [difference, -difference] if isinstance(part, sympy.Eq) else [difference]
        elif isinstance(part, sympy.Gt | sympy.Lt):
            sign = ">" if isinstance(part, sympy.Gt) else "<"
            raise BadInput(
                f"{_described(part)}: expected '{sign}=', since '{sign}' describes a set without its boundary"
            )
        elif isinstance(part, sympy.Ne):
            raise BadInput(f"{_described(part)}: the points where two sides differ are no closed set")
        else:
            raise BadInput(f"expected a relation such as sympy.Ge(x, 0), got {_described(part)}")
    return polynomials


def sympy_names(value: Any) -> set[str]:
    """The canonical names of the symbols in anything of SymPy's.

    Raises:
        BadInput: If a symbol has a name that no variable can have.
    """
    import sympy

    names = set()
    seen: dict[int, Any] = {}  # by identity: what is the same object is looked at once; kept, so that it stays alive
    pending = [value]
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen[id(node)] = node
        if _is_variable(node):
            names.add(name_of_symbol(node))
        elif isinstance(node, sympy.Poly):
            pending += [*node.gens, *(coefficient for _, coefficient in node.terms())]
        elif isinstance(node, sympy.Basic):
            pending += node.args
    return names


def name_of_symbol(node: Any) -> str:
    """The canonical name of the variable that a symbol, or an indexed one, stands for.

    Raises:
        BadInput: If it has a name that no variable can have, or is no symbol.
    """
    if not _is_variable(node):
        raise BadInput(f"expected a symbol, got {_described(node)}")
    return name_from_text(str(getattr(node, "name", None) or node))


def _is_variable(node: Any) -> bool:
    import sympy
    from sympy.matrices.expressions.matexpr import MatrixElement

    if isinstance(node, MatrixElement | sympy.Indexed):
        return all(isinstance(index, sympy.Integer) for index in node.args[1:])
    return isinstance(node, sympy.Symbol)


class _Reader:
    """Turns expressions into polynomials from the leaves upwards, without recursion; equal objects are read once."""

    def __init__(self, ring: Ring) -> None:
        import sympy

        self.sympy = sympy
        self.expansion = Expansion(ring)
        self.indices = ring.indices
        self.symbols: dict[str, Any] = {}
        self.values: dict[int, tuple[Any, Terms]] = {}
        """What has been read, by identity, with the object itself, so that it stays alive."""

    def polynomial(self, root: Any) -> Polynomial:
        """The polynomial, its terms in lexicographic order: SymPy's own order is an accident of its algorithms."""
        last = (len(self.indices),)
        terms = sorted(self.terms(root).items(), key=lambda term: term[0] + last)
        return self.expansion.polynomial(dict(terms))

    def terms(self, root: Any) -> Terms:
        """The polynomial that the object stands for; not to be changed."""
        pending = [root]
        while pending:
            node = pending[-1]
            if id(node) not in self.values:
                missing = [child for child in self.children(node) if id(child) not in self.values]
                if missing:
                    pending += missing
                    continue
                try:
                    self.values[id(node)] = (node, self.combined(node))
                except Refusal as reason:
                    raise BadInput(f"{_described(node)}: {reason}") from None
            pending.pop()
        return self.values[id(root)][1]

    def children(self, node: Any) -> tuple[Any, ...]:
        """The expressions that the value of this one is computed from."""
        sympy = self.sympy
        if isinstance(node, sympy.Add | sympy.Mul | sympy.Pow | sympy.UnevaluatedExpr):
            return tuple(node.args)
        return tuple(node.gens) if isinstance(node, sympy.Poly) else ()

    def combined(self, node: Any) -> Terms:
        """The value, once those of its parts are known."""
        sympy, expansion = self.sympy, self.expansion
        parts = [self.values[id(child)][1] for child in self.children(node)]
        if isinstance(node, sympy.Add):
            total: Terms = {}
            for part in parts:
                expansion.add(total, part)
            return total
        if isinstance(node, sympy.Mul):
            return self.product(parts)
        if isinstance(node, sympy.Pow):
            base, exponent = parts
            if exponent.keys() - {ONE}:
                raise Refusal("expected a whole number as exponent")
            return expansion.power(base, rational(exponent.get(ONE, 0)))
        if isinstance(node, sympy.UnevaluatedExpr):
            return parts[0]
        if isinstance(node, sympy.Poly):
            return self.of_poly(node, parts)
        if isinstance(node, sympy.Rational | sympy.Float):
            return expansion.constant(check_digits(_number(node)))
        return expansion.variable(self.index(node))

    def product(self, factors: list[Terms]) -> Terms:
        product = self.expansion.constant(1)
        for factor in factors:
            product = self.expansion.multiply(product, factor)
        return product

    def of_poly(self, poly: Any, generators: list[Terms]) -> Terms:
        """The sum of its terms, whose coefficients may contain further symbols."""
        if poly.get_domain().is_FiniteField:
            raise BadInput("expected a polynomial with rational coefficients, got one over a finite field")
        total: Terms = {}
        for exponents, coefficient in poly.terms():
            powers = (self.expansion.power(base, int(e)) for base, e in zip(generators, exponents, strict=True) if e)
            self.expansion.add(total, self.product([self.terms(coefficient), *powers]))
        return total

    def index(self, node: Any) -> int:
        """The ring's variable that a symbol stands for."""
        if not _is_variable(node):
            raise BadInput(f"expected a polynomial with rational coefficients: {_reason(node)}")
        if node.is_commutative is False:
            raise BadInput(f"expected symbols that commute, got {_described(node)}")
        name = name_of_symbol(node)
        if name not in self.indices:
            raise BadInput(undeclared(name, [*self.indices]))
        if self.symbols.setdefault(name, node) != node:
            raise BadInput(f"expected one symbol for each variable, got two different ones named {quoted(name)}")
        return self.indices[name]


def _reason(node: Any) -> str:
    """Why an expression that is built from nothing that is read is no polynomial."""
    import sympy

    if isinstance(node, sympy.core.function.Application) and isinstance(node, sympy.Expr):
        return f"{_described(node)} is a function, not a polynomial"
    if isinstance(node, sympy.Indexed):
        return f"{_described(node)} is a variable only with whole numbers as indices"
    if isinstance(node, sympy.Expr) and node.is_Atom:
        return f"{_described(node)} is not a rational number"
    return f"{_described(node)} is not a polynomial"


def _number(number: Any) -> Rational:
    """The number, a float as the decimal that it prints as; up to double precision, the shortest one."""
    import sympy

    if isinstance(number, sympy.Rational):
        return rational(int(number.p)) if number.q == 1 else rational(_fraction(number))
    try:
        if number._prec > 4 * MAX_DIGITS:
            raise Refusal(f"numbers of more than {MAX_DIGITS} digits are not accepted")
        is_double = number._prec >= 53 and float(number) == number
        return rational(repr(float(number)) if is_double else str(number))
    except (OverflowError, ValueError) as error:
        raise Refusal(str(error)) from None


def _fraction(number: Any) -> Any:
    from fractions import Fraction

    return Fraction(int(number.p), int(number.q))


def _described(node: Any) -> str:
    """A short expression as it prints, a long one by its kind: printing may take longer than everything else."""
    if len([*_parts(node)]) > _SHORT:
        return f"an expression of the kind {type(node).__name__}"
    try:
        return quoted(str(node))[1:-1]
    except Exception:  # printing is no business of ours
        return f"an expression of the kind {type(node).__name__}"


def _parts(node: Any) -> Iterator[Any]:
    """The first parts of an expression."""
    pending = [node]
    for _ in range(_SHORT + 1):
        if not pending:
            return
        part = pending.pop()
        yield part
        parts = getattr(part, "args", ())
        pending += parts if isinstance(parts, tuple) else ()
