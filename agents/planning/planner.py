"""Short proofs for small problems: find one among all products of a level, shorten it, and derive its lines."""

from __future__ import annotations

import weakref

import numpy as np

from agents.baselines import StaticSheraliAdamsAgent
from agents.planning.plan import Plan, PlanningAgent
from polyproof_gym import stopping
from polyproof_gym.problems import Problem
from polyproof_gym.proofs import Proof, ProofState, certify
from polyproof_gym.proofs.shrinking import shrink

SECONDS = 20.0
"""Time limit for shortening a proof; small ones take some milliseconds."""

TRIES = 8
"""Number of proofs that are shortened: the LP has many optimal solutions, and the order of the lines decides on one."""


class PlannerAgent(PlanningAgent):
    """Plans the whole proof before its first step, and then makes one derivation after the other.

    The plan is the shortest of several best proofs of the static system of a level, each shortened by the
    mixed-integer program of :func:`~polyproof_gym.proofs.shrinking.shrink`. On odd cycles and other sparse graphs of a
    dozen vertices that is far shorter than what any choice of one step at a time finds; on large graphs the static
    bound itself is weak.
    """

    def __init__(self, level: int = 3) -> None:
        """Fix the level of the static system.

        Raises:
            BadInput: If it is less than 1.
        """
        self._static = StaticSheraliAdamsAgent(level)
        self.name = f"planner:level={level}"
        self._plans: weakref.WeakKeyDictionary[Problem, Plan] = weakref.WeakKeyDictionary()

    def require(self, problem: Problem) -> None:
        """Check that there are not too many products of the level.

        Raises:
            BadInput: If there are.
        """
        self._static.require(problem)

    def present_plan(self, state: ProofState) -> Plan | None:
        """The plan that was made for a state's problem, if one was."""
        return self._plans.get(state.problem)

    def act(self, state: ProofState, rng: np.random.Generator) -> int | None:
        """The first line of the plan that is not known yet; ``None`` if there is none."""
        plan = self.present_plan(state)
        if plan is None:
            plan = self._plans[state.problem] = self._plan(state.problem)
        return next(plan.next_actions(state), None)

    def _plan(self, problem: Problem) -> Plan:
        """A short proof."""
        state, rng = ProofState(problem, max_steps=0, rules=()), np.random.default_rng(0)
        self._static.advance(state, rng)
        proofs: list[Proof] = []
        while len(proofs) < TRIES and not (proofs and stopping.requested()):
            proof = stopping.abortable(_short_proof, state, rng)
            if proof is None:
                break
            proofs.append(proof)
        if not proofs:
            return Plan((), ())
        shortest = min(proofs, key=lambda proof: (problem.sign * -proof.bound, proof.num_derivations))
        return Plan(shortest.reasons, tuple(shortest.lines))


def _short_proof(state: ProofState, rng: np.random.Generator) -> Proof:
    return shrink(certify(_shuffled(state, rng)), SECONDS)


def _shuffled(state: ProofState, rng: np.random.Generator) -> ProofState:
    """The same lines in a random order, parents before their products."""
    reasons = state.memory.reasons
    depths: list[int] = []
    for reason in reasons:
        depths.append(max((depths[parent] + 1 for parent in reason.parents), default=0))
    shuffled = ProofState(state.problem, max_steps=0, rules=())
    numbers: dict[int, int] = {}
    for line in np.lexsort((rng.random(len(reasons)), np.array(depths))).tolist():
        numbers[line] = shuffled.derive(reasons[line].renumbered(numbers))
    return shuffled
