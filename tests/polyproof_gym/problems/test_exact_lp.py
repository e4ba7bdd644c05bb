from __future__ import annotations

import contextlib
from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations

import pytest
from flint import fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym.polynomials import Rational
from polyproof_gym.problems.exact_lp import Contradiction, Form, Inequality, LinearProgram

Row = tuple[list[int], Fraction]


def inequality(coefficients: list[int], bound: Rational) -> Inequality:
    return Inequality({i: c for i, c in enumerate(coefficients) if c}, bound)


def maximum(program: LinearProgram, form: Form) -> Rational | None:
    optimum = program.maximum(form)
    return None if optimum is None else optimum.value


def combined(rows: list[Row], multipliers: Mapping[int, Rational], n: int) -> tuple[list[Rational], Rational]:
    """The form and the bound that positive multiples of rows add up to."""
    assert all(value > 0 for value in multipliers.values())
    forms: list[list[Rational]] = [[value * c for c in rows[j][0]] for j, value in multipliers.items()]
    return [sum(column) for column in zip([0] * n, *forms, strict=True)], sum(
        value * rows[j][1] for j, value in multipliers.items()
    )


def vertices(rows: list[Row], n: int) -> list[list[Fraction]]:
    """All vertices of ``a x >= b``, by trying all sets of tight rows."""
    found = []
    for chosen in combinations(rows, n):
        matrix = fmpq_mat([[fmpq(c) for c in coefficients] for coefficients, _ in chosen])
        if matrix.det() == 0:
            continue
        column = matrix.solve(fmpq_mat([[fmpq(bound.numerator, bound.denominator)] for _, bound in chosen]))
        point = [Fraction(int(column[i, 0].p), int(column[i, 0].q)) for i in range(n)]
        if all(sum(c * x for c, x in zip(a, point, strict=True)) >= b for a, b in rows):
            found.append(point)
    return found


@st.composite
def polytopes(draw: st.DrawFn) -> tuple[int, list[Row]]:
    """Rows within a cube, some of them redundant: repeated, doubled, or looser by next to nothing."""
    n = draw(st.integers(1, 3))
    numbers = st.fractions(-9, 9, max_denominator=7)
    rows = draw(st.lists(st.tuples(st.lists(st.integers(-5, 5), min_size=n, max_size=n), numbers), max_size=6))
    rows = [row for row in rows if any(row[0])]
    for a, b in draw(st.lists(st.sampled_from(rows), max_size=2)) if rows else ():
        loosened = draw(st.sampled_from((Fraction(0), Fraction(1), Fraction(1, 10**9))))
        rows += [(a, b), ([2 * c for c in a], 2 * b - loosened)]
    for i in range(n):
        unit = [int(i == j) for j in range(n)]
        rows += [(unit, Fraction(-7, 3)), ([-c for c in unit], Fraction(-5, 2))]
    return n, [(a, Fraction(b)) for a, b in rows]


@settings(max_examples=150, deadline=None)
@given(polytopes(), st.data())
def test_the_maximum_is_that_of_the_vertices(polytope: tuple[int, list[Row]], data: st.DataObject) -> None:
    n, rows = polytope
    form = data.draw(st.lists(st.integers(-3, 3), min_size=n, max_size=n).filter(any))
    program = LinearProgram(n, [inequality(a, b) for a, b in rows])
    corners = vertices(rows, n)
    if corners:
        best = max(sum(c * x for c, x in zip(form, point, strict=True)) for point in corners)
        assert maximum(program, dict(enumerate(form))) == best
        program.require_point()
        optimum = program.maximum(dict(enumerate(form)))
        assert optimum is not None
        assert combined(rows, optimum.multipliers, n) == ([-c for c in form], -best)
    else:
        with pytest.raises(Contradiction) as relaxed:
            program.require_point()
        assert combined(rows, relaxed.value.multipliers, n) == ([0] * n, 1)
        with contextlib.suppress(Contradiction):
            assert program.maximum(dict(enumerate(form))) is None


def test_differences_below_the_solvers_tolerance_count() -> None:
    tiny = Fraction(1, 10**15)
    program = LinearProgram(1, [inequality([-1], -1), inequality([-1], -1 + tiny), inequality([1], 0)])
    assert maximum(program, {0: 1}) == 1 - tiny
    with pytest.raises(Contradiction):
        LinearProgram(1, [inequality([1], 1), inequality([-1], -1 + tiny)]).require_point()


def test_what_is_unbounded_has_no_maximum() -> None:
    program = LinearProgram(2, [inequality([1, 0], 0), inequality([-1, 0], -2)])
    assert maximum(program, {0: 1}) == 2
    assert maximum(program, {0: -1}) == 0
    assert maximum(program, {1: 1}) is None
    assert maximum(program, {0: 1, 1: 1}) is None


def test_a_form_may_be_bounded_where_variables_are_not() -> None:
    program = LinearProgram(3, [inequality([1, 1, 0], 1), inequality([-1, -1, 0], -Fraction(7, 2))])
    assert maximum(program, {0: 2, 1: 2}) == 7
    assert maximum(program, {0: -1, 1: -1}) == -1
    assert maximum(program, {2: 1}) is None
