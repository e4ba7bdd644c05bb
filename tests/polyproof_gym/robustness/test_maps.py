from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyproof_gym import BadInput
from polyproof_gym.polynomials import Polynomial, Ring
from polyproof_gym.robustness.maps import (
    Affine,
    Composition,
    ExplicitMap,
    SquareNetwork,
    components,
    exact_values,
)
from polyproof_gym.robustness.stack import Stack

RING = Ring(("x", "y"))
X, Y = (Polynomial.variable(RING, i) for i in range(2))
SMALL = st.integers(-9, 9)


def _network() -> SquareNetwork:
    """Of degree 4, with a skip layer."""
    return SquareNetwork(
        ("x", "y"),
        (Affine([[1, 2], [0, -3]], [1, 4], 2), Affine([[1, 1]], [-2]), Affine([[2], [-5]], [1, 0], 4)),
        Affine([[1, 0], [0, 1]], [0, 7], 8),
    )


def _by_hand(x: Polynomial, y: Polynomial) -> tuple[Polynomial, Polynomial]:
    first, second = (x + 2 * y + 1) * Fraction(1, 2), (-3 * y + 4) * Fraction(1, 2)
    inner = first * first + second * second - 2
    square = inner * inner
    return (2 * square + 1) * Fraction(1, 4) + x * Fraction(1, 8), -5 * square * Fraction(1, 4) + (y + 7) * Fraction(
        1, 8
    )


def test_network_is_what_its_layers_say() -> None:
    network = _network()
    assert components(network) == _by_hand(X, Y)
    assert (network.degree, network.num_outputs) == (4, 2)


@given(st.lists(st.tuples(SMALL, SMALL, SMALL, SMALL), min_size=1, max_size=6), SMALL, SMALL)
def test_explicit_map_has_its_polynomials_as_components_and_their_values(
    terms: list[tuple[int, int, int, int]], x: int, y: int
) -> None:
    polynomials = [
        Polynomial.of(RING, [((0,) * abs(i % 4) + (1,) * abs(j % 3), Fraction(c, 7)) for i, j, c, _ in terms]),
        Polynomial.of(RING, [((1,) * abs(i % 5), d) for i, _, _, d in terms]),
    ]
    explicit = ExplicitMap(polynomials)
    assert components(explicit) == tuple(polynomials)
    point = Fraction(x, 3), Fraction(y, 5)
    values = exact_values(explicit, point)
    assert values == tuple(p.evaluate(point) for p in polynomials)
    np.testing.assert_allclose(explicit.values(np.array([point], float))[0], np.array(values, float), atol=1e-9)


@given(SMALL, SMALL)
def test_values_in_floats_are_close_to_the_exact_ones(x: int, y: int) -> None:
    network = _network()
    exact = exact_values(network, (Fraction(x, 4), Fraction(y, 4)))
    np.testing.assert_allclose(network.values(np.array([[x / 4, y / 4]]))[0], np.array(exact, float), rtol=1e-12)


def test_floats_are_rounded_to_the_nearest() -> None:
    layer = Affine.rounded(np.array([[0.3, -0.26], [1.0, 0.0]]), [0.5, 1e3], 4)
    assert (layer.weights.tolist(), layer.bias.tolist()) == ([[1, -1], [4, 0]], [[2], [4000]])
    assert layer.denominator == 4
    assert Affine.rounded([[0.1]], [0]).denominator == 1024


def test_composition_substitutes_one_map_into_the_other() -> None:
    inner = ExplicitMap([X * Y + Fraction(1, 3), X * X - Y])
    both = Composition(_network(), inner)
    assert components(both) == _by_hand(X * Y + Fraction(1, 3), X * X - Y)
    assert (both.variables, both.degree) == (("x", "y"), 8)
    points = np.array([[0.5, -1.5], [0.25, 0.75]])
    np.testing.assert_allclose(both.values(points), _network().values(inner.values(points)))


def test_large_numbers_stay_exact() -> None:
    big = 3**200
    network = SquareNetwork(("x", "y"), (Affine([[big, 1]], [-1], 2**70), Affine([[1]], [0])))
    (component,) = components(network)
    half = (big * X + Y - 1) * Fraction(1, 2**70)
    assert component == half * half


@given(st.lists(SMALL, min_size=6, max_size=6))
def test_squares_are_products_with_oneself(numbers: list[int]) -> None:
    a, b, c, d, e, f = numbers
    stack = Stack.of([a * X + b * Y + Fraction(c, 3), d * X * Y + e * X + f])
    assert stack.squares().polynomials(RING) == (stack * stack).polynomials(RING)


def test_zero_components_are_zero() -> None:
    zero = Polynomial(RING, {})
    assert components(ExplicitMap([zero, X])) == (zero, X)
    assert components(ExplicitMap([zero])) == (zero,)
    assert ExplicitMap([zero]).values(np.ones((3, 2))).tolist() == [[0.0]] * 3


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Affine([[1, 2], [3]], [0, 0]), "rows of weights of one length"),
        (lambda: Affine([[1, 2]], [0, 0]), "one number of the bias for each"),
        (lambda: Affine([[0.5, 2]], [0]), "whole number"),  # type: ignore[list-item]
        (lambda: Affine([[1]], [0], 0), "denominator"),
        (lambda: Affine.rounded([[float("nan")]], [0]), "expected a finite number as weights, got nan"),
        (lambda: Affine.rounded([[1e308]], [0]), "as weights, got 1"),
        (lambda: Affine.rounded([0.5], [0]), "expected a list of weights, got 0.5"),
        (lambda: SquareNetwork(("x",), ()), "at least one layer"),
        (lambda: SquareNetwork(("x",), (Affine([[1, 2]], [0]),)), "expected 1 inputs of layer 1, got 2"),
        (lambda: SquareNetwork(("x",), (Affine([[1]], [0]),), Affine([[1], [1]], [0, 0])), "skip layer from 1 inputs"),
        (lambda: ExplicitMap([]), "polynomials of one ring"),
        (lambda: ExplicitMap([X, Polynomial.variable(Ring(("z",)), 0)]), "polynomials of one ring"),
        (lambda: ExplicitMap([Polynomial.variable(Ring(("b",), [0]), 0)]), "without rewriting rules"),
        (lambda: Composition(_network(), ExplicitMap([X])), "expected a map with 2 outputs"),
    ],
)
def test_what_does_not_fit_together_is_refused(build: object, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        build()  # type: ignore[operator]
