"""For stable sets: branch on vertices, bound by clique covers, and derive what the tree combines."""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agents.agent import RunTasks
from agents.planning.branching import BranchSearch, BranchTree, Exclusions, LiteralProducts, Sharing, proof_by_cases
from agents.planning.plan import Plan, PlanningAgent
from polyproof_gym import stopping
from polyproof_gym.arguments import whole
from polyproof_gym.polynomials import Rational
from polyproof_gym.problems import Problem
from polyproof_gym.proofs import Limits, Memory, ProofState, ProofTree
from polyproof_gym.proofs.limits import MAX_DEGREE

SECONDS = 20
"""Time that the search may take by default."""

MAX_TERMS = 1000
"""The most terms of a line, beyond which it is of no use to anybody."""


@dataclass(frozen=True)
class _Planned:
    """A plan, and the multipliers with which its lines prove a bound once all are known."""

    plan: Plan
    multipliers: Mapping[int, Rational]


def _linear_first(products: LiteralProducts, multipliers: Mapping[int, Rational]) -> _Planned:
    """The plan to derive products, the clique inequalities among them first: they alone prove a bound."""
    degrees: list[int] = []
    for reason, line in zip(products.reasons, products.lines, strict=True):
        degrees.append(max((line.degree, *(degrees[parent] for parent in reason.parents))))
    order = sorted(range(len(degrees)), key=degrees.__getitem__)
    place = {line: k for k, line in enumerate(order)}
    plan = Plan(
        tuple(products.reasons[line].renumbered(place) for line in order), tuple(products.lines[line] for line in order)
    )
    return _Planned(plan, {place[line]: value for line, value in multipliers.items()})


class BranchAgent(PlanningAgent):
    """Searches for the largest stable set by branch and bound, and derives a proof by products that fits the steps.

    Where the proof by products does not fit the step budget, it proves the best bound that it finds a proof for: by a
    tree for a weaker bound, or by trees for small parts of the graph. All multipliers are known in advance, and no
    choice depends on chance. In the environment lines keep within its limits;
    otherwise they may have any degree.

    Attributes:
        name: The spec string.
    """

    def __init__(self, seconds: int = SECONDS) -> None:
        """Choose how long to search.

        Args:
            seconds: Time for the search, after which the best bound so far counts.

        Raises:
            BadInput: If that is no whole number, or less than 0.
        """
        self._seconds = whole(seconds, "seconds of branch", 0)
        self.name = "branch:cases=0" if seconds == SECONDS else f"branch:cases=0,seconds={seconds}"
        self._planned: weakref.WeakKeyDictionary[ProofState, _Planned] = weakref.WeakKeyDictionary()
        self._run_tasks: RunTasks | None = None

    def work_with(self, run_tasks: RunTasks) -> None:
        """Have parts of trees found elsewhere, several at a time."""
        self._run_tasks = run_tasks

    def require(self, problem: Problem) -> None:
        """Check that the problem is about variables that exclude each other.

        Raises:
            BadInput: If variables are not Boolean, there are constraints, or the objective is no sum of variables.
        """
        Exclusions.of(problem, self.name)

    def present_plan(self, state: ProofState) -> Plan | None:
        """The plan that was made for a state, if one was."""
        planned = self._planned.get(state)
        return None if planned is None else planned.plan

    def act(self, state: ProofState, rng: np.random.Generator) -> int | None:
        """The first line of the plan that is not known yet; ``None`` if there is none."""
        return next(self._made(state, state.limits).plan.next_actions(state), None)

    def advance(self, state: ProofState, rng: np.random.Generator) -> int:
        """Derive the next line of the plan; once all that it combines are known, tell the multipliers."""
        planned = self._made(state, Limits(MAX_DEGREE, MAX_TERMS))
        return self._derive(planned, state, 1)

    def conclude(self, state: ProofState) -> int:
        """Derive at once what is left of the plan for a state, and tell the multipliers."""
        planned = self._planned.get(state)
        return 0 if planned is None else self._derive(planned, state, state.steps_left)

    def _derive(self, planned: _Planned, state: ProofState, count: int) -> int:
        """Derive some lines of the plan that are not known yet; how many."""
        before = len(state.memory)
        end = before + min(count, state.steps_left)
        numbers: dict[int, int] = {}
        for line, (reason, polynomial) in enumerate(zip(planned.plan.reasons, planned.plan.lines, strict=True)):
            known = state.memory.number_of(polynomial)
            if known is None:
                if len(state.memory) >= end:
                    break
                known = state.derive(reason.renumbered(numbers))
            numbers[line] = known
        if planned.multipliers.keys() <= numbers.keys():
            state.suggest({numbers[line]: value for line, value in planned.multipliers.items()})
        return len(state.memory) - before

    def _made(self, state: ProofState, limits: Limits) -> _Planned:
        """The plan for a state, made when it is first asked for."""
        if state not in self._planned:
            self._planned[state] = self._plan(state, limits)
        return self._planned[state]

    def proof_by_cases(self, problem: Problem) -> ProofTree:
        """The whole proof, far shorter than by products: a case for every node of the search.

        Args:
            problem: The problem; that of the proof knows the best set that was found.

        Raises:
            BadInput: As in :meth:`require`.
        """
        exclusions = Exclusions.of(problem, self.name)
        search = self._begun(problem, exclusions)
        with stopping.time_limit(self._seconds):
            search.run()
        return proof_by_cases(problem, exclusions, search)

    def _begun(self, problem: Problem, exclusions: Exclusions) -> BranchSearch:
        point = problem.feasible_point or ()
        return BranchSearch(exclusions, [v for v, chosen in enumerate(point) if chosen], self._run_tasks)

    def _plan(self, state: ProofState, limits: Limits) -> _Planned:
        """The proof of the best bound that the steps left allow, as far as the search came."""
        problem = state.problem
        exclusions = Exclusions.of(problem, self.name)
        search = self._begun(problem, exclusions)
        cover = search.tree
        with stopping.time_limit(self._seconds):
            search.run()

        def planned(trees: Sequence[BranchTree], whole: bool = True) -> _Planned | None:
            products = LiteralProducts(problem, exclusions, limits)
            multipliers = products.combination(trees, state.steps_left)
            if multipliers is None and whole:
                return None
            return _linear_first(products, multipliers or {})

        best = planned([cover], whole=False)
        low, high = search.tree.bound, cover.bound
        goal = low
        while low < high:
            tree = search.tree if goal == search.tree.bound else search.refuted(goal)
            found = None if tree is None else planned([tree])
            low, high, best = (goal + 1, high, best) if found is None else (low, goal, found)
            goal = (low + high) // 2
        if high > search.tree.bound:
            sharing = Sharing(problem, cover, state.steps_left, limits)
            with stopping.time_limit(self._seconds):
                sharing.improve()
            if sharing.bound < high:
                best = planned(sharing.trees) or best
        assert best is not None
        return best


class BranchCasesAgent(BranchAgent):
    """The same search, whose whole proof by cases is far shorter; the step budget does not count.

    In the environment, which has no cases, it derives products.
    """

    def __init__(self, seconds: int = SECONDS) -> None:
        """Choose how long to search; see :class:`BranchAgent`."""
        super().__init__(seconds)
        self.name = "branch" if seconds == SECONDS else f"branch:seconds={seconds}"
        self._proofs: weakref.WeakKeyDictionary[Memory, ProofTree] = weakref.WeakKeyDictionary()

    def advance(self, state: ProofState, rng: np.random.Generator) -> int:
        """Search, when first called; 0, as nothing is derived in the state."""
        if state.memory not in self._proofs:
            self._proofs[state.memory] = self.proof_by_cases(state.problem)
        return 0

    def best_proof(self, state: ProofState) -> ProofTree | None:
        """The proof by cases."""
        return self._proofs.get(state.memory)


def branch_agent(cases: int = 1, seconds: int = SECONDS) -> BranchAgent:
    """The agent that proves by cases, or by products within the step budget.

    Args:
        cases: 0 for products.
        seconds: Time for the search.

    Raises:
        BadInput: If ``cases`` is neither 0 nor 1, or there is no such time.
    """
    return BranchCasesAgent(seconds) if whole(cases, "cases of branch", 0, 1) else BranchAgent(seconds)
