import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym.polynomials import Polynomial, Rational, Ring
from polyproof_gym.problems import Problem, load_problem, polynomial
from polyproof_gym.problems.feasible_point import find_feasible_point
from tests.polyproof_gym.polynomials.strategies import polynomials

CASES = Path(__file__).resolve().parents[5] / "shared" / "cases" / "polynomials.json"
needs_cases = pytest.mark.skipif(not CASES.is_file(), reason="shared/cases beside the repository is absent")

BINARY_RING = Ring(["a", "b", "c", "d"], idempotent=range(4))
MIXED_RING = Ring(["x", "y", "b"], idempotent=[2])


def is_exact(problem: Problem) -> bool:
    point = problem.feasible_point
    return point is not None and all(axiom.evaluate(point) >= 0 for axiom in problem.axioms)


def incumbent(objective: str, **arguments: Any) -> float:
    problem = polynomial(objective, **arguments)
    assert is_exact(problem)
    return float(problem.incumbent or 0)


def box(names: str, low: Any, high: Any) -> dict[str, tuple[Any, Any]]:
    return {name: (low, high) for name in names}


@pytest.mark.parametrize(
    ("objective", "names", "interval", "optimum"),
    [
        ("100*(y - x^2)^2 + (1 - x)^2", "xy", (-5, 10), 0),
        ("(x + 2y - 7)^2 + (2x + y - 5)^2", "xy", (-10, 10), 0),
        ("(1.5 - x + x*y)^2 + (2.25 - x + x*y^2)^2 + (2.625 - x + x*y^3)^2", "xy", ("-4.5", "4.5"), 0),
        ("x^4 - 16x^2 + 5x + y^4 - 16y^2 + 5y + z^4 - 16z^2 + 5z", "xyz", (-5, 5), -234.997),
        ("(x - 1)^2 + 2*(2y^2 - x)^2 + 3*(2z^2 - y)^2", "xyz", (-10, 10), 0),
        ("(x - 3)^4 + (y + 2)^2*(x - y)^2 - 5x", "xy", (-10000, 10000), -19.0396),
        ("x^10 + y^10", "xy", ("-0.5", "0.4"), 0),
        ("x^60 - x^30*y + y^2", "xy", (-1, 1), 0),
    ],
)
def test_minima_on_boxes(objective: str, names: str, interval: tuple[Any, Any], optimum: float) -> None:
    assert incumbent(objective, box=box(names, *interval)) == pytest.approx(optimum, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize(
    ("objective", "bounds", "constraints", "optimum"),
    [
        # Where a vertex, a curved boundary or an interior point of the boundary is optimal.
        ("-3x - 5y", box("xy", 0, 10), ["x <= 4", "2y <= 12", "3x + 2y <= 18"], -36),
        ("-3x - 4y", box("xy", -2, 2), ["x^2 + y^2 <= 1"], -5),
        ("x + y", box("xy", -3, 3), ["x^2 + y^2 <= 4", "(x - 1)^2 + y^2 >= 4"], -2 * 2**0.5),
        ("x + y + z", box("xyz", "0.1", 4), ["x*y*z >= 3/2"], 3 * 1.5 ** (1 / 3)),
        ("-a*b*c*d", box("abcd", 0, 10), ["a + b + c + d == 10", "a*b <= 5"], -38.19660),
        (
            "a^2 + b^2 + 2c^2 + d^2 - 5a - 5b - 21c + 7d",
            box("abcd", -5, 5),
            [
                "8 - a^2 - b^2 - c^2 - d^2 - a + b - c + d >= 0",
                "10 - a^2 - 2b^2 - c^2 - 2d^2 + a + d >= 0",
                "5 - 2a^2 - b^2 - c^2 - 2a + b + d >= 0",
            ],
            -44,
        ),
        # Equations: linear, solved for one variable after another, circles and spheres.
        ("x^3 + y^3 + z^3 - x*y*z", box("xyz", 0, 1), ["x + y + z == 1"], 2 / 27),
        ("x + 2y", box("xy", 0, 1), ["x*y == 1/4"], 2**0.5),
        ("x - 3y", box("xy", -1, 1), ["x^2 + y == 1"], -37 / 12),
        ("x - y", box("xy", 0, 1), ["x + y == 1", "x*y == 3/16"], -0.5),
        ("x + y + z", box("xyz", -2, 2), ["x^2 + y == 1", "y^2 + z == 1/2"], -5.18762),
        ("x + y", box("xy", -2, 2), ["x^2 + y^2 == 1"], -(2**0.5)),
        ("x + 2y + 3z", box("xyz", -2, 2), ["x^2 + y^2 + z^2 == 2"], -(28**0.5)),
        ("c*d - s*t + t", {**box("cs", -1, 1), **box("dt", -1, 1)}, ["c^2 + s^2 == 1", "d^2 + t^2 == 1"], -2),
        (
            "6a + 16b + 10c - 9x - 15y + 10d",
            {
                "a": (0, 300),
                "b": (0, 300),
                "c": (0, 100),
                "d": (0, 200),
                "x": (0, 100),
                "y": (0, 200),
                "p": (0, 100),
                "q": (0, 200),
                "s": (1, 3),
            },
            [
                "p + q == a + b",
                "x == p + c",
                "y == q + d",
                "s*p + 2c <= 2.5x",
                "s*q + 2d <= 1.5y",
                "s*p + s*q == 3a + b",
            ],
            -400,
        ),
    ],
)
def test_minima_with_constraints(
    objective: str, bounds: dict[str, tuple[Any, Any]], constraints: list[str], optimum: float
) -> None:
    assert incumbent(objective, box=bounds, constraints=constraints) == pytest.approx(optimum, rel=1e-3)


def test_the_only_points_are_found_where_they_are_rational() -> None:
    problem = polynomial("x", box=box("xy", 0, 1), constraints=["x + y == 1", "x*y == 1/4"])
    assert problem.feasible_point == (Fraction(1, 2), Fraction(1, 2))


def test_the_few_rational_points_of_a_curve() -> None:
    problem = polynomial("x + y", box=box("xy", -2, 2), constraints=["x^3 + y^3 == 1"])
    assert problem.incumbent == 1


@pytest.mark.parametrize(
    "constraints", [["x^2 == 1/2"], ["x^2 + y^2 == 3"], ["x^2 + y^2 <= -1/10"], ["x + y >= 5/2"], ["x == 2"]]
)
def test_no_point_where_none_is_rational(constraints: list[str]) -> None:
    assert polynomial("x + y", box=box("xy", -1, 1), constraints=constraints).feasible_point is None


def test_finitely_many_values_are_tried_one_and_all() -> None:
    weights, values = [3, 5, 7, 8, 11, 13, 2, 9], [4, 9, 10, 13, 17, 22, 1, 15]
    names = "abcdefgh"
    problem = polynomial(
        " + ".join(f"{v}*{x}" for v, x in zip(values, names, strict=True)),
        sense="max",
        box=box(names, 0, 1),
        boolean=[*names],
        constraints=[" + ".join(f"{w}*{x}" for w, x in zip(weights, names, strict=True)) + " <= 29"],
    )
    best = max(
        sum(v for k, v in enumerate(values) if chosen >> k & 1)
        for chosen in range(2**8)
        if sum(w for k, w in enumerate(weights) if chosen >> k & 1) <= 29
    )
    assert problem.incumbent == best


def test_variables_may_be_signs() -> None:
    n = 20
    cut = " + ".join(f"(1 - x{i}*x{(i + 1) % n})/2" for i in range(n))
    problem = polynomial(
        cut,
        sense="max",
        variables=[f"x{i}" for i in range(n)],
        box=[(-1, 1)] * n,
        constraints=[f"x{i}^2 == 1" for i in range(n)],
    )
    assert problem.incumbent == n
    assert is_exact(problem)


def test_an_assignment() -> None:
    costs = [[7, 2, 9, 4], [3, 8, 1, 6], [5, 5, 5, 1], [2, 9, 8, 7]]
    names = [[f"a{i}_{j}" for j in range(4)] for i in range(4)]
    sums = [" + ".join(row) + " == 1" for row in (*names, *zip(*names, strict=True))]
    problem = polynomial(
        " + ".join(f"{costs[i][j]}*{names[i][j]}" for i in range(4) for j in range(4)),
        box={name: (0, 1) for row in names for name in row},
        boolean=[name for row in names for name in row],
        constraints=sums,
    )
    assert problem.incumbent == 2 + 1 + 1 + 2
    assert is_exact(problem)


@settings(deadline=None, max_examples=60)
@given(
    polynomials(MIXED_RING),
    st.lists(polynomials(MIXED_RING), max_size=3),
    st.lists(polynomials(MIXED_RING), max_size=1),
    st.sampled_from([1, 10**400, Fraction(1, 10**400)]),
)
def test_points_satisfy_every_constraint_exactly(
    objective: Polynomial, inequalities: list[Polynomial], equations: list[Polynomial], factor: Rational
) -> None:
    inequalities = [inequality * factor + inequality for inequality in inequalities]
    objective = objective * factor + 1
    constraints = [*inequalities, *equations, *(-equation for equation in equations)]
    point = find_feasible_point(objective, constraints)
    assert point == find_feasible_point(objective, constraints)
    if point is not None:
        assert all(0 <= u <= 1 for u in point)
        assert point[2] in (0, 1)
        assert all(constraint.evaluate(point) >= 0 for constraint in constraints)


@settings(deadline=None, max_examples=60)
@given(polynomials(BINARY_RING), st.lists(polynomials(BINARY_RING), max_size=2))
def test_binary_problems_are_solved(objective: Polynomial, constraints: list[Polynomial]) -> None:
    corners = [tuple(k >> i & 1 for i in range(4)) for k in range(16)]
    values = [objective.evaluate(c) for c in corners if all(g.evaluate(c) >= 0 for g in constraints)]
    point = find_feasible_point(objective, constraints)
    assert (point is None) == (not values)
    if point is not None:
        assert objective.evaluate(point) == min(values)


@pytest.mark.parametrize(
    ("objective", "constraints"),
    [
        ("1e300 x^3 - 1e300 x*y + x", ["1e300 x + 1e-300 y <= 1e-300", "x*y >= 1e-400"]),
        ("1e900 x + y", ["1e900 x + y == 0.5"]),
        ("x^60 + y^59 - x^30*y^29", ["x^60 + y^60 <= 1", "x^59 >= -1/2"]),
        ("x - x + y - y", ["x^2 >= 1/2"]),
    ],
)
def test_numbers_beyond_floats_and_high_degrees(objective: str, constraints: list[str]) -> None:
    assert is_exact(polynomial(objective, box={"x": (-1, 1), "y": (-1, 1)}, constraints=constraints))


def test_thin_and_wide_boxes() -> None:
    thin = {"x": (1, 1 + Fraction(1, 10**40)), "y": ("-1e300", "1e300")}
    assert is_exact(polynomial("x^3 + y", box=thin, constraints=["x*y <= 1"]))


@pytest.mark.parametrize("constraint", ["{sum} == 1", "{squares} <= 1", "{squares} == 1"])
def test_many_variables(constraint: str) -> None:
    names = [f"x{i}" for i in range(120)]
    constraint = constraint.format(sum=" + ".join(names), squares=" + ".join(f"{x}^2" for x in names))
    problem = polynomial(" - ".join(names), box={x: (-1, 1) for x in names}, constraints=[constraint])
    assert is_exact(problem)


def test_box_qp_with_five_hundred_variables(tmp_path: Path) -> None:
    n = 500
    row = [(7 * k * k + 3 * k) % 101 - 50 for k in range(n)]
    lines = [" ".join(str(row[(i + j) % n]) for j in range(n)) for i in range(n)]
    path = tmp_path / "large.in"
    path.write_text(f"{n}\n{' '.join(map(str, row))}\n" + "\n".join(lines), encoding="utf-8")
    problem = load_problem(path)
    assert problem.num_variables == n
    assert problem.incumbent is not None
    assert problem.incumbent > 0


def test_no_local_solver_is_loaded_where_boxes_are_the_only_constraints() -> None:
    code = (
        "import sys; from polyproof_gym import make_problem; make_problem('motzkin'); make_problem('heart');"
        "sys.exit('scipy.optimize' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@needs_cases
def test_public_problems_come_within_one_percent() -> None:
    """A point counts if its value differs from the optimum by 1 % of it; near zero, by 1e-6 of what the signs allow."""
    rows = [row for row in json.loads(CASES.read_text()) if "refused" not in str(row)]
    close = 0
    for row in rows:
        problem = polynomial(
            row["objective"],
            box=row["box"],
            sense=row["sense"],
            variables=row["variables"],
            constraints=row["constraints"],
            boolean=row["boolean"],
        )
        if problem.feasible_point is not None:
            assert is_exact(problem)
            optimum = float(row["optimum"])
            distance = problem.sign * (float(problem.incumbent or 0) - optimum)
            extent = -float(
                (-problem.minimised).lower_bound_on_unit_box() + problem.minimised.lower_bound_on_unit_box()
            )
            close += distance <= (0.01 * abs(optimum) if abs(optimum) > 1e-6 else 1e-6 * extent)
    assert close >= 0.95 * len(rows)


@st.composite
def integer_programs(draw: st.DrawFn) -> tuple[Problem, Rational | None]:
    """A quadratic objective with linear constraints in two integer variables, and the optimum among all points."""
    ends = [draw(st.tuples(st.integers(-20, 5), st.sampled_from([2, 9, 90]))) for _ in range(2)]
    intervals = [(low, low + width) for low, width in ends]
    coefficients = st.integers(-9, 9)
    c = draw(st.tuples(*[coefficients] * 5))
    rows = draw(st.lists(st.tuples(coefficients, coefficients, st.integers(-40, 60)), max_size=2))
    problem = polynomial(
        f"({c[0]})*a^2 + ({c[1]})*a*b + ({c[2]})*b^2 + ({c[3]})*a + ({c[4]})*b",
        box=intervals,
        integer=["a", "b"],
        variables=["a", "b"],
        constraints=[f"({p})*a + ({q})*b <= {r}" for p, q, r in rows if p or q],
    )
    values = [
        c[0] * a * a + c[1] * a * b + c[2] * b * b + c[3] * a + c[4] * b
        for a in range(intervals[0][0], intervals[0][1] + 1)
        for b in range(intervals[1][0], intervals[1][1] + 1)
        if all(p * a + q * b <= r for p, q, r in rows if p or q)
    ]
    return problem, min(values, default=None)


@settings(max_examples=40, deadline=None)
@given(integer_programs())
def test_points_of_integer_programs_are_whole(program: tuple[Problem, Rational | None]) -> None:
    problem, optimum = program
    point = problem.feasible_point
    if point is not None:
        assert is_exact(problem)
        assert all(Fraction(x).denominator == 1 for x in problem.to_own_coordinates(point))
        assert optimum is not None
        assert problem.incumbent is not None
        assert problem.incumbent >= optimum


@pytest.mark.parametrize(
    ("objective", "interval", "constraints", "optimum"),
    [
        ("(a - 9)^2 + (b - 3)^2", (0, 100), ["a^2 <= 12*b", "a + 3*b <= 15"], 9),
        ("(a + b - 77)^2 + (a - b - 13)^2", (0, 150), ["a*b <= 1000"], 148),
        ("a^2 + b^2 - 3*a*b + 7*a", (-100, 100), ["a + 2*b <= 150", "3*a - b >= 7"], -2178),
        ("-3*a - 5*b", (0, 10**9), ["7*a + 11*b <= 10^6"], -454545),
        ("7*a - 3*b", (0, 90), ["7*a + 11*b == 400"], -20),
        ("(a - 1/2)^2 + b", (-3, 4), [], Fraction(-11, 4)),
        ("(a - 123456789)^2 + (b + 10^20)^2", (-(10**25), 10**30), [], 0),  # far beyond the precision of floats
        ("(a - 10^15)^2 + (b - 7)^2", (0, 10**30), ["a <= 2*10^14 + 1/2"], 64 * 10**28),
    ],
)
def test_minima_of_integer_programs(
    objective: str, interval: tuple[int, int], constraints: list[str], optimum: Rational
) -> None:
    problem = polynomial(objective, box=box("ab", *interval), integer=["a", "b"], constraints=constraints)
    assert is_exact(problem)
    assert problem.incumbent == optimum


def test_integer_variables_beside_continuous_and_boolean_ones() -> None:
    """``a = 3`` and ``b = 1``; then ``t`` is irrational, and a point nearby is taken."""
    problem = polynomial(
        "(a - 7/2*b)^2 + (a*t - 4)^2 - b",
        box={"a": (0, 200), "t": (0, 2)},
        integer="a",
        boolean="b",
        constraints=["t^2 <= 7/4", "a + t <= 9/2"],
    )
    assert is_exact(problem)
    assert problem.incumbent is not None
    assert float(problem.incumbent) == pytest.approx(-0.749, abs=1e-3)


def test_violations_that_cost_less_than_they_gain_hide_no_point() -> None:
    problem = polynomial("5*b + c", boolean="b c", constraints=["111*b <= 110", "c <= b"], sense="max")
    assert problem.incumbent == 0
