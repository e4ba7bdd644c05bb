from fractions import Fraction

import pytest

from polyproof_gym import Problem, make_problem, polynomial
from polyproof_gym.problems.minimisers import rational_minimisers


def found(problem: Problem) -> set[tuple[Fraction | int, ...]]:
    return {problem.to_own_coordinates(point) for point in rational_minimisers(problem)}


@pytest.mark.parametrize(
    ("problem", "points"),
    [
        ("motzkin", {(a, b) for a in (1, -1) for b in (1, -1)}),
        ("choi-lam", {(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)}),
        ("robinson", {(a, b) for a in (0, 1, -1) for b in (0, 1, -1)} - {(0, 0)}),
        ("schwefel", {(1, 1, 1)}),
        ("magnetism", {(Fraction(1, 2), 0, 0, 0, 0, 0, 0)}),
    ],
)
def test_all_rational_minimisers_are_found(problem: str, points: set[tuple[int, ...]]) -> None:
    assert found(make_problem(problem)) == points


def test_a_flat_minimum_is_found() -> None:
    assert found(polynomial("(x - 1/3)^4 + (y - x)^4", box=[(-1, 2)] * 2, variables=["x", "y"])) == {
        (Fraction(1, 3), Fraction(1, 3))
    }


def test_a_line_of_minimisers_is_found_between_its_ends() -> None:
    points = found(polynomial("(x - 1)^2*(y + 2)", box=[(-2, 2), (0, 3)]))
    assert all(x == 1 for x, _ in points)
    assert {y for _, y in points} >= {Fraction(k, 2) for k in range(7)}


def test_maximisers_of_problems_to_maximise() -> None:
    assert found(polynomial("x*(1 - x)", box=[(0, 1)], sense="max")) == {(Fraction(1, 2),)}


@pytest.mark.parametrize("problem", ["caprasse", "heart"])
def test_irrational_ones_are_none(problem: str) -> None:
    assert not rational_minimisers(make_problem(problem))


def test_with_constraints_it_is_the_point_known() -> None:
    problem = polynomial("x^2 + y^2", box=[(-1, 1)] * 2, variables=["x", "y"], constraints=["x + y >= 1"])
    assert found(problem) == {(Fraction(1, 2), Fraction(1, 2))}
    infeasible = polynomial("x", box=[(0, 1)], variables=["x"], constraints=["x >= 2"])
    assert not rational_minimisers(infeasible)
