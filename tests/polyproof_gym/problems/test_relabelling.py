from __future__ import annotations

import numpy as np
import pytest

from agents import prove
from polyproof_gym.polynomials import Polynomial, Rational
from polyproof_gym.problems import Problem, make_problem, polynomial, relabelled, stability_number

PROBLEMS = ("petersen", "random-stable-set:n=12,index=3", "caprasse", "butcher", "random-polynomial:n=4,index=1")


Statement = frozenset[tuple[tuple[str, ...], Rational]]


def statements(problem: Problem) -> tuple[Statement, frozenset[Statement]]:
    """Objective and axioms with the names of the variables in place of their numbers."""

    def named(polynomial: Polynomial) -> Statement:
        names = polynomial.ring.variables
        return frozenset((tuple(sorted(names[i] for i in m)), c) for m, c in polynomial.terms.items())

    return named(problem.objective), frozenset(map(named, problem.axioms))


@pytest.mark.parametrize("spec", PROBLEMS)
def test_the_problem_stays_the_same(spec: str) -> None:
    problem = make_problem(spec)
    other = relabelled(problem, np.random.default_rng(4))
    assert other.variables != problem.variables
    assert statements(other) == statements(problem)
    assert other.axioms != problem.axioms
    assert dict(zip(other.variables, other.box, strict=True)) == dict(zip(problem.variables, problem.box, strict=True))
    assert (other.incumbent, other.optimum) == (problem.incumbent, problem.optimum)
    assert (other.sense, other.shape, other.trivial_bound) == (problem.sense, problem.shape, problem.trivial_bound)


def test_integer_variables_stay_the_same() -> None:
    problem = polynomial("a*b - c*t", box=[(0, 2), (1, 5), (-3, 3), (0, 1)], integer=["a", "c"], variables="a b c t")
    other = relabelled(problem, np.random.default_rng(2))
    assert {other.variables[i] for i in other.integer} == {"a", "c"}
    assert other.integer != problem.integer


@pytest.mark.parametrize("spec", ["cycle:n=7", "petersen", "caprasse"])
def test_what_the_order_cannot_change(spec: str) -> None:
    problem = make_problem(spec)
    other = relabelled(problem, np.random.default_rng(2))
    first, second = (prove(p, "static-sherali-adams:level=3") for p in (problem, other))
    second.verify()
    assert float(second.bound) == pytest.approx(float(first.bound))


def test_the_stability_number_stays_the_same() -> None:
    problem = make_problem("random-stable-set:n=15,index=4")
    assert stability_number(relabelled(problem, np.random.default_rng(3))) == stability_number(problem)


def test_the_order_depends_on_the_seed_alone() -> None:
    problem = make_problem("petersen")
    first, again, other = (relabelled(problem, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first.variables == again.variables
    assert first.axioms == again.axioms
    assert first.variables != other.variables
