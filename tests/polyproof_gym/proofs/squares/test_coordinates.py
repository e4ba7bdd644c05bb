import itertools

import numpy as np
import pytest

from polyproof_gym.polynomials import ONE, Polynomial, Ring
from polyproof_gym.proofs.squares import Coordinates

RINGS = {
    "free": Ring(("x", "y", "z")),
    "mixed": Ring(("x", "y", "z"), idempotent=[1]),
    "boolean": Ring(("x", "y", "z"), idempotent=[0, 1, 2]),
    "exclusive": Ring(("x", "y", "z"), idempotent=[0, 1, 2], exclusive=[(0, 2)]),
}


def points(ring: Ring) -> list[tuple[float, ...]]:
    """Points of the unit box where the ring's rewriting rules hold."""
    values = [(0.0, 1.0) if i in ring.idempotent else (0.0, 0.3, 0.8, 1.0) for i in range(ring.num_variables)]
    grid = itertools.product(*values)
    return [u for u in grid if all(u[i] * u[j] == 0 for i, j in ring.exclusive)]


def value(coordinates: Coordinates, monomial: tuple[int, ...], u: tuple[float, ...]) -> float:
    own = [2 * x - 1 if coordinates.is_centred else x for x in u]
    return float(np.prod([own[i] for i in monomial]))


@pytest.mark.parametrize("name", RINGS)
def test_products_and_changes_have_the_same_values_at_points(name: str) -> None:
    ring = RINGS[name]
    coordinates = Coordinates(ring)
    monomials = coordinates.monomials(range(3), 2)
    for a, b in itertools.product(monomials, repeat=2):
        product = coordinates.product(a, b)
        for u in points(ring):
            expected = value(coordinates, a, u) * value(coordinates, b, u)
            assert (0.0 if product is None else value(coordinates, product, u)) == pytest.approx(expected)
            in_unit = sum(float(c * np.prod([u[i] for i in m])) for m, c in coordinates.in_unit(a).items())
            assert in_unit == pytest.approx(value(coordinates, a, u))


@pytest.mark.parametrize("name", RINGS)
def test_a_polynomial_written_in_the_coordinates_is_the_same_function(name: str) -> None:
    ring = RINGS[name]
    coordinates = Coordinates(ring)
    polynomial = Polynomial.of(ring, [((0, 1), 3), ((1, 1, 1), -2), ((2,), 5), ((), 7)])
    terms = coordinates.terms_of(polynomial)
    for u in points(ring):
        direct = sum(float(c) * float(np.prod([u[i] for i in m])) for m, c in polynomial.terms.items())
        assert sum(float(c) * value(coordinates, m, u) for m, c in terms.items()) == pytest.approx(direct)


@pytest.mark.parametrize(("name", "degree", "count"), [("free", 2, 10), ("boolean", 3, 8), ("exclusive", 3, 6)])
def test_monomials_are_those_in_normal_form(name: str, degree: int, count: int) -> None:
    monomials = Coordinates(RINGS[name]).monomials(range(3), degree)
    assert len(set(monomials)) == len(monomials) == count
    assert monomials[0] == ONE
    assert [*map(len, monomials)] == sorted(map(len, monomials))


def test_roots_are_coprime_and_have_a_positive_first_coefficient() -> None:
    ring = RINGS["free"]
    x, y = Polynomial.variable(ring, 0), Polynomial.variable(ring, 1)
    # -6 + 4 (2 x - 1) - 2 (2 y - 1) = -8 + 8 x - 4 y
    assert Coordinates(ring).root([ONE, (0,), (1,)], [-6, 4, -2]) == 2 - 2 * x + y


def test_the_change_takes_moments_of_a_point_to_moments_of_the_point() -> None:
    coordinates = Coordinates(RINGS["mixed"])
    monomials = coordinates.monomials(range(3), 3)
    rows = {m: k for k, m in enumerate({m: None for a in monomials for m in coordinates.in_unit(a)})}
    u = (0.3, 1.0, 0.8)
    moments = np.array([np.prod([u[i] for i in m]) for m in rows])
    changed = coordinates.change(monomials, rows) @ moments
    assert changed == pytest.approx([value(coordinates, m, u) for m in monomials])
