import os
import subprocess
import sys
from fractions import Fraction
from typing import Any

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Ring, from_sympy, parse_polynomial
from polyproof_gym.polynomials.sympy_input import constraint_from_sympy, is_sympy, name_of_symbol, sympy_names
from tests.polyproof_gym.polynomials.strategies import (
    ANYWHERE,
    Expression,
    expressions,
    free_rings,
    polynomials,
    value_or_line,
)

RING = Ring(["x1", "x2", "x10", "x_1", "x_2_3"])
X1, X2 = (Polynomial.variable(RING, i) for i in range(2))
S1, S2, S10 = sympy.symbols("x1 x2 x10")
INDEXED = sympy.IndexedBase("x")
MATRIX = sympy.MatrixSymbol("x", 4, 4)
EXACT = (*sympy.parsing.sympy_parser.standard_transformations, sympy.parsing.sympy_parser.rationalize)
LETTERS = sympy.symbols("x y z")


def unevaluated(kind: Any, *arguments: Any) -> Any:
    return kind(*arguments, evaluate=False)


@settings(deadline=None, max_examples=40)
@given(free_rings().flatmap(polynomials))
def test_sympy_reads_a_printed_polynomial_to_the_same(p: Polynomial) -> None:
    expression = sympy.sympify(str(p).replace("^", "**"), rational=True)
    assert from_sympy(expression, p.ring) == p


@settings(deadline=None, max_examples=40)
@given(expressions(), st.lists(ANYWHERE, min_size=3, max_size=3), st.booleans())
def test_random_expressions_have_their_value(expression: Expression, point: list[Fraction], evaluate: bool) -> None:
    symbols = dict(zip("xyz", LETTERS, strict=True))
    read = sympy.parse_expr(expression.python, symbols, transformations=EXACT, evaluate=evaluate)
    assert from_sympy(read, Ring("xyz")).evaluate(point) == expression.value(point)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (S1**2 + S2 * S1 - S10, "x1^2 + x1 x2 - x10"),
        ((S1 + S2) ** 3, "(x1 + x2)^3"),
        (sympy.Integer(3), "3"),
        (sympy.Rational(1, 3) * S1, "x1/3"),
        (0.1 * S1 + 0.835634534 * S2, "0.1 x1 + 0.835634534 x2"),
        ((S1 + 0.1) * (S2 - 0.7), "(x1 + 0.1) (x2 - 0.7)"),
        (sympy.sympify("0.12345678901234567890123*x1"), "0.12345678901234567890123 x1"),
        (sympy.Float("0.1", 5) * S1, "0.1 x1"),
        (sympy.Symbol("x1", positive=True) + S2, "x1 + x2"),
        (S1**2.0, "x1^2"),
        (unevaluated(sympy.Pow, unevaluated(sympy.Pow, S1, 2), 3), "x1^6"),
        (unevaluated(sympy.Pow, S1, unevaluated(sympy.Add, 1, 1)), "x1^2"),
        (unevaluated(sympy.Pow, sympy.Integer(2), -1) * S1, "x1/2"),
        (unevaluated(sympy.Mul, S1, unevaluated(sympy.Add, S1, S1)), "2 x1^2"),
        (sympy.UnevaluatedExpr(S1 + 1) * 2, "2 (x1 + 1)"),
        (sympy.Poly(S1**2 + 1), "x1^2 + 1"),
        (sympy.Poly(S1 * S2 + S2**2, S1), "x1*x2 + x2^2"),
        (sympy.Poly((S1 + 1) ** 2, S1 + 1), "(x1 + 1)^2"),
        (sympy.Poly(0.5 * S1, S1, S2), "x1/2"),
        (sympy.Poly(0, S1), "0"),
        (INDEXED[1] * INDEXED[2, 3], "x_1*x_2_3"),
        (MATRIX[2, 3] * 2, "2 x_2_3"),
        (sympy.Symbol("x_{1}") + sympy.Symbol("x[2,3]"), "x_1 + x_2_3"),
    ],
    ids=str,
)
def test_sympy_input_equals_text_input(expression: Any, text: str) -> None:
    assert from_sympy(expression, RING) == parse_polynomial(text, RING)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        (sympy.pi * S1, "pi is not a rational number"),
        (S1 + sympy.E, "E is not a rational number"),
        (sympy.I * S1, "I is not a rational number"),
        (S1 + sympy.oo, "oo is not a rational number"),
        (sympy.nan, "nan is not a rational number"),
        (sympy.zoo, "zoo is not a rational number"),
        (sympy.sin(S1), r"sin\(x1\) is a function, not a polynomial"),
        (sympy.exp(S1), r"exp\(x1\) is a function"),
        (sympy.Abs(S1), r"Abs\(x1\) is a function"),
        (sympy.Max(S1, S2), "is a function"),
        (sympy.Piecewise((S1, S1 > 0), (0, True)), "is a function"),
        (sympy.Function("f")(S1), r"f\(x1\) is a function"),
        (sympy.factorial(S1), "is a function"),
        (sympy.sqrt(2) * S1, r"sqrt\(2\): roots are not polynomials"),
        (sympy.sqrt(S1), r"sqrt\(x1\): roots are not polynomials"),
        (unevaluated(sympy.Pow, 4, sympy.Rational(1, 2)), "roots are not polynomials"),
        (1 / S1, "1/x1: negative powers are not polynomials"),
        (unevaluated(sympy.Mul, S1, 1 / S1), "negative powers"),
        (S1**S2, r"x1\*\*x2: expected a whole number as exponent"),
        (2**S2, r"2\*\*x2: expected a whole number as exponent"),
        (sympy.Sum(S1, (S1, 0, 3)), "is not a polynomial"),
        (sympy.Integral(S1, S1), "is not a polynomial"),
        (sympy.Matrix([S1]), "is not a polynomial"),
        (sympy.MatrixSymbol("A", 2, 2), "A is not a polynomial"),
        (S1 > 1, "x1 > 1 is not a polynomial"),
        (sympy.Eq(S1, 1), "is not a polynomial"),
        (sympy.true, "True is not a polynomial"),
        (INDEXED[sympy.Symbol("i")], "only with whole numbers as indices"),
        (sympy.Symbol("x1", commutative=False), "symbols that commute"),
        (sympy.Poly(S1**2 + 6, S1, modulus=5), "one over a finite field"),
        (sympy.Poly(sympy.sin(S1) + 1, sympy.sin(S1)), "is a function"),
        (sympy.Poly(S1 + sympy.sqrt(2), S1, extension=True), "roots are not polynomials"),
        (S1 + sympy.Symbol("x1", positive=True), "two different ones named 'x1'"),
        (sympy.Symbol("x_1") + sympy.Symbol("x[1]"), "two different ones named 'x_1'"),
        (S1 + sympy.Symbol("z"), "'z' is not one of the declared variables x1, x2, x10, x_1, x_2_3"),
        (sympy.Symbol("x\x1b[31m 1"), r"expected the name of a variable, .* got 'x\\x1b"),
    ],
    ids=lambda value: ascii(str(value)),
)
def test_what_is_no_rational_polynomial_is_refused_with_the_reason(expression: Any, reason: str) -> None:
    with pytest.raises(BadInput, match=reason) as error:
        from_sympy(expression, RING)
    assert str(error.value).isprintable()


def doubled(times: int) -> Any:
    """An expression that contains itself twice, and so on: it would print to 2^times symbols."""
    expression = S1
    for _ in range(times):
        expression = unevaluated(sympy.Add, expression, unevaluated(sympy.Mul, 2, expression))
    return expression


@pytest.mark.parametrize(
    ("expression", "limit"),
    [
        (S1 ** (10**9), "above degree 60"),
        (S1 ** (10**5000), "1000 digits"),
        ((S1 + S2 + 1) ** 2000, "above degree 60"),
        ((S1 + S2 + S10 + 1) ** 60, "products of terms"),
        (unevaluated(sympy.Pow, 7, 10**9), "1000 digits"),
        (sympy.Integer(10**5000) * S1, "1000 digits"),
        (sympy.Float("1e5000") * S1, "1000 digits"),
        (sympy.Float("1e-5000") * S1, "1000 digits"),
        (sympy.Float(1, 5000) * S1, "1000 digits"),
        (doubled(5000), "1000 digits"),
        (sympy.Mul(*[S1 + k for k in range(61)]), "above degree 60"),
    ],
    ids=[*"abcdefghijk"],
)
def test_what_is_too_large_is_refused_before_it_is_expanded(expression: Any, limit: str) -> None:
    with pytest.raises(BadInput, match=limit) as error:
        from_sympy(expression, RING)
    assert len(str(error.value)) < 300


def test_deep_and_long_expressions_are_read() -> None:
    assert from_sympy(doubled(60), RING) == 3**60 * X1
    nested = S1
    for _ in range(3000):
        nested = unevaluated(sympy.Add, S2, unevaluated(sympy.Mul, -1, nested))
    assert from_sympy(nested, RING) == X1
    assert sympy_names(nested) == {"x1", "x2"}
    terms = [sympy.Integer(k) * S1**i * S2**j for k, (i, j) in enumerate((i, j) for i in range(30) for j in range(30))]
    assert len(from_sympy(sympy.Add(*terms), RING)) == 899


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        (S1 >= 1, [X1 - 1]),
        (S1 <= S2, [X2 - X1]),
        (S1 + S2 >= 1, [X1 + X2 - 1]),
        (sympy.Eq(S1, S2), [X1 - X2, X2 - X1]),
        (sympy.And(S1 >= 0, S1 <= 1), [X1, 1 - X1]),
        (sympy.Not(S1 > 1), [1 - X1]),
        (sympy.Ge((S1 + S2) ** 2, 0.1), [(X1 + X2) ** 2 - Fraction(1, 10)]),
        (sympy.true, []),
        (sympy.false, [Polynomial.constant(RING, -1)]),
        (sympy.Integer(2) >= 1, []),
        (sympy.Eq(1, 2), [Polynomial.constant(RING, -1)]),
    ],
    ids=str,
)
def test_relations(relation: Any, expected: list[Polynomial]) -> None:
    assert constraint_from_sympy(relation, RING) == expected


@pytest.mark.parametrize(
    ("relation", "reason"),
    [
        (S1 > 1, r"x1 > 1: expected '>=', since '>' describes a set without its boundary"),
        (S1 < 1, r"x1 < 1: expected '<='"),
        (sympy.Ne(S1, 1), "no closed set"),
        (sympy.Or(S1 >= 1, S2 >= 1), "expected a relation"),
        (sympy.And(S1 >= 1, S2 > 1), "expected '>='"),
        (S1, "expected a relation"),
        (sympy.Contains(S1, sympy.Interval(0, 1)), "expected a relation"),
        (sympy.sqrt(S1) >= 1, "roots"),
        (sympy.Eq(S1, 1 / S2), "negative powers"),
        (sympy.Eq(sympy.Matrix([S1]), sympy.Matrix([S2])), "not a polynomial"),
        (sympy.oo >= S1, "oo is not a rational number"),
    ],
    ids=str,
)
def test_relations_that_are_refused(relation: Any, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        constraint_from_sympy(relation, RING)


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (S1 * S2 >= S10, {"x1", "x2", "x10"}),
        (sympy.Poly(S1 * S2, S1), {"x1", "x2"}),
        (INDEXED[1] + MATRIX[2, 3], {"x_1", "x_2_3"}),
        (sympy.sin(S1) + sympy.pi, {"x1"}),
        (sympy.true, set()),
        (doubled(60), {"x1"}),
    ],
    ids=[*"abcdef"],
)
def test_names_of_symbols(value: Any, names: set[str]) -> None:
    assert sympy_names(value) == names


@pytest.mark.parametrize("value", [sympy.pi, S1 + 1, INDEXED[sympy.Symbol("i")], sympy.Symbol("x y"), sympy.true])
def test_what_is_no_symbol_has_no_name(value: Any) -> None:
    with pytest.raises(BadInput, match="expected"):
        name_of_symbol(value)


def test_what_comes_from_sympy() -> None:
    class Own(sympy.Symbol):  # type: ignore[misc]
        pass

    assert all(map(is_sympy, (S1, Own("x1"), S1 >= 1, sympy.true, sympy.Poly(S1), sympy.Integer(1))))
    assert not any(map(is_sympy, ("x1", 1, 0.5, None, Fraction(1), {}, X1)))
    assert from_sympy(Own("x1"), RING) == X1


def test_sympy_is_not_imported_for_anything_else() -> None:
    code = """
import sys
from polyproof_gym.polynomials import *
ring = Ring(["x"])
for value in ("x^2", {(1,): 2}, 3, 0.5):
    read_polynomial(value, ring), names_in(value)
read_constraint("x <= 1", ring), canonical_name("x[1]"), read_number("1/3")
assert "sympy" not in sys.modules
"""
    assert subprocess.run([sys.executable, "-c", code], check=False, env=os.environ).returncode == 0


def expressions_of_any_kind() -> st.SearchStrategy[Any]:
    """Expressions of SymPy's that it has not simplified; most of them are no polynomials."""
    numbers = [0, 1, -1, sympy.Rational(1, 3), 0.5, sympy.oo, sympy.nan, sympy.zoo, sympy.pi, sympy.I, 10**5000, 10**9]
    symbols = [S1, S2, sympy.Symbol("x1", real=True), sympy.Symbol("a b"), sympy.Dummy("x1"), INDEXED[1], MATRIX[2, 3]]
    symbols.append(sympy.Symbol("n", commutative=False))
    leaves = st.integers(0, len(numbers) + len(symbols) - 1).map(lambda k: [*map(sympy.sympify, numbers), *symbols][k])
    functions = st.sampled_from([sympy.sin, sympy.sqrt, sympy.Abs, sympy.floor, sympy.Function("f")])
    operations = st.sampled_from([sympy.Add, sympy.Mul, sympy.Pow])
    return st.recursive(
        leaves,
        lambda parts: st.one_of(
            st.builds(unevaluated, operations, parts, parts), st.builds(unevaluated, functions, parts)
        ),
        max_leaves=6,
    )


def anything_of_sympy() -> st.SearchStrategy[Any]:
    """Expressions, relations and polynomials, and what else may be given by mistake."""
    expressions = expressions_of_any_kind()
    relations = st.sampled_from([sympy.Ge, sympy.Le, sympy.Gt, sympy.Lt, sympy.Eq, sympy.Ne])
    others = st.sampled_from([sympy.true, sympy.false, sympy.Matrix([S1]), sympy.Interval(0, 1), sympy.Symbol, sympy.S])
    return st.one_of(expressions, st.builds(unevaluated, relations, expressions, expressions), others)


def check_anything_of_sympy(value: Any) -> None:
    for read in (from_sympy, constraint_from_sympy):
        value_or_line(read, value, RING)
    value_or_line(sympy_names, value)
    value_or_line(name_of_symbol, value)


@settings(deadline=None, max_examples=150)
@given(anything_of_sympy())
def test_anything_of_sympy_is_read_or_bad_input(value: Any) -> None:
    check_anything_of_sympy(value)


@pytest.mark.slow
@settings(deadline=None, max_examples=10_000)
@given(anything_of_sympy())
def test_anything_of_sympy_is_read_or_bad_input_in_many_cases(value: Any) -> None:
    check_anything_of_sympy(value)
