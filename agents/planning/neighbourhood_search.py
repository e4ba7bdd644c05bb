"""Large neighbourhood search for proofs: take part of a proof away, let agents complete it, keep what is better."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from agents.agent import StepAgent
from agents.baselines import DualGuidedAgent, EstimateGuidedAgent
from agents.planning.branch import BranchAgent
from agents.planning.plan import Plan, PlanningAgent, by_multiplier, derive_line
from agents.pretrained import WEIGHTS, pretrained_agents
from agents.scoring import TEMPERATURE, Scorer, ScoringAgent
from agents.scoring.candidates import scarcity
from polyproof_gym import stopping
from polyproof_gym.arguments import whole
from polyproof_gym.errors import BadInput
from polyproof_gym.problems import Problem
from polyproof_gym.problems.stable_set import FAMILY as STABLE_SET
from polyproof_gym.proofs import ProofState

ROUNDS = 100
"""Proofs that are tried by default; each costs about as much as a search by a guide over half of the steps."""

MAX_ROUNDS = 10**9
"""Largest number of rounds."""

REMOVED = (0.1, 0.5)
"""Range of the share of the inequalities used that is taken away in a round."""

TOLERANCE = 0.05
"""What a proof may be worse to be gone on from, in the first round, as a share of its gap; it falls to 0."""

BRANCH_SECONDS = 2
"""The most time for branch and bound."""

EQUAL = 1e-9
"""Relative difference up to which two bounds are the same."""


def plain_guides() -> tuple[StepAgent, ...]:
    """Agents that complement each other: estimates are the better guide on graphs, the solver's solution on boxes."""
    return DualGuidedAgent(random_ties=True), EstimateGuidedAgent(random_ties=True)


def guides_for(root: ProofState, scorer: Scorer | None) -> tuple[StepAgent, ...]:
    """The guides that suit a problem and a step budget.

    The learned scorer has seen stable sets of random graphs. Without weights it guides, with the estimates for variety;
    with weights beside the plain guides. Where no variables exclude each other, or steps are ample, it has nothing to
    say.

    Args:
        root: The proof that is to be completed.
        scorer: A learned one, if one is to guide.
    """
    problem = root.problem
    if scorer is None or not problem.ring.exclusion_matrix.any() or not scarcity(problem, root.max_steps):
        return plain_guides()
    learned = ScoringAgent(scorer, temperature=TEMPERATURE)
    dual_guided, estimate_guided = plain_guides()
    weights = {abs(weight) for monomial, weight in problem.objective.terms.items() if monomial}
    is_unweighted = problem.family == STABLE_SET and len(weights) == 1
    return (estimate_guided, learned) if is_unweighted else (dual_guided, estimate_guided, learned)


@cache
def _shipped() -> Scorer:
    return Scorer.load(pretrained_agents()["learned"] / WEIGHTS)


class NeighbourhoodSearch:
    """A search among whole proofs that fit a step budget (Shaw 1998: large neighbourhood search).

    Each round takes some of the inequalities that the present proof combines away, with all that only these need, and
    lets one of several guides, picked by chance, spend the steps that this sets free. The proof goes on from the result
    if that is not much worse. Once the bound meets the incumbent, only shorter proofs are of interest.

    Attributes:
        value: The best bound on the minimised objective so far.
        length: The number of derivations that it needs.
    """

    def __init__(
        self,
        root: ProofState,
        guides: Sequence[StepAgent],
        rng: np.random.Generator,
        *,
        first: Sequence[StepAgent] = (),
    ) -> None:
        """Make the first proof.

        Args:
            root: What is known already; it stays as it is.
            guides: The agents that complete proofs.
            rng: Source of all randomness.
            first: Agents that each make a proof to begin with, of which the best counts; by default the guides.

        Raises:
            ValueError: If there are no guides.
        """
        if not guides:
            raise ValueError("expected at least one guide")
        self._root, self._guides, self._rng = root.clone(), guides, rng
        self._given = len(root.memory)
        incumbent = root.problem.incumbent
        self._goal = None if incumbent is None else float(incumbent)
        self._sign = root.problem.sign
        proofs = [self._completed([], agent) for agent in first or guides]
        self._best = proofs[0]
        self.value, self.length = self._worth(self._best)
        for proof in proofs[1:]:
            self._offer(proof)
        self._present, self._present_value = self._best, self.value

    def improve(self, rounds: int) -> None:
        """Make some rounds."""
        for number in range(rounds):
            if self._is_final() or stopping.requested():
                return
            wanted = by_multiplier(self._present, self._given)
            if not wanted:
                return
            guide = self._guides[int(self._rng.integers(len(self._guides)))]
            state = self._completed(self._kept(wanted), guide)
            value = self._offer(state)
            tolerance = TOLERANCE * (1.0 - number / rounds) * self._gap()
            if value >= self._present_value - tolerance - EQUAL * (1.0 + abs(value)):
                self._present, self._present_value = state, value

    def plan(self) -> Plan:
        """The best proof, those derivations first that lead to the largest multipliers."""
        return Plan.of(self._best, by_multiplier(self._best, self._given))

    def _offer(self, state: ProofState) -> float:
        """Keep a proof if it is the best; its bound on the minimised objective."""
        value, length = self._worth(state)
        if self._is_better(value, length):
            self._best, self.value, self.length = state, value, length
        return value

    def _is_final(self) -> bool:
        return self._is_at_goal() and self.length <= 1

    def _is_at_goal(self) -> bool:
        return self._goal is not None and self._best.is_reached(self._goal)

    def _gap(self) -> float:
        if self._goal is None:
            return abs(self._present_value)
        return abs(self._sign * self._goal - self._present_value)

    def _is_better(self, value: float, length: int) -> bool:
        margin = EQUAL * (1.0 + abs(self.value))
        return value > self.value + margin or (value >= self.value - margin and length < self.length)

    def _kept(self, wanted: list[int]) -> list[int]:
        """The inequalities that survive the round, small multipliers less likely, or all alike."""
        multipliers = self._present.solution.multipliers[wanted]
        removed = max(1, round(len(wanted) * self._rng.uniform(*REMOVED)))
        exponent = 1.0 / np.clip(multipliers, 0.05, 20.0) if self._rng.random() < 0.5 else np.ones(len(wanted))
        # Drawing without replacement with probabilities in proportion to weights (Efraimidis, Spirakis 2006).
        order = np.argsort(-(self._rng.random(len(wanted)) ** exponent))
        return [wanted[place] for place in order[: len(wanted) - removed]]

    def _completed(self, kept: list[int], agent: StepAgent) -> ProofState:
        """The given inequalities, those kept of the present proof, and what an agent makes of the steps left."""
        state = self._root.clone()
        if kept:
            memory = self._present.memory
            numbers = {line: line for line in range(self._given)}
            for line in memory.ancestors(kept):
                if line >= self._given:
                    reason = memory.reasons[line].renumbered(numbers)
                    numbers[line] = derive_line(state, reason, state.find_action(reason))
        budget = self._root.steps_left
        if kept and self._is_at_goal():
            budget = min(budget, self.length - 1)
        while len(state.memory) - self._given < budget:
            if self._goal is not None and state.is_reached(self._goal):
                break
            if stopping.requested() or not agent.advance(state, self._rng):
                break
        return state

    def _worth(self, state: ProofState) -> tuple[float, int]:
        """The bound on the minimised objective, and the number of derivations it needs."""
        needed = state.memory.ancestors(by_multiplier(state, self._given))
        return self._sign * state.bound, sum(line >= self._given for line in needed)


class _ActingBranch(BranchAgent):
    """Branch and bound with lines that keep within the limits of the state, so that actions stand for them."""

    def advance(self, state: ProofState, rng: np.random.Generator) -> int:
        """Derive the next line of the plan by its action."""
        return StepAgent.advance(self, state, rng)


class NeighbourhoodSearchAgent(PlanningAgent):
    """Plans the whole proof before its first step by :class:`NeighbourhoodSearch`, and then derives it.

    The plan uses copies of the proof state; the bound that it is chosen by is that of the exact environment. Steps that
    the plan leaves over are those of the first guide.
    """

    def __init__(
        self,
        rounds: int = ROUNDS,
        *,
        first: StepAgent | None = None,
        learned: int = 1,
        branch: int = 1,
        scorer: Scorer | None = None,
        name: str | None = None,
    ) -> None:
        """Choose how long to plan.

        Args:
            rounds: Number of proofs tried.
            first: The agent that makes the first proof, in place of the guides.
            learned: 0 if no learned scorer is to be among the guides.
            branch: 0 if branch and bound is not to make a first proof as well, where it can and steps are scarce.
            scorer: The learned scorer, by default the one that comes with the package.
            name: The spec string that makes this agent.

        Raises:
            BadInput: If the number of rounds is not from 1 to :data:`MAX_ROUNDS`, or another number neither 0 nor 1.
        """
        rounds = whole(rounds, "rounds of neighbourhood-search", 1, MAX_ROUNDS)
        is_learned = bool(whole(learned, "learned of neighbourhood-search", 0, 1))
        self._branches = bool(whole(branch, "branch of neighbourhood-search", 0, 1))
        settings = [f"rounds={rounds}"] * (rounds != ROUNDS)
        settings += ["learned=0"] * (not is_learned) + ["branch=0"] * (not self._branches)
        self.name = name or ":".join(["neighbourhood-search", *filter(None, [",".join(settings)])])
        self._rounds = rounds
        self._scorer = (scorer or _shipped()) if is_learned else None
        self._first = first
        self._plans: weakref.WeakKeyDictionary[ProofState, Plan] = weakref.WeakKeyDictionary()

    def require(self, problem: Problem) -> None:
        """Check that the first proof can be made."""
        if self._first is not None:
            self._first.require(problem)

    def present_plan(self, state: ProofState) -> Plan | None:
        """The plan that was made for a state, if one was."""
        return self._plans.get(state)

    def _starts(self, state: ProofState, guides: Sequence[StepAgent]) -> Iterator[StepAgent]:
        """The agents that each make a first proof."""
        yield from guides if self._first is None else (self._first,)
        if self._branches and scarcity(state.problem, state.max_steps):
            agent = _ActingBranch(BRANCH_SECONDS)
            try:
                agent.require(state.problem)
            except BadInput:  # another kind of problem
                return
            yield agent

    def act(self, state: ProofState, rng: np.random.Generator) -> int | None:
        """The first line of the plan that is not known yet, then whatever the first guide would do."""
        plan = self._plans.get(state)
        if plan is None:
            guides = guides_for(state, self._scorer)
            search = NeighbourhoodSearch(state, guides, rng, first=[*self._starts(state, guides)])
            search.improve(self._rounds)
            plan = self._plans[state] = search.plan()
        action = next(plan.next_actions(state), None)
        return guides_for(state, self._scorer)[0].act(state, rng) if action is None else action
