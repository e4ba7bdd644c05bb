from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations_with_replacement

import networkx as nx
import pytest

import polyproof_gym
from agents import Search, prove
from polyproof_gym import BadInput, Problem, Proof
from polyproof_gym.polynomials import Polynomial
from polyproof_gym.problems import make_problem
from polyproof_gym.proofs import checker, require_checkable


def boxed() -> Problem:
    return polyproof_gym.polynomial("x^2*y - y^2 + x/3", box=[(-1, 2), ("1/2", "5/3")], constraints=["x + y <= 2"])


@pytest.mark.parametrize("problem", [boxed(), *map(make_problem, ("petersen", "heart", "complete:n=60", "motzkin"))])
def test_problems_as_they_are_met(problem: Problem) -> None:
    require_checkable(problem)


def test_numbers_that_no_file_holds() -> None:
    """Four denominators of 1000 digits have no common one that is short enough."""
    text = " + ".join(f"x{i}/{10**999 + 2 * i + 1}" for i in range(6))
    problem = polyproof_gym.polynomial(text, box=[(0, 1)] * 6, variables=[f"x{i}" for i in range(6)])
    with pytest.raises(BadInput, match=r"^[^\n]*cannot be written to a proof file \([^\n]*4000 digits[^\n]*\)$"):
        require_checkable(problem)
    with pytest.raises(BadInput, match="4000 digits"):
        prove(problem)


def test_names_that_no_file_holds() -> None:
    problem = polyproof_gym.polynomial("x*y", box=[(0, 1)] * 2)
    with pytest.raises(BadInput, match="expected distinct names"):
        require_checkable(replace(problem, variables=("x", 'y"')))


def test_a_problem_that_is_too_large_is_refused_before_the_search() -> None:
    problem = polyproof_gym.polynomial("x0", box=[(0, 1)] * 150, variables=[f"x{i}" for i in range(150)])
    monomials = combinations_with_replacement(range(150), 2)
    objective = Polynomial(problem.ring, {monomial: 10**3900 for monomial in monomials})
    with pytest.raises(BadInput, match=rf"^[^\n]*more than the limit set \({checker.MAX_BYTES} bytes\)\)$"):
        Search(replace(problem, objective=objective, feasible_point=None))


@pytest.mark.slow
def test_what_is_counted_is_at_least_what_the_file_takes() -> None:
    """For graphs of many sizes, the file of the problem alone is within the size that is counted."""
    for n in (1, 2, 9, 10, 11, 60, 99, 100, 101, 300):
        problem = polyproof_gym.stable_set(nx.complete_graph(n))
        rest = polyproof_gym.stable_set(nx.empty_graph(n))
        pairs = n * (n - 1) // 2
        size = len(replace(Proof(problem, (), {})).to_file())
        counted = len(Proof(rest, (), {}).to_file()) + (pairs + 1) * len(f",\n   [{n}, {n}]")
        assert size <= counted <= 1.4 * size + 100


def test_a_proof_is_checked_at_the_end() -> None:
    proof = prove("caprasse", max_steps=30)
    assert proof.to_file() == proof.to_file(checker.MAX_WORK)
    assert isinstance(proof.bound, Fraction)
