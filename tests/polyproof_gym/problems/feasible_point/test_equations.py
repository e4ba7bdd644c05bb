from collections.abc import Sequence
from fractions import Fraction

import pytest

from polyproof_gym.polynomials import Polynomial, Ring, parse_constraint
from polyproof_gym.problems.feasible_point.equations import EquationSolver, rational_roots
from polyproof_gym.problems.feasible_point.exact import ExactSet

RING = Ring(["x", "y", "z"])


def equations(*texts: str) -> list[Polynomial]:
    return [parse_constraint(text, RING)[0] for text in texts]


def solved(texts: Sequence[str], point: Sequence[float], dependent: set[int]) -> tuple[int | Fraction, ...] | None:
    rounded = [Fraction(u).limit_denominator(1000) for u in point]
    terms = [equation.terms for equation in equations(*texts)]
    return EquationSolver().solve(terms, point, rounded, frozenset(dependent))


@pytest.mark.parametrize(
    ("texts", "point", "dependent"),
    [
        (["x + y + z == 1"], (0.2, 0.3, 0.5), {0}),
        (["x + y + z == 1", "x - y == 1/7"], (0.4, 0.26, 0.34), {0, 1}),
        (["x*y == 1/4", "y^3 + z == 1"], (0.7, 0.357, 0.95), {1, 2}),
        (["x^2 + y == 1", "y^2 + z == 1/2"], (0.9, 0.19, 0.4639), {1, 2}),
        (["x^2 + y^2 == 1"], (0.8, 0.6, 0.1), {1}),
        (["x^2 + y^2 == 1", "z == x*y"], (0.707, 0.707, 0.5), {1, 2}),
        (["x^2 + y^2 + z^2 == 1"], (0.577, 0.577, 0.577), {1}),
        (["x^2 + y^2 + z^2 == 1", "x == z"], (0.5, 0.707, 0.5), {1, 2}),
        (["(x - 1/2)^2 + 2*(y - 1/2)^2 == 1/16"], (0.6, 0.65, 0.0), {0}),
    ],
)
def test_solutions_are_exact_and_near(texts: list[str], point: tuple[float, ...], dependent: set[int]) -> None:
    solution = solved(texts, point, dependent)
    assert solution is not None
    assert not any(equation.evaluate(solution) for equation in equations(*texts))
    assert all(abs(float(u) - v) < 0.02 for u, v in zip(solution, point, strict=True))


@pytest.mark.parametrize("text", ["x^2 + y^2 == 3/4", "x^2 == 1/2"])
def test_without_a_rational_solution(text: str) -> None:
    assert solved([text], (0.7071, 0.5, 0.5), {0}) is None


def test_rational_roots() -> None:
    (cubic,) = equations("(3x - 1)*(x - 2)*(x^2 - 1/2) == 0")
    assert rational_roots(cubic.terms) == [Fraction(1, 3)]


def test_equations_are_pairs_of_opposite_constraints() -> None:
    constraints = [p for t in ("x + y == 1", "x >= z", "x*y <= z") for p in parse_constraint(t, RING)]
    exact = ExactSet(RING, constraints)
    assert exact.equations == [constraints[0]]
    assert exact.inequalities == constraints[2:]
    assert exact.contains((Fraction(1, 2), Fraction(1, 2), Fraction(1, 4)))
    assert not exact.contains((Fraction(1, 2), Fraction(1, 2), Fraction(1, 5)))
    assert not exact.contains((Fraction(1, 2), Fraction(1, 3), Fraction(1, 4)))
    assert not exact.contains((2, -1, 0))


def test_domains_follow_from_rules_and_from_equations_in_one_variable() -> None:
    ring = Ring(["x", "y", "b"], idempotent=[2])
    constraints = parse_constraint("(2x - 1)*(3x - 1)*(x - 5) == 0", ring)
    assert ExactSet(ring, constraints).domains() == [[Fraction(1, 3), Fraction(1, 2)], None, [0, 1]]
