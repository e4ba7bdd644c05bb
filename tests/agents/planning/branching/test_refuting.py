from __future__ import annotations

import math

import pytest

from agents.planning.branching import BranchSearch, Exclusions, proof_by_cases, refuting
from agents.planning.branching.refuting import LargerSet, Part, Refuted, Refuter, Stopped
from polyproof_gym import make_problem, stopping
from polyproof_gym.problems import Problem
from polyproof_gym.proofs import checker
from tests.agents.planning.branching.graphs import random_graph, searched
from tests.agents.planning.workers import Workers


def sparse() -> Problem:
    """A graph that takes some hundreds of cases."""
    return make_problem("random-stable-set:n=100,p_min=0.25,p_max=0.25,index=0")


def shared(problem: Problem, workers: Workers) -> BranchSearch:
    """The search from nothing to the end, with others."""
    search = BranchSearch(Exclusions.of(problem, "test"), (), workers)
    search.run()
    return search


@pytest.mark.parametrize("count", [1, 2, 7])
def test_the_tree_is_the_same_whoever_makes_its_parts(count: int) -> None:
    workers = Workers(count)
    alone, together = searched(sparse()), shared(sparse(), workers)
    assert alone.is_complete
    assert alone.tree.root.size > refuting.PARTS
    assert (together.tree, together.chosen) == (alone.tree, alone.chosen)
    assert len(workers.tasks) >= refuting.PARTS


@pytest.mark.parametrize("parts", [1, 2, 5, 20])
@pytest.mark.parametrize("max_weight", [1, 9])
def test_small_graphs_divided_in_any_way(max_weight: int, parts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refuting, "PARTS", parts)
    for seed in range(40):
        problem = random_graph(seed, max_weight=max_weight)
        alone, together = searched(problem), shared(problem, Workers(3))
        assert (together.tree, together.chosen) == (alone.tree, alone.chosen)
        for bound in range(max(0, alone.value - 3), alone.value):
            assert alone.refuted(bound) is together.refuted(bound) is None
            assert together.chosen == alone.chosen


@pytest.mark.parametrize("most", [500, 2000, 20_000])
def test_trees_that_are_too_large_are_given_up_by_all_alike(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refuting, "PARTS", 10)
    monkeypatch.setattr(refuting, "MAX_WORK", most)
    for seed in range(30):
        problem = random_graph(seed, max_vertices=40)
        alone, together = searched(problem), shared(problem, Workers(3))
        assert (together.tree, together.chosen) == (alone.tree, alone.chosen)
    assert not alone.is_complete or most > 500


def test_the_least_bound_whose_tree_is_not_too_large_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    complete = searched(sparse())
    monkeypatch.setattr(refuting, "MAX_WORK", 100_000)
    search = searched(sparse())
    assert search.value < search.tree.bound
    assert search.refuted(search.tree.bound - 1) is None
    assert complete.tree.bound < search.tree.bound < BranchSearch(Exclusions.of(sparse(), "test")).tree.bound


@pytest.mark.parametrize(
    "spec",
    [
        "random-stable-set:n=100,p_min=0.25,p_max=0.25,index=0",
        "random-stable-set:n=100,max_weight=9,p_min=0.1,p_max=0.1,index=0",
        "paley:q=73",
    ],
)
def test_work_is_about_what_the_checker_counts(spec: str) -> None:
    problem = make_problem(spec)
    exclusions, search = Exclusions.of(problem, "test"), searched(problem)
    refuter = Refuter(exclusions)
    found = refuter(Part((), refuter.covers.everything, search.tree.bound, math.inf))
    assert isinstance(found, Refuted)
    content = proof_by_cases(problem, exclusions, search).to_json()
    work = found.work + checker.MAX_WORK - refuter.room
    checker.check(content, work)
    with pytest.raises(checker.ResourceLimit):
        checker.check(content, 95 * work // 100)


def test_what_comes_of_a_part() -> None:
    exclusions = Exclusions.of(make_problem("petersen"), "test")
    refuter = Refuter(exclusions)
    assert isinstance(refuter(Part((), refuter.covers.everything, 4, math.inf)), Refuted)
    larger = refuter(Part((), refuter.covers.everything, 3, math.inf))
    assert isinstance(larger, LargerSet)
    assert len(larger.chosen) == 4
    assert isinstance(refuter(Part((), refuter.covers.everything, 4, -1.0)), Stopped)


@pytest.mark.parametrize("last", [0, 1, 30])
def test_workers_that_are_gone_leave_the_best_tree_so_far(last: int) -> None:
    search = shared(sparse(), Workers(2, last))
    assert not search.is_complete
    assert search.value <= search.tree.bound
    proof_by_cases(sparse(), Exclusions.of(sparse(), "test"), search).verify()


def test_the_search_ends_where_all_workers_are_gone() -> None:
    search = BranchSearch(Exclusions.of(sparse(), "test"), (), lambda work, tasks: iter([(None, "gone")]))
    search.run()
    assert search.value < search.tree.bound


def test_a_stop_ends_the_search_with_others() -> None:
    workers = Workers(2)
    with stopping.time_limit(0.0):
        search = shared(sparse(), workers)
    assert not workers.tasks
    assert search.tree.root.size == 1
