from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from agents import Search, make_agent
from polyproof_gym import BadInput, Problem, Proof, load_proof, make_problem, polynomial, stopping
from polyproof_gym.proofs import Square
from polyproof_gym.proofs.squares import Relaxation
from tests.flat import prove

EXPRESSIONS: dict[str, tuple[str, Any, str]] = {
    "trid4": ("(x1-1)^2+(x2-1)^2+(x3-1)^2+(x4-1)^2-x1*x2-x2*x3-x3*x4", [(-16, 16)] * 4, "-16"),
    "rosenbrock": ("(1-x1)^2+100*(x2-x1^2)^2", [(-2, 2)] * 2, "0"),
    "three-hump": ("2*x1^2-21/20*x1^4+1/6*x1^6+x1*x2+x2^2", [(-5, 5)] * 2, "0"),
    "camel6": ("4*x1^2-21/10*x1^4+1/3*x1^6+x1*x2-4*x2^2+4*x2^4", [(-5, 5)] * 2, "-1.0316284534898774"),
    "styblinski-tang": ("1/2*(x1^4-16*x1^2+5*x1+x2^4-16*x2^2+5*x2)", [(-5, 5)] * 2, "-78.33233140754282"),
    "goldstein-price": (
        "(1+(x1+x2+1)^2*(19-14*x1+3*x1^2-14*x2+6*x1*x2+3*x2^2))"
        "*(30+(2*x1-3*x2)^2*(18-32*x1+12*x1^2+48*x2-36*x1*x2+27*x2^2))",
        [(-2, 2)] * 2,
        "3",
    ),
}


def problem_of(name: str) -> Problem:
    if name not in EXPRESSIONS:
        return make_problem(name)
    text, box, optimum = EXPRESSIONS[name]
    return polynomial(text, box=box, name=name, optimum=optimum)


def relative_gap(proof: Proof) -> float:
    assert proof.problem.optimum is not None
    optimum = Fraction(proof.problem.optimum)
    return float(proof.problem.sign * (optimum - proof.bound) / max(Fraction(1), abs(optimum)))


@pytest.mark.parametrize("name", ["caprasse", "heart", "camel6", "styblinski-tang"])
def test_irrational_minima_are_proved_up_to_a_little(name: str) -> None:
    proof = prove(problem_of(name), "squares:seconds=60")
    assert -1e-9 <= relative_gap(proof) <= 1e-6
    proof.verify()
    assert proof.search is not None
    assert 0 < proof.search.findings["squares"] <= 250


@pytest.mark.parametrize(
    ("name", "minimum"),
    [
        ("magnetism", Fraction(-1, 4)),
        ("schwefel", 0),
        ("motzkin", 0),
        ("choi-lam", 0),
        ("robinson", 0),
        ("trid4", -16),
        ("rosenbrock", 0),
        ("three-hump", 0),
        ("goldstein-price", 3),
    ],
)
def test_rational_minima_are_proved_exactly(name: str, minimum: Fraction) -> None:
    proof = prove(problem_of(name), "squares:seconds=60")
    assert proof.bound == minimum
    assert proof.status == "optimal"
    assert len(proof.reasons) <= 50
    proof.verify()


@pytest.mark.parametrize("objective", ["(x - 1)^2*(y + 2)", "(x - y)^2*(x + 3)", "(x^2 + y^2 - 1)^2"])
def test_minima_on_lines_and_curves_are_proved_exactly(objective: str) -> None:
    proof = prove(polynomial(objective, box=[(-2, 2), (-1, 3)]), "squares")
    proof.verify()
    assert proof.bound == 0


@pytest.mark.parametrize("name", ["butcher", "lv", "rd", "petersen"])
def test_products_alone_are_kept_where_they_suffice(name: str) -> None:
    proof = prove(name, "squares")
    assert proof.gap == 0
    assert not any(isinstance(reason, Square) for reason in proof.reasons)
    assert proof.search is not None
    assert proof.search.findings == {"degree": 0, "squares": 0}


def test_more_degrees_are_tried_where_one_does_not_suffice() -> None:
    proof = prove("choi-lam", "squares:seconds=60")
    assert proof.search is not None
    assert proof.search.findings["degree"] == 6
    limited = prove("choi-lam", "squares:degree=4,seconds=2")
    assert limited.search is not None
    assert limited.search.findings["degree"] == 4
    assert -0.52 < limited.bound < -0.5


@pytest.mark.parametrize("seed", range(12))
def test_bounds_are_never_above_a_value(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, degree = int(rng.integers(1, 4)), int(rng.integers(2, 5))
    names = [f"x{i}" for i in range(n)]
    exponents = [e for e in itertools.product(range(degree + 1), repeat=n) if sum(e) <= degree]
    terms = {e: int(rng.integers(-9, 10)) for e in exponents}
    constraints = ["x0 + x1 <= 1/2"] if n > 1 and seed % 2 else []
    problem = polynomial(
        terms, box=[(-2, int(rng.integers(1, 4)))] * n, variables=names, constraints=constraints, sense="min"
    )
    proof = prove(problem, "squares:seconds=2", seed=seed)
    proof.verify()
    points = [[Fraction(int(u), 16) for u in rng.integers(0, 17, n)] for _ in range(300)]
    inside = [u for u in points if all(axiom.evaluate(u) >= 0 for axiom in problem.axioms)]
    assert inside
    assert all(problem.objective.evaluate(u) >= proof.bound for u in inside)


def test_no_bound_is_worse_than_that_of_products() -> None:
    for name in ("beale", "caprasse"):
        problem = (
            polynomial("(3/2-x+x*y)^2+(9/4-x+x*y^2)^2", box=[(-10, 10)] * 2) if name == "beale" else make_problem(name)
        )
        assert prove(problem, "squares:seconds=1").bound >= prove(problem, "dual-guided", max_steps=50).bound


@pytest.mark.parametrize("name", ["cycle:n=5", "cycle:n=7"])
def test_symmetric_problems_with_exclusive_variables(name: str) -> None:
    proof = prove(name, "squares:seconds=20", rounded=True)
    assert proof.bound == make_problem(name).optimum
    proof.verify()


def test_constraints_and_equations() -> None:
    half_disc = polynomial("x*y", box={"x": (0, 1), "y": (0, 1)}, sense="max", constraints=["x^2 + y^2 <= 1"])
    assert prove(half_disc, "squares").bound - Fraction(1, 2) <= Fraction(1, 10**6)
    circle = polynomial("x + y", box=[(-1, 1)] * 2, variables=["x", "y"], constraints=["x^2 + y^2 == 1"])
    proof = prove(circle, "squares")
    proof.verify()
    assert 0 <= -(2**0.5) - float(proof.bound) <= 1e-5


@pytest.mark.parametrize(
    ("agent", "message"),
    [
        ("squares:seconds=0", "of at least 1 as seconds of squares, got 0"),
        ("squares:degree=1", "from 2 to 100 as degree of squares, got 1"),
        ("squares:degree=4", "motzkin: expected a degree of squares of at least 6, got 4"),
    ],
)
def test_what_leaves_no_squares_is_no_setting(agent: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        prove("motzkin", agent)


def test_where_the_solver_fails_products_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Relaxation, "solve", lambda *arguments: None)
    monkeypatch.setattr(Relaxation, "most_interior", lambda *arguments: None)
    proof = prove("caprasse", "squares:degree=4")
    proof.verify()
    assert proof.search is not None
    assert proof.search.findings == {"degree": 0, "squares": 0}


def test_it_stops_on_request_with_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    def requested() -> bool:
        nonlocal asked
        asked += 1
        return asked > 30

    monkeypatch.setattr(stopping, "requested", requested)
    proof = prove("robinson", "squares")
    proof.verify()
    assert proof.search is not None
    assert proof.search.stopped == "interrupted"


def test_proofs_are_written_and_read(tmp_path: Any) -> None:
    proof = prove("schwefel", "squares:seconds=60")
    proof.save(tmp_path / "proof.json")
    assert load_proof(tmp_path / "proof.json").bound == 0


def test_convex_quadratic_objectives_are_exact_however_they_are_scaled() -> None:
    problem = polynomial(
        "(29/2500 - x - 10*y - 2500*z)^2 + (7/100 - x - 25*y - 62499.9999999999*z)^2 + (1/10 - x + y - z)^2",
        box={"x": (-1, 0), "y": (0, 1), "z": (-10, 0)},
    )
    proof = prove(problem, "squares")
    proof.verify()
    assert proof.num_derivations <= 3
    assert proof.search is not None
    assert proof.search.findings == {"degree": 2, "squares": proof.num_derivations}
    assert problem.incumbent is not None
    assert 0 <= problem.incumbent - proof.bound < Fraction(1, 10**4)


def test_a_target_and_an_infeasible_problem() -> None:
    assert prove("magnetism", "squares", target="-1/4").status == "proved"
    assert prove("magnetism", "squares", target="-1/5").status == "refuted"
    empty = polynomial("x*y", box=[(0, 1)] * 2, variables=["x", "y"], constraints=["x*y >= 1/2", "x + y <= 1"])
    proof = prove(empty, "squares:seconds=5")
    proof.verify()


def test_the_search_says_what_was_found() -> None:
    search = Search("magnetism", make_agent("squares:seconds=30"))
    proof = search.run()
    assert isinstance(proof, Proof)
    assert proof.search is not None
    assert proof.search.agent == "squares:seconds=30"
    squares = sum(isinstance(reason, Square) for reason in proof.reasons)
    assert proof.search.findings == {"degree": 2, "squares": squares}


@pytest.mark.parametrize("seed", [2, 4, 5, 12, 13, 19])
def test_whole_values_are_told_apart_however_large_they_are(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = ["a", "b", "c", "d"]
    monomials = [m for degree in (1, 2) for m in itertools.combinations(names, degree)]
    sizes = [10**k for k in rng.integers(0, 13, len(monomials)).tolist()]
    coefficients = [size * k for size, k in zip(sizes, rng.integers(-9, 10, len(monomials)).tolist(), strict=True)]
    text = " + ".join(f"({c})*{'*'.join(m)}" for c, m in zip(coefficients, monomials, strict=True))
    values = []
    for point in itertools.product((0, 1), repeat=4):
        x = dict(zip(names, point, strict=True))
        values.append(sum(c for c, m in zip(coefficients, monomials, strict=True) if all(x[name] for name in m)))
    proof = prove(polynomial(text, boolean=names, sense="max"), "squares")
    proof.verify()
    assert 0 <= proof.bound - max(values) < 1


@pytest.mark.parametrize("seed", range(10))
def test_bounds_with_boolean_variables_and_an_equation_are_never_past_the_optimum(seed: int) -> None:
    """Multiples of an equation may be 0 where squares of variables are the variables."""
    rng = np.random.default_rng(seed)
    names = ["a", "b", "c"]
    weights = rng.integers(-2, 3, 3)
    point = rng.integers(0, 2, 3)
    sum_text = " + ".join(f"({w})*{name}" for w, name in zip(weights, names, strict=True))
    monomials = ["a*b", "b*c", "a*c", "a*b*c", *names]
    coefficients = rng.integers(-5, 6, len(monomials))
    text = " + ".join(f"({c})*{m}" for c, m in zip(coefficients, monomials, strict=True))
    problem = polynomial(text, boolean=names, constraints=[f"{sum_text} == {int(weights @ point)}"])
    values = []
    for x in itertools.product((0, 1), repeat=3):
        if weights @ np.array(x) == weights @ point:
            a, b, c = x
            values.append(int(coefficients @ np.array([a * b, b * c, a * c, a * b * c, a, b, c])))
    proof = prove(problem, agent="squares:seconds=3")
    proof.verify()
    assert proof.bound <= min(values)
    assert min(values) - proof.bound <= 1e-4 * max(1, abs(min(values)))
