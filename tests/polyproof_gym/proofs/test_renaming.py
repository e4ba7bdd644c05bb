"""Lines renamed by symmetries: what the checker takes and what it refuses, and proofs without them."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest

import polyproof_gym
from polyproof_gym import InvalidProof, ProofState
from polyproof_gym.polynomials import Polynomial
from polyproof_gym.problems import Problem, make_problem
from polyproof_gym.problems.cases import Split
from polyproof_gym.proofs import Axiom, Branching, Leaf, Proof, ProofTree, Renamed, Square, Times, checker
from polyproof_gym.proofs.reasons import reason_from_json
from polyproof_gym.proofs.renaming import without_renamings
from polyproof_gym.proofs.tree import halves, whole_case
from tests.polyproof_gym.proofs.exports.examples import example

ROTATION = (1, 2, 3, 4, 0)


def replaced(content: dict[str, Any], number: int, text: str) -> dict[str, Any]:
    return {**content, "lines": [text if k == number else line for k, line in enumerate(content["lines"])]}


def test_the_text_is_in_cycles() -> None:
    problem = make_problem("petersen")
    reason = Renamed(7, (1, 2, 3, 4, 0, 6, 7, 8, 9, 5))
    assert reason.to_json() == "line 7 renamed by (0 1 2 3 4)(5 6 7 8 9)"
    assert reason_from_json(reason.to_json(), problem) == reason
    assert reason_from_json("line 7 renamed by (6 7 8 9 5)(2 3 4 0 1)", problem) == reason
    assert reason.describe(problem.ring) == "line 7 renamed by (x0 x1 x2 x3 x4)(x5 x6 x7 x8 x9)"
    assert reason.parents == (7,)


@pytest.mark.parametrize(
    "text",
    [
        "line 1 renamed by (0 1)",  # no symmetry
        "line 1 renamed by (0 1 2 3)",
        "line 1 renamed by (0 1 2 3 5)",
        "line 1 renamed by (0 1)(1 2)",
        "line 1 renamed by (0 0)",
        "line 1 renamed by (1 4)(2 3)(0 5)",
        "line 2 renamed by (0 1 2 3 4)",  # itself
        "line 9 renamed by (0 1 2 3 4)",
        "line 1 renamed by",
        "line 1 renamed by ()",
        "line 1 renamed by (0)",
        "line 1 renamed by (0 1 2 3 4",
        "line 1 renamed by (0 1 2  3 4)",
        "line 1 renamed by (0 1 2 3 4) ",
        "line 1 renamed by (0, 1, 2, 3, 4)",
        "line 1 renamed by (0 1 2 3 -4)",
        "line 1 renamed by 1 2 3 4 0",
    ],
)
def test_what_is_no_renaming_is_refused(text: str) -> None:
    content = example("rotated").to_json()
    checker.check(content)
    with pytest.raises(checker.Rejected, match="line 2: "):
        checker.check(replaced(content, 2, text))


def test_a_file_of_version_1_has_no_renamings() -> None:
    content = example("rotated").to_json()
    assert content["version"] == 2
    problem = {key: value for key, value in content["problem"].items() if key not in ("implied", "integer")}
    problem["exclusive"] = [[0, 1], [0, 4], [1, 2], [2, 3], [3, 4]]
    with pytest.raises(checker.Rejected, match="line 2: expected a reason"):
        checker.check({**content, "version": 1, "problem": problem})


CHANGES: list[dict[str, Any]] = [
    {"objective": "2*x + y + z - x*y*z"},
    {"box": {"x": (0, 3), "y": (0, 2), "z": (0, 2)}},
    {"integer": ["x"]},
    {"constraints": ["x + y + z >= 1", "x*y <= 3"]},
    {"constraints": ["x + y + z >= 1", "x^2*y + y^2*z + z^2*x <= 9"]},
]


@pytest.mark.parametrize("change", range(len(CHANGES)))
def test_every_part_of_the_problem_counts(change: int) -> None:
    """The exact same permutations, those of the set of three variables, by the package and by the checker."""
    given: dict[str, Any] = {"box": {name: (0, 2) for name in "xyz"}, "constraints": ["x + y + z >= 1"]}
    symmetric = polyproof_gym.polynomial("x + y + z - x*y*z", **given)
    changed = {**given, **CHANGES[change]}
    other = polyproof_gym.polynomial(changed.pop("objective", "x + y + z - x*y*z"), **changed)
    counts = []
    for problem in (symmetric, other):
        fitting = [p for p in permutations(range(3)) if p != (0, 1, 2) and p in problem.symmetries]
        counts.append(len(fitting))
        for permutation in permutations(range(3)):
            reason = Renamed(0, permutation)
            if permutation != (0, 1, 2):
                content = Proof(problem, (Axiom(0, problem.axioms[0]), reason), {}).to_json
                if permutation in fitting:
                    checker.check(content())
                else:
                    axiom = Proof(problem, (Axiom(0, problem.axioms[0]),), {}).to_json()
                    axiom["version"] = 2
                    axiom["problem"].setdefault("implied", [])
                    with pytest.raises(checker.Rejected, match="maps the problem to itself"):
                        checker.check({**axiom, "lines": ["axiom 0", reason.to_json()]})
                    with pytest.raises(InvalidProof, match="maps the problem to itself"):
                        reason.require(problem)
    assert counts[0] == 5
    assert counts[1] < 5


def test_what_is_renamed_holds_wherever_the_line_does() -> None:
    """At the point with its coordinates exchanged, a renamed line has the value that the line has at the point."""
    proof, rng = example("permuted"), random.Random(0)
    for number, reason in enumerate(proof.reasons):
        if isinstance(reason, Renamed):
            for _ in range(5):
                point = [Fraction(rng.randint(0, 12), 12) for _ in range(3)]
                image = [point[i] for i in reason.images]
                assert proof.lines[number].evaluate(point) == proof.lines[reason.parent].evaluate(image)


def test_a_state_derives_renamed_lines() -> None:
    state = ProofState(make_problem("cycle:n=5"))
    edge = state.derive(Times(1, 1, complement=True))
    numbers = [state.derive(Renamed(edge, ROTATION))]
    for _ in range(4):
        numbers.append(state.derive(Renamed(numbers[-1], ROTATION)))
    assert numbers == [edge + 1, edge + 2, edge + 3, edge + 4, edge]
    assert state.bound == pytest.approx(5 / 2)
    with pytest.raises(InvalidProof, match="maps the problem to itself"):
        state.derive(Renamed(edge, (1, 0, 2, 3, 4)))


# Cases ----------------------------------------------------------------------------------------------------------------


def split_square() -> Problem:
    return polyproof_gym.polynomial("x^2 + y^2 + z^2 - 2*x*z - 2*y*z", box={name: (-1, 1) for name in "xyz"})


def tree_of(problem: Problem, variable: int, renaming: Renamed) -> ProofTree:
    """A proof by cases in which both cases rename a square, in the unit coordinates of theirs."""
    leaves, bounds, split = [], [], Split(variable, 0)
    for case in halves(whole_case(problem), split):
        square = Square(Polynomial.variable(case.problem.ring, 0) - 1)
        fitting = Proof(case.problem, (square,), {0: 1})
        leaf = Leaf.of(fitting, case.axioms)
        leaves.append(Leaf((*leaf.reasons, renaming), leaf.multipliers))
        bounds.append(fitting.combination_bound)
    return ProofTree(problem, Branching(split, *leaves), min(bounds))


def test_in_a_case_the_case_must_be_mapped_to_itself() -> None:
    problem = split_square()
    tree = tree_of(problem, 2, Renamed(0, (1, 0, 2)))  # z is split, x and y are exchanged
    tree.verify()
    checker.check(tree.to_json())
    content = tree_of(problem, 2, Renamed(0, (1, 0, 2))).to_json()
    content["split"] = [0, "0"]
    with pytest.raises(checker.Rejected, match="below: line 1: expected a renaming that maps the problem to itself"):
        checker.check(content)
    with pytest.raises(InvalidProof, match="maps the problem to itself"):
        tree_of(problem, 0, Renamed(0, (1, 0, 2))).verify()


def test_a_permutation_that_fits_the_whole_problem_is_looked_at_again_in_a_case() -> None:
    """What is known of a permutation in one case says nothing of another."""
    content = tree_of(split_square(), 2, Renamed(0, (1, 0, 2))).to_json()
    deeper = {"split": [0, "1/2"], "below": content["above"], "above": content["above"]}
    with pytest.raises(checker.Rejected, match="above: below: line 1: expected a renaming"):
        checker.check({**content, "above": deeper})


# Without renamings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["rotated", "permuted"])
def test_a_proof_without_renamings_proves_the_same(name: str) -> None:
    proof = example(name)
    assert any(isinstance(reason, Renamed) for reason in proof.reasons)
    expanded = without_renamings(proof)
    assert not any(isinstance(reason, Renamed) for reason in expanded.reasons)
    assert expanded.remainder == proof.remainder
    assert {proof.lines[j] for j in proof.multipliers} == {expanded.lines[j] for j in expanded.multipliers}
    expanded.verify()
    assert expanded.bound == proof.bound


def test_a_proof_that_renames_nothing_stays_as_it_is() -> None:
    assert without_renamings(example("motzkin")) is example("motzkin")


def test_a_line_that_is_renamed_to_itself_counts_twice() -> None:
    problem = make_problem("cycle:n=5")
    reasons = Axiom(0, problem.axioms[0]), Renamed(0, (0, 4, 3, 2, 1))
    expanded = without_renamings(Proof(problem, reasons, {0: 1, 1: Fraction(1, 2)}))
    assert (expanded.reasons, expanded.multipliers) == (reasons[:1], {0: Fraction(3, 2)})


def test_renaming_a_renaming_conjugates_it() -> None:
    problem = make_problem("cycle:n=5")
    line = problem.axioms[0] - 2 * problem.axioms[4]
    inner, outer = Renamed(0, (0, 4, 3, 2, 1)), ROTATION
    again = inner.renamed(outer, problem)
    assert again.conclude(problem.ring, [line.renamed(outer)]) == line.renamed(inner.images).renamed(outer)


# Limits ---------------------------------------------------------------------------------------------------------------


def test_many_permutations_are_charged_for() -> None:
    n = 400
    problem = make_problem(f"complete:n={n}")
    texts = [f"line 0 renamed by ({i} {j})" for i in range(n) for j in range(i)]
    content = Proof(problem, (Axiom(0, problem.axioms[0]),), {}).to_json()
    content = {**content, "version": 2, "problem": {**content["problem"], "implied": []}}
    with pytest.raises(checker.ResourceLimit):
        checker.check({**content, "lines": ["axiom 0", *texts]}, max_work=3_000_000)


def test_a_permutation_is_verified_once() -> None:
    problem = make_problem("complete:n=100")
    content = Proof(problem, (Axiom(0, problem.axioms[0]), Renamed(0, (1, 0, *range(2, 100)))), {}).to_json()
    lines = content["lines"]
    work = []
    for count in (1, 2001):
        low, high = 0, 10**7
        while low < high:
            middle = (low + high) // 2
            try:
                checker.check({**content, "lines": [lines[0], *lines[1:] * count]}, middle)
                high = middle
            except checker.ResourceLimit:
                low = middle + 1
        work.append(low)
    assert work[1] - work[0] < 2000 * 30
