import copy
import pickle
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym.polynomials import ONE, Monomial, Ring
from tests.polyproof_gym.polynomials.strategies import rings

TRIANGLE = Ring(["a", "b", "c"], idempotent=range(3), exclusive=[(0, 1), (2, 1), (0, 2)])


@st.composite
def ring_and_factors(draw: st.DrawFn, count: int) -> tuple[Ring, list[list[int]]]:
    ring = draw(rings())
    return ring, [draw(st.lists(st.integers(0, ring.num_variables - 1), max_size=5)) for _ in range(count)]


def product(ring: Ring, a: Monomial | None, b: Monomial | None) -> Monomial | None:
    return None if a is None or b is None else ring.product(a, b)


@settings(deadline=None, max_examples=100)
@given(ring_and_factors(3))
def test_product_of_monomials_is_commutative_and_associative_with_unit(case: tuple[Ring, list[list[int]]]) -> None:
    ring, factors = case
    a, b, c = (ring.normal_form(variables) for variables in factors)
    assert product(ring, a, b) == product(ring, b, a)
    assert product(ring, product(ring, a, b), c) == product(ring, a, product(ring, b, c))
    assert product(ring, a, ONE) == a


@settings(deadline=None, max_examples=100)
@given(ring_and_factors(1), st.randoms(use_true_random=False))
def test_normal_form_depends_on_no_order_and_is_reached_at_once(
    case: tuple[Ring, list[list[int]]], random: Random
) -> None:
    ring, (variables,) = case
    shuffled = random.sample(variables, len(variables))
    monomial = ring.normal_form(variables)
    assert ring.normal_form(shuffled) == monomial
    assert monomial is None or ring.normal_form(monomial) == monomial


@settings(deadline=None, max_examples=100)
@given(ring_and_factors(1))
def test_normal_form_obeys_the_rules_of_the_ring(case: tuple[Ring, list[list[int]]]) -> None:
    ring, (variables,) = case
    monomial = ring.normal_form(variables)
    vanishes = any((i, j) in ring.exclusive for i in variables for j in variables)
    assert (monomial is None) == vanishes
    if monomial is not None:
        for i in range(ring.num_variables):
            power = variables.count(i)
            assert monomial.count(i) == (min(power, 1) if i in ring.idempotent else power)


def test_free_ring_keeps_powers() -> None:
    ring = Ring(["x", "y"])
    assert ring.normal_form([1, 0, 1]) == (0, 1, 1)
    assert ring.times((0,), 0) == (0, 0)


def test_exclusive_pairs_multiply_to_zero() -> None:
    assert TRIANGLE.times((0,), 1) is None
    assert TRIANGLE.product((2,), (1,)) is None
    assert TRIANGLE.times((0,), 0) == (0,)


def test_exclusive_with_is_symmetric() -> None:
    ring = Ring("abcd", exclusive=[(3, 0), (0, 1)])
    assert [sorted(ring.exclusive_with(i)) for i in range(4)] == [[1, 3], [0], [], [0]]
    assert ring.exclusive == {(0, 1), (0, 3)}


@pytest.mark.parametrize(
    ("monomial", "text"), [((), "1"), ((0,), "x"), ((0, 0, 1), "x^2*y"), ((0, 1), "x*y"), ((1, 1, 1), "y^3")]
)
def test_monomials_are_written_as_people_write_them(monomial: Monomial, text: str) -> None:
    assert Ring(["x", "y"]).format_monomial(monomial) == text


def test_rings_compare_by_value() -> None:
    ring = Ring(["x", "y"], idempotent=[0, 1], exclusive=[(1, 0)])
    same = Ring(("x", "y"), idempotent={1, 0}, exclusive={(0, 1), (1, 0)})
    assert ring == same
    assert hash(ring) == hash(same)


@pytest.mark.parametrize(
    "other",
    [
        Ring(["x", "y"]),
        Ring(["x", "y"], idempotent=[0]),
        Ring(["y", "x"], idempotent=[0, 1]),
        Ring(["x", "y"], idempotent=[0, 1], exclusive=[(0, 1)]),
        Ring(["x", "y", "z"], idempotent=[0, 1]),
        "Ring",
    ],
)
def test_different_rings_are_unequal(other: object) -> None:
    assert Ring(["x", "y"], idempotent=[0, 1]) != other


@settings(deadline=None, max_examples=30)
@given(rings())
def test_copies_of_a_ring_are_equal(ring: Ring) -> None:
    for other in (copy.copy(ring), copy.deepcopy(ring), pickle.loads(pickle.dumps(ring))):
        assert other == ring
        assert hash(other) == hash(ring)
        assert all(other.exclusive_with(i) == ring.exclusive_with(i) for i in range(ring.num_variables))


@pytest.mark.parametrize(
    ("variables", "idempotent", "exclusive"),
    [
        (["x", "x"], [], []),
        (["x", "y"], [2], []),
        (["x", "y"], [-1], []),
        (["x", "y"], [], [(0, 2)]),
        (["x", "y"], [], [(-1, 0)]),
        (["x", "y"], [], [(1, 1)]),
    ],
)
def test_rings_without_sense_are_refused(
    variables: list[str], idempotent: list[int], exclusive: list[tuple[int, int]]
) -> None:
    with pytest.raises(ValueError, match=r"distinct|out of range|twice"):
        Ring(variables, idempotent, exclusive)
