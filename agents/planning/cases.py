"""Proofs by cases: the worst case is split, again and again, and every case is proved by products and squares."""

from __future__ import annotations

import heapq
import time
import weakref
from dataclasses import dataclass
from fractions import Fraction
from itertools import count

import numpy as np

from agents.planning.squares import Found, SquaresAgent, take_over
from agents.uncertainty import least_certain
from polyproof_gym import stopping
from polyproof_gym.arguments import whole
from polyproof_gym.polynomials import Rational
from polyproof_gym.problems import Problem
from polyproof_gym.problems.cases import Case, Split, split_near, splittable_variables
from polyproof_gym.problems.minimisers import has_simple_point
from polyproof_gym.proofs import Leaf, Memory, Proof, ProofState, ProofTree
from polyproof_gym.proofs.tree import Proved, halves, whole_case

SECONDS = 20
"""Time that the search may take by default."""

LEAVES = 1000
"""The most cases by default."""

LEAF_SHARE = 0.2
"""Share of the time left that one case may take."""

STALLED = 0.4
"""Share of its gap that a split should close; where it closes less, its cases get squares of one degree more."""

MAX_DEGREES = 3
"""The most degrees of squares that are tried in a case."""

TOLERANCE = Fraction(1, 10**6)
"""Relative difference to the best feasible value known from which a case needs no splitting."""

EXACT_LEAVES = 10
"""Number of cases up to which they are split for less than that, where a minimum may well be met exactly."""

ROUNDING_MARGIN = Fraction(1, 64)
"""By which part of a step a bound must pass a value of the objective for it to be rounded to the next."""


@dataclass
class _Open:
    """A case in the making.

    Attributes:
        case: The case, with its axioms by their numbers in the whole problem.
        found: The best proof of it as a whole.
        num_degrees: How many degrees of squares were tried.
        split: Where it is split, once it is.
        halves: The cases below and above.
    """

    case: Case
    found: Found
    num_degrees: int = 1
    split: Split | None = None
    halves: tuple[_Open, ...] = ()

    @property
    def own_bound(self) -> Fraction:
        """The bound on the minimised objective that is proved without a split."""
        return self.case.problem.sign * self.found.proof.combination_bound


class CaseSearch:
    """A search for a proof by cases, best first: the case with the worst bound is split next.

    Attributes:
        root: What was found for the problem as a whole.
        num_leaves: Number of cases.
        may_be_exact: Whether there are constraints, and the best point known has small denominators, as minimisers
            with a reason often have.
    """

    def __init__(
        self, problem: Problem, rng: np.random.Generator, seconds: float, leaves: int, root: Found | None = None
    ) -> None:
        """Prove the problem as a whole.

        Args:
            problem: The problem.
            rng: Source of all randomness.
            seconds: Time for the search.
            leaves: The most cases.
            root: The best proof of it as a whole, if that has been looked for.
        """
        self._problem, self._rng = problem, rng
        self._deadline = time.monotonic() + seconds
        self._max_leaves = leaves
        self._prover = SquaresAgent()
        self._goal = _goal(problem)
        self.may_be_exact = bool(problem.constraints) and has_simple_point(problem)
        whole = whole_case(problem)
        first = self._opened(whole, 1) if root is None else _Open(whole, root)
        self.root = first.found
        self._tree = first
        self._best: Proved | None = None  # as of the last split, once it has been asked for
        self.num_leaves = 1
        self._numbers = count()
        self._heap: list[tuple[Fraction, int, _Open]] = [(first.own_bound, next(self._numbers), first)]

    def step(self) -> bool:
        """Split the worst case; whether there was one that needed it, and time and room for it."""
        if not self._heap or stopping.requested() or time.monotonic() > self._deadline:
            return False
        bound, _, worst = self._heap[0]
        split = None if self._is_enough(bound) or self.num_leaves >= self._max_leaves else split_of(worst.found)
        if split is None:
            return False
        heapq.heappop(self._heap)
        worst.split = split
        worst.halves = tuple(self._half(worst, half) for half in halves(worst.case, split))
        for half in worst.halves:
            heapq.heappush(self._heap, (half.own_bound, next(self._numbers), half))
        self.num_leaves += 1
        self._best = None
        return True

    def tree(self) -> ProofTree | None:
        """The best proof by cases; ``None`` if none is better than that of the problem as a whole."""
        if self._best is None:
            self._best = _proved(self._tree)
        if isinstance(self._best.node, Leaf):
            return None
        return ProofTree(self._problem, self._best.node, self._problem.sign * self._best.bound)

    def _half(self, parent: _Open, case: Case) -> _Open:
        """A half of a case, with squares of one degree more where the split gains little."""
        half = self._opened(case, parent.num_degrees)
        if self._goal is None or self._is_enough(half.own_bound) or half.num_degrees == MAX_DEGREES:
            return half
        gained, gap = half.own_bound - parent.own_bound, self._problem.sign * self._goal - parent.own_bound
        return self._opened(case, half.num_degrees + 1) if gained < STALLED * gap else half

    def _opened(self, case: Case, num_degrees: int) -> _Open:
        seconds = LEAF_SHARE * max(0.0, self._deadline - time.monotonic())
        found = self._prover.find(case.problem, self._rng, seconds, self._goal, num_degrees)
        if found.proof.status == "infeasible":  # then it proves whatever the other cases do
            enough = self._problem.worst_value if self._goal is None else self._goal
            found = found._replace(proof=found.proof.raised_to(enough))
        return _Open(case, found, num_degrees)

    def _is_enough(self, bound: Fraction) -> bool:
        """Whether a bound on the minimised objective is as good as the best feasible value known."""
        if self._goal is None:
            return False
        goal = Fraction(self._goal)
        is_exact = self.may_be_exact and self.num_leaves < EXACT_LEAVES
        tolerance = 0 if is_exact else TOLERANCE * max(Fraction(1), abs(goal))
        return bool(bound >= self._problem.sign * goal - tolerance)


def _goal(problem: Problem) -> Rational | None:
    """The bound that is enough in every case: the best feasible value known, or what is rounded to it."""
    incumbent, sign = problem.incumbent, problem.sign
    if incumbent is None or not problem.is_integral:
        return incumbent
    return sign * (sign * incumbent - problem.values.step * (1 - ROUNDING_MARGIN))


def _proved(tree: _Open) -> Proved:
    """The best proof: of a case as a whole, or of its halves."""
    order: list[_Open] = []
    open_cases = [tree]
    while open_cases:
        one = open_cases.pop()
        order.append(one)
        open_cases += one.halves
    proved: dict[int, Proved] = {}
    for one in reversed(order):
        own = Proved(one.own_bound, Leaf.of(one.found.proof, one.case.axioms))
        if one.split is not None:
            below, above = (proved.pop(id(half)) for half in one.halves)
            together = Proved.by_halves(one.split, below, above)
            own = together if together.bound > own.bound else own
        proved[id(one)] = own
    return proved[id(tree)]


def split_of(found: Found) -> Split | None:
    """Where to split a case: the variable about which the pseudo-moments are least certain, and near its mean.

    Returns:
        The split; ``None`` if all variables are fixed.
    """
    problem = found.proof.problem
    least = least_certain(found.state, splittable_variables(problem))
    return None if least is None else split_near(problem, *least)


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

    def require(self, problem: Problem) -> None:
        """Check that the agent can work on a problem: it can on all."""

    def advance(self, state: ProofState, rng: np.random.Generator) -> int:
        """Prove the problem as a whole, which derives what that needs, and then split one case; 0 if none needs it."""
        if not state.problem.objective:
            return 0
        search = self._searches.get(state.memory)
        if search is not None:
            return int(search.step())
        search = self._searches[state.memory] = CaseSearch(state.problem, rng, self._seconds, self._leaves)
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
