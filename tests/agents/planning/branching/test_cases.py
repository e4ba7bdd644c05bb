from __future__ import annotations

from pathlib import Path

import pytest

from agents.planning.branching import BranchSearch, Exclusions, proof_by_cases
from polyproof_gym import load_proof, make_problem, problem_from_text
from polyproof_gym.problems.stable_set import stability_number
from polyproof_gym.proofs import ProofTree
from tests.agents.planning.branching.graphs import random_graph, searched


@pytest.mark.parametrize("max_weight", [1, 9])
def test_random_graphs_are_proved_by_cases(max_weight: int) -> None:
    for seed in range(60):
        problem = random_graph(seed, max_weight=max_weight)
        search = searched(problem)
        proof = proof_by_cases(problem, Exclusions.of(problem, "test"), search)
        proof.verify()
        assert proof.status == "optimal"
        assert proof.bound == stability_number(problem)
        assert proof.num_leaves == search.tree.root.size


@pytest.mark.parametrize(("index", "stability"), [(0, 5), (3, 8), (88, 8)])  # the last takes the most cases
def test_a_hundred_vertices_take_a_short_file(index: int, stability: int, tmp_path: Path) -> None:
    problem = make_problem(f"random-stable-set:n=100,index={index}")
    proof = proof_by_cases(problem, Exclusions.of(problem, "test"), searched(problem))
    proof.save(tmp_path / "proof.json")
    again = load_proof(tmp_path / "proof.json")
    assert isinstance(again, ProofTree)
    assert again.bound == stability
    assert again.root == proof.root
    assert (tmp_path / "proof.json").stat().st_size < 50_000


def test_weights_may_be_fractions_and_lessen_the_sum() -> None:
    problem = problem_from_text("min 3*b - 1/2*a - 2/3*c + 5 - a\nboolean\na b c d\nexclusive\na c\nb c")
    proof = proof_by_cases(problem, Exclusions.of(problem, "test"), searched(problem))
    proof.verify()
    assert proof.status == "optimal"
    assert str(proof.bound) == "7/2"


def test_what_is_proved_before_the_end_holds_as_well() -> None:
    problem = make_problem("random-stable-set:n=50,index=3")
    exclusions = Exclusions.of(problem, "test")
    search = BranchSearch(exclusions)
    bounds = []
    while not search.is_complete:
        proof = proof_by_cases(problem, exclusions, search)
        proof.verify()
        bounds.append(proof.bound)
        assert search.improve()
    assert bounds == sorted(bounds, reverse=True)
    assert search.tree.bound == 7
