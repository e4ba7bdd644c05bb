"""The open leaves of a proof by cases in the making: one state for each, of which the worst is shown."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from polyproof_gym import stopping
from polyproof_gym.errors import ResourceLimit
from polyproof_gym.polynomials import Rational
from polyproof_gym.problems.cases import Case, Split, cases_of
from polyproof_gym.problems.implied_box import Side
from polyproof_gym.problems.problem import Problem
from polyproof_gym.proofs.case_state import state_of_case
from polyproof_gym.proofs.certificate import certify
from polyproof_gym.proofs.proof import Proof
from polyproof_gym.proofs.rules import InferenceRule, Splits
from polyproof_gym.proofs.search_record import SearchRecord
from polyproof_gym.proofs.state import MAX_PRODUCTS, ProofState, reaches
from polyproof_gym.proofs.tree import Branching, Leaf, Path, ProofTree, Proved, whole_case

TIE = 1e-9
"""Bounds that differ by less than this, relative above 1, are as bad; then the first leaf is shown."""


@dataclass(eq=False)
class _Case:
    """A case, a leaf as long as it is not split.

    Attributes:
        path: The splits that lead there, and the sides taken.
        case: The case, with its axioms by their numbers in the whole problem.
        state: Its proof as a whole.
        num_known: Number of inequalities that it knew from the start.
        inherited: The best bound on the minimised objective of the cases that it is part of, each proved as a whole.
        own: The bound of its proof as a whole, once it is split.
        split: Where it is split, once it is.
        halves: The numbers of the cases below and above.
        proved: The number of inequalities that were last made a proof of, and the proof.
    """

    path: Path
    case: Case
    state: ProofState
    num_known: int
    inherited: float
    own: float = 0.0
    split: Split | None = None
    halves: tuple[int, int] | None = None
    proved: tuple[int, Proved] | None = None


class OpenLeaves:
    """A proof by cases in the making; at first, of the problem as a whole.

    It shows one state, that of the worst leaf, which others extend. When an action there has chosen a split,
    :meth:`follow` puts two leaves in the place of that one. The bound is that of the worst leaf, where a leaf counts at
    least as much as any case that it is part of did as a whole.

    Attributes:
        problem: What is to be proved.
        shown: The proof of the worst leaf.
        num_splits: How often a leaf was split.
    """

    def __init__(self, state: ProofState) -> None:
        """Begin with the proof of a problem as a whole."""
        self.problem: Problem = state.problem
        self.shown = state
        self.num_splits = 0
        self._cases = [_Case((), whole_case(state.problem), state, len(state.memory) - state.steps, -math.inf)]
        self._leaves = [0]  # from below to above
        self._bounds: dict[int, float] = {}  # of every leaf, once there are several
        self._number = 0  # of the leaf that is shown
        self._best = 0.0
        self._most = min(_max_leaves(state.rules), MAX_PRODUCTS // max(1, state.capacity * state.num_variables))
        if self._most < 2:
            state.forbid_splits()

    @property
    def num_leaves(self) -> int:
        """Number of leaves."""
        return len(self._leaves)

    @property
    def place(self) -> tuple[int, Path]:
        """Which of the leaves is shown, counted from 0, from below to above; and the splits that lead there."""
        return self._leaves.index(self._number), self._cases[self._number].path

    @property
    def bound(self) -> float:
        """The bound of the worst leaf, in the problem's own sense, in floats; it never gets worse."""
        return self.shown.bound if len(self._leaves) == 1 else self.problem.sign * self._best

    @property
    def _beyond(self) -> Fraction:
        """What counts where no point is left: better than every value of the minimised objective, by its signs."""
        return Fraction(self.problem.sign * self.problem.worst_value) + 1

    def is_reached(self, target: float) -> bool:
        """Whether the bound is at least as good as a target, up to a small tolerance."""
        return reaches(self.problem.sign * self.bound, self.problem.sign * target)

    def replace_shown(self, state: ProofState) -> None:
        """Go on with another state of the leaf that is shown, such as one with wider limits."""
        self._cases[self._number].state = self.shown = state

    def follow(self) -> bool:
        """Take in what was done to the state that is shown, and carry out the split that it has chosen, if it has.

        Returns:
            Whether another state is shown now.
        """
        split, before = self.shown.chosen_split, self.shown
        if split is None and len(self._leaves) == 1:
            return False
        if split is None:
            self._bounds[self._number] = self._bound_of(self._number)
        else:
            self._carry_out(split)
        worst = min(self._bounds.values())
        self._best = max(self._best, worst)
        as_bad = worst + TIE * (1.0 + abs(worst))
        self._number = next(number for number in self._leaves if self._bounds[number] <= as_bad)
        self.shown = self._cases[self._number].state
        return self.shown is not before

    def _carry_out(self, split: Split) -> None:
        """Put two leaves in the place of the one that is shown."""
        parent, place = self._cases[self._number], self._leaves.index(self._number)
        parent.own = self.problem.sign * parent.state.bound
        if len(self._leaves) == 1:
            self._best = parent.own
        inherited, first = max(parent.inherited, parent.own), len(self._cases)
        sides: tuple[Side, Side] = ("lower", "upper")
        for side, half in zip(sides, cases_of(parent.state.problem, split), strict=True):
            state = state_of_case(parent.state, half)
            axioms = tuple(parent.case.axioms[k] for k in half.axioms)
            path, case = (*parent.path, (split, side)), Case(half.problem, axioms)
            self._cases.append(_Case(path, case, state, len(state.memory), inherited))
        parent.split, parent.halves = split, (first, first + 1)
        self._leaves[place : place + 1] = parent.halves
        self._bounds.pop(self._number, None)
        self._bounds.update((number, self._bound_of(number)) for number in parent.halves)
        self.num_splits += 1
        if len(self._leaves) >= self._most:
            for number in self._leaves:
                self._cases[number].state.forbid_splits()

    def _bound_of(self, number: int) -> float:
        """The bound of a leaf on the minimised objective."""
        case = self._cases[number]
        own = float(self._beyond) if case.state.is_contradictory else self.problem.sign * case.state.bound
        return max(case.inherited, own)

    @property
    def steps(self) -> int:
        """Number of steps: the splits, and what was derived, each once however many leaves know it."""
        return self.num_splits + sum(len(case.state.memory) - case.num_known for case in self._cases)

    def proof(
        self, target: Rational | None = None, search: SearchRecord | None = None, *, max_work: int | None = None
    ) -> Proof | ProofTree:
        """The exact proof of the present bound, as far as it can be made exact; see :func:`certify` for what is given.

        Where a case as a whole is proved better than its halves, it stays whole.

        Raises:
            ResourceLimit: If there are proofs of better bounds than the trivial one, but all are beyond these limits.
        """
        root = self._cases[0]
        if root.halves is None:
            return certify(root.state, target, search, max_work=max_work)
        bound, node = self._proved()
        if search is not None:
            search = replace(search, mismatches=sum(case.state.mismatches for case in self._cases))
        if isinstance(node, Branching):
            tree = ProofTree(self.problem, node, self.problem.sign * bound, target=target, search=search)
            try:
                if max_work is not None:
                    tree.to_file(max_work)
                return tree
            except ResourceLimit:
                pass  # then that of the problem as a whole may do
        return certify(root.state, target, search, max_work=max_work)

    def _proved(self) -> Proved:
        """The best proof of the problem, whole or by its cases."""
        proved: dict[int, Proved] = {}
        for number in reversed(range(len(self._cases))):  # halves come after what they are halves of
            case = self._cases[number]
            if case.split is None or case.halves is None:
                proved[number] = self._proved_whole(case)
                continue
            below, above = (proved.pop(half) for half in case.halves)
            together = Proved.by_halves(case.split, below, above)
            if not reaches(float(together.bound), case.own):
                whole = self._proved_whole(case)
                together = whole if whole.bound > together.bound else together
            proved[number] = together
        return proved[0]

    def _proved_whole(self, case: _Case) -> Proved:
        """The proof of a case as a whole, which is made again only once more is known."""
        size = len(case.state.memory)
        if case.proved is not None and case.proved[0] == size:
            return case.proved[1]
        proved = self._certified(case)
        if not stopping.requested():  # otherwise it was made in haste
            case.proved = size, proved
        return proved

    def _certified(self, case: _Case) -> Proved:
        proof = certify(case.state)
        if proof.status != "infeasible":
            return Proved(self.problem.sign * proof.combination_bound, Leaf.of(proof, case.case.axioms))
        enough = self.problem.sign * self._beyond  # so that it proves whatever the other cases do
        return Proved(self._beyond, Leaf.of(proof.raised_to(enough), case.case.axioms))


def _max_leaves(rules: Iterable[InferenceRule]) -> int:
    return next((rule.leaves for rule in rules if isinstance(rule, Splits)), 1)
