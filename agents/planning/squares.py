"""Squares from a semidefinite program, at rising degree, as long as there is time."""

from __future__ import annotations

import math
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from agents.baselines import DualGuidedAgent
from polyproof_gym import stopping
from polyproof_gym.arguments import whole
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Rational
from polyproof_gym.problems import Problem
from polyproof_gym.problems.minimisers import rational_minimisers
from polyproof_gym.proofs import Memory, Proof, ProofState, Square, certify, default_limits
from polyproof_gym.proofs.certificate import combination_proof
from polyproof_gym.proofs.squares import (
    Coordinates,
    Localisers,
    Relaxation,
    RelaxationSolution,
    cliques,
    convex_minimum,
    exact_combination,
    facial_squares,
    roots_cutting,
    roots_of_gram,
)
from polyproof_gym.proofs.squares.deriving import SquareDeriver

SECONDS = 20
"""Time that the search may take by default."""

MAX_DEGREE = 100
"""Highest degree that is tried."""

PRODUCT_SECONDS = 1.0
"""The most time for products alone."""

LARGE_BASIS = 30
"""Number of monomials above which squares in few variables are tried before squares in all."""

MAX_BASIS = 400
"""Number of monomials above which no relaxation would be solved in time."""

MAX_PRODUCT_STEPS = 200
"""The most products that are tried before squares, which are better where they suffice."""

MAX_STEPS = 2000
"""The most single steps at the end."""

STEP_RULES = ("products", "squares")
"""The rules of these steps."""

MAX_SQUARES = 1000
"""The most squares of one degree."""

MAX_FACIAL_SQUARES = 2000
"""The most squares that are derived in the hope that some combine exactly."""

EXACT_SHARE = 0.05
"""Share of the time left that solving a relaxation may take, for exact proofs to be tried as well."""

NEAR = 1e-4
"""Relative gap in floats from which an exact proof of the minimum is looked for."""

CLOSE = 0.05
"""Relative gap of the relaxation from which polishing is worth its time."""

POLISHING_ROUNDS = 3
"""How often squares are added that the LP's present solution violates most."""

CUTS_PER_BLOCK = 6
"""The most such squares for each localiser, in every round."""

VIOLATED = -1e-9
"""Expectation, on moments of size 1, below which a square is violated."""

POLISHED = 1e-7
"""Relative gap between the exact bound and the best feasible value known that is not worth another round."""

TIGHT = 1e-6
"""The same that is not worth a higher degree."""

STEP_SHARE = Fraction(1, 2)
"""Share of the distance between values of the objective that a gap must not exceed."""


@dataclass(frozen=True)
class Budget:
    """The time for a search.

    Attributes:
        deadline: When it is over, by the clock ``time.monotonic``.
        nominal: The seconds that choices go by, the same whenever they are made; ``None`` for what is left of the time.
    """

    deadline: float
    nominal: float | None = None

    @classmethod
    def of(cls, seconds: float, nominal: float | None = None) -> Budget:
        """The time from now on."""
        return cls(time.monotonic() + seconds, nominal)

    @property
    def left(self) -> float:
        """The seconds left."""
        return self.deadline - time.monotonic()

    @property
    def planned(self) -> float:
        """The seconds that choices go by."""
        return self.left if self.nominal is None else self.nominal

    @property
    def is_over(self) -> bool:
        """Whether the time is over, or a stop was requested."""
        return self.left < 0 or stopping.requested()


class Found(NamedTuple):
    """A proof, and how it came about.

    Attributes:
        proof: The proof.
        degree: The degree of the relaxation; 0 without squares.
        with_remainder: Whether its bound needs a remainder.
        state: What it was certified from.
    """

    proof: Proof
    degree: int
    with_remainder: bool
    state: ProofState


class SquaresAgent:
    """Finds a whole proof with squares in one go, and derives what its bound needs.

    First come products alone, which are kept where they suffice. Then one semidefinite program for every degree tells
    which squares to derive, the bound LP combines them, and a few rounds of polishing add those that its solution
    violates. The best exact bound counts; more degrees follow until it meets the best feasible value known, or the
    next one does not fit the time. What is left of the time goes to single products and squares.

    Attributes:
        name: The spec string.
    """

    def __init__(self, degree: int | None = None, seconds: int = SECONDS) -> None:
        """Fix how far the search goes.

        Args:
            degree: Highest degree of a square times a localiser, at least that of the problem; by default there is
                none.
            seconds: Time for the search, at least 1.

        Raises:
            BadInput: If one of them is not a whole number in its range.
        """
        self._degree = None if degree is None else whole(degree, "degree of squares", 2, MAX_DEGREE)
        self._seconds = whole(seconds, "seconds of squares", 1)
        settings = {"degree": degree, "seconds": None if seconds == SECONDS else seconds}
        given = ",".join(f"{key}={value}" for key, value in settings.items() if value is not None)
        self.name = "squares" + (f":{given}" if given else "")
        self._guided = DualGuidedAgent()
        self._known_minimisers: weakref.WeakKeyDictionary[Problem, list[tuple[Rational, ...]]]
        self._known_minimisers = weakref.WeakKeyDictionary()
        self._findings: weakref.WeakKeyDictionary[Memory, dict[str, int]] = weakref.WeakKeyDictionary()

    def require(self, problem: Problem) -> None:
        """Check that the agent can work on a problem.

        Raises:
            BadInput: If the degree that was given is lower than that of the problem.
        """
        needed = _localisers(problem).degree
        if self._degree is not None and self._degree < needed:
            raise BadInput(f"{problem.name}: expected a degree of squares of at least {needed}, got {self._degree}")

    def advance(self, state: ProofState, rng: np.random.Generator) -> int:
        """Derive all that the best proof found needs; the number of derivations, 0 if that has been done.

        On the question whether any point satisfies the constraints, of which squares find nothing, it derives products.
        """
        if not state.problem.objective:
            return self._guided.advance(state, rng)
        if state.memory in self._findings:
            return 0
        before = state.steps
        with stopping.time_limit(self._seconds):
            budget = Budget.of(self._seconds)
            found = self.find(state.problem, rng, budget)
            is_enough = not found.with_remainder or _is_within(found.proof, state.problem.incumbent, TIGHT)
            if not is_enough and budget.left > 0:
                found = self._by_steps(found, rng, budget.deadline)
        if found.with_remainder:
            state.absorb_remainders()
        take_over(found.proof, state)
        squares = sum(isinstance(reason, Square) for reason in found.proof.reasons)
        self._findings[state.memory] = {"degree": found.degree, "squares": squares}
        return state.steps - before

    def findings(self, state: ProofState) -> dict[str, int]:
        """The degree of the proof that was found, 0 without squares, and the number of squares in it."""
        return self._findings.get(state.memory, {})

    def find(
        self,
        problem: Problem,
        rng: np.random.Generator,
        budget: Budget,
        goal: Rational | None = None,
        num_degrees: int = MAX_DEGREE,
        products: ProofState | None = None,
    ) -> Found:
        """The best proof found.

        Where choices go by a nominal time, and what they lead to does not take more than there is, the proof depends on
        the arguments alone.

        Args:
            problem: What is to be proved.
            rng: Source of all randomness.
            budget: The most time that may be spent.
            goal: The bound that is enough, by default the best feasible value known.
            num_degrees: How many degrees may be tried, the lowest first.
            products: What products prove, where that is known.
        """
        goal = problem.incumbent if goal is None else goal
        if products is None:
            products = self._by_products(problem, rng, budget, goal)
        start = certify(products)
        best = Found(start, 0, False, products)
        convex = None if start.status == "infeasible" or _is_within(start, goal, 0) else _convexly(problem)
        if convex is not None:
            return convex
        lowest: int | None = None
        for degree, relaxation in self._relaxations(problem, budget):
            is_settled = best.proof.status == "infeasible" or _is_within(best.proof, goal, TIGHT)
            if is_settled or budget.is_over:
                break
            lowest = degree if lowest is None else lowest
            if degree >= lowest + 2 * num_degrees:
                break
            solution = relaxation.solve(budget.left)
            if solution is None:
                continue
            takes_little = relaxation.expected_seconds < EXACT_SHARE * budget.planned
            if takes_little and problem.incumbent == goal and _is_near(solution.bound, problem, NEAR, goal):
                exact = self._exactly(problem, relaxation, budget)
                if exact is not None:
                    return exact._replace(degree=degree)
            attempt = _Attempt(start, relaxation, goal)
            for proof in attempt.proofs(solution, budget):
                if problem.sign * proof.bound > problem.sign * best.proof.bound:
                    best = Found(proof, degree, True, attempt.state)
        return best

    def _relaxations(self, problem: Problem, budget: Budget) -> Iterator[tuple[int, Relaxation]]:
        """The relaxations that can be solved in time, by degree; of large ones those with few variables each first."""
        localisers = _localisers(problem)
        everything = tuple(range(problem.num_variables))
        subsets = [everything]
        for degree in range(localisers.degree, (self._degree or MAX_DEGREE) + 1, 2):
            half = degree // 2
            if math.comb(len(everything) + half, half) > LARGE_BASIS and subsets == [everything]:
                subsets = cliques(problem.minimised, localisers.variable_sets)
            choices = [subsets, [everything]] if len(subsets) > 1 else [[everything]]
            possible = False
            for choice in choices:
                if max(math.comb(len(clique) + half, half) for clique in choice) > MAX_BASIS:
                    continue
                with stopping.time_limit(budget.left):
                    blocks, equations = localisers.blocks(degree, choice)
                    if stopping.requested():
                        return
                relaxation = Relaxation(localisers.coordinates, problem.minimised, blocks, equations)
                if relaxation.expected_seconds < min(budget.planned, budget.left):
                    possible = True
                    yield degree, relaxation
            if not possible:
                return

    def _exactly(self, problem: Problem, relaxation: Relaxation, budget: Budget) -> Found | None:
        """A proof that the best feasible value known is the minimum, by as few kinds of localisers as possible."""
        minimisers = self._minimisers(problem)
        if not minimisers:
            return None
        excess = problem.minimised - problem.minimised.evaluate(minimisers[0])
        for squares in facial_squares(relaxation, minimisers, budget.deadline, MAX_FACIAL_SQUARES):
            deriver = SquareDeriver(ProofState(problem, max_steps=0, rules=()))
            state = deriver.state
            deriver.derive_equations(relaxation.equations)
            for block, root in squares:
                deriver.derive(block, root)
            multipliers = exact_combination(state.memory, excess)
            if multipliers is not None:
                return Found(combination_proof(state, multipliers), 0, False, state)
            if budget.is_over:
                break
        return None

    def _minimisers(self, problem: Problem) -> list[tuple[Rational, ...]]:
        if problem not in self._known_minimisers:
            self._known_minimisers[problem] = rational_minimisers(problem)
        return self._known_minimisers[problem]

    def _by_products(
        self, problem: Problem, rng: np.random.Generator, budget: Budget, goal: Rational | None
    ) -> ProofState:
        limits = default_limits(problem.shape)
        state = ProofState(problem, max_steps=MAX_PRODUCT_STEPS, limits=limits)
        share = budget.left / 10 if budget.nominal is None else budget.nominal  # steps are to end by their number there
        until = time.monotonic() + min(PRODUCT_SECONDS, share)
        self._stepwise(state, rng, until, goal)
        return state

    def _by_steps(self, start: Found, rng: np.random.Generator, deadline: float) -> Found:
        """What single products and squares make of a proof, as long as there is time."""
        problem = start.proof.problem
        limits = default_limits(problem.shape)
        limits = replace(limits, max_degree=min(limits.max_degree, self._degree or MAX_DEGREE))
        state = ProofState(problem, max_steps=MAX_STEPS, limits=limits, rules=STEP_RULES)
        take_over(start.proof, state)
        self._stepwise(state, rng, deadline, problem.incumbent)
        proof = certify(state)
        is_better = problem.sign * proof.bound > problem.sign * start.proof.bound
        return start._replace(proof=proof, state=state) if is_better else start

    def _stepwise(self, state: ProofState, rng: np.random.Generator, until: float, goal: Rational | None) -> None:
        """Derive one inequality after the other, until the bound meets a goal."""
        while time.monotonic() < until and not stopping.requested() and self._guided.advance(state, rng):
            if state.is_contradictory or (goal is not None and state.is_reached(float(goal))):
                break


def take_over(proof: Proof, state: ProofState) -> None:
    """Derive all lines of a proof in a state, and suggest its combination."""
    numbers: dict[int, int] = {}
    for line, reason in enumerate(proof.reasons):
        numbers[line] = state.derive(reason.renumbered(numbers))
    state.suggest({numbers[line]: value for line, value in proof.multipliers.items()})


def _convexly(problem: Problem) -> Found | None:
    """The proof of the minimum where that of a convex quadratic objective, of linear constraints alone, is feasible."""
    found = convex_minimum(problem.minimised, problem.axioms)
    if found is None or any(axiom.evaluate(found.point) < 0 for axiom in problem.axioms):
        return None
    state = ProofState(problem, max_steps=0, rules=())
    multipliers = {**found.axioms}
    for root, weight in found.squares:
        multipliers[state.derive(Square(root))] = weight
    return Found(combination_proof(state, multipliers), 2, False, state)


def _localisers(problem: Problem) -> Localisers:
    return Localisers(Coordinates(problem.ring), problem.minimised, problem.axioms)


def _is_within(proof: Proof, goal: Rational | None, tolerance: float) -> bool:
    """Whether the bound lacks little of a goal, relative to the size of this from 1 on.

    Where the values lie a common step apart, it is also to lack so little that none lies in between.
    """
    if goal is None:
        return False
    lacks, problem = proof.problem.sign * (goal - proof.bound), proof.problem
    if problem.is_integral and lacks > STEP_SHARE * problem.values.step:
        return False
    return lacks <= tolerance * max(Fraction(1), abs(Fraction(goal)))


def _is_near(bound: float, problem: Problem, tolerance: float, goal: Rational | None) -> bool:
    """Whether a bound on the minimised objective, in floats, is about a goal; where there is none, it may be."""
    if goal is None:
        return True
    value = problem.sign * float(goal)
    return bound >= value - tolerance * max(1.0, abs(value))


class _Attempt:
    """The squares of one degree."""

    def __init__(self, start: Proof, relaxation: Relaxation, goal: Rational | None) -> None:
        self._relaxation, self._goal = relaxation, goal
        self._coordinates = relaxation.coordinates
        self.state = ProofState(start.problem, max_steps=0, rules=())
        self.state.absorb_remainders()
        take_over(start, self.state)
        self._deriver = SquareDeriver(self.state)

    def proofs(self, solution: RelaxationSolution, budget: Budget) -> Iterator[Proof]:
        """Proofs of better and better bounds, as long as there is time."""
        self._deriver.derive_equations(self._relaxation.equations)
        found = [
            (weight, block, root)
            for block, gram in zip(self._relaxation.blocks, solution.grams, strict=True)
            for weight, root in roots_of_gram(self._coordinates, block, gram)
        ]
        found.sort(key=lambda square: -square[0])
        for _, block, root in found[:MAX_SQUARES]:
            self._deriver.derive(block, root)
        rounds = POLISHING_ROUNDS if _is_near(solution.bound, self.state.problem, CLOSE, self._goal) else 0
        for rounds_left in reversed(range(rounds + 1)):
            proof = certify(self.state)
            yield proof
            if _is_within(proof, self._goal, POLISHED) or budget.is_over:
                return
            if not rounds_left or not self._polish():
                return

    def _polish(self) -> int:
        """Add the squares that the LP's solution violates most; how many."""
        memory, relaxation = self.state.memory, self._relaxation
        own = self._coordinates.change(relaxation.moments, memory.row_of) @ self.state.solution.moments
        cuts = [
            (size, block, root)
            for block, matrix in zip(relaxation.blocks, relaxation.moment_matrices(own), strict=True)
            for size, root in roots_cutting(self._coordinates, block, matrix, CUTS_PER_BLOCK, VIOLATED)
        ]
        cuts.sort(key=lambda cut: cut[0])
        before = len(memory)
        for _, block, root in cuts[: MAX_SQUARES - self._deriver.num_squares]:
            self._deriver.derive(block, root)
        return len(memory) - before
