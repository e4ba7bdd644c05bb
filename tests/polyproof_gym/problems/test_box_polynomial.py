from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Rational, Ring, parse_constraint, parse_polynomial
from polyproof_gym.problems import Problem, make_problem, polynomial
from polyproof_gym.problems.box_polynomial import NAMED_POLYNOMIALS, problem_on_unit_box
from polyproof_gym.problems.feasible_point import find_feasible_point
from polyproof_gym.problems.problem import unit_box_axioms
from tests.polyproof_gym.polynomials.strategies import ANYWHERE, IN_UNIT_INTERVAL, polynomials

OWN_RING = Ring(["x", "y", "z"])


def sign(value: Rational) -> int:
    return (value > 0) - (value < 0)


@st.composite
def boxes(draw: st.DrawFn) -> list[tuple[Rational, Rational]]:
    ends = [(draw(ANYWHERE), draw(st.fractions("1/9", 4, max_denominator=9))) for _ in range(3)]
    return [(0, 1) if draw(st.booleans()) else (low, low + width) for low, width in ends]


@settings(deadline=None, max_examples=50)
@given(polynomials(OWN_RING), boxes(), st.lists(IN_UNIT_INTERVAL, min_size=3, max_size=3))
def test_unit_coordinates_are_exact(p: Polynomial, box: list[tuple[Rational, Rational]], point: list[Fraction]) -> None:
    problem = polynomial(str(p), box=box, variables=OWN_RING.variables)
    assert problem.objective.evaluate(point) == p.evaluate(problem.to_own_coordinates(point))
    assert problem.box == tuple(box)
    assert problem.axioms == tuple(unit_box_axioms(problem.ring))


@settings(deadline=None, max_examples=30)
@given(polynomials(OWN_RING), polynomials(OWN_RING), boxes(), st.lists(IN_UNIT_INTERVAL, min_size=3, max_size=3))
def test_constraints_are_positive_multiples_in_unit_coordinates(
    p: Polynomial, g: Polynomial, box: list[tuple[Rational, Rational]], point: list[Fraction]
) -> None:
    g = g * Polynomial.variable(OWN_RING, 0) + Polynomial.variable(OWN_RING, 0) ** 9
    problem = polynomial(str(p), box=box, variables=OWN_RING.variables, constraints=[f"{g} >= 0"])
    value = g.evaluate(problem.to_own_coordinates(point))
    new_axioms = problem.axioms[6:]
    assert len(new_axioms) == 1
    assert sign(new_axioms[0].evaluate(point)) == sign(value)


@settings(deadline=None, max_examples=30)
@given(polynomials(OWN_RING), st.sampled_from(["min", "max"]))
def test_incumbent_is_attained_inside_the_box(p: Polynomial, sense: Any) -> None:
    problem = polynomial(str(p), box="unit", variables=OWN_RING.variables, sense=sense)
    assert problem.feasible_point is not None
    assert problem.incumbent is not None
    assert all(0 <= u <= 1 for u in problem.feasible_point)
    assert problem.incumbent == p.evaluate(problem.feasible_point)
    assert problem.sign * (problem.incumbent - problem.trivial_bound) >= 0
    corners = [p.evaluate((corner,) * 3) for corner in (0, 1)]
    assert all(problem.sign * (problem.incumbent - value) <= Fraction(1, 1000) for value in corners)


@pytest.mark.parametrize("name", NAMED_POLYNOMIALS)
def test_named_polynomials_reach_their_optimum(name: str) -> None:
    problem = make_problem(name)
    assert problem.optimum is not None
    assert problem.incumbent is not None
    assert problem.feasible_point is not None
    assert all(0 <= u <= 1 for u in problem.feasible_point)
    assert -1e-8 <= problem.incumbent - problem.optimum <= 1e-6


@pytest.mark.parametrize(
    ("name", "optimum", "point"),
    [
        ("schwefel", 0, (1, 1, 1)),
        ("rd", Fraction("-36.71269068"), (5, -5, 5)),
        ("lv", Fraction("-20.8"), (-2, 2, 2, 2)),
        ("magnetism", Fraction(-1, 4), (Fraction(1, 2), 0, 0, 0, 0, 0, 0)),
        ("motzkin", 0, (-1, 1)),
        ("robinson", 0, (1, 1)),
        ("choi-lam", 0, (1, 1, 1)),
    ],
)
def test_optimum_of_named_polynomials_at_known_points(
    name: str, optimum: Rational, point: tuple[Rational, ...]
) -> None:
    problem = make_problem(name)
    unit = [(x - low) / Fraction(high - low) for x, (low, high) in zip(point, problem.box, strict=True)]
    assert all(0 <= u <= 1 for u in unit)
    assert problem.objective.evaluate(unit) == optimum == problem.optimum


@pytest.mark.parametrize(
    ("name", "optimum", "num_variables", "degree"),
    [
        ("caprasse", Fraction("-3.180096626"), 4, 4),
        ("butcher", Fraction(-2159, 1500), 6, 3),
        ("heart", Fraction("-1.743448579"), 8, 4),
        ("magnetism", Fraction(-1, 4), 7, 2),
        ("schwefel", 0, 3, 4),
        ("rd", Fraction("-36.71269068"), 3, 2),
        ("lv", Fraction("-20.8"), 4, 3),
        ("motzkin", 0, 2, 6),
        ("robinson", 0, 2, 6),
        ("choi-lam", 0, 3, 4),
    ],
)
def test_known_sizes_and_optima(name: str, optimum: Rational, num_variables: int, degree: int) -> None:
    problem = make_problem(name)
    assert (problem.optimum, problem.num_variables, problem.degree) == (optimum, num_variables, degree)
    assert problem.sense == "min"


def test_the_box_may_be_a_sequence_a_map_or_missing() -> None:
    sequence = polynomial("x2 - x10", box=[(-1, 1), (0, 1)])
    mapping = polynomial("x2 - x10", box={"x2": (-1, 1), "x10": (0, 1)})
    assert sequence.objective == mapping.objective
    assert sequence.box == mapping.box == ((-1, 1), (0, 1))
    assert sequence.variables == ("x2", "x10")
    assert sequence.ring.variables == ("u_x2", "x10")
    assert polynomial("x2 - x10", box="unit").box == ((0, 1), (0, 1))


def test_decimal_ends_of_the_box_are_exact() -> None:
    problem = polynomial("x", box=[(-0.1, "0.9")])
    assert problem.box == ((Fraction(-1, 10), Fraction(9, 10)),)
    assert problem.incumbent == Fraction(-1, 10)


def test_ends_of_the_box_may_be_numpy_numbers() -> None:
    problem = polynomial("x", box=list(np.array([[-(2**62), 2**62]])))
    assert problem.box == ((-(2**62), 2**62),)
    assert problem.incumbent == -(2**62)


def test_maximum() -> None:
    problem = polynomial("x - x^2", box="unit", sense="max", optimum="1/4")
    assert problem.incumbent == problem.optimum == Fraction(1, 4)
    assert problem.trivial_bound == 1


def test_sympy_objective_equals_text_objective() -> None:
    x2, x10 = sympy.symbols("x2 x10")
    ours = polynomial(x2**2 - 0.5 * x10, box=[(-1, 1), (0, 2)], constraints=["x2 <= x10"])
    text = polynomial("x2^2 - 0.5 x10", box=[(-1, 1), (0, 2)], constraints=["x2 <= x10"])
    assert (ours.objective, ours.axioms, ours.variables) == (text.objective, text.axioms, text.variables)


def test_constraints_become_integer_axioms() -> None:
    problem = polynomial("x + y", box="unit", constraints=["x + y >= 1/2", "x <= y/3", "x*y == 1/16"])
    added = [parse_constraint(text, problem.ring) for text in ("2x+2y-1>=0", "y-3x>=0", "16*x*y==1")]
    assert list(problem.axioms[4:]) == [axiom for axioms in added for axiom in axioms]


def test_the_incumbent_keeps_the_constraints() -> None:
    problem = polynomial("x + 2 y", box="unit", constraints=["x + y >= 1/2", "x <= 1/4"])
    assert problem.incumbent == Fraction(3, 4)
    assert problem.feasible_point == (Fraction(1, 4), Fraction(1, 4))


def test_variables_of_the_constraints_count() -> None:
    assert polynomial("x2", box="unit", constraints=["x1 + x2 >= 1"]).variables == ("x1", "x2")


def test_repeated_and_void_constraints_are_dropped() -> None:
    problem = polynomial(
        "x + y", box="unit", constraints=["x >= 0", "2x >= 0", "0 <= 1", "x == x", "1 >= y", "x + y <= 1"]
    )
    assert [str(axiom) for axiom in problem.axioms] == ["x", "1 - x", "y", "1 - y", "1 - x - y"]


@pytest.mark.parametrize("constraint", ["1 <= 0", "x - x >= 1", "0 == 1", "2 = 3"])
def test_constraints_that_no_point_satisfies_are_an_axiom(constraint: str) -> None:
    problem = polynomial("x", box="unit", constraints=[constraint])
    assert problem.feasible_point is None
    assert -Polynomial.constant(problem.ring, 1) in problem.axioms


def test_products_of_boolean_variables_that_are_zero_become_rules() -> None:
    problem = polynomial(
        "x + y + t", box={"t": (0, 1)}, boolean="x y z", constraints=["3*x*y == 0", "y*z <= 0", "t*x = 0"]
    )
    x, y = (problem.variables.index(name) for name in "xy")
    assert problem.ring.exclusive == {(x, y)}
    assert len(problem.axioms) == 2 * 4 + 3


@pytest.mark.parametrize("constraint", ["x >= 2", "x^2 + 1 <= 0", "x == 2"])
def test_without_a_feasible_point_there_is_no_incumbent(constraint: str) -> None:
    problem = polynomial("x", box="unit", constraints=[constraint])
    assert problem.feasible_point is None
    assert problem.incumbent is None


def test_boolean_variables() -> None:
    problem = polynomial("x^2 - 2 x y + y^3", sense="max", boolean=["x", "y"])
    assert problem.ring.idempotent == {0, 1}
    assert problem.objective == parse_polynomial("x + y - 2 x y", problem.ring)
    assert problem.incumbent == 1
    assert problem.feasible_point in ((0, 1), (1, 0))


def test_boolean_beside_continuous_variables() -> None:
    problem = polynomial("b*x - x^2", box={"x": (-1, 2)}, boolean=["b"])
    assert problem.ring.idempotent == {0}
    assert problem.incumbent == -4
    assert problem.feasible_point == (0, 1)


def test_integer_variables() -> None:
    problem = polynomial(
        "a*b - c - t",
        box={"a": ("-5/2", "13/3"), "b": (-1, 1), "c": ("-1/2", 1), "t": (0, "1/2")},
        integer=["a", "b", "c"],
    )
    assert problem.integer == {0, 1}
    assert problem.box == ((-2, 4), (-1, 1), (0, 1), (0, Fraction(1, 2)))
    assert problem.ring.idempotent == {2}
    assert (problem.incumbent, problem.to_own_coordinates(problem.feasible_point or ())) == (
        Fraction(-11, 2),
        (4, -1, 1, Fraction(1, 2)),
    )
    assert problem.integer_intervals == {0: (-2, 4), 1: (-1, 1)}


def test_ends_of_integer_variables_that_constraints_imply_are_whole() -> None:
    problem = polynomial(
        "a + b + t",
        box={"a": ("1/2", None), "t": (0, None)},
        integer="a b",
        constraints=["2*a + t <= 15", "a + b = 7/2"],
    )
    assert problem.box == ((1, 7), (-4, 2), (0, 13))
    assert problem.integer == {0, 1}
    # A single value, or none, is no interval: the constraints say which.
    for constraints, interval in ((["7 <= 3*a <= 11"], (3, 4)), (["7 <= 3*a <= 8"], (3, 4)), (["3*a <= 8"], (2, 3))):
        ends = (2, None) if len(constraints[0]) < 9 else None
        assert polynomial("a", box={"a": ends}, integer="a", constraints=constraints).box == (interval,)


def test_knapsack() -> None:
    problem = polynomial(
        "5a + 4b + 3c", sense="max", boolean="a b c", constraints=["2a + 3b + c <= 5", "4a + b + 2c <= 11"]
    )
    assert problem.incumbent == 9


def test_name_and_constant_objective() -> None:
    assert polynomial("x + 1", box="unit").name == "x + 1"
    assert polynomial("x + 1", box="unit", name="mine").name == "mine"
    assert polynomial("x - x + 3", box="unit").incumbent == 3


def test_a_variable_may_have_the_name_of_a_unit_coordinate() -> None:
    problem = polynomial("x + 2 u_x", box={"x": (-1, 1), "u_x": (0, 1)})
    assert problem.incumbent == -1
    assert len(set(problem.ring.variables)) == 2


@pytest.mark.parametrize(
    "text",
    ["1e400 x", "1e308 x + 1e308 y + 1e308", "1e-320 x^3 + x^2 - x", "1e-320 x^3 + 1e300 x", "1e-500 x^2 - 1e-400 x"],
)
def test_coefficients_beyond_the_range_of_floats_are_no_trouble(text: str) -> None:
    """The search for a feasible point works in floats; what it cannot do must not keep anyone from a proof."""
    problem = polynomial(text, box="unit")
    assert problem.objective == parse_polynomial(text, problem.ring)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"objective": "x", "box": [(0, 1), (0, 1)]}, "expected 1 interval, for x, got 2"),
        ({"objective": "x + y", "box": [(0, 1)]}, "expected 2 intervals, for x, y, got 1"),
        ({"objective": "x", "box": {"z": (0, 1)}}, "'x' is not one of the declared"),
        ({"objective": "x", "box": [(1, 0)]}, "low < high"),
        ({"objective": "x", "box": [(0, float("inf"))]}, "x has no upper bound"),
        ({"objective": "x", "box": [(0, float("nan"))]}, "finite"),
        ({"objective": "x", "box": [(0, 1, 2)]}, "interval"),
        ({"objective": "x", "box": [None]}, "no lower and no upper bound"),
        ({"objective": "3"}, "at least one variable"),
        ({"objective": ""}, "at least one variable"),
        ({"objective": "x +"}, "column 4"),
        ({"objective": "x + y", "variables": ["x"]}, "'y' is not one of the declared"),
        ({"objective": "x", "sense": "up"}, "'min', 'max' as sense, got 'up'"),
        ({"objective": "x", "boolean": ["y"]}, "'x' is not one of the declared"),
        ({"objective": "x", "boolean": ["x"], "box": [(0, 2)]}, "boolean variable"),
        ({"objective": "x", "integer": ["y"], "box": {"y": (0, 2)}}, "'x' is not one of the declared"),
        ({"objective": "x", "integer": ["x"]}, "x has no lower and no upper bound"),
        ({"objective": "x", "integer": ["x"], "box": [(0, None)]}, "x has no upper bound"),
        ({"objective": "x", "integer": ["x"], "boolean": ["x"]}, "integer: expected variables that are not boolean"),
        ({"objective": "x", "integer": ["x"], "box": [("23/10", "17/5")]}, "integer variable x, .* holds only 3"),
        ({"objective": "x", "integer": ["x"], "box": [("1/3", "2/3")]}, "integer variable x, .* which holds none"),
        ({"objective": "x", "integer": ["x", "x"], "box": [(0, 2)]}, "distinct"),
        ({"objective": "x", "constraints": ["x"]}, "column 2: expected '>='"),
        ({"objective": "x", "constraints": ["x < 1"]}, "write '<='"),
        ({"objective": "x", "variables": ["x", "x"]}, "distinct"),
        ({"objective": "x", "optimum": "abc"}, "finite number"),
        ({"objective": "x", "optimum": float("nan")}, "finite number"),
        ({"objective": sympy.Symbol("x") * sympy.pi}, "rational coefficients"),
        ({"objective": sympy.sin(sympy.Symbol("x"))}, "rational coefficients"),
        ({"objective": sympy.Integer(3)}, "at least one variable"),
        ({"objective": 3}, "polynomial"),
        ({"objective": None}, "polynomial"),
    ],
    ids=str,
)
def test_bad_input(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message) as error:
        polynomial(**arguments)
    assert "\n" not in str(error.value)


def test_search_respects_idempotent_variables_and_exclusive_pairs() -> None:
    ring = Ring(["a", "b", "c"], idempotent=range(3), exclusive=[(0, 1), (1, 2)])
    point = find_feasible_point(Polynomial.of(ring, [((0,), -2), ((1,), -3), ((2,), -2)]))
    assert point is not None
    assert set(point) <= {0, 1}
    assert not (point[0] and point[1])
    assert not (point[1] and point[2])


def test_search_is_deterministic() -> None:
    problems = [polynomial("x^3 y - 2 x y^2 + x z - y", box="unit", sense="max") for _ in range(2)]
    assert problems[0].feasible_point == problems[1].feasible_point


def on_unit_box(text: str, **arguments: Any) -> Problem:
    return problem_on_unit_box("example", parse_polynomial(text, OWN_RING), **arguments)


def test_problem_on_unit_box() -> None:
    problem = on_unit_box("x - y*z", constraints=[parse_polynomial("x/2 - y/4", OWN_RING)])
    assert problem.box == ((0, 1),) * 3
    assert problem.variables == OWN_RING.variables
    assert str(problem.axioms[-1]) == "2*x - y"
    assert problem.name == "example"
    assert problem.incumbent == Fraction(-1, 2)
