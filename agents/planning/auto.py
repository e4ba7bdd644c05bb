"""For whoever only has a problem: everything that may prove it, the cheapest first."""

from __future__ import annotations

import math
import time
import weakref
from collections.abc import Generator, Iterator
from fractions import Fraction

import numpy as np

from agents.agent import RunTasks
from agents.baselines import DualGuidedAgent
from agents.planning.branch import BranchAgent
from agents.planning.few_points import FewPointsSearch, has_few_points
from agents.planning.orbit_levels import OrbitLevels
from polyproof_gym import stopping
from polyproof_gym.arguments import whole
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Rational
from polyproof_gym.problems import Problem
from polyproof_gym.proofs import Memory, Proof, ProofState, ProofTree, certify

SECONDS = 20
"""Time that the search may take by default."""

PRODUCT_SECONDS = 0.5
"""The most time for products alone, before anything else is tried."""

FEW_POINTS_SECONDS = 1.0
"""The most time for cases proved by signs alone, where the box has few points, before squares are tried."""

ORBIT_SECONDS = 0.5
"""The most time for the static hierarchy up to symmetry before squares are tried."""

ORBIT_SHARE = 0.5
"""Share of the time that squares leave for it, before the problem is split into cases."""

SQUARE_SHARE = 0.4
"""Share of the time for squares, before the problem is split into cases."""

PROVED = Fraction(1, 10**9)
"""Relative gap to the best feasible value known from which nothing is left to prove, where cases will not close it."""


class AutoAgent:
    """Tries one way to prove after the other until the bound meets the best feasible value known.

    Branch and bound, where variables exclude each other and nothing else matters; products; cases proved by signs
    alone, where all variables are whole and the box has few points; whole orbits of products at rising level, where
    there are many symmetries; squares at rising degree, with constraints, up to an exact minimum; cases. Where all
    values are whole numbers, bounds are rounded. The best proof counts, whatever it was found by.

    Attributes:
        name: The spec string.
    """

    def __init__(self, seconds: int | None = None) -> None:
        """Fix how long the search goes on.

        Args:
            seconds: The time, at least 1; by default that of the limit around the search, or :data:`SECONDS` if there
                is none.

        Raises:
            BadInput: If it is no whole number, or less.
        """
        self._seconds = None if seconds is None else whole(seconds, "seconds of auto", 1)
        self.name = "auto" + (f":seconds={seconds}" if seconds is not None else "")
        self._attempts: weakref.WeakKeyDictionary[Memory, _Attempt] = weakref.WeakKeyDictionary()
        self._products = DualGuidedAgent()
        self._run_tasks: RunTasks | None = None

    def work_with(self, run_tasks: RunTasks) -> None:
        """Explore cases elsewhere, several at a time."""
        self._run_tasks = run_tasks

    def require(self, problem: Problem) -> None:
        """Check that the agent can work on a problem: it can on all."""

    def advance(self, state: ProofState, rng: np.random.Generator) -> int:
        """Go on with what is tried, or try something else; 0 once there is nothing left to try, or no time."""
        if state.leaves_objective_out:
            return self._products.advance(state, rng)
        attempt = self._attempts.get(state.memory)
        if attempt is None:
            left = stopping.seconds_left()
            seconds = self._seconds or (left if math.isfinite(left) else SECONDS)
            attempt = self._attempts[state.memory] = _Attempt(state, rng, min(left, seconds), self._run_tasks)
        return int(attempt.go_on())

    def best_proof(self, state: ProofState) -> Proof | ProofTree | None:
        """The best proof found beside the state, if there is one."""
        attempt = self._attempts.get(state.memory)
        return None if attempt is None else attempt.best

    def activity(self, state: ProofState) -> str:
        """What is being tried."""
        attempt = self._attempts.get(state.memory)
        return "" if attempt is None else attempt.activity


class _Attempt:
    """All that is tried for one state.

    Attributes:
        best: The best proof found beside the state.
        activity: What is being tried.
    """

    def __init__(self, state: ProofState, rng: np.random.Generator, seconds: float, run_tasks: RunTasks | None) -> None:
        self.best: Proof | ProofTree | None = None
        self.activity = ""
        self._state, self._problem, self._rng = weakref.ref(state), state.problem, rng
        self._seconds, self._run_tasks = seconds, run_tasks
        self._deadline = time.monotonic() + seconds
        self._may_be_exact = False
        self._moves = self._made()

    def go_on(self) -> bool:
        """Whether there was something left to try."""
        if self._is_over():
            self._moves.close()  # and what works for it elsewhere
        with stopping.time_limit(self._deadline - time.monotonic()):
            return next(self._moves, False)

    def _made(self) -> Generator[bool, None, None]:
        """Try one thing after the other, with a rest after each move and before what may take long."""
        yield from self._branch()
        yield from self._products()
        yield from self._few_points()
        levels = OrbitLevels(self._problem)
        yield from self._orbits(levels, ORBIT_SECONDS)
        self.activity = "squares"
        yield True
        # These come with SciPy and Clarabel, which the rest does without.
        from agents.planning.cases import LEAF_SHARE, LEAVES, CaseSearch
        from agents.planning.exploring import TOLERANCE
        from agents.planning.squares import Budget, SquaresAgent

        share = Budget.of(SQUARE_SHARE * (self._deadline - time.monotonic()))
        found = SquaresAgent().find(self._problem, self._rng, share, products=self._state())
        search = CaseSearch(
            self._problem,
            self._rng,
            self._deadline - time.monotonic(),
            LEAVES,
            found,
            nominal=LEAF_SHARE * (1 - SQUARE_SHARE) * self._seconds,
            run_tasks=self._run_tasks,
        )
        self._may_be_exact = search.goal.may_be_exact
        self._offer(found.proof)
        yield True
        if not self._is_within(TOLERANCE):
            yield from self._orbits(levels, ORBIT_SHARE * (self._deadline - time.monotonic()))
        while search.step():
            self.activity = f"{search.num_leaves} cases"
            tree = search.tree()
            if tree is not None:
                self._offer(tree)
            yield True

    def _branch(self) -> Iterator[bool]:
        agent = BranchAgent(seconds=max(1, int((self._deadline - time.monotonic()) / 2)))
        try:
            agent.require(self._problem)
        except BadInput:  # another kind of problem
            return
        if self._run_tasks is not None:
            agent.work_with(self._run_tasks)
        self.activity = "branch and bound"
        yield True
        self._offer(agent.proof_by_cases(self._problem))
        yield True

    def _products(self) -> Iterator[bool]:
        """Products in the state itself, as long as steps are left."""
        agent, until = DualGuidedAgent(), time.monotonic() + PRODUCT_SECONDS
        self.activity = "products"
        while time.monotonic() < until and (state := self._state()) is not None and agent.advance(state, self._rng):
            yield True
        state = self._state()
        if state is not None and self._problem.is_integral:  # the state's own bound is not rounded
            self._offer(certify(state))

    def _few_points(self) -> Iterator[bool]:
        """Cases proved by signs alone, where the box has few points."""
        if not has_few_points(self._problem):
            return
        search, until = FewPointsSearch(self._problem), time.monotonic() + FEW_POINTS_SECONDS
        while time.monotonic() < until and search.step():
            self.activity = f"{search.num_leaves} cases"
            yield True
        self._offer(search.tree())
        yield True

    def _orbits(self, levels: OrbitLevels, seconds: float) -> Iterator[bool]:
        """The static hierarchy up to symmetry, as long as its next level fits the time."""
        if not levels.fits(seconds):  # asked before the clock starts: the first answer may take long
            return
        until = time.monotonic() + seconds
        while levels.fits(until - time.monotonic()):
            self.activity = f"orbits of products at level {levels.level}"
            yield True
            proof = levels.proof(self._rng, until - time.monotonic())
            if proof is not None:
                self._offer(proof)
            yield True

    def _offer(self, proof: Proof | ProofTree) -> None:
        """Keep a proof if it is the best."""
        proof, sign = proof.rounding_if_better(), proof.problem.sign
        if self.best is None or sign * proof.bound > sign * self.best.bound:
            self.best = proof

    def _is_over(self) -> bool:
        if stopping.requested() or time.monotonic() > self._deadline:
            return True
        if self.best is not None and self.best.status == "infeasible":
            return True
        return self._is_within(Fraction(0) if self._may_be_exact else PROVED)

    def _is_within(self, tolerance: Fraction) -> bool:
        """Whether the best proof is as near to the best feasible value known, relatively."""
        best = self.best
        if best is None or best.gap is None:
            return False
        incumbent: Rational | None = best.problem.incumbent
        return best.gap <= tolerance * (1 + abs(Fraction(incumbent or 0)))
