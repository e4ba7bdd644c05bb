"""Running an agent on a problem until a bound is proved."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from agents.agent import Agent, FindingAgent, ProvingAgent, TellingAgent
from agents.planning.plan import PlanningAgent
from agents.registry import make_agent
from polyproof_gym import stopping
from polyproof_gym.arguments import exact, finite, seed_number, shown, truth, whole
from polyproof_gym.errors import BadInput, ResourceLimit
from polyproof_gym.polynomials import Rational
from polyproof_gym.problems import make_problem
from polyproof_gym.proofs import (
    OpenLeaves,
    Proof,
    ProofState,
    ProofTree,
    SearchRecord,
    Stop,
    default_limits,
    make_rules,
    require_checkable,
    rule_names,
)
from polyproof_gym.proofs.checker import MAX_WORK

OPTIMALITY = Fraction(1, 10**9)
"""Relative gap between the exact bound and the best feasible value known below which there is nothing left to prove."""

STEP_SHARE = Fraction(1, 2)
"""The largest such gap where the values lie a common step apart, as a share of it."""

ROUNDING_GAIN = 1 - 1e-7
"""What part of a step between values rounding a bound may gain, as far as it can be told in floats."""

REACHED = 1e-9
"""Difference to a bound, relative above 1, up to which floats may have reached it."""


class Search:
    """One agent at work on one problem.

    Attributes:
        leaves: The proof so far, by cases where there are splits.
        bounds: The bound at the start and after every move of the agent, in floats.
        columns: Inequalities in the LP, that of the worst case, at the same moments.
    """

    def __init__(
        self,
        problem: Any,
        agent: Agent | str = "auto",
        *,
        max_steps: int = 200,
        seconds: float | None = None,
        target: Any = None,
        seed: int = 0,
        rounded: bool = False,
        max_degree: int | None = None,
        max_terms: int | None = None,
        rules: Any = None,
    ) -> None:
        """Prepare the search; see :func:`prove` for the arguments."""
        self._agent = make_agent(agent)
        problem = make_problem(problem)
        max_steps = whole(max_steps, "max_steps", 0)
        seed = seed_number(seed)
        self._agent.require(problem)
        # How far apart the values of the objective are, of which one is the bound; 0 where it is not rounded.
        self._step = float(problem.values.step) if truth(rounded, "rounded") else 0.0
        self._target = None if target is None else exact(target, "target")
        try:
            self._float_target = float(self._target or 0)
        except OverflowError:
            raise BadInput(f"target: expected a number within the range of floats, got {shown(target)}") from None
        require_checkable(problem)
        opened = make_rules(rules)
        limits = default_limits(problem.shape, max_degree, max_terms, opened)
        self._seed = seed
        self._rounded = rounded
        self._rng = np.random.default_rng(seed)
        self._max_steps = max_steps
        self._time_limit = math.inf if seconds is None else finite(seconds, "seconds", 0)
        self._may_raise_degree = max_degree is None
        self._seconds = 0.0
        self._stopped: Stop | None = None
        self._limited_by: tuple[str, ...] = ()
        state = ProofState(problem, max_steps=max_steps, limits=limits, rules=opened)
        if isinstance(self._agent, ProvingAgent):
            state.forbid_splits()  # it finds proofs of the problem as a whole, with cases of its own
        self.leaves = OpenLeaves(state)
        self.bounds = [self.leaves.bound]
        self.columns = [state.lp.num_columns]

    @property
    def state(self) -> ProofState:
        """The proof so far; where there are cases, that of the worst."""
        return self.leaves.shown

    def run(self, on_step: Callable[[ProofState], bool | None] | None = None) -> Proof | ProofTree:
        """Let the agent work until the goal is reached, the steps are used up, or it has nothing more to derive.

        The goal is the target; without one, that the bound meets the incumbent and so cannot improve. Where the
        incumbent contradicts the target, there is nothing to do.

        Where there are constraints and no point is known that satisfies them, there may be none. Then the agent first
        works on that question, for up to half of the steps: on the same inequalities with the objective 0, of which
        only a contradiction proves a bound above 0. Where all that can be derived is known and no limit on the degree
        was given, the limit is raised. What it derives stays known when it goes over to the objective. Whenever a
        contradiction is found, the search ends. Where a stop is requested (see :mod:`polyproof_gym.stopping`), the
        search ends; what an agent has planned still counts.

        Args:
            on_step: Called with the state after every move of the agent; ``False`` ends the search.

        Raises:
            BadInput: If ``on_step`` is no function.
            ResourceLimit: If what was found takes a proof that is beyond the limits of the checker.
        """
        if not (on_step is None or callable(on_step)):
            raise BadInput(f"expected a function as on_step, got {shown(on_step)}")
        started = time.perf_counter()
        self._stopped, self._limited_by = None, ()
        try:
            with stopping.time_limit(self._time_limit):
                self._stopped = self._work(on_step)
                if stopping.requested():
                    self._conclude()
        finally:
            self._seconds += time.perf_counter() - started
        return self.proof(max_work=MAX_WORK)

    def _work(self, on_step: Callable[[ProofState], bool | None] | None) -> Stop:
        """Let the agent work; why it ended."""
        problem = self.leaves.problem
        # Where there is no objective, what finds whole proofs looks for nothing else anyway.
        is_apart = problem.may_be_empty and (problem.objective or not isinstance(self._agent, ProvingAgent))
        steps_for_emptiness = (self._max_steps + 1) // 2 if is_apart else 0
        while not stopping.requested() and not self._is_done():
            state, steps = self.state, self.leaves.steps
            if steps >= self._max_steps and not isinstance(self._agent, ProvingAgent):
                # The static systems do not count, and more steps would change nothing for them.
                return "steps" if steps == self._max_steps else "agent"
            on_emptiness = steps < steps_for_emptiness
            if not self._agent.advance(state.emptiness if on_emptiness else state, self._rng):
                if stopping.requested():
                    break
                if on_emptiness:
                    if not self._raise_degree():
                        steps_for_emptiness = 0
                    continue
                return self._why_nothing_is_left()
            self.leaves.follow()
            self._note()
            if on_step is not None and on_step(self.state) is False:
                return "interrupted"
        if self._is_done():
            return "goal"
        return "seconds" if stopping.seconds_left() == 0 else "interrupted"

    def _conclude(self) -> None:
        """Take over what the agent has planned."""
        states = (self.state.emptiness, self.state) if self.state.problem.may_be_empty else (self.state,)
        if isinstance(self._agent, PlanningAgent) and any([self._agent.conclude(state) for state in states]):
            self.leaves.follow()
            self._note()

    def _note(self) -> None:
        """Record how things stand after a move."""
        self.bounds.append(self.bound)
        self.columns.append(self.state.lp.num_columns)

    def _raise_degree(self) -> bool:
        """Admit one degree more, where that may be done and gives something to derive; whether it did."""
        if not self._may_raise_degree or self.state.action_mask().any():
            return False
        limits = self.state.limits
        wider = self.state.widened(replace(limits, max_degree=limits.max_degree + 1))
        if not wider.action_mask().any():
            return False
        self.leaves.replace_shown(wider)
        return True

    @property
    def activity(self) -> str:
        """What the agent is doing, in a few words, where it tells."""
        return self._agent.activity(self.state) if isinstance(self._agent, TellingAgent) else ""

    @property
    def is_told(self) -> bool:
        """Whether the agent says what it is doing: then it may do more than derive, and its steps are no measure."""
        return isinstance(self._agent, TellingAgent)

    @property
    def bound(self) -> float:
        """The best bound so far, in floats."""
        best, sign = self._whole_proof(), self.leaves.problem.sign
        return self.leaves.bound if best is None else sign * max(sign * self.leaves.bound, sign * float(best.bound))

    def _whole_proof(self) -> Proof | ProofTree | None:
        """The best proof that the agent has found beside the state."""
        return self._agent.best_proof(self.state) if isinstance(self._agent, ProvingAgent) else None

    def _why_nothing_is_left(self) -> Stop:
        proof = self.proof()
        if proof.status == "infeasible" or (self._target is None and self._is_small(proof.gap)):
            return "goal"
        # What finds whole proofs does not count steps, and no action is worked out for what is beyond their number.
        if self.leaves.steps > self._max_steps or self.state.action_mask().any():
            return "agent"
        self._limited_by = self.state.limits_that_exclude()
        return "limits" if self._limited_by else "exhausted"

    def _is_done(self) -> bool:
        if self._is_refuted():
            return True
        if self.state.is_contradictory and self.proof().status == "infeasible":
            return True
        if self._target is None:
            incumbent = self.leaves.problem.incumbent
            if incumbent is None or not self._may_reach(float(incumbent)):
                return False
            gap = self.proof().gap
            return gap == 0 if isinstance(self._agent, ProvingAgent) else self._is_small(gap)
        return self._may_reach(self._float_target) and self.proof().status == "proved"

    def _is_small(self, gap: Rational | None) -> bool:
        """Whether a gap to the best feasible value known is none that matters."""
        problem = self.leaves.problem
        enough = OPTIMALITY * (1 + abs(Fraction(problem.incumbent or 0)))
        if problem.is_integral:
            enough = min(enough, STEP_SHARE * problem.values.step)
        return gap is not None and gap <= enough

    def _is_refuted(self) -> bool:
        """Whether the incumbent contradicts the target."""
        sign, incumbent = self.leaves.problem.sign, self.leaves.problem.incumbent
        return self._target is not None and incumbent is not None and sign * incumbent < sign * self._target

    def _may_reach(self, goal: float) -> bool:
        """Whether the bound, or the value that it is rounded to, is at the goal as far as floats can tell."""
        sign = self.leaves.problem.sign
        return sign * self.bound >= sign * goal - ROUNDING_GAIN * self._step - REACHED * (1.0 + abs(goal))

    def proof(self, max_work: int | None = None) -> Proof | ProofTree:
        """The exact proof of the best bound so far.

        Args:
            max_work: Limit of the work that checking it may take; ``None`` leaves it unchecked.

        Raises:
            ResourceLimit: If all proofs of more than the trivial bound are beyond the limits of the checker.
        """
        lp = self.state.lp
        record = SearchRecord(
            agent=self._agent.name,
            seed=self._seed,
            steps=self.leaves.steps,
            inequalities=len(self.state.memory),
            lp_rows=lp.num_rows,
            lp_columns=lp.num_columns,
            seconds=self._seconds,
            bounds=tuple(self.bounds),
            columns=tuple(self.columns),
            cold_solves=lp.counts.cold_solves,
            solver_limits=lp.counts.limits,
            solver_failures=lp.counts.failures,
            stopped=self._stopped,
            limits=self.state.limits,
            limited_by=self._limited_by,
            findings=self._agent.findings(self.state) if isinstance(self._agent, FindingAgent) else {},
            rules=rule_names(self.state.rules),
        )
        proof = self._best(record, max_work)
        return proof.rounding() if self._rounded and proof.status != "infeasible" else proof

    def _best(self, record: SearchRecord, max_work: int | None) -> Proof | ProofTree:
        """A proof of the leaves, or the one found beside them where that is better and can be checked."""
        best, sign = self._whole_proof(), self.leaves.problem.sign
        is_better = best is not None and sign * best.bound > sign * self.leaves.bound  # as far as floats can tell
        if best is not None and is_better and _is_checkable(best, max_work):
            return replace(best, target=self._target, search=record)
        proof = self.leaves.proof(self._target, record, max_work=max_work)
        if best is None or is_better or sign * best.bound <= sign * proof.bound or not _is_checkable(best, max_work):
            return proof
        return replace(best, target=self._target, search=record)


def _is_checkable(proof: Proof | ProofTree, max_work: int | None) -> bool:
    """Whether the checker finds a proof valid within its limits, where these count."""
    try:
        if max_work is not None:
            proof.to_file(max_work)
    except ResourceLimit:
        return False
    return True


def prove(
    problem: Any,
    agent: Agent | str = "auto",
    max_steps: int = 200,
    target: Any = None,
    seed: int = 0,
    *,
    seconds: float | None = None,
    rounded: bool = False,
    max_degree: int | None = None,
    max_terms: int | None = None,
    rules: Any = None,
    on_step: Callable[[ProofState], bool | None] | None = None,
) -> Proof | ProofTree:
    """Prove a bound on a problem's objective.

    Args:
        problem: The problem, its spec string, or a graph: what :func:`~polyproof_gym.make_problem` takes.
        agent: The agent, or its spec string.
        max_steps: The most derivations; the static systems make all of theirs regardless.
        target: The bound to prove, in the problem's own sense: a number, or text such as ``"-104/5"``. The search stops
            there, or at once if a feasible point is known that contradicts it; without a target it stops when the bound
            meets the best feasible value known.
        seed: Seed of the agent's random choices.
        seconds: Limit of the time; by default there is none but the agent's own.
        rounded: Whether the proof is to end by rounding the bound to what values the objective may have, which needs
            an objective in Boolean and integer variables only.
        max_degree: Largest degree of a derived inequality, by default one more than the problem's and at least 3.
        max_terms: Largest number of terms, by default 64, or more if the problem or squares need it.
        rules: The inference rules, by name, ``["products"]``, or rules of your own; by default the products with
            variables (see :func:`~polyproof_gym.proofs.make_rules`).
        on_step: Called with the state after every move of the agent; ``False`` ends the search.

    Returns:
        The proof, whose bound is exact, perhaps by cases; or, where one was found, the proof that no point satisfies
        the constraints (see :attr:`~polyproof_gym.proofs.Claim.status`).

    Raises:
        BadInput: If an argument cannot be used, or the problem is too large for a proof file.
        ResourceLimit: If what was found takes a proof that is beyond the limits of the checker.
    """
    search = Search(
        problem,
        agent,
        max_steps=max_steps,
        seconds=seconds,
        target=target,
        seed=seed,
        rounded=rounded,
        max_degree=max_degree,
        max_terms=max_terms,
        rules=rules,
    )
    return search.run(on_step)
