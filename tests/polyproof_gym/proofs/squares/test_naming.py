from __future__ import annotations

import numpy as np
import pytest

from polyproof_gym import Problem, make_problem
from polyproof_gym.polynomials import ONE, Polynomial
from polyproof_gym.problems import relabelled
from polyproof_gym.proofs.squares import Block, Naming
from tests.polyproof_gym.envs.helpers import constrained_problem, mixed_problem, weighted_stable_set


def named(problem: Problem) -> Naming:
    return Naming(problem.minimised, problem.axioms)


GENERIC = [
    constrained_problem(),
    mixed_problem(),
    weighted_stable_set(),
    make_problem("random-polynomial:n=5,index=0"),
    make_problem("heart"),
]


@pytest.mark.parametrize("problem", GENERIC, ids=lambda problem: problem.name)
def test_the_given_names_and_order_do_not_matter(problem: Problem) -> None:
    naming = named(problem)
    for seed in range(5):
        other = named(relabelled(problem, np.random.default_rng(seed)))
        assert other.objective == naming.objective
        assert other.axioms == naming.axioms
        assert [*other.objective.terms] == [*naming.objective.terms]


@pytest.mark.parametrize("problem", GENERIC, ids=lambda problem: problem.name)
def test_it_leads_back_to_the_given_names(problem: Problem) -> None:
    naming = named(relabelled(problem, np.random.default_rng(0)))
    given = relabelled(problem, np.random.default_rng(0))
    assert {naming.monomial(monomial) for monomial in given.minimised.terms} == naming.objective.terms.keys()
    for k, axiom in enumerate(naming.axioms):
        block = naming.given_block(Block((k,), axiom, (ONE, *axiom.terms)))
        assert given.axioms[block.axioms[0]] == block.localiser
        assert {*block.basis} == {ONE, *block.localiser.terms}
    root = naming.given_root(-naming.objective)
    assert root in (given.minimised, -given.minimised)
    assert next(iter(root.terms.values())) > 0


def test_symmetric_variables_stay_in_the_given_order() -> None:
    naming = named(make_problem("petersen"))
    assert naming.objective == make_problem("petersen").minimised


def test_differences_spread_along_paths() -> None:
    """With another weight at one vertex of a cycle, two vertices are alike where they are as far from it."""
    problem = make_problem("cycle:n=9")
    naming = Naming(problem.minimised + Polynomial.variable(problem.ring, 3), problem.axioms)
    places = {i: naming.monomial((i,))[0] for i in range(9)}
    for distance in range(1, 5):
        assert abs(places[(3 + distance) % 9] - places[(3 - distance) % 9]) == 1
