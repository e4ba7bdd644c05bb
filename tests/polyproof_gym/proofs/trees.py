"""Proofs by cases of all kinds, made by bisection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np

from agents import make_agent
from polyproof_gym import Proof, polynomial
from polyproof_gym.problems import Problem
from polyproof_gym.problems.cases import Case, Split
from polyproof_gym.proofs import Branching, Clique, Leaf, ProofState, ProofTree, Reason, TimesLine, certify
from polyproof_gym.proofs.tree import Node, halves, whole_case


def cubic() -> Problem:
    """A problem of two variables with a constraint."""
    return polynomial("x^4 - x^2*y + y^2 - x", box=[(-1, 2), (-1, 1)], constraints=["x + y >= 1/3"], variables="x y")


Prover = Callable[[Problem], Proof]


def searched(problem: Problem) -> Proof:
    """A proof by a few products."""
    state, agent, rng = ProofState(problem, max_steps=8), make_agent("dual-guided"), np.random.default_rng(0)
    while agent.advance(state, rng):
        pass
    return certify(state)


def paired(problem: Problem) -> Proof:
    """A proof by products of two axioms, and by all cliques of two."""
    count = len(problem.axioms)
    reasons: list[Reason] = [TimesLine(i, j) for i in range(count) for j in range(i + 1)]
    reasons += [Clique(pair) for pair in sorted(problem.ring.exclusive)]
    state = ProofState(problem, max_steps=len(reasons), rules=())
    for reason in reasons:
        if reason.conclude(problem.ring, [state.memory[parent] for parent in reason.parents]):
            state.derive(reason)
    proof = certify(state)
    shown = proof.contradiction
    # A multiple of what contradicts itself proves any bound.
    return proof if shown is None else replace(proof, multipliers={j: 50 * c for j, c in shown.multipliers.items()})


def bisected(case: Case, depth: int, prove_leaf: Prover = searched) -> tuple[Node, Fraction]:
    """A tree that splits the longest interval in the middle, or the first 0/1 variable that is not fixed.

    Returns:
        The tree, and its bound on the minimised objective.
    """
    lengths = [high - low for low, high in case.problem.box]
    if not depth or not any(lengths):
        proof = prove_leaf(case.problem)
        return Leaf.of(proof, case.axioms), case.problem.sign * proof.combination_bound
    i = lengths.index(max(lengths))
    low, high = case.problem.box[i]
    middle = Fraction(low + high) / 2
    split = Split(i, 0 if i in case.problem.ring.idempotent else middle // 1 if i in case.problem.integer else middle)
    below, above = (bisected(half, depth - 1, prove_leaf) for half in halves(case, split))
    return Branching(split, below[0], above[0]), min(below[1], above[1])


def tree(problem: Problem, depth: int = 3, prove_leaf: Prover = searched) -> ProofTree:
    """The proof by such a tree."""
    root, bound = bisected(whole_case(problem), depth, prove_leaf)
    return ProofTree(problem, root, Fraction(problem.sign * bound))
