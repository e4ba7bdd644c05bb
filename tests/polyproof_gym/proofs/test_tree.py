from __future__ import annotations

import copy
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from polyproof_gym import BadInput, InvalidProof, Proof, load_proof, make_problem, polynomial
from polyproof_gym.polynomials import Polynomial
from polyproof_gym.problems import Problem
from polyproof_gym.proofs import (
    Clique,
    ProofTree,
    checker,
)
from polyproof_gym.proofs.tree import whole_case
from tests.polyproof_gym.proofs.trees import bisected, cubic, tree

PROBLEMS: dict[str, Callable[[], Problem]] = {
    "cubic": cubic,
    "petersen": lambda: make_problem("petersen"),
    "maximum": lambda: polynomial("x*y - x^2", box=[(-1, 2), (0, "1/3")], sense="max", variables="x y"),
    "integer": lambda: polynomial(
        "a*b - a^2 + t", box={"a": (-2, 3), "b": (0, 2), "t": (0, 1)}, integer="a b", constraints=["a + 2*b <= 4 - t"]
    ),
    "boolean": lambda: polynomial("3*x*y - 2*y*z + x", boolean="x y z", constraints=["x + y + z >= 1"]),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_tree_holds_and_is_read_as_it_was_saved(name: str, tmp_path: Path) -> None:
    proof = tree(PROBLEMS[name]())
    proof.verify()
    proof.save(tmp_path / "proof.json")
    again = load_proof(tmp_path / "proof.json")
    assert isinstance(again, ProofTree)
    assert (again.root, again.bound, again.num_leaves) == (proof.root, proof.bound, proof.num_leaves)
    assert again.to_json() == proof.to_json()


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_bound_is_the_worst_of_the_cases(name: str) -> None:
    proof = tree(PROBLEMS[name]())
    bounds = [case.node.proof(case.case).bound for case in proof.cases()]
    sign = proof.problem.sign
    assert proof.bound == sign * min(sign * bound for bound in bounds)
    better = ProofTree(proof.problem, proof.root, proof.bound + sign * Fraction(1, 10**9))
    with pytest.raises(InvalidProof, match=r"^(below|above): .*the combination of the lines does not prove it"):
        better.verify()


def test_smaller_cases_prove_more() -> None:
    bounds = [tree(polynomial("x^2 - x*y + y^2", box=[(-1, 1)] * 2), depth).bound for depth in range(1, 6)]
    assert bounds == sorted(bounds)
    assert bounds[0] < bounds[-1] <= 0


def test_a_rounded_tree() -> None:
    petersen = make_problem("petersen")
    root, bound = bisected(whole_case(petersen), 4)
    proof = ProofTree(petersen, root, Fraction(-bound), rounded=True)
    proof.verify()
    assert proof.bound == 4 == petersen.incumbent
    assert proof.status == "optimal"


def test_the_figures_of_a_tree_are_those_of_its_leaves() -> None:
    proof = tree(cubic(), 2)
    proofs = [case.node.proof(case.case) for case in proof.cases()]
    assert proof.num_leaves == len(proofs) == 4
    assert proof.num_derivations == sum(part.num_derivations for part in proofs)
    assert proof.num_combined == sum(part.num_combined for part in proofs)


def content_of(proof: ProofTree | Proof) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(proof.to_file())
    return content


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    content = content_of(tree(cubic(), 2))
    change(content)
    return content


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.update(split=[0, "-1"]),
        lambda c: c.update(split=[0, "2"]),
        lambda c: c.update(split=[0, "3"]),
        lambda c: c.update(split=[2, "0"]),
        lambda c: c.update(split=[True, "0"]),
        lambda c: c.update(split=[0]),
        lambda c: c.update(split=[[0, "1/2"]]),
        lambda c: c.update(split=None),
        lambda c: c.update(below=None),
        lambda c: c.update(below=[]),
        lambda c: c.update(below={}),
        lambda c: c.update(lines=[], multipliers=[]),
        lambda c: c.pop("above"),
        lambda c: c.update(version=1),
        lambda c: c["below"].update(more=0),
        lambda c: c["below"].update(split=[0, "1"]),  # outside of what is left of the interval
        lambda c: c["below"]["below"].pop("lines"),
        lambda c: c.update(below=c["below"]["below"]),
    ],
)
def test_other_trees_are_rejected(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(checker.Rejected):
        checker.check(changed(change))


def test_a_fixed_variable_is_not_split_again() -> None:
    content = content_of(tree(make_problem("cycle:n=5"), 1))
    content["above"] = {"split": [1, "0"], "below": content["above"], "above": content["above"]}
    with pytest.raises(checker.Rejected, match="above: split: expected a 0/1 variable that is not fixed"):
        checker.check(content)


def test_cases_within_cases_are_limited_by_their_work() -> None:
    content = content_of(tree(polynomial("x", box=[(0, 1)]), 1))
    inner = content["below"]
    for k in range(300, 0, -1):
        inner = {"split": [0, f"1/{2**k}"], "below": copy.copy(content["below"]), "above": inner}
    with pytest.raises(checker.Rejected):  # upside down
        checker.check({**content, "below": inner})
    inner = content["below"]
    for k in range(300, 1, -1):
        inner = {"split": [0, f"1/{2**k}"], "below": inner, "above": copy.copy(content["below"])}
    assert checker.check({**content, "below": inner}) == 0
    with pytest.raises(checker.ResourceLimit):
        checker.check({**content, "below": inner}, max_work=5000)


def test_axioms_that_cases_change_are_replayed_in_each(tmp_path: Path) -> None:
    """A leaf may use a constraint that is a constant there, even one that nothing satisfies."""
    problem = polynomial("x + y", sense="max", boolean="x y", constraints=["x + y <= 1"], variables="x y")
    proof = tree(problem, 2)
    assert proof.bound == 1
    proof.save(tmp_path / "proof.json")
    content = content_of(proof)
    content["below"]["below"] = {"lines": ["axiom 4"], "multipliers": [[0, "1"]]}  # 1 >= 0 there
    checker.check(content)
    (tmp_path / "constant.json").write_text(json.dumps(content))
    with pytest.raises(BadInput, match="axiom 4, which says nothing there"):
        load_proof(tmp_path / "constant.json")


@pytest.mark.parametrize("members", [(0, 1), (1, 0), (3,), (3, 4)])
def test_a_clique_is_one_line(members: tuple[int, ...], tmp_path: Path) -> None:
    problem = make_problem("cycle:n=5")
    proof = Proof(problem, (Clique(members),), {0: 1})
    assert str(proof.lines[0]) == str(1 - sum(Polynomial.variable(problem.ring, i) for i in members))
    proof.verify()
    proof.save(tmp_path / "proof.json")
    assert content_of(proof)["lines"] == ["clique" + "".join(f" {i}" for i in members)]
    again = load_proof(tmp_path / "proof.json")
    assert isinstance(again, Proof)
    assert again.reasons == proof.reasons


def test_the_variables_of_a_clique_may_be_written_in_both_ways(tmp_path: Path) -> None:
    content = Proof(make_problem("cycle:n=5"), (Clique((3, 4)), Clique((1,))), {0: 1}).to_json()
    for text in ("clique x_3 x_4", "clique 3 x_4"):
        content["lines"][0] = text
        (tmp_path / "proof.json").write_text(json.dumps(content))
        again = load_proof(tmp_path / "proof.json")
        assert [*again.all_reasons()] == [Clique((3, 4)), Clique((1,))]
    for text in (
        "clique 3x_4",
        "clique x3 x4",
        "clique 3  4",
        "clique 3,4",
        "clique x_ 3",
        "clique 3 -4",
        "clique x_x_3",
    ):
        with pytest.raises(checker.Rejected, match="line 0"):
            checker.check({**content, "lines": [text, "clique 1"]})


@pytest.mark.parametrize("members", [(), (0, 2), (0, 1, 2), (0, 0), (0, 5), (7,)])
def test_what_is_no_clique_is_refused(members: tuple[int, ...]) -> None:
    problem = make_problem("cycle:n=5")
    with pytest.raises(InvalidProof):
        Clique(members).require(problem)
    content = Proof(problem, (Clique((0,)),), {0: 1}).to_json()
    content["lines"] = [Clique(members).to_json()]
    with pytest.raises(checker.Rejected, match="line 0"):
        checker.check(content)
