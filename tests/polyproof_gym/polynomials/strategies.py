# ruff: noqa: RUF001  (characters that look like others are what the language is tested with)
"""Random rings, polynomials and points for the property-based tests."""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Rational, Ring

COEFFICIENTS: st.SearchStrategy[Rational] = st.one_of(
    st.integers(-9, 9), st.fractions(min_value=-9, max_value=9, max_denominator=12)
)


@st.composite
def free_rings(draw: st.DrawFn) -> Ring:
    return Ring([f"x{i + 1}" for i in range(draw(st.integers(1, 4)))])


@st.composite
def rings(draw: st.DrawFn) -> Ring:
    """Free rings, Boolean ones, mixtures of both, each with or without exclusive pairs."""
    n = draw(st.integers(1, 4))
    idempotent = draw(st.one_of(st.just(set(range(n))), st.just(set()), st.sets(st.integers(0, n - 1))))
    pairs = [(i, j) for j in range(n) for i in range(j)]
    exclusive = draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    return Ring([f"x{i + 1}" for i in range(n)], idempotent, exclusive)


@st.composite
def polynomials(draw: st.DrawFn, ring: Ring) -> Polynomial:
    monomials = st.lists(st.integers(0, ring.num_variables - 1), max_size=4)
    return Polynomial.of(ring, draw(st.lists(st.tuples(monomials, COEFFICIENTS), max_size=5)))


@st.composite
def polynomials_of_one_ring(draw: st.DrawFn, count: int) -> tuple[Polynomial, ...]:
    ring = draw(rings())
    return tuple(draw(polynomials(ring)) for _ in range(count))


@st.composite
def points(draw: st.DrawFn, ring: Ring, coordinates: st.SearchStrategy[Fraction]) -> list[Rational]:
    """Points that satisfy the ring's rules: 0 or 1 where idempotent, and no exclusive pair is nonzero at once."""
    point: list[Rational] = []
    for i in range(ring.num_variables):
        taken = any(j < i and point[j] for j in ring.exclusive_with(i))
        allowed: st.SearchStrategy[Rational] = st.integers(0, 1) if i in ring.idempotent else coordinates
        point.append(0 if taken else draw(allowed))
    return point


ANYWHERE = st.fractions(min_value=-3, max_value=3, max_denominator=7)
IN_UNIT_INTERVAL = st.fractions(min_value=0, max_value=1, max_denominator=20)


@dataclass(frozen=True)
class Expression:
    """A random expression in x, y, z: as SymPy reads it, as people may write it, and as a function of a point."""

    python: str
    styled: str
    value: Callable[[Sequence[Rational]], Rational]


@st.composite
def _leaf(draw: st.DrawFn) -> Expression:
    if draw(st.booleans()):
        i = draw(st.integers(0, 2))
        return Expression(
            "xyz"[i], draw(st.sampled_from(["xyz"[i], "𝑥𝑦𝑧"[i], f"({'xyz'[i]})"])), lambda point: point[i]
        )
    whole, digits = draw(st.integers(0, 99)), draw(st.sampled_from(["", ".5", ".25", ".0", "e1", "e-2", ".125e+1"]))
    number = Fraction(f"{whole}{digits}")
    return Expression(f"{whole}{digits}", f"{whole}{digits}", lambda point: number)


@st.composite
def _node(draw: st.DrawFn, parts: st.SearchStrategy[Expression]) -> Expression:
    a = draw(parts)
    kind = draw(st.sampled_from(["+", "-", "*", "juxtaposed", "/", "^", "negative"]))
    space = draw(st.sampled_from(["", " ", "\u00a0"]))
    if kind == "negative":
        minus = draw(st.sampled_from("-−–"))
        return Expression(f"(-{a.python})", f"({minus}{space}{a.styled})", lambda point: -a.value(point))
    if kind == "^":
        k = draw(st.integers(0, 3))
        power = draw(st.sampled_from([f"^{k}", f"**{k}", "⁰¹²³"[k], f"^{{{k}}}", f" ^ ({k})"]))
        return Expression(f"(({a.python})**{k})", f"(({a.styled}){power})", lambda point: a.value(point) ** k)
    if kind == "/":
        k = draw(st.integers(1, 9))
        slash = draw(st.sampled_from("/÷"))
        return Expression(
            f"(({a.python})/{k})", f"(({a.styled}){space}{slash}{k})", lambda point: Fraction(a.value(point)) / k
        )
    b = draw(parts)
    if kind == "juxtaposed":
        return Expression(
            f"(({a.python})*({b.python}))", f"(({a.styled}){space}({b.styled}))", lambda p: a.value(p) * b.value(p)
        )
    operation = {"+": operator.add, "-": operator.sub, "*": operator.mul}[kind]
    sign = draw(st.sampled_from({"+": "+＋", "-": "-−—", "*": "*×·⋅∗"}[kind]))
    return Expression(
        f"({a.python}{kind}{b.python})",
        f"({a.styled}{space}{sign}{space}{b.styled})",
        lambda point: operation(a.value(point), b.value(point)),
    )


def expressions() -> st.SearchStrategy[Expression]:
    """Polynomial expressions of some depth."""
    return st.recursive(_leaf(), _node, max_leaves=8)


_PLAIN_WORDS = """
x y x1 x[1] x_{1} x₁ e e3 2 0.5 1e-3 2e3 .5 1. 1/3 ½ 10
^60 ( ) (( )) + - − * ** ^ ² ⁻¹ ³ / · × ^(2) ^{3} <= >= == = ≤ ⩾ < >
!= | sqrt( exp pi , [ ] { } _ \\ é х 𝑥 ٣ ∞ $ % ! # ' " : ; @ ~ ＜ ｘ ﬁ ① ª ⁰
"""
_WORDS = [*_PLAIN_WORDS.split(), " ", "\u00a0", "\n", "\t", "\u202e", "\x00", "\ud800", "\uffe3"]
_SENTENCES = [
    *("x^2 + 2*x*y - 0.5*(y - 1/3)**3", "-3 <= x <= 3", "2x[1] - 3x_{1}²", "(x + y + 1)^5*(x - 1)", "1e-3*x + .5y"),
    *("0 ≤ x + y ≤ 2", "x == y^2", "x1 - x2 >= x10"),
]


def any_text() -> st.SearchStrategy[str]:
    """Words of the language and others in any order, sentences with mistakes, and any characters."""
    return st.one_of(st.lists(st.sampled_from(_WORDS), max_size=12).map("".join), _mutated(), st.text(max_size=12))


@st.composite
def _mutated(draw: st.DrawFn) -> str:
    """A sentence of the language with a few words inserted, and characters lost or said twice."""
    text = draw(st.sampled_from(_SENTENCES))
    for _ in range(draw(st.integers(1, 4))):
        i = draw(st.integers(0, len(text)))
        change = draw(st.sampled_from([*_WORDS, "drop", "repeat"]))
        if change == "drop":
            text = text[:i] + text[i + 1 :]
        else:
            text = text[:i] + (text[i : i + 3] if change == "repeat" else change) + text[i:]
    return text


def value_or_line(call: Callable[..., Any], *arguments: object) -> Any:
    """What the call returns, or the line of its :class:`BadInput`, fit to print: nothing else may be raised."""
    try:
        return call(*arguments)
    except BadInput as error:
        line = str(error)
    assert line.isprintable()
    assert 0 < len(line) < 500
    return line
