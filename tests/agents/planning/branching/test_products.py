from __future__ import annotations

import pytest

from agents.planning.branching import Exclusions, LiteralProducts
from polyproof_gym import Proof, make_problem, problem_from_text
from polyproof_gym.proofs import Limits, Times
from tests.agents.planning.branching.graphs import random_graph, searched

ANY = Limits(10_000, 10**6)


@pytest.mark.parametrize("max_weight", [1, 9])
def test_the_multipliers_prove_the_bound_without_a_linear_program(max_weight: int) -> None:
    for seed in range(60):
        problem = random_graph(seed, 18, max_weight)
        exclusions, tree = Exclusions.of(problem, "test"), searched(problem).tree
        products = LiteralProducts(problem, exclusions, ANY)
        multipliers = products.combination([tree], 10**6)
        assert multipliers is not None
        proof = Proof(problem, tuple(products.reasons), multipliers)
        assert proof.lines == tuple(products.lines)
        assert set(proof.remainder.terms) <= {()}
        assert proof.bound == tree.bound
        proof.verify()


def test_weights_may_be_fractions_and_lessen_the_sum() -> None:
    problem = problem_from_text("min 3*b - 1/2*a - 2/3*c + 5\nboolean\na b c\nexclusive\na c")
    exclusions = Exclusions.of(problem, "test")
    products = LiteralProducts(problem, exclusions, ANY)
    multipliers = products.combination([searched(problem).tree], 100)
    assert multipliers is not None
    assert str(Proof(problem, tuple(products.reasons), multipliers).bound) == "13/3"


def test_the_pentagon_takes_few_products() -> None:
    """Two cliques and a vertex: ``x_v`` times what its neighbours leave, ``1 - x_v`` times the rest."""
    problem = make_problem("cycle:n=5")
    products = LiteralProducts(problem, Exclusions.of(problem, "test"), ANY)
    assert products.combination([searched(problem).tree], 100)
    assert products.steps == sum(isinstance(reason, Times) for reason in products.reasons) <= 8


def test_it_is_given_up_where_steps_or_limits_do_not_suffice() -> None:
    problem = make_problem("random-stable-set:n=50,index=3")
    exclusions, tree = Exclusions.of(problem, "test"), searched(problem).tree
    few = LiteralProducts(problem, exclusions, ANY)
    assert few.combination([tree], 30) is None
    assert few.steps == 30
    short = LiteralProducts(problem, exclusions, Limits(2, 10))
    assert short.combination([tree], 10**6) is None
    assert all(line.degree <= 2 and len(line) <= 10 for line in short.lines)
