from __future__ import annotations

from agents.planning.branching import BranchSearch, BranchTree, Exclusions, LiteralProducts, Sharing
from polyproof_gym import Problem, Proof, make_problem
from polyproof_gym.proofs import Limits
from tests.agents.planning.branching.graphs import random_graph, searched

ANY = Limits(10_000, 10**6)


def cover_of(problem: Problem) -> BranchTree:
    return BranchSearch(Exclusions.of(problem, "test")).tree


def test_the_bounds_of_the_parts_add_up_to_what_their_proof_proves() -> None:
    for max_weight in (1, 9):
        for seed in range(20):
            problem = random_graph(seed, 20, max_weight)
            cover = cover_of(problem)
            sharing = Sharing(problem, cover, 200, ANY)
            assert sharing.bound == cover.bound
            sharing.improve()
            assert searched(problem).tree.bound <= sharing.bound <= cover.bound
            products = LiteralProducts(problem, cover.exclusions, ANY)
            multipliers = products.combination(sharing.trees, 200)
            assert multipliers is not None
            proof = Proof(problem, tuple(products.reasons), multipliers)
            assert proof.bound == sharing.bound
            proof.verify()


def test_few_steps_are_used_better_than_by_one_tree() -> None:
    by_trees = by_sharing = 0
    for index in range(6):
        problem = make_problem(f"random-stable-set:n=50,index={index}")
        cover, search = cover_of(problem), searched(problem)
        sharing = Sharing(problem, cover, 100, ANY)
        sharing.improve()
        by_sharing += sharing.bound
        for bound in range(search.tree.bound, cover.bound + 1):
            tree = search.refuted(bound)
            if tree and LiteralProducts(problem, cover.exclusions, ANY).combination([tree], 100):
                by_trees += bound
                break
    assert by_sharing < by_trees


def test_without_steps_to_spare_nothing_is_taken_together() -> None:
    problem = make_problem("random-stable-set:n=50,index=3")
    cover = cover_of(problem)
    sharing = Sharing(problem, cover, 50 - len(cover.root.cover), ANY)
    sharing.improve()
    assert sharing.bound == cover.bound
