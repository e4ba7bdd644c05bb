"""What the command line tells people of a proof, beside what its commands are tested for."""

from __future__ import annotations

import sys
from dataclasses import replace
from fractions import Fraction

import pytest

import agents
from experiments.cli.report import report
from experiments.cli.theorem import stated
from experiments.reports import describe
from polyproof_gym import Problem, make_problem, polynomial
from tests.flat import prove


@pytest.mark.parametrize("wrong", [-0.25, 1e-5, 0.25])
def test_a_bound_of_the_lp_that_is_not_the_exact_one_is_told(wrong: float) -> None:
    proof = prove("cycle:n=5", max_steps=20)
    assert "NOTE" not in report(proof, describe(proof), None)
    assert proof.promised is not None
    other = replace(proof, promised=proof.promised + wrong)
    assert f"NOTE: the LP's bound was {2 + wrong:.10g}; " in report(other, describe(other), None)
    assert describe(other)["lp_bound"] == pytest.approx(2 + wrong)


@pytest.mark.parametrize(("text", "is_told"), [("x*y*z*t", True), ("x*y + 2*y*z + 3*z*t", False)])
def test_what_would_find_symmetries_is_told_where_there_may_be_some(
    text: str, is_told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "igraph", None)
    proof = agents.prove(polynomial(text, box=dict.fromkeys("xyzt", (-1, 1))), seconds=0)
    told = report(proof, describe(proof), None)
    assert "stopped: the time is over; --seconds N gives more" in told
    assert ("; pip install 'polyproof-gym[symmetry]' lets it use symmetries of the problem" in told) == is_told


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (make_problem("cycle:n=5"), "alpha(C5) <= 2"),
        (polynomial("x - x^2", box={"x": (0, 2)}, sense="max"), "x - x^2 <= 2"),
        (polynomial(" + ".join(f"variable{i}" for i in range(20)), box="unit"), "f >= 2"),
        (polynomial(f"{10**80} * x", box="unit"), f"1{'0' * 27}...{'0' * 28}*x >= 2"),
    ],
)
def test_theorems_are_said_as_in_the_exports_unless_they_are_long(problem: Problem, said: str) -> None:
    assert stated(problem, Fraction(2)) == said
