from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import pytest

import polyproof_gym
from polyproof_gym import Proof
from polyproof_gym.polynomials import Polynomial
from polyproof_gym.problems import Problem, make_problem
from polyproof_gym.problems.cases import Split
from polyproof_gym.proofs import (
    Axiom,
    Branching,
    Leaf,
    ProofState,
    ProofTree,
    Reason,
    Square,
    Times,
    TimesLine,
    certify,
    shrink,
)
from polyproof_gym.proofs.tree import halves, whole_case
from tests.flat import prove
from tests.polyproof_gym.envs.helpers import weighted_stable_set
from tests.polyproof_gym.proofs.exports.examples import TREES, VERSION_2, by_cases, example, root
from tests.polyproof_gym.proofs.trees import paired, tree

PENTAGON = make_problem("cycle:n=5")


def needed_by(reasons: tuple[Reason, ...], numbers: Iterable[int]) -> set[int]:
    found: set[int] = set()
    for number in numbers:
        found |= {number} | needed_by(reasons, reasons[number].parents)
    return found


@pytest.mark.parametrize(
    ("spec", "bound", "derivations"),
    [("cycle:n=5", 2, 6), ("cycle:n=7", 3, 10), ("cycle:n=9", 4, 14), ("petersen", 4, 12)],
)
def test_shortest_known_proofs_are_found_among_the_static_products(spec: str, bound: int, derivations: int) -> None:
    """The numbers were found by integer programming over all products."""
    proof = shrink(prove(spec, agent="static-sherali-adams:level=3"))
    proof.verify()
    assert proof.bound == bound
    assert proof.num_derivations == derivations


@pytest.mark.parametrize("agent", ["dual-guided", "random", "bfs", "static-sherali-adams:level=3"])
@pytest.mark.parametrize(
    "spec", ["petersen", "random-stable-set:n=12,index=3", "wheel:n=6", "caprasse", "butcher", "heart", "weighted"]
)
def test_the_bound_stays_and_no_derivation_is_added(spec: str, agent: str) -> None:
    problem = weighted_stable_set() if spec == "weighted" else make_problem(spec)
    proof = prove(problem, agent=agent, max_steps=60)
    shorter = shrink(proof, seconds=5)
    shorter.verify()
    assert shorter.bound == proof.bound
    assert shorter.num_derivations <= proof.num_derivations
    assert needed_by(shorter.reasons, shorter.multipliers) == set(range(len(shorter.reasons)))


def test_a_long_proof_becomes_much_shorter() -> None:
    proof = prove("caprasse", agent="static-sherali-adams:level=4")
    assert shrink(proof).num_derivations < 0.9 * proof.num_derivations


def padded(proof: Proof, *further: Reason) -> Proof:
    """The proof with lines that its bound does not need, in front of the others."""
    axioms = tuple(Axiom(k, axiom) for k, axiom in enumerate(proof.problem.axioms))
    offset = len(axioms) + len(further)
    numbers = {number: number + offset for number in range(len(proof.reasons))}
    return replace(
        proof,
        reasons=(*axioms, *further, *(reason.renumbered(numbers) for reason in proof.reasons)),
        multipliers={numbers[number]: value for number, value in proof.multipliers.items()},
    )


def test_lines_that_nothing_needs_are_dropped() -> None:
    proof = padded(
        prove(PENTAGON),
        Times(0, 2, False),
        Times(0, 3, True),
        Times(10, 3, True),
        Times(1, 1, True),
        Times(13, 3, True),
    )
    proof.verify()
    assert shrink(proof).num_derivations < proof.num_derivations - 4


def test_fewer_derivations_count_more_than_fewer_lines_in_the_combination() -> None:
    """``x1 <= 1/2`` twice: from one line that takes three derivations, or from two lines that share one."""
    problem = polyproof_gym.polynomial("-x1 - x2 - x3 + 2*x4", boolean=["x1", "x2", "x3", "x4"])
    axioms = tuple(Axiom(k, axiom) for k, axiom in enumerate(problem.axioms))
    lines: tuple[Reason, ...] = (*axioms, Times(0, 1, False), Times(8, 2, False), Times(0, 2, True))
    proof = Proof(problem, lines, {1: 1, 3: 1, 5: 1, 6: 2})
    assert proof.bound == -3
    assert shrink(proof).num_derivations == 0


def test_a_shared_parent_counts_once() -> None:
    """The triangle inequality doubled, from two grandchildren of one line or from those of two lines."""
    problem = make_problem("complete:n=4")
    axioms = tuple(Axiom(k, axiom) for k, axiom in enumerate(problem.axioms))
    apart: tuple[Reason, ...] = (
        *axioms,
        Times(1, 1, True),
        Times(8, 2, True),
        Times(3, 2, True),
        Times(10, 0, True),
        Times(11, 3, True),
    )
    proof = Proof(problem, apart, {12: 1})
    assert proof.bound == 1
    shorter = shrink(proof)
    assert shorter.bound == 1
    assert shorter.num_derivations == 3


def test_a_rounded_proof_may_lose_what_rounding_gains() -> None:
    edges = [Times(2 * i + 1, (i + 1) % 7, complement=True) for i in range(7)]
    exact = padded(prove("cycle:n=7"), *edges)
    assert exact.bound == 3
    rounded = exact.rounding()
    shorter = shrink(rounded)
    shorter.verify()
    assert shorter.bound == 3
    assert shorter.rounded
    assert shorter.combination_bound == Fraction(7, 2)
    assert shorter.num_derivations == 7 < shrink(exact).num_derivations


def test_a_proof_with_rounded_multipliers_keeps_its_bound() -> None:
    proof = prove("petersen")
    lossy = replace(
        proof, multipliers={j: Fraction(value) * Fraction(999, 1000) for j, value in proof.multipliers.items()}
    )
    assert lossy.bound > 4
    shorter = shrink(lossy)
    shorter.verify()
    assert shorter.bound <= lossy.bound


def test_lines_that_say_nothing_are_dropped() -> None:
    proof = padded(prove(PENTAGON), Times(0, 1, False), Times(10, 0, True))
    assert not any(proof.lines[10:12])
    shorter = shrink(proof)
    shorter.verify()
    assert shorter.bound == proof.bound
    assert shorter.num_derivations <= proof.num_derivations - 2


@pytest.mark.parametrize("name", VERSION_2)
def test_proofs_of_version_2_keep_their_bound(name: str) -> None:
    proof = example(name)
    shorter = shrink(proof, seconds=5)
    shorter.verify()
    assert shorter.status == proof.status or (proof.status, shorter.status) == ("bounded", "optimal")
    assert shorter.num_derivations <= proof.num_derivations
    if name != "contradictory":
        assert proof.problem.sign * (shorter.bound - proof.bound) >= 0


def test_needless_squares_and_products_of_lines_are_dropped() -> None:
    """Motzkin's polynomial needs six squares, and two lines that they are multiplied by."""
    proof = example("motzkin")
    x, y = (Polynomial.variable(proof.problem.ring, i) for i in range(2))
    further = (
        Square(x - y),
        Square(x, 2),
        TimesLine(4, 5),
        TimesLine(6, 3),
        Square(2 * x * y - 1, 7),
        Times(8, 0, True),
    )
    longer = padded(proof, *further)
    longer.verify()
    assert longer.num_derivations == proof.num_derivations + len(further)
    assert shrink(longer).num_derivations == 8
    assert shrink(longer).bound == 0


def test_a_product_of_lines_needs_both() -> None:
    """The largest sum of two squares in a cross-polytope needs two products, and no others."""
    problem = example("cross_polytope").problem
    state = ProofState(problem, max_steps=40, rules=())
    for i in range(8):
        for j in range(i + 1):
            state.derive(TimesLine(i, j))
    proof = certify(state)
    shorter = shrink(proof)
    shorter.verify()
    assert shorter.bound == 1
    assert shorter.num_derivations == 2
    assert needed_by(shorter.reasons, shorter.multipliers) == set(range(len(shorter.reasons)))


@pytest.mark.parametrize("spec", ["cycle:n=5", "rd"])
def test_the_empty_proof_stays_empty(spec: str) -> None:
    problem = make_problem(spec)
    assert shrink(Proof(problem, (), {})) == Proof(problem, (), {})


def test_without_time_the_result_is_still_a_proof() -> None:
    proof = prove("heart", agent="static-sherali-adams:level=3")
    shorter = shrink(proof, seconds=0)
    shorter.verify()
    assert shorter.bound == proof.bound
    assert shorter.num_derivations <= proof.num_derivations


# Proofs by cases ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TREES)
def test_proofs_by_cases_keep_their_bound(name: str) -> None:
    proof = by_cases(name)
    shorter = shrink(proof, seconds=4)
    shorter.verify()
    assert shorter.status == proof.status
    assert shorter.problem.sign * (shorter.bound - proof.bound) >= 0
    assert shorter.num_derivations <= proof.num_derivations
    assert shorter.num_leaves <= proof.num_leaves


def test_cases_prove_no_more_than_the_worst_one() -> None:
    """The bound -1/4 is that below 3/2; above it would be 3/4, but -1/4 follows from the same square."""
    problem = polyproof_gym.polynomial("x^2 - x", box={"x": (0, 2)})
    split = Split(0, Fraction(3, 2))
    below, above = halves(whole_case(problem), split)
    square = Proof(below.problem, (Square(root(below.problem, "2*x - 1")),), {0: Fraction(1, 4)})
    product = Proof(
        above.problem, (Axiom(0, above.problem.axioms[0]), Times(0, 0, complement=False)), {1: Fraction(1, 4)}
    )
    node = Branching(split, Leaf.of(square, below.axioms), Leaf.of(product, above.axioms))
    proof = ProofTree(problem, node, Fraction(-1, 4))
    proof.verify()
    shorter = shrink(proof)
    assert isinstance(shorter, Proof)
    assert (shorter.num_derivations, shorter.bound) == (1, Fraction(-1, 4))


def test_halves_that_need_no_split_are_joined() -> None:
    problem = polyproof_gym.polynomial("x^2 + y^2", box={"x": (-1, 1), "y": (-2, 1)})

    def prove_leaf(case: Problem) -> Proof:
        state = ProofState(case, max_steps=2, rules=())
        for name in ("x", "y"):
            state.derive(Square(root(case, name)))
        return certify(state)

    proof = tree(problem, 3, prove_leaf)
    assert (proof.num_leaves, proof.num_derivations, proof.bound) == (8, 10, Fraction(0))
    shorter = shrink(proof)
    shorter.verify()
    assert isinstance(shorter, Proof)
    assert (shorter.num_derivations, shorter.bound) == (2, Fraction(0))


def test_splits_that_are_needed_stay() -> None:
    proof = by_cases("integer_cases")
    shorter = shrink(proof)
    assert 2 <= shorter.num_leaves < proof.num_leaves
    assert shorter.bound == proof.bound == 9


def test_without_time_a_proof_by_cases_stays_one() -> None:
    proof = tree(polyproof_gym.polynomial("x^2*y - x*y^2", box=[(-1, 1)] * 2), 3, paired)
    shorter = shrink(proof, seconds=0)
    shorter.verify()
    assert shorter.bound >= proof.bound
