# ruff: noqa: RUF001  (characters that look like others are what the language is tested with)
import itertools
import json
import re
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Rational, Ring, parse_constraint, parse_polynomial
from tests.polyproof_gym.polynomials.strategies import (
    ANYWHERE,
    Expression,
    any_text,
    expressions,
    polynomials_of_one_ring,
    value_or_line,
)

RING = Ring(["x1", "x2", "x10"])
X1, X2, X10 = (Polynomial.variable(RING, i) for i in range(3))
LETTERS = Ring(["x", "y", "z"])
X, Y, Z = (Polynomial.variable(LETTERS, i) for i in range(3))
EXACT = (*sympy.parsing.sympy_parser.standard_transformations, sympy.parsing.sympy_parser.rationalize)
CASES = Path(__file__).parents[4] / "shared" / "cases"


def parse(text: str) -> Polynomial:
    return parse_polynomial(text, RING)


@settings(deadline=None, max_examples=150)
@given(polynomials_of_one_ring(1))
def test_a_printed_polynomial_reads_back(case: tuple[Polynomial, ...]) -> None:
    (p,) = case
    assert parse_polynomial(str(p), p.ring) == p


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.835634534", Fraction(835634534, 10**9)),
        ("0.1", Fraction(1, 10)),
        (".5", Fraction(1, 2)),
        ("2.", 2),
        ("1e-3", Fraction(1, 1000)),
        ("2.5E+2", 250),
        ("1/3", Fraction(1, 3)),
        ("-2^2", -4),
        ("(-2)^2", 4),
        ("2*3^2", 18),
        ("2**3", 8),
        ("2^0", 1),
        ("1 - 2 - 3", -4),
        ("2 - 3*4", -10),
        ("12/2/3", 2),
        ("1/2^2", Fraction(1, 4)),
        ("1/2*4", 2),
        ("1/-4", Fraction(-1, 4)),
        ("6/(1+2)", 2),
        ("2(3+4)", 14),
        ("--3", 3),
        ("-+-+-3", -3),
        ("2*-3", -6),
        ("1 - -1", 2),
        ("((((7))))", 7),
        ("0" * 400 + "9" * 400, 10**400 - 1),
    ],
)
def test_numbers_and_precedence(text: str, value: Rational) -> None:
    assert parse(text) == Polynomial.constant(RING, value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 x1 x2", 2 * X1 * X2),
        ("2x1*(x2 + 1)", 2 * X1 * X2 + 2 * X1),
        ("2(x1 + 1)(x2 + 1)", 2 * (X1 + 1) * (X2 + 1)),
        ("x1^2(x2 + 1)", X1**2 * (X2 + 1)),
        ("(x1 + 1)(x1 - 1)", X1**2 - 1),
        ("x1 -x2", X1 - X2),
        ("-x1^2", -(X1**2)),
        ("x1**2 - x1^2", Polynomial(RING, {})),
        ("x1/3 + 4*x2/3", X1 * Fraction(1, 3) + X2 * Fraction(4, 3)),
        ("1/2 x1", X1 * Fraction(1, 2)),
        ("x10", X10),
        ("3e2x1", 300 * X1),
        ("x1^2 + 2 x1 x2 - 0.5*(x2 - 1/3)**3", X1**2 + 2 * X1 * X2 - Fraction(1, 2) * (X2 - Fraction(1, 3)) ** 3),
        ("\tx1\n + x2 ", X1 + X2),
        ("x1^60", X1**60),
        ("(" * 50 + "x1" + ")" * 50, X1),
    ],
)
def test_polynomials_are_read_as_people_write_them(text: str, expected: Polynomial) -> None:
    assert parse(text) == expected


def test_many_signs_and_long_sums_are_no_trouble() -> None:
    assert parse("-" * 20_001 + "x1") == -X1
    assert parse("+".join(["x1"] * 5000)) == 5000 * X1


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("x² − 2·x·y + y³", "x^2 - 2*x*y + y^3"),
        ("x – y — z ‐ 1", "x - y - z - 1"),
        ("2×x ∗ y ⋅ z ＊ 3", "2*x*y*z*3"),
        ("x÷2 + y∕4 + z⁄8", "x/2 + y/4 + z/8"),
        ("3 x\u00a0y\u2009+\u202f1\u3000", "3*x*y + 1"),
        ("\ufeffx\u200b +\u2060 y", "x + y"),
        ("𝑥² + 𝑦", "x^2 + y"),
        ("（ｘ＋１）^２", "(x + 1)^2"),
        ("½x + ¾ y²", "1/2*x + 3/4*y^2"),
        ("x¹⁰", "x^10"),
        ("10⁻³ x", "1/1000*x"),
        ("10^-3 x + 2**-1", "1/1000*x + 1/2"),
        ("x^{2} + y^(3) + z^{ 12 }", "x^2 + y^3 + z^12"),
        ("x^2.0 + y^(4/2)", "x^2 + y^2"),
        ("1e-3x + .5y + 2.z", "1/1000*x + 1/2*y + 2*z"),
        ("1/2x + 1/3 x y + 12/2/3 z", "1/2*x + 1/3*x*y + 2*z"),
        ("2e3", "2000"),
    ],
)
def test_what_is_copied_from_elsewhere_is_read(text: str, plain: str) -> None:
    assert parse_polynomial(text, LETTERS) == parse_polynomial(plain, LETTERS)


@pytest.mark.parametrize("spelling", ["x[1]", "x_{1}", "x₁", "x_1", "x[ 1 ]", "x_{ 1 }", "x[01]"])
def test_an_index_is_part_of_the_name(spelling: str) -> None:
    ring = Ring(["x_1", "x1", "x"])
    assert parse_polynomial(f"2{spelling}² + {spelling}*x1", ring) == parse_polynomial("2*x_1^2 + x_1*x1", ring)


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("x1 +", 5, "got the end of the text"),
        ("x1 * * x2", 6, "got '*'"),
        ("", 1, "got the end of the text"),
        ("  ", 1, "got the end of the text"),
        ("x1 $ x2", 4, "got '$'"),
        ("x1\0", 3, "got '\\x00'"),
        ("x1 \u202ex2", 4, r"got '\u202e'"),
        ("1 / x1", 5, "nonzero number"),
        ("x1 / 0", 6, "nonzero number"),
        ("x1 / (x2 - x2)", 6, "nonzero number"),
        ("x1*(1/(x1 + x2))", 7, "quotients of polynomials"),
        ("x1^61", 4, "above degree 60"),
        ("x1^99999999999999999999", 4, "above degree 60"),
        ("x1^2^2", 5, "parentheses around one of two exponents"),
        ("x1²^2", 4, "parentheses around one of two exponents"),
        ("x1^-1", 4, "negative powers are not polynomials"),
        ("x1⁻¹", 3, "negative powers are not polynomials"),
        ("(x1 - x1)^-1", 11, "negative powers"),
        ("x1^0.5", 4, "roots are not polynomials"),
        ("x1^(1/2)", 4, "roots are not polynomials"),
        ("4^(1/2)", 3, "roots are not polynomials"),
        ("x1^(1/0)", 7, "nonzero number as divisor"),
        ("x1^x2", 4, "whole number as exponent, got 'x2'"),
        ("2^x2", 3, "whole number as exponent, got 'x2'"),
        ("x1^²", 4, "whole number as exponent"),
        ("x1^(2", 6, "')'"),
        ("(x1", 4, "expected ')' for the '(' in column 1"),
        ("x1)", 3, "got ')'"),
        ("x1 <= 1", 4, "got '<='"),
        ("1" * 1001, 1, "1000 digits"),
        ("1e1001", 1, "1000 digits"),
        ("1e-99999999999", 1, "1000 digits"),
        ("x1" + "²" * 1001, 3, "1000 digits"),
    ],
)
def test_errors_are_one_line_with_the_column(text: str, column: int, expected: str) -> None:
    with pytest.raises(BadInput, match=re.escape(expected)) as error:
        parse(text)
    assert str(error.value).startswith(f"column {column}: ")
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("x 2", 3, "operator before a number"),
        ("1 000", 3, "operator before a number"),
        ("(x + 1)2", 8, "operator before a number"),
        ("1.2.3", 4, "operator before a number"),
        ("2½", 2, "operator before a number"),
        ("x/2y", 4, "two ways"),
        ("x/2 (y + 1)", 5, "two ways"),
        ("2x/3y", 5, "two ways"),
        ("x(y + 1)", 1, r"x( is a function, not a polynomial; for a product write x*("),
        ("2x (y + 1)", 2, "write x*("),
        ("x[1](2)", 1, "write x_1*("),
        ("0,5", 2, "decimals are written with a point"),
        ("1,000 x", 2, "thousands without a separator"),
        ("x,y - 5", 2, "a formula is no list; write one for each variable, as in -1 <= x <= 3"),
        (", x", 1, "a formula is no list"),
        ("[x + 1]", 1, "write parentheses"),
        ("x + 5%", 6, "percentages"),
        ("|x|", 1, "absolute values"),
        ("x!", 2, "factorials"),
        ("√x", 1, "roots"),
        ("x ± 1", 3, "one sign"),
        ("x*∞", 3, "infinity"),
        (r"x \cdot y", 3, "LaTeX"),
        ("1_000 x", 2, "names begin with a letter"),
    ],
)
def test_what_has_two_meanings_or_none_is_refused_with_the_reason(text: str, column: int, reason: str) -> None:
    with pytest.raises(BadInput, match=f"^column {column}: .*{re.escape(reason)}"):
        parse_polynomial(text, LETTERS)


@pytest.mark.parametrize(
    ("variables", "text"),
    [("x e", "2e-3"), ("x e", "2e+3 x"), ("x e3", "2e3"), ("e1 e2", "1.5e3 e1"), ("e1", "2E3"), ("E", "2E-3")],
)
def test_an_exponent_that_may_be_a_variable_is_refused(variables: str, text: str) -> None:
    with pytest.raises(BadInput, match="may be a variable"):
        parse_polynomial(text, Ring(variables.split()))


def test_exponents_stay_exponents_where_no_variable_looks_like_one() -> None:
    ring = Ring(["e", "x"])
    assert parse_polynomial("2e3 + 1E2", ring) == Polynomial.constant(ring, 2100)
    assert parse_polynomial("2e", ring) == 2 * Polynomial.variable(ring, 0)


@pytest.mark.parametrize(
    ("variables", "text", "column", "message"),
    [
        ("x y", "x*yy - y", 3, "'yy' is not one of the declared variables x, y; did you mean 'y'?"),
        ("x y", "2xy", 2, "'xy' is not one of the declared variables x, y; did you mean 'x*y'?"),
        ("x1 x2", "x1x2", 1, "did you mean 'x1*x2'?"),
        ("x y", "X", 1, "'X' is not one of the declared variables x, y; did you mean 'x'?"),
        ("x1 y", "x[1]", 1, "'x_1' is not one of the declared variables x1, y; did you mean 'x1'?"),
        ("alpha beta", "alhpa", 1, "did you mean 'alpha'?"),
        ("x", "w", 1, "'w' is not one of the declared variables x"),
        ("x", "х", 1, "'х' (cyrillic small letter ha) is not one of the declared variables x"),
        ("x", "pi*x", 1, "pi is neither a declared variable nor a rational number"),
        ("x", "x + π", 5, "π is neither a declared variable nor a rational number"),
        ("x", "e*x", 1, "e is neither a declared variable nor a rational number"),
        ("x", "inf", 1, "inf is neither a declared variable nor a rational number"),
        ("x", "nan*x", 1, "nan is neither a declared variable nor a rational number"),
        ("x", "exp(x)", 1, "exp( is a function, not a polynomial"),
        ("x", "1 - cos (x)", 5, "cos( is a function, not a polynomial"),
        ("x", "sqrt x", 1, "sqrt is a function, not a polynomial"),
        ("x", "x and 1", 3, "'and' is not a declared variable"),
    ],
)
def test_a_name_that_is_not_declared_is_an_error_with_the_closest_one(
    variables: str, text: str, column: int, message: str
) -> None:
    with pytest.raises(BadInput, match=f"^column {column}: .*{re.escape(message)}"):
        parse_polynomial(text, Ring(variables.split()))


def test_names_with_another_meaning_can_be_declared() -> None:
    ring = Ring(["pi", "e", "exp"])
    pi, e, exp = (Polynomial.variable(ring, i) for i in range(3))
    assert parse_polynomial("2pi + e*exp", ring) == 2 * pi + e * exp


def test_many_variables_are_not_all_listed() -> None:
    with pytest.raises(BadInput, match=r"x0, x1, .*, x7, \.\.\. \(500 in all\)") as error:
        parse_polynomial("w", Ring([f"x{i}" for i in range(500)]))
    assert len(str(error.value)) < 200


@pytest.mark.skipif(not CASES.exists(), reason="the folder shared/ is not beside the project")
def test_inputs_that_were_misread_are_refused() -> None:
    for case in json.loads((CASES / "misread.json").read_text()):
        if case["must"].startswith("error") and not case["must"].startswith(("error: x ", "error: y ")):
            with pytest.raises(BadInput, match=r"^column \d+: "):
                parse_polynomial(case["input"], Ring([*case["box"]]))


@pytest.mark.skipif(not CASES.exists(), reason="the folder shared/ is not beside the project")
def test_polynomials_that_people_had_are_read_and_rational_functions_refused() -> None:
    for case in json.loads((CASES / "polynomials.json").read_text()):
        ring = Ring(case["variables"])
        if case.get("today", "").startswith("refused"):
            with pytest.raises(BadInput, match="quotients of polynomials"):
                parse_polynomial(case["objective"], ring)
            continue
        read = parse_polynomial(case["objective"], ring)
        symbols = {name: sympy.Symbol(name) for name in ring.variables}
        exact = sympy.parse_expr(case["objective"].replace("^", "**"), symbols, transformations=EXACT)
        point = [Fraction(k + 2, k + 3) for k in range(ring.num_variables)]
        values = {symbols[name]: sympy.Rational(k + 2, k + 3) for k, name in enumerate(ring.variables)}
        assert read.evaluate(point) == Fraction(str(exact.subs(values)))


@settings(deadline=None, max_examples=150)
@given(expressions(), st.lists(ANYWHERE, min_size=3, max_size=3))
def test_random_expressions_have_their_value(expression: Expression, point: list[Rational]) -> None:
    """Written in many styles, they are worth what arithmetic says, and what SymPy's own reader says."""
    expected = expression.value(point)
    assert parse_polynomial(expression.styled, LETTERS).evaluate(point) == expected
    symbols = {name: sympy.Rational(str(value)) for name, value in zip("xyz", point, strict=True)}
    assert Fraction(str(sympy.parse_expr(expression.python, symbols, transformations=EXACT))) == expected


@pytest.mark.parametrize("text", ["(x1 + 1)^40 (x2 + 1)^40", "(((x1^9)^9)^9)^9", "x1^99999999", "(x1 + x2 + 1)^2000"])
def test_a_degree_too_high_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"column \d+: polynomials above degree 60 are not accepted"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("*".join(f"(x{i} + 1)" for i in range(60)), "100000 terms"),
        (f"({' + '.join(f'x{i}' for i in range(100))})^9", "100000 terms"),
        ("(x1 + x2 + x3 + 1)^60", "5000000 products of terms"),
        ("2^99999999", "1000 digits"),
        ("x1 + " + " + ".join(f"1/{k}" for k in range(1, 20_000)), "1000 digits"),
        ("*".join(["9" * 1000] * 1000), "1000 digits"),
    ],
)
def test_what_is_too_large_is_refused_with_the_limit(text: str, limit: str) -> None:
    with pytest.raises(BadInput, match=rf"column \d+: .*{limit}"):
        parse_polynomial(text, Ring([f"x{i}" for i in range(100)]))


def test_large_inputs_within_the_limits_are_read() -> None:
    assert len(parse_polynomial("(x + y + 1)^59", LETTERS)) == 60 * 61 // 2
    many = Ring([f"x{i}" for i in range(300)])
    assert len(parse_polynomial(f"({' + '.join(many.variables)})^2", many)) == 300 * 301 // 2
    pairs = itertools.islice(itertools.combinations(many.variables, 2), 10_000)
    assert len(parse_polynomial(" + ".join(f"1.5{a}*{b}" for a, b in pairs), many)) == 10_000


@pytest.mark.parametrize("text", ["((9^60)^60)^60", "(1e1000)^60", "((1/9^60)^60)^60"])
def test_powers_cannot_make_numbers_of_unlimited_size(text: str) -> None:
    """The limit on the digits of a number would be worth nothing, and such a polynomial cannot be printed."""
    with pytest.raises(BadInput):
        parse(text)


def deep_in_the_stack(call: Callable[[], Any], frames: int) -> Any:
    return call() if frames == 0 else deep_in_the_stack(call, frames - 1)


def test_parentheses_nest_to_any_depth_wherever_the_reader_is_called_from() -> None:
    depth = 20_000
    frames = sys.getrecursionlimit() - 250  # what runs the tests takes some itself

    def read() -> None:
        assert parse("(" * depth + "x1" + ")" * depth) == X1
        assert parse("(x1 + " * depth + "x2" + ")" * depth) == depth * X1 + X2
        assert parse("-(" * depth + "x1" + ")" * depth) == X1
        with pytest.raises(BadInput, match="got the end"):
            parse("(" * 5 * depth)

    deep_in_the_stack(read, frames)


def check_any_text(text: str) -> None:
    """It is read or refused in one line, and what is read prints in a form that is read to the same."""
    for ring in (RING, LETTERS, Ring(["x", "y", "e", "e3", "x_1"], idempotent=[0], exclusive=[(0, 1)])):
        read = value_or_line(parse_polynomial, text, ring)
        if isinstance(read, Polynomial):
            assert parse_polynomial(str(read), ring) == read
        for p in value_or_line(parse_constraint, text, ring):
            assert isinstance(p, str) or parse_polynomial(str(p), ring) == p


@settings(deadline=None, max_examples=300)
@given(any_text())
def test_any_text_is_read_or_bad_input(text: str) -> None:
    check_any_text(text)


@pytest.mark.slow
@settings(deadline=None, max_examples=20_000)
@given(any_text())
def test_any_text_is_read_or_bad_input_in_many_cases(text: str) -> None:
    check_any_text(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x1 + x2 >= 1", [X1 + X2 - 1]),
        ("x1 + x2 <= 1", [1 - X1 - X2]),
        ("x1*x2 == 1/4", [X1 * X2 - Fraction(1, 4), Fraction(1, 4) - X1 * X2]),
        ("x1 = x2", [X1 - X2, X2 - X1]),
        ("1 <= 0", [Polynomial.constant(RING, -1)]),
        ("x1 ≤ x2", [X2 - X1]),
        ("x1 ⩾ x2", [X1 - X2]),
        ("x1 ＝ 1", [X1 - 1, 1 - X1]),
        ("-3 <= x1 <= 3", [X1 + 3, 3 - X1]),
        ("3 >= x1 >= -3", [3 - X1, X1 + 3]),
        ("0 <= x1 + x2 <= 2 <= x10", [X1 + X2, 2 - X1 - X2, X10 - 2]),
        ("x1 == x2 == 1", [X1 - X2, X2 - X1, X2 - 1, 1 - X2]),
        ("0 <= x1 == x2", [X1, X1 - X2, X2 - X1]),
    ],
)
def test_constraints(text: str, expected: list[Polynomial]) -> None:
    assert parse_constraint(text, RING) == expected


def test_terms_stay_in_the_order_of_the_text() -> None:
    """Linear programs have many best solutions, and which one is found depends on the order of rows and columns."""
    assert [*parse("x2 - (x1 + 3)*2 + x10").terms] == [(1,), (0,), (), (2,)]
    (constraint,) = parse_constraint("x2 + 3 <= x1", RING)
    assert [*constraint.terms] == [(1,), (), (0,)]


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("x1 + x2", 8, "expected '>=', '<=' or '=='"),
        ("x1 >=", 6, "expected a number"),
        (">= 1", 1, "expected a number"),
        ("", 1, "expected a number"),
        ("x1 >= y", 7, "'y' is not one of the declared variables"),
        ("(x1 <= 1)", 5, "expected ')'"),
        ("x1 < 1", 4, "write '<='"),
        ("x1 >1", 4, "write '>='"),
        ("0 < x1 <= 1", 3, "a set without its boundary"),
        ("x1 != 1", 4, "no closed set"),
        ("x1 ≠ 1", 4, "no closed set"),
        ("x1 <> 1", 4, "no closed set"),
        ("x1 =< 1", 4, "write '<='"),
        ("x1 => 1", 4, "write '>='"),
        ("x1 === 1", 6, "expected a number"),
        ("0 <= x1 >= 2", 9, "a chain in one direction"),
        ("0 <= x1 == x2 >= 2", 15, "a chain in one direction"),
        ("x1 <= 1, x2 <= 1", 8, "is not read"),
        ("x1 <= 1 and x2 <= 1", 9, "every constraint is written by itself"),
    ],
)
def test_bad_constraints(text: str, column: int, reason: str) -> None:
    with pytest.raises(BadInput, match=f"^column {column}: .*{re.escape(reason)}"):
        parse_constraint(text, RING)
