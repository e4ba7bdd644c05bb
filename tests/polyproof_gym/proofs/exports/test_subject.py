from __future__ import annotations

from dataclasses import replace

import pytest

import polyproof_gym
from polyproof_gym import Proof
from polyproof_gym.polynomials import Polynomial, parse_polynomial
from polyproof_gym.problems import Problem, make_problem
from polyproof_gym.problems.stable_set import is_stable_set
from polyproof_gym.proofs.exports.graph_names import graph_name
from polyproof_gym.proofs.exports.latex import to_latex
from polyproof_gym.proofs.exports.subject import clique_of
from polyproof_gym.proofs.exports.text import to_text
from tests.polyproof_gym.proofs.exports.examples import example


def theorem(problem: Problem) -> str:
    text = to_text(Proof(problem, (), {})).partition("Theorem. ")[2].partition("\n\nProof.")[0]
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("petersen", "Petersen"),
        ("cycle:n=9", "C9"),
        ("complete-bipartite:a=2,b=3", "K2,3"),
        ("kneser:n=6,k=2", "KG(6,2)"),
        ("wheel:n=6", "G"),
        ("random-stable-set:n=6,index=0", "G"),
    ],
)
def test_graphs_are_called_by_their_names(name: str, called: str) -> None:
    assert theorem(make_problem(name)).startswith(f"alpha({called}) <= ")


def test_a_name_that_is_not_the_graphs_is_not_used() -> None:
    assert graph_name(replace(make_problem("cycle:n=5"), name="cycle:n=5")) == ("C", "5")
    for name in ("petersen", "cycle:n=6", "cycle:n=five", "cycle", "kneser:n=99999,k=3"):
        assert graph_name(replace(make_problem("cycle:n=5"), name=name)) is None


def test_weights_are_told() -> None:
    text = theorem(example("weighted").problem)
    assert "Here alpha is the largest weight of vertices" in text
    assert (
        " - the vertices x0 of weight 1/3, x1 of weight 2/3, x2 of weight 1, x3 of weight 4/3, x4 of weight 5/3 "
        in text
    )


@pytest.mark.parametrize(
    ("coefficient", "text", "latex"),
    [
        ("1/7", "/7*x >= -1/7.", r"x \ge -\tfrac{1}{7}$."),
        ("1234567890123/99999999999999", "(about -0.0123456789).", "(about $-0.0123456789$)."),
        ("1/123456789012345678901", "(about -8.10000007*10^-21).", r"(about $-8.10000007\cdot 10^{-21}$)."),
    ],
)
def test_long_bounds_are_told_in_a_few_digits_as_well(coefficient: str, text: str, latex: str) -> None:
    problem = polyproof_gym.polynomial(f"-{coefficient} x", box="unit")
    assert theorem(problem).endswith(text)
    assert latex in to_latex(Proof(problem, (), {}))


def test_a_graph_without_edges() -> None:
    assert theorem(make_problem("path:n=1")).endswith("in the graph with - the vertices x0 - no edges")


def test_only_stable_sets_are_about_graphs() -> None:
    problem = make_problem("cycle:n=5")
    assert is_stable_set(problem)
    x = Polynomial.variable(problem.ring, 0)
    assert not is_stable_set(replace(problem, objective=problem.objective + x * Polynomial.variable(problem.ring, 2)))
    assert not is_stable_set(replace(problem, sense="min"))
    assert not is_stable_set(replace(problem, axioms=(*problem.axioms, 2 - problem.objective)))
    assert not is_stable_set(polyproof_gym.polynomial("x + y", boolean=["x", "y"], sense="max"))


def test_where_the_points_of_a_box_are_from() -> None:
    problem = polyproof_gym.polynomial(
        "a*x + b*y + c", box={"x": (0, 1), "y": (0, 1), "a": (0, 3)}, boolean=["b", "c"], integer=["a"]
    )
    assert theorem(problem).startswith("For all whole a in [0, 3] and x, y in [0, 1] and b, c in {0, 1}: ")
    assert r"b,\allowbreak\ c \in \{0,\allowbreak\ 1\}$" in to_latex(Proof(problem, (), {}))


def test_implied_ends_are_not_assumed() -> None:
    problem = polyproof_gym.polynomial("x + y", box={}, constraints=["x + y <= 2", "x - y <= 0", "x >= -1"])
    assert theorem(problem).startswith("For all x >= -1 and y in R: x + y >= ")


def test_cliques_are_found() -> None:
    ring = make_problem("wheel:n=4").ring
    for text, members in [
        ("1 - x0 - x1 - x2", (0, 1, 2)),
        ("1 - x0 - x3", (0, 3)),
        ("1 - x0", ()),
        ("2 - x0 - x1", ()),
        ("1 - x0 - 2*x1", ()),
        ("1 + x0 - x1", ()),
    ]:
        assert clique_of(parse_polynomial(text, ring)) == members
    assert clique_of(parse_polynomial("1 - x0 - x2", make_problem("cycle:n=5").ring)) == ()
