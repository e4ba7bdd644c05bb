"""Running an agent on a problem until a bound is proved."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from agents.agent import Agent
from agents.registry import make_agent
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import rational
from polyproof_gym.problems import Problem, make_problem
from polyproof_gym.proofs import Proof, ProofState, SearchRecord, certify, default_limits

OPTIMALITY = Fraction(1, 10**9)
"""Relative gap between the exact bound and the best feasible value known below which there is nothing left to prove."""

ROUNDING_GAIN = 1 - 1e-7
"""What rounding a bound to a whole number may gain, as far as it can be told in floats."""


class Search:
    """One agent at work on one problem.

    Attributes:
        state: The proof so far.
        bounds: The bound at the start and after every move of the agent, in floats.
    """

    def __init__(
        self,
        problem: Problem | str,
        agent: Agent | str = "dual-guided",
        *,
        max_steps: int = 200,
        target: Any = None,
        seed: int = 0,
        rounded: bool = False,
        max_degree: int | None = None,
        max_terms: int | None = None,
    ) -> None:
        """Prepare the search; see :func:`prove` for the arguments."""
        self._agent = make_agent(agent) if isinstance(agent, str) else agent
        problem = make_problem(problem) if isinstance(problem, str) else problem
        if max_steps < 0:
            raise BadInput(f"expected a number of steps of at least 0, got {max_steps}")
        if seed < 0:
            raise BadInput(f"expected a seed of at least 0, got {seed}")
        self._agent.require(problem)
        if rounded:
            problem.require_integral()
        try:
            self._target = None if target is None else rational(target)
            self._float_target = float(self._target or 0)
        except ValueError as error:
            raise BadInput(f"target: {error}") from None
        except OverflowError:
            raise BadInput(f"target: expected a number within the range of floats, got {target}") from None
        limits = default_limits(problem.shape, max_degree, max_terms)
        self._seed = seed
        self._rounded = rounded
        self._rng = np.random.default_rng(seed)
        self._max_steps = max_steps
        self._seconds = 0.0
        self.state = ProofState(problem, max_steps=max_steps, limits=limits)
        self.bounds = [self.state.bound]

    def run(self, on_step: Callable[[ProofState], bool | None] | None = None) -> Proof:
        """Let the agent work until the goal is reached, the steps are used up, or it has nothing more to derive.

        The goal is the target; without one, that the bound meets the incumbent and so cannot improve.

        Args:
            on_step: Called with the state after every move of the agent; ``False`` ends the search.
        """
        started = time.perf_counter()
        try:
            while self.state.steps < self._max_steps and not self._is_done():
                if not self._agent.advance(self.state, self._rng):
                    break
                self.bounds.append(self.state.bound)
                if on_step is not None and on_step(self.state) is False:
                    break
        finally:
            self._seconds += time.perf_counter() - started
        return self.proof()

    def _is_done(self) -> bool:
        if self._target is None:
            incumbent = self.state.problem.incumbent
            if incumbent is None or not self._may_reach(float(incumbent)):
                return False
            gap = self.proof().gap
            return gap is not None and gap <= OPTIMALITY * (1 + abs(Fraction(incumbent)))
        return self._may_reach(self._float_target) and self.proof().status == "proved"

    def _may_reach(self, goal: float) -> bool:
        """Whether the bound, or the whole number that it is rounded to, is at the goal as far as floats can tell."""
        gained = ROUNDING_GAIN if self._rounded else 0.0
        return self.state.is_reached(goal - self.state.problem.sign * gained)

    def proof(self) -> Proof:
        """The exact proof of the best bound so far."""
        rows, columns = self.state.lp_size
        record = SearchRecord(
            agent=self._agent.name,
            seed=self._seed,
            steps=self.state.steps,
            inequalities=len(self.state.memory),
            lp_rows=rows,
            lp_columns=columns,
            seconds=self._seconds,
            bounds=tuple(self.bounds),
            cold_solves=self.state.cold_solves,
        )
        proof = certify(self.state, target=self._target, search=record)
        return proof.rounding() if self._rounded else proof


def prove(
    problem: Problem | str,
    agent: Agent | str = "dual-guided",
    max_steps: int = 200,
    target: Any = None,
    seed: int = 0,
    *,
    rounded: bool = False,
    max_degree: int | None = None,
    max_terms: int | None = None,
    on_step: Callable[[ProofState], bool | None] | None = None,
) -> Proof:
    """Prove a bound on a problem's objective.

    Args:
        problem: The problem, or its spec string.
        agent: The agent, or its spec string.
        max_steps: The most derivations; the static systems make all of theirs regardless.
        target: The bound to prove, in the problem's own sense: a number, or text such as ``"-104/5"``. The search stops
            there; without a target it stops when the bound meets the best feasible value known.
        seed: Seed of the agent's random choices.
        rounded: Whether the proof is to end by rounding the bound to a whole number, which needs a problem all of whose
            values are whole numbers: Boolean variables, and whole coefficients in the objective.
        max_degree: Largest degree of a derived inequality, by default one more than the problem's and at least 3.
        max_terms: Largest number of terms, by default 64, or more if the problem needs it.
        on_step: Called with the state after every move of the agent; ``False`` ends the search.

    Returns:
        The proof, whose bound is exact.

    Raises:
        BadInput: If an argument cannot be used.
    """
    search = Search(
        problem,
        agent,
        max_steps=max_steps,
        target=target,
        seed=seed,
        rounded=rounded,
        max_degree=max_degree,
        max_terms=max_terms,
    )
    return search.run(on_step)
