from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym import BadInput, make_problem, polynomial
from polyproof_gym.problems import Problem
from polyproof_gym.problems.cases import Split, cases_of, require_split

VALUES = st.fractions(Fraction(-1), Fraction(2), max_denominator=7)


def cubic() -> Problem:
    return polynomial(
        "x^3 - 2*x*y + y/3", box=[(-1, 2), (-1, 1)], constraints=["x + y >= -3/2", "x <= 3/2"], variables="x y"
    )


@settings(deadline=None)
@given(at=VALUES.filter(lambda value: -1 < value < 2), points=st.lists(st.tuples(VALUES, VALUES), max_size=5))
def test_a_case_is_the_problem_on_its_side(at: Fraction, points: list[tuple[Fraction, Fraction]]) -> None:
    """Whatever point of a case is taken, the objective is the same, and so is which constraints it satisfies."""
    problem = cubic()
    for case, (low, high) in zip(cases_of(problem, Split(0, at)), [(Fraction(-1), at), (at, Fraction(2))], strict=True):
        assert case.problem.box == ((low, high), (-1, 1))
        for u in [((share + 1) / 3, (other + 1) / 3) for share, other in points]:
            x, y = case.problem.to_own_coordinates(u)
            there = (Fraction(x + 1) / 3, Fraction(y + 1) / 2)
            assert case.problem.objective.evaluate(u) == problem.objective.evaluate(there)
            for axiom, number in zip(case.problem.axioms, case.axioms, strict=True):
                if number >= 4:  # not an end of the box
                    value = problem.axioms[number].evaluate(there)
                    assert (axiom.evaluate(u) > 0) == (value > 0)


def test_integer_variables_are_split_between_whole_numbers() -> None:
    problem = polynomial("a*t - a^2", box={"a": (-2, 5), "t": (0, 1)}, integer="a", variables="a t")
    for at, intervals in ((1, [(-2, 1), (2, 5)]), (-2, [(-2, -2), (-1, 5)]), (4, [(-2, 4), (5, 5)])):
        cases = cases_of(problem, Split(0, at))
        assert [case.problem.box[0] for case in cases] == intervals
        assert all(case.problem.integer == {0} for case in cases)
    for outside in (Fraction(1, 2), 5, -3):
        with pytest.raises(BadInput, match="expected a value from -2 to 4 to split a at"):
            cases_of(problem, Split(0, outside))


def test_axioms_that_say_nothing_are_left_out_and_the_others_keep_their_numbers() -> None:
    problem = make_problem("petersen")
    below, above = cases_of(problem, Split(0, 0))
    assert below.axioms == tuple(range(20))
    assert [case.problem.box[0] for case in (below, above)] == [(0, 0), (1, 1)]
    knapsack = polynomial("x + y", sense="max", boolean="x y", constraints=["x + y <= 1"], variables="x y")
    below, above = cases_of(knapsack, Split(0, 0))
    # Of x + y <= 1, the end y <= 1 is left below and y <= 0 above.
    assert (below.axioms, above.axioms) == ((0, 1, 2, 3), (0, 1, 2, 3, 4))


def test_what_a_chosen_vertex_excludes_is_fixed_as_well() -> None:
    problem = make_problem("cycle:n=5")
    _, above = cases_of(problem, Split(0, 0))
    assert above.problem.box == ((1, 1), (0, 0), (0, 1), (0, 1), (0, 0))
    assert above.problem.objective.terms == {(): 1, (2,): 1, (3,): 1}


def test_a_feasible_point_stays_where_it_is() -> None:
    problem = make_problem("cycle:n=5")
    assert problem.feasible_point is not None
    cases = cases_of(problem, Split(0, 0))
    known = [case.problem.incumbent for case in cases if case.problem.feasible_point is not None]
    assert known == [problem.incumbent]


@pytest.mark.parametrize(
    ("split", "message"),
    [
        (Split(2, 0), "number of a variable"),
        (Split(-1, 0), "number of a variable"),
        (Split(0, Fraction(-1)), "between -1 and 2 to split x"),
        (Split(0, 2), "between -1 and 2 to split x"),
        (Split(0, float("nan")), "value of a split"),  # type: ignore[arg-type]
    ],
)
def test_splits_that_are_none_are_refused(split: Split, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        require_split(cubic(), split)


def test_a_fixed_variable_is_not_split_again() -> None:
    below, above = cases_of(make_problem("cycle:n=5"), Split(0, 0))
    for case, i in product((below, above), (0,)):
        with pytest.raises(BadInput, match="where it is not fixed yet"):
            cases_of(case.problem, Split(i, 0))
    with pytest.raises(BadInput, match="where it is not fixed yet"):
        cases_of(above.problem, Split(1, 0))
