from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest

from polyproof_gym import Problem, polynomial
from polyproof_gym.polynomials import Polynomial, Ring
from polyproof_gym.problems.feasible_point.whole_values import WholeValues

RING = Ring(["x", "y", "z"])


def parsed(**terms: int) -> Polynomial:
    """A polynomial by its monomials, such as ``xy=3``; ``one`` is the constant."""
    numbers = {"x": 0, "y": 1, "z": 2}
    return Polynomial(
        RING, {() if name == "one" else tuple(numbers[i] for i in name): value for name, value in terms.items()}
    )


def test_linear_constraints_and_whole_values_are_kept() -> None:
    """The values of x are 0, 1/3, 2/3 and 1: only the last is more than 7/10."""
    values = WholeValues(3, [parsed(x=1, y=-2)], [parsed(x=10, one=-7)], {0: 3})
    for objective in (parsed(x=1, z=1), parsed(z=-1), parsed(one=5)):
        point = values.point(objective)
        assert point is not None
        assert point.shape == (3,)
        assert point[:2] == pytest.approx([1, 1 / 2])
    point = values.point(parsed(z=-1))
    assert point is not None
    assert point[2] == pytest.approx(1)


def test_products_lie_in_their_envelopes() -> None:
    """With x from 0 and 1 the product is exact."""
    values = WholeValues(3, [parsed(xy=2, one=-1)], [], {0: 1})
    for objective in (parsed(y=1), parsed(y=-1), parsed(xyz=-1)):
        point = values.point(objective)
        assert point is not None
        assert point[:2] == pytest.approx([1, 1 / 2])


@pytest.mark.parametrize("excess", [1, 10**400])
def test_where_there_is_none(excess: int) -> None:
    assert WholeValues(3, [parsed(x=2, one=-1)], [], {0: 3}).point(parsed(x=1)) is None
    assert WholeValues(3, [], [parsed(x=-1, yz=-1, one=-excess)], {0: 3}).point(parsed(x=1)) is None


def planted(seed: int, reals: int, wholes: int, equations: int, wide: int, products: bool = False) -> Problem:
    """A problem with equations that hold at a random point."""
    rng = random.Random(seed)
    names = [*(f"x{i}" for i in range(reals)), *(f"n{i}" for i in range(wholes))]
    point = {name: Fraction(rng.randint(-24, 24), rng.choice([3, 4])) for name in names[:reals]}
    point |= {name: Fraction(rng.randint(0, wide)) for name in names[reals:]}
    constraints = []
    for _ in range(equations):
        terms = [([name], rng.choice([-5, -3, -2, -1, 1, 2, 3, 4])) for name in names if rng.random() < 0.6]
        terms += [([rng.choice(names), rng.choice(names[reals:])], rng.choice([-2, 1]))] * products
        value = sum(c * math.prod(point[name] for name in factors) for factors, c in terms)
        constraints.append(" + ".join(f"{c}*{'*'.join(factors)}" for factors, c in terms) + f" = {value}")
    return polynomial(
        f"{names[0]}*{names[-1]} - {names[1]}^2 + {names[-2]}",
        box={name: (0, wide) if name in names[reals:] else (-10, 10) for name in names},
        integer=names[reals:],
        constraints=[c for c in constraints if not c.startswith(" =")],
        variables=names,
    )


@pytest.mark.parametrize(("reals", "wholes", "equations", "wide"), [(2, 3, 3, 5), (2, 5, 3, 20), (4, 6, 5, 20)])
@pytest.mark.parametrize("seed", range(5))
def test_points_of_mixed_linear_equations_are_found(
    seed: int, reals: int, wholes: int, equations: int, wide: int
) -> None:
    problem = planted(seed, reals, wholes, equations, wide)
    point = problem.feasible_point
    assert point is not None
    assert all(axiom.evaluate(point) >= 0 for axiom in problem.axioms)
    assert all(problem.to_own_coordinates(point)[i].denominator == 1 for i in problem.integer)


def test_points_of_most_mixed_equations_with_products_are_found() -> None:
    problems = [planted(seed, 2, 3, 2, 5, products=True) for seed in range(10)]
    points = [problem.feasible_point for problem in problems]
    for problem, point in zip(problems, points, strict=True):
        assert point is None or all(axiom.evaluate(point) >= 0 for axiom in problem.axioms)
    assert sum(point is not None for point in points) >= 8
