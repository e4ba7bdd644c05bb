"""Shorter proofs of the same bound.

A proof costs the derivations that its combination needs, their ancestors included; a parent that several lines share
counts once. The shortest proof among the lines at hand is the solution of a mixed-integer program: beside the
multipliers of the bound LP, one binary variable per derivation says whether it is made,

    min sum_j y_j   such that   f - bound = sum_j lambda_j * m_j,   0 <= lambda_j <= U * y_j,   y_j <= y_parent(j).

In a proof by cases every case needs to prove the bound of the worst one only, and no case needs to be split whose
halves have lines that prove it as it is.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple, overload

import highspy
import numpy as np

from polyproof_gym import stopping
from polyproof_gym.arguments import finite, instance_of
from polyproof_gym.errors import InvalidProof
from polyproof_gym.polynomials import Rational, rational
from polyproof_gym.problems.cases import Case
from polyproof_gym.problems.implied_box import SIDES
from polyproof_gym.problems.problem import Problem, unit_substitution
from polyproof_gym.proofs.certificate import certify
from polyproof_gym.proofs.claim import Claim
from polyproof_gym.proofs.proof import Proof
from polyproof_gym.proofs.reasons import Axiom, Gap, Reason, Square
from polyproof_gym.proofs.state import ProofState
from polyproof_gym.proofs.tree import Branching, Leaf, Node, Path, ProofTree
from polyproof_gym.solver import Solver

ROOM = 10.0
"""``U``: multipliers may become this many times as large as the largest one is, in the scaled LP."""

SLACK = 1e-9
"""What a bound in floats may lack, relative to the objective's largest coefficient; the exact one may lack nothing."""

ROUNDING_MARGIN = Fraction(1, 64)
"""By which part of a step a combination must pass a value of the objective to be rounded to the next."""

_INFINITY = highspy.kHighsInf


@overload
def shrink(proof: Proof, seconds: float = 20.0) -> Proof: ...


@overload
def shrink(proof: ProofTree, seconds: float = 20.0) -> ProofTree | Proof: ...


def shrink(proof: Proof | ProofTree, seconds: float = 20.0) -> Proof | ProofTree:
    """A proof of the same bound from some of the same lines, with as few derivations as are found in the time.

    Where the proof is that no point satisfies the axioms, so is the shorter one.

    Lines are left out one by one first, as long as the bound holds without them; then the mixed-integer program looks
    for the shortest proof, starting there. What they find is made exact, and taken only if the bound is as good. Where
    a stop is requested (see :mod:`polyproof_gym.stopping`), the shortest proof so far is the result.

    In a proof by cases this is done case by case, and then halves are joined where that takes no more derivations.

    Args:
        proof: A proof that holds.
        seconds: Time limit, half of it for each of the two; making their results exact comes on top. Where the program
            ends before, the result is the shortest proof that the lines contain (up to the solver's tolerances and the
            limit on the multipliers). Cases share it by their derivations.

    Returns:
        A proof with at most as many derivations, and as many cases; the same one if no shorter one was found.

    Raises:
        BadInput: If the argument is no proof, or the time no number of at least 0.
    """
    if isinstance(proof, ProofTree):
        return _shrink_cases(proof, finite(seconds, "seconds", 0))
    instance_of(proof, Proof, "proof")
    seconds = finite(seconds, "seconds", 0)

    def is_as_good(shorter: Proof) -> bool:
        if proof.contradiction is not None:
            return shorter.status == "infeasible"
        return proof.problem.sign * (shorter.bound - proof.bound) >= 0

    return _shortest(proof, _required_bound(proof), is_as_good, seconds)


def _shortest(proof: Proof, required: Rational, is_as_good: Callable[[Proof], bool], seconds: float) -> Proof:
    """The shortest proof without cases that is found whose combination proves the bound on the minimised objective."""
    if not proof.num_derivations:
        return proof
    shown = proof.contradiction or proof
    # A line may be zero, and so are those derived from it; a state does not take them.
    state = _state_of(shown.problem, proof.reasons, (number for number, line in enumerate(proof.lines) if line))
    program = _Program(state, required if shown is proof else shown.combination_bound)
    best = proof
    kept = program.without_needless(seconds / 2)
    for choice in (kept, program.shortest(kept, seconds / 2)):
        found = certify(
            _state_of(proof.problem, state.memory.reasons, [*range(len(proof.problem.axioms)), *sorted(choice)])
        )
        shorter = replace(proof, reasons=found.reasons, multipliers=found.multipliers, promised=found.promised)
        shorter = _reaching(shorter, required)
        if is_as_good(shorter) and shorter.num_derivations < best.num_derivations:
            best = shorter
    return best


def _reaching(proof: Proof, required: Rational) -> Proof:
    """The proof; where no point satisfies the axioms, with multipliers that prove the bound as well as any other."""
    problem, shown = proof.problem, proof.contradiction
    if shown is None or problem.sign * proof.combination_bound >= required:
        return proof
    share = required - problem.sign * Fraction(problem.trivial_bound)
    return replace(proof, multipliers={j: rational(share * value) for j, value in shown.multipliers.items()})


class _Shrunk(NamedTuple):
    """What proves a case, with the worst bound on the minimised objective in it."""

    case: Case
    node: Node
    bound: Fraction


def _shrink_cases(proof: ProofTree, seconds: float) -> ProofTree | Proof:
    """The same for a proof by cases."""
    required, sign = _required_bound(proof), proof.problem.sign

    def proves_enough(part: Proof) -> bool:
        return sign * part.combination_bound >= required

    shrunk: dict[Path, _Shrunk] = {}
    for path, case, node in reversed([*proof.nodes()]):  # halves come before what they are halves of
        if isinstance(node, Leaf):
            part = node.proof(case)
            share = seconds * part.num_derivations / max(1, proof.num_derivations)
            if not stopping.requested():
                part = _shortest(part, required, proves_enough, share)
            shrunk[path] = _Shrunk(case, Leaf.of(part, case.axioms), sign * part.combination_bound)
            continue
        below, above = (shrunk.pop((*path, (node.split, side))) for side in SIDES)
        shrunk[path] = _Shrunk(case, Branching(node.split, below.node, above.node), min(below.bound, above.bound))
        if isinstance(below.node, Leaf) and isinstance(above.node, Leaf) and not stopping.requested():
            part = _reaching(_joined(case, [(below.case, below.node), (above.case, above.node)]), required)
            if proves_enough(part):
                shrunk[path] = _Shrunk(case, Leaf.of(part, case.axioms), sign * part.combination_bound)
    whole = shrunk[()]
    shorter = replace(proof, root=whole.node, claimed=sign * whole.bound)
    if (shorter.num_derivations, shorter.num_leaves) >= (proof.num_derivations, proof.num_leaves):
        return proof
    return shorter.only_case or shorter


def _joined(case: Case, halves: Sequence[tuple[Case, Leaf]]) -> Proof:
    """The best proof of a case from what is derived in its halves, as far as it can be derived in the case."""
    state = ProofState(case.problem, max_steps=sum(len(leaf.reasons) for _, leaf in halves), rules=())
    for half, leaf in halves:
        numbers: dict[int, int] = {}
        for line, reason in enumerate(leaf.reasons):
            moved = _moved(reason, half.problem, case)
            if numbers.keys() >= set(reason.parents) and _fits(moved, case.problem):
                moved = moved.renumbered(numbers)
                if state.memory.conclusion(moved):
                    numbers[line] = state.derive(moved)
    return certify(state)


def _moved(reason: Reason, half: Problem, case: Case) -> Reason:
    """A reason in a half of a case, with axioms by their numbers in the whole problem, as one in the case."""
    problem = case.problem
    if isinstance(reason, Axiom):
        index = case.axioms.index(reason.index)
        return Axiom(index, problem.axioms[index])
    if isinstance(reason, Square):
        images = unit_substitution(problem.ring, problem.box)
        return replace(reason, root=half.in_own_coordinates(reason.root).substitute(images).primitive())
    return Gap.of(problem, reason.variable, reason.below) if isinstance(reason, Gap) else reason


def _fits(reason: Reason, problem: Problem) -> bool:
    """Whether a reason is one in a problem; a symmetry of a half need not be one of the whole."""
    try:
        reason.require(problem)
    except InvalidProof:
        return False
    return True


def _required_bound(proof: Claim) -> Rational:
    """The bound on the minimised objective that the combination must prove."""
    sign = proof.problem.sign
    if proof.rounded:
        step = proof.problem.values.step
        return min(sign * proof.combination_bound, sign * proof.bound - step * (1 - ROUNDING_MARGIN))
    return sign * proof.bound


def _state_of(problem: Problem, reasons: Sequence[Reason], chosen: Iterable[int]) -> ProofState:
    """The proof state that knows the axioms and some of the given lines."""
    state = ProofState(problem, max_steps=len(reasons), rules=())
    numbers: dict[int, int] = {}
    for line in chosen:
        numbers[line] = state.derive(reasons[line].renumbered(numbers))
    return state


class _Program:
    """The mixed-integer program over the lines of a state; without its binary variables, a feasibility problem.

    Columns are the multipliers of the inequalities in the memory, and then the binary variables of the derivations.
    """

    def __init__(self, state: ProofState, required: Rational) -> None:
        self._memory = memory = state.memory
        self._num_axioms = len(state.problem.axioms)
        self._derived = range(self._num_axioms, len(memory))
        objective = state.problem.minimised
        scale = max((abs(Fraction(c)) for c in objective.terms.values()), default=Fraction(1))
        self._highs = highs = Solver({})
        for row, monomial in enumerate(memory.monomials):
            side = float((objective.terms.get(monomial, 0) - (0 if row else required)) / scale)
            # The constant may be larger than needed; all other coefficients must agree.
            low, high = (side, side) if row else (-_INFINITY, side + SLACK)
            highs.addRow(low, high, 0, np.empty(0, np.int32), np.empty(0))
        for number in range(len(memory)):
            rows, values = memory.column(number)
            highs.addCol(0.0, 0.0, _INFINITY, len(rows), rows, values)
        highs.limit_iterations()

    def without_needless(self, seconds: float) -> set[int]:
        """Derivations that are enough, and of which none can be left out by itself unless the time ran out."""
        reasons = self._memory.reasons
        children = Counter(parent for number in self._derived for parent in reasons[number].parents)
        kept = set(self._derived)
        ends = time.monotonic() + seconds
        for number in reversed(self._derived):
            if time.monotonic() > ends or stopping.requested():
                break
            if not children[number]:
                self._highs.changeColBounds(number, 0.0, 0.0)
                self._highs.run(stoppable=True)
                if self._highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
                    kept.remove(number)
                    children.subtract(reasons[number].parents)
                else:
                    self._highs.changeColBounds(number, 0.0, _INFINITY)
        return kept

    def shortest(self, kept: set[int], seconds: float) -> set[int]:
        """The fewest derivations that are enough, as far as they are found in the time, starting from ``kept``."""
        highs = self._highs
        for number in self._derived:
            highs.changeColBounds(number, 0.0, _INFINITY if number in kept else 0.0)
        highs.run(stoppable=True)
        if stopping.requested():
            return kept
        start = np.array(highs.getSolution().col_value)
        largest = ROOM * max(1.0, start.max(initial=0.0))
        binary = {}
        for number in self._derived:
            highs.changeColBounds(number, 0.0, largest)
            binary[number] = highs.getNumCol()
            highs.addCol(1.0, 0.0, 1.0, 0, np.empty(0, np.int32), np.empty(0))
            highs.changeColIntegrality(binary[number], highspy.HighsVarType.kInteger)
        for number in self._derived:
            self._add_row({number: 1.0, binary[number]: -largest})
            for parent in self._memory.reasons[number].parents:
                if parent in binary:
                    self._add_row({binary[number]: 1.0, binary[parent]: -1.0})
        solution = highspy.HighsSolution()
        solution.col_value = [*start, *(float(number in kept) for number in self._derived)]
        highs.setSolution(solution)
        highs.run_mip(seconds)
        found = highs.getSolution()
        if not found.value_valid:
            return kept
        values = found.col_value
        made = [number for number, column in binary.items() if values[column] > 0.5]
        return set(self._memory.ancestors(made)).difference(range(self._num_axioms))

    def _add_row(self, entries: dict[int, float]) -> None:
        self._highs.addRow(
            -_INFINITY, 0.0, len(entries), np.array(list(entries), np.int32), np.array(list(entries.values()))
        )
