from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from polyproof_gym import Problem, polynomial
from polyproof_gym.polynomials import Polynomial
from polyproof_gym.proofs.squares import ConvexMinimum, convex_minimum


def minimum(problem: Problem) -> ConvexMinimum | None:
    return convex_minimum(problem.minimised, problem.axioms)


def assert_proves(problem: Problem, found: ConvexMinimum, value: Any) -> None:
    """The combination is the objective less its value at the point, and nothing is negative."""
    least = problem.minimised.evaluate(found.point)
    assert least == value
    combination = Polynomial.constant(problem.ring, least)
    for number, multiplier in found.axioms.items():
        assert multiplier > 0
        combination = combination + problem.axioms[number] * multiplier
    for root, weight in found.squares:
        assert weight > 0
        combination = combination + root * root * weight
    assert combination == problem.minimised


@pytest.mark.parametrize(
    ("text", "constraints", "value"),
    [
        ("(x - 1/3)^2 + (x - y)^2", [], 0),
        ("(x - 2)^2 + 3*(y + 5)^2 + x*y", [], 48),
        ("x^2 + y^2", ["x + y >= 1"], Fraction(1, 2)),
        ("x^2 + y^2", ["x + 2*y == 1"], Fraction(1, 5)),
        ("(x + y - 1)^2", [], 0),
    ],
)
def test_minima_inside_and_at_the_edge(text: str, constraints: list[str], value: Any) -> None:
    problem = polynomial(text, box=[(-1, 1)] * 2, variables=["x", "y"], constraints=constraints)
    found = minimum(problem)
    assert found is not None
    assert_proves(problem, found, value)


def test_badly_scaled_problems_are_exact_too() -> None:
    problem = polynomial(
        "(1/7 - x - 100*y - 62499.9999999999*z)^2 + (2/7 - x - 1000*y - 10^6*z)^2 + (3/7 - x + y - z)^2",
        box=[(-10, 10)] * 3,
        variables=["x", "y", "z"],
    )
    found = minimum(problem)
    assert found is not None
    assert_proves(problem, found, 0)


@pytest.mark.parametrize("text", ["x*y", "x^2 - y^2", "x + y", "x^4 + y^4"])
def test_what_is_not_convex_and_quadratic_has_none(text: str) -> None:
    assert minimum(polynomial(text, box=[(-1, 1)] * 2, variables=["x", "y"])) is None


def test_boolean_variables_have_none() -> None:
    assert minimum(polynomial("(x - y)^2", boolean=["x", "y"])) is None


@pytest.mark.parametrize("seed", range(20))
def test_random_ones(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 6))
    names = [f"x{i}" for i in range(n)]
    rows = rng.integers(-5, 6, (n, n + 1)).tolist()
    text = " + ".join(
        "(" + " + ".join(f"({c})*{x}" for c, x in zip(row, [*names, "1"], strict=True)) + ")^2" for row in rows
    )
    problem = polynomial(text, box=[(-1, 1)] * n, variables=names, constraints=[f"{' + '.join(names)} <= 1"])
    found = minimum(problem)
    if found is not None:
        assert all(axiom.evaluate(found.point) >= 0 for axiom in problem.axioms)
        assert_proves(problem, found, problem.minimised.evaluate(found.point))
    assert found is not None or np.linalg.matrix_rank(np.array(rows)[:, :n]) < n
