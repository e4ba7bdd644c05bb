import copy
import dataclasses
import pickle
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Ring, parse_polynomial
from polyproof_gym.problems import Problem, ProblemShape, polynomial
from polyproof_gym.problems.problem import end_of, rational_interval, unit_box_axioms, unit_box_ends

RING = Ring(["x", "y"])


def read(text: str) -> Polynomial:
    return parse_polynomial(text, RING)


def problem(objective: str, **changes: Any) -> Problem:
    fields: dict[str, Any] = {
        "name": "example",
        "family": "box-polynomial",
        "sense": "min",
        "objective": read(objective),
        "axioms": tuple(unit_box_axioms(RING)),
        "variables": RING.variables,
        "box": ((0, 1), (0, 1)),
    }
    return Problem(**fields | changes)


def test_axioms_of_the_unit_box_come_variable_by_variable() -> None:
    assert unit_box_axioms(RING) == [read("x"), read("1 - x"), read("y"), read("1 - y")]


def test_minimised_objective_and_trivial_bound_follow_the_sense() -> None:
    lower, upper = problem("1 + 2 x - 3 y"), problem("1 + 2 x - 3 y", sense="max")
    assert (lower.sign, lower.minimised, lower.trivial_bound) == (1, read("1 + 2 x - 3 y"), -2)
    assert (upper.sign, upper.minimised, upper.trivial_bound) == (-1, read("3 y - 2 x - 1"), 3)


def test_incumbent_is_the_value_at_the_feasible_point() -> None:
    assert problem("x - 2 y", feasible_point=(Fraction(1, 2), 1)).incumbent == Fraction(-3, 2)
    assert problem("x - 2 y").incumbent is None


def test_sizes() -> None:
    example = problem("x^3 y + x - 1", axioms=(*unit_box_axioms(RING), read("1 - x - y - x y")))
    assert example.degree == 4
    assert example.num_variables == 2
    assert example.ring == RING
    assert example.shape == ProblemShape(
        num_variables=2, num_axioms=5, degree=4, max_terms=4, objective_terms=3, num_constraints=1
    )


def test_degree_counts_the_axioms() -> None:
    assert problem("x", axioms=(*unit_box_axioms(RING), read("x y y"))).degree == 3


@settings(deadline=None, max_examples=40)
@given(st.lists(st.fractions(min_value=0, max_value=1, max_denominator=50), min_size=2, max_size=2))
def test_own_coordinates_are_the_affine_image(point: list[Fraction]) -> None:
    example = problem("x", box=((-2, Fraction(1, 3)), (5, 7)))
    assert example.to_own_coordinates(point) == (-2 + Fraction(7, 3) * point[0], 5 + 2 * point[1])


def test_axioms_of_another_ring_are_refused() -> None:
    with pytest.raises(ValueError, match="one ring"):
        problem("x", axioms=(Polynomial.variable(Ring(["x", "y"], idempotent=[0]), 0),))


def test_axioms_with_fractions_are_refused() -> None:
    with pytest.raises(ValueError, match="integer coefficients"):
        problem("x", axioms=(read("x/2"),))


def test_the_axioms_of_the_unit_box_are_required() -> None:
    with pytest.raises(ValueError, match="unit box"):
        problem("x", axioms=tuple(unit_box_axioms(RING)[:3]))


def test_rewriting_rules_need_variables_between_0_and_1() -> None:
    ring = Ring(["x", "y"], exclusive=[(0, 1)])
    axioms = tuple(unit_box_axioms(ring))
    with pytest.raises(ValueError, match="rewriting rules"):
        dataclasses.replace(problem("x"), objective=Polynomial.variable(ring, 0), axioms=axioms, box=((0, 1), (0, 2)))


def test_axioms_in_the_problems_own_variables() -> None:
    example = polynomial("x*y", box=[(-2, 4), (0, 1)], constraints=["x + y <= 2"])
    texts = [str(example.in_own_coordinates(p)) for p in (example.objective, *example.axioms)]
    assert texts == ["x*y", "1/6*x + 1/3", "2/3 - 1/6*x", "y", "1 - y", "2 - x - y"]


def test_problems_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        problem("x").name = "other"  # type: ignore[misc]


def test_copies_keep_everything() -> None:
    original = polynomial("x^2 - y", box=[(-1, 1), (0, 3)], constraints=["x + y <= 2"], name="p", optimum=-3)
    _ = original.minimised, original.incumbent
    for other in (copy.deepcopy(original), pickle.loads(pickle.dumps(original))):
        assert dataclasses.astuple(dataclasses.replace(other)) == dataclasses.astuple(original)
        assert other.incumbent == original.incumbent


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ((0, 1), (0, 1)),
        (("-0.1", "1/3"), (Fraction(-1, 10), Fraction(1, 3))),
        ([-0.5, 0.25], (Fraction(-1, 2), Fraction(1, 4))),
    ],
)
def test_intervals_are_read_exactly(interval: Any, expected: Any) -> None:
    assert rational_interval(interval) == expected


@pytest.mark.parametrize(
    ("interval", "message"),
    [
        ((1, 0), "low < high"),
        ((1, 1), "low < high"),
        ((0, float("inf")), "finite numbers"),
        ((float("nan"), 1), "finite numbers"),
        ((0, "1/0"), "finite numbers"),
        (("a", "b"), "finite numbers"),
        ((0,), "interval"),
        ((0, 1, 2), "interval"),
        (None, "interval"),
        (3, "interval"),
    ],
)
def test_bad_intervals(interval: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message) as error:
        rational_interval(interval)
    assert "\n" not in str(error.value)


def test_the_worst_value_is_the_bound_on_the_other_side() -> None:
    low = polynomial("2*x - 3*x*y + 1/2", "unit", sense="min")
    high = polynomial("2*x - 3*x*y + 1/2", "unit", sense="max")
    assert (low.trivial_bound, low.worst_value) == (Fraction(-5, 2), Fraction(5, 2))
    assert (high.trivial_bound, high.worst_value) == (Fraction(5, 2), Fraction(-5, 2))


def test_a_set_may_be_empty_if_it_has_constraints_and_no_known_point() -> None:
    constrained = polynomial("x*y", "unit", constraints=["x + y <= 1"])
    assert not constrained.may_be_empty
    assert dataclasses.replace(constrained, feasible_point=None).may_be_empty
    assert not dataclasses.replace(polynomial("x*y", "unit", boolean=["x"]), feasible_point=None).may_be_empty
    assert polynomial("x", "unit", constraints=["x >= 2"]).may_be_empty


def test_the_set_without_the_objective() -> None:
    full = polynomial("x*y", "unit", sense="max", constraints=["x + y <= 1"])
    bare = full.without_objective
    assert (bare.axioms, bare.box, bare.ring, bare.sense) == (full.axioms, full.box, full.ring, "min")
    assert (bare.trivial_bound, bare.worst_value, bare.incumbent) == (0, 0, 0)
    assert bare is full.without_objective


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("x", (0, "lower")),
        ("1 - y", (1, "upper")),
        ("2*x", None),
        ("2 - x", None),
        ("x^2", None),
        ("1 - x - y", None),
        ("1", None),
    ],
)
def test_ends_of_the_unit_box_are_told_from_other_axioms(text: str, end: object) -> None:
    assert end_of(read(text)) == end
    assert {axiom: place for place, axiom in unit_box_ends(RING).items()}.get(read(text)) == end
