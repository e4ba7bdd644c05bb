from __future__ import annotations

import itertools

import numpy as np
import pytest

from agents.planning.branching import BranchNode, BranchSearch, BranchTree, Exclusions
from polyproof_gym import Problem, make_problem, stopping
from polyproof_gym.problems import REGISTRY
from polyproof_gym.problems.stable_set import FAMILY, stability_number, stable_set_from_edges
from tests.agents.planning.branching.graphs import random_graph, searched


def require_shown(exclusions: Exclusions, tree: BranchTree) -> None:
    """Check that a tree shows its bound, with sets and nothing of the search."""
    neighbours = [{u for u in range(len(exclusions.weights)) if mask >> u & 1} for mask in exclusions.neighbours]
    weights = exclusions.weights

    def require(node: BranchNode, left: set[int], bound: int) -> None:
        assert bound >= 0
        for v, child in node.branches:
            left = left - {v}
            require(child, left - neighbours[v], bound - weights[v])
        assert sum(clique.multiplier for clique in node.cover) <= bound
        covered = dict.fromkeys(left, 0)
        for clique in node.cover:
            assert all(v in neighbours[u] for u, v in itertools.combinations(clique.vertices, 2))
            for v in clique.vertices:
                covered[v] += clique.multiplier
        assert covered == {v: weights[v] for v in left}

    require(tree.root, {v for v, weight in enumerate(weights) if weight > 0}, tree.bound)


@pytest.mark.parametrize("max_weight", [1, 9])
def test_random_graphs_are_solved_and_the_tree_shows_it(max_weight: int) -> None:
    for seed in range(150):
        problem = random_graph(seed, max_weight=max_weight)
        search = searched(problem)
        assert search.is_complete
        assert search.tree.bound == search.value == stability_number(problem)
        exclusions = Exclusions.of(problem, "test")
        require_shown(exclusions, search.tree)
        chosen = search.chosen
        assert not any(exclusions.neighbours[u] >> v & 1 for u, v in itertools.combinations(chosen, 2))


@pytest.mark.parametrize("index", range(5))
def test_graphs_of_a_hundred_vertices_have_small_trees(index: int) -> None:
    problem = make_problem(f"random-stable-set:n=100,index={index}")
    search = searched(problem)
    assert search.is_complete
    assert search.tree.root.size < 250
    require_shown(Exclusions.of(problem, "test"), search.tree)


def named_graphs() -> list[str]:
    examples = [entry.example for entry in REGISTRY.values() if entry.family == FAMILY]
    return [*examples, "paley:q=37", "paley:q=53", "kneser:n=7,k=3", "hamming:d=4,q=3", "mycielski:k=6", "cycle:n=101"]


@pytest.mark.parametrize("spec", named_graphs())
def test_named_graphs_have_their_stability_numbers(spec: str) -> None:
    problem = make_problem(spec)
    search = searched(problem)
    assert search.is_complete
    assert search.tree.bound == (stability_number(problem) if problem.optimum is None else problem.optimum)
    require_shown(Exclusions.of(problem, "test"), search.tree)


def test_every_bound_above_the_stability_number_has_a_tree_and_none_below() -> None:
    for seed in range(20):
        problem = random_graph(seed, max_weight=5)
        search = searched(problem)
        best = search.tree.bound
        for bound in (best, best + 1, best + 3):
            tree = search.refuted(bound)
            assert tree is not None
            require_shown(Exclusions.of(problem, "test"), tree)
        assert best == 0 or search.refuted(best - 1) is None


def test_the_order_of_the_vertices_does_not_matter_for_the_answer() -> None:
    problem = make_problem("random-stable-set:n=50,index=3")
    edges = problem.ring.exclusive_pairs()
    for seed in range(5):
        image = np.random.default_rng(seed).permutation(50)
        renamed = stable_set_from_edges(problem.variables, image[edges])
        assert searched(renamed).tree.bound == searched(problem).tree.bound


def hard() -> Problem:
    """A graph that takes hours: sparse, with three hundred vertices."""
    return make_problem("random-stable-set:n=300,p_min=0.05,p_max=0.05,index=0")


def test_a_search_that_is_stopped_keeps_its_best_tree() -> None:
    problem = hard()
    exclusions = Exclusions.of(problem, "test")
    search = BranchSearch(exclusions)
    first = search.tree.bound
    with stopping.time_limit(0.5):
        search.run()
    assert not search.is_complete
    assert search.value <= search.tree.bound <= first
    require_shown(exclusions, search.tree)


def test_empty_graphs_and_those_without_weight_take_no_branches() -> None:
    assert searched(make_problem("path:n=1")).tree.bound == 1
    nothing = searched(stable_set_from_edges(["a", "b"], [(0, 1)], [0, 0]))
    assert (nothing.tree.bound, nothing.tree.root) == (0, BranchNode((), ()))
    assert nothing.chosen == ()
    large = searched(stable_set_from_edges([f"x{v}" for v in range(1500)], []))
    assert large.tree.bound == 1500
    assert large.tree.root.size == 1
