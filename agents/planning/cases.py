"""Proofs by cases: the worst case is split, again and again, and every case is proved by products and squares.

What is found out of a case depends on nothing else, so that cases can be explored beforehand, several at a time; but
splits are made in one order, whoever explores them.
"""

from __future__ import annotations

import heapq
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from agents.agent import RunTasks
from agents.planning.exploring import CaseProver, CaseTask, Explored, Goal, Path
from agents.planning.squares import Found, take_over
from polyproof_gym import stopping
from polyproof_gym.arguments import whole
from polyproof_gym.problems import Problem
from polyproof_gym.problems.cases import Case
from polyproof_gym.proofs import Leaf, Memory, Proof, ProofState, ProofTree
from polyproof_gym.proofs.tree import Proved, halves, whole_case

SECONDS = 20
"""Time that the search may take by default."""

LEAVES = 1000
"""The most cases by default."""

LEAF_SHARE = 0.2
"""Share of the time that one proof of a case may take."""

SIDES = (0, 1)
"""The halves of a case: below a split, and above."""


@dataclass
class _Open:
    """A case in the making.

    Attributes:
        path: The halves that lead to it.
        case: The case, with its axioms by their numbers in the whole problem.
        explored: What is known of it.
        is_split: Whether it is split.
        cases: The cases below and above, once they have been asked for.
        halves: What has become of them, as far as they are explored.
    """

    path: Path
    case: Case
    explored: Explored
    is_split: bool = False
    cases: tuple[Case, ...] = ()
    halves: dict[int, _Open] = field(default_factory=dict)


class CaseSearch:
    """A search for a proof by cases, best first: the case with the worst bound is split next.

    Where tasks can be run several at a time, cases that will be split soon are explored beforehand. The proof is the
    same, unless time runs out.

    Attributes:
        root: What was found for the problem as a whole.
        goal: What is to be proved in every case.
        num_leaves: Number of cases.
    """

    def __init__(
        self,
        problem: Problem,
        rng: np.random.Generator,
        seconds: float,
        leaves: int,
        root: Found | None = None,
        *,
        nominal: float | None = None,
        run_tasks: RunTasks | None = None,
    ) -> None:
        """Prove the problem as a whole.

        Args:
            problem: The problem.
            rng: Source of all randomness.
            seconds: Time for the search.
            leaves: The most cases.
            root: The best proof of it as a whole, if that has been looked for.
            nominal: The seconds that the choices in a case go by, and the most that one proof may take; by default a
                share of the time.
            run_tasks: Explores cases; by default that is done here, one after the other.
        """
        self._problem = problem
        self._deadline = time.monotonic() + seconds
        self._max_leaves = leaves
        self.goal = Goal.of(problem)
        nominal = LEAF_SHARE * seconds if nominal is None else nominal
        self._prover = CaseProver(self.goal, int(rng.integers(2**63)), nominal)
        everything = whole_case(problem)
        self.root = self._prover.found(everything, (), 1, self._deadline) if root is None else root
        self._tree = _Open((), everything, Explored.of(self.root, everything, 1))
        self._best: Proved | None = None  # as of the last split, once it has been asked for
        self.num_leaves = 1
        self._made = 1
        self._heap = [_entry(self._tree, 0)]
        self._run_tasks = _one_by_one if run_tasks is None else run_tasks
        self._is_shared = run_tasks is not None
        self._begun: dict[Path, _Open] = {}
        self._outcomes: Iterator[tuple[CaseTask, object]] | None = None

    def step(self) -> bool:
        """Split the worst case; whether there was one that needed it, and time and room for it."""
        is_made = not self._is_over and self._explore_halves(self._heap[0][-1])
        if is_made:
            self._split_worst()
        if not is_made or self._is_over:
            self._outcomes = None  # which ends what works for them
            self._begun.clear()
        return is_made

    @property
    def _is_over(self) -> bool:
        """Whether the worst case cannot be split or need not be, or there is no time or room for that."""
        worst = self._heap[0][-1].explored
        return (
            worst.split is None
            or self.goal.is_met(worst.bound, self.num_leaves)
            or self.num_leaves >= self._max_leaves
            or stopping.requested()
            or time.monotonic() > self._deadline
        )

    def _split_worst(self) -> None:
        worst = heapq.heappop(self._heap)[-1]
        worst.is_split = True
        for side in SIDES:
            heapq.heappush(self._heap, _entry(worst.halves[side], self._made))
            self._made += 1
        self.num_leaves += 1
        self._best = None

    def tree(self) -> ProofTree | None:
        """The best proof by cases; ``None`` if none is better than that of the problem as a whole."""
        if self._best is None:
            self._best = _proved(self._tree)
        if isinstance(self._best.node, Leaf):
            return None
        return ProofTree(self._problem, self._best.node, self._problem.sign * self._best.bound)

    # Exploring -----------------------------------------------------------------------------------------------------

    def _explore_halves(self, parent: _Open) -> bool:
        """Wait until both halves of a case are explored; whether they are."""
        while len(parent.halves) < len(SIDES):
            if self._outcomes is None:
                self._outcomes = self._run_tasks(self._prover, iter(self._next_task, None))
            finished = self._finished(self._outcomes)
            if finished is None:  # all that there was to do is done, or the wait was given up
                self._outcomes = None
                if stopping.requested():
                    return False
                continue
            task, outcome = finished
            if not isinstance(outcome, Explored):  # whoever explored it is gone
                return False
            self._begun.pop(task.path).halves[task.path[-1]] = _Open(task.path, task.case, outcome)
        return True

    def _finished(self, outcomes: Iterator[tuple[CaseTask, object]]) -> tuple[CaseTask, object] | None:
        """The next outcome with its task; waiting for others may be given up at any time."""
        if self._is_shared:
            return stopping.abortable(_next_of, outcomes)
        return _next_of(outcomes)

    def _next_task(self) -> CaseTask | None:
        """The half that is needed first, as far as bounds are known, if there is one that nobody explores."""
        coming, made, num_leaves = [*self._heap], self._made, self.num_leaves
        while coming:
            parent = heapq.heappop(coming)[-1]
            bound, split = parent.explored.bound, parent.explored.split
            if split is None or self.goal.is_met(bound, num_leaves) or num_leaves >= self._max_leaves:
                return None
            parent.cases = parent.cases or halves(parent.case, split)
            for side in SIDES:
                path = (*parent.path, side)
                if side in parent.halves:
                    heapq.heappush(coming, _entry(parent.halves[side], made))
                    made += 1
                elif path not in self._begun:
                    self._begun[path] = parent
                    left = max(0.0, self._deadline - time.monotonic())
                    case, tried = parent.cases[side], parent.explored.num_degrees
                    return CaseTask(path, case, tried, bound, left, stopping.seconds_left())
            num_leaves += 1
        return None


def _entry(case: _Open, number: int) -> tuple[Fraction, int, _Open]:
    """A case in its place in the order of splits, for a number of its own."""
    return case.explored.bound, number, case


def _next_of(outcomes: Iterator[tuple[CaseTask, object]]) -> tuple[CaseTask, object] | None:
    return next(outcomes, None)


def _one_by_one(work: Callable[[CaseTask], Explored], tasks: Iterable[CaseTask]) -> Iterator[tuple[CaseTask, Explored]]:
    return ((task, work(task)) for task in tasks)


def _proved(tree: _Open) -> Proved:
    """The best proof: of a case as a whole, or of its halves."""
    order: list[_Open] = []
    open_cases = [tree]
    while open_cases:
        one = open_cases.pop()
        order.append(one)
        open_cases += [one.halves[side] for side in SIDES if one.is_split]
    proved: dict[Path, Proved] = {}
    for one in reversed(order):
        own = Proved(one.explored.bound, one.explored.leaf)
        if one.is_split and one.explored.split is not None:
            below, above = (proved.pop((*one.path, side)) for side in SIDES)
            together = Proved.by_halves(one.explored.split, below, above)
            own = together if together.bound > own.bound else own
        proved[one.path] = own
    return proved[()]


class CasesAgent:
    """Splits the worst case until all are proved as well as the best feasible value known, or the time is over.

    Attributes:
        name: The spec string.
    """

    def __init__(self, seconds: int = SECONDS, leaves: int = LEAVES) -> None:
        """Fix how far the search goes.

        Args:
            seconds: Time for the search, at least 1.
            leaves: The most cases.

        Raises:
            BadInput: If one of them is not a whole number in its range.
        """
        self._seconds, self._leaves = whole(seconds, "seconds of cases", 1), whole(leaves, "leaves of cases", 1)
        given = [f"seconds={seconds}"] * (seconds != SECONDS) + [f"leaves={leaves}"] * (leaves != LEAVES)
        self.name = "cases" + (f":{','.join(given)}" if given else "")
        self._searches: weakref.WeakKeyDictionary[Memory, CaseSearch] = weakref.WeakKeyDictionary()
        self._run_tasks: RunTasks | None = None

    def work_with(self, run_tasks: RunTasks) -> None:
        """Explore cases elsewhere, several at a time."""
        self._run_tasks = run_tasks

    def require(self, problem: Problem) -> None:
        """Check that the agent can work on a problem: it can on all."""

    def advance(self, state: ProofState, rng: np.random.Generator) -> int:
        """Prove the problem as a whole, which derives what that needs, and then split one case; 0 if none needs it."""
        if state.leaves_objective_out:
            return 0
        search = self._searches.get(state.memory)
        if search is not None:
            return int(search.step())
        search = CaseSearch(state.problem, rng, self._seconds, self._leaves, run_tasks=self._run_tasks)
        self._searches[state.memory] = search
        if search.root.with_remainder:
            state.absorb_remainders()
        take_over(search.root.proof, state)
        return 1

    def best_proof(self, state: ProofState) -> Proof | ProofTree | None:
        """The best proof that was found for a state, if there is one; its bound is rounded where that improves it."""
        search = self._searches.get(state.memory)
        return None if search is None else (search.tree() or search.root.proof).rounding_if_better()

    def findings(self, state: ProofState) -> dict[str, int]:
        """The number of cases."""
        search = self._searches.get(state.memory)
        return {} if search is None else {"leaves": search.num_leaves}
