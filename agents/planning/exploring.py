"""What there is to find out of one case: a function of the case alone, computed anywhere, and perhaps beforehand."""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from agents.planning.squares import Budget, Found, SquaresAgent
from agents.uncertainty import least_certain
from polyproof_gym import stopping
from polyproof_gym.compiled import kernels
from polyproof_gym.polynomials import Rational
from polyproof_gym.problems import Problem
from polyproof_gym.problems.cases import Case, Split, split_near, splittable_variables
from polyproof_gym.problems.feasible_point.constrained import on_one_thread
from polyproof_gym.problems.minimisers import has_simple_point
from polyproof_gym.proofs import Leaf

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

Path = tuple[int, ...]
"""Which halves lead from a problem to a case: 0 is below a split, and 1 above."""


@dataclass(frozen=True)
class Goal:
    """What is to be proved in every case.

    Attributes:
        value: The bound that is enough, in the problem's own sense: the best feasible value known, or what is rounded
            to it. ``None`` if no such value is known.
        worst: A bound that holds for all points, in the same sense.
        sign: The sign of the minimised objective.
        may_be_exact: Whether there are constraints, and the best point known has small denominators, as minimisers
            with a reason often have.
    """

    value: Rational | None
    worst: Rational
    sign: int
    may_be_exact: bool

    @classmethod
    def of(cls, problem: Problem) -> Goal:
        """The goal for a problem."""
        value, sign = problem.incumbent, problem.sign
        if value is not None and problem.is_integral:
            value = sign * (sign * value - problem.values.step * (1 - ROUNDING_MARGIN))
        return cls(value, problem.worst_value, sign, bool(problem.constraints) and has_simple_point(problem))

    def is_met(self, bound: Fraction, num_leaves: int) -> bool:
        """Whether a bound on the minimised objective is as good as the best feasible value known.

        Where none is known, it is if no value is so good, as no point is in a case of which that is proved.

        Args:
            bound: The bound.
            num_leaves: How many cases there are. Where they are few, some minima are to be met exactly.
        """
        if self.value is None:
            return bool(bound > self.sign * Fraction(self.worst))
        value = Fraction(self.value)
        is_exact = self.may_be_exact and num_leaves < EXACT_LEAVES
        tolerance = 0 if is_exact else TOLERANCE * max(Fraction(1), abs(value))
        return bool(bound >= self.sign * value - tolerance)


class CaseTask(NamedTuple):
    """A half of a case, which is to be proved.

    Attributes:
        path: The halves that lead to it.
        case: The half, with its axioms by their numbers in the whole problem.
        num_degrees: How many degrees of squares were tried in the case that it is a half of.
        parent_bound: What is proved of that case, for the minimised objective.
        seconds: The time that is left for all cases.
        limit: The time after which what runs is to end (see :mod:`polyproof_gym.stopping`).
    """

    path: Path
    case: Case
    num_degrees: int
    parent_bound: Fraction
    seconds: float
    limit: float


@dataclass(frozen=True)
class Explored:
    """What was found out of a case.

    Attributes:
        bound: The bound on the minimised objective that is proved without a split.
        leaf: Its proof.
        num_degrees: How many degrees of squares were tried.
        split: Where it is best split; ``None`` if all variables are fixed.
    """

    bound: Fraction
    leaf: Leaf
    num_degrees: int
    split: Split | None

    @classmethod
    def of(cls, found: Found, case: Case, num_degrees: int) -> Explored:
        """What a proof of a case says."""
        bound = case.problem.sign * found.proof.combination_bound
        return cls(bound, Leaf.of(found.proof, case.axioms), num_degrees, split_of(found))


@dataclass(frozen=True)
class CaseProver:
    """Proves cases, each as a whole, by products and squares.

    As long as nothing takes more time than there is, what it finds of a case depends on its settings and that case
    alone. It can be pickled.

    Attributes:
        goal: What is to be proved in every case.
        seed: Where the seed of every case comes from.
        nominal: The seconds that the choices in a case go by, and the most that one proof may take.
    """

    goal: Goal
    seed: int
    nominal: float

    def __call__(self, task: CaseTask) -> Explored:
        """Explore a half of a case, with squares of one degree more where the split gains little."""
        deadline = time.monotonic() + task.seconds
        with stopping.time_limit(task.limit):
            found = self.found(task.case, task.path, task.num_degrees, deadline)
            half = Explored.of(found, task.case, task.num_degrees)
            if not self._is_stalled(half, task):
                return half
            found = self.found(task.case, task.path, half.num_degrees + 1, deadline)
            return Explored.of(found, task.case, half.num_degrees + 1)

    def _is_stalled(self, half: Explored, task: CaseTask) -> bool:
        """Whether a split gains little, and squares of one degree more may gain more."""
        # There are at least as many cases as there are splits on the way to one.
        if self.goal.value is None or self.goal.is_met(half.bound, len(task.path)) or half.num_degrees == MAX_DEGREES:
            return False
        gap = self.goal.sign * Fraction(self.goal.value) - task.parent_bound
        return half.bound - task.parent_bound < STALLED * gap

    def found(self, case: Case, path: Path, num_degrees: int, deadline: float) -> Found:
        """The best proof of a case as a whole.

        Args:
            case: The case.
            path: The halves that lead to it.
            num_degrees: How many degrees of squares are tried.
            deadline: When the time for all cases is over, by the clock ``time.monotonic``.
        """
        kernels("polyproof_gym.proofs")  # compiled now, where they are not yet, and not within the time for products
        budget = Budget(min(deadline, time.monotonic() + self.nominal), self.nominal)
        rng = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=path))
        with on_one_thread():
            found = SquaresAgent().find(case.problem, rng, budget, self.goal.value, num_degrees)
        if found.proof.status == "infeasible":  # then it proves whatever the other cases do
            enough = self.goal.worst if self.goal.value is None else self.goal.value
            found = found._replace(proof=found.proof.raised_to(enough))
        return found


def split_of(found: Found) -> Split | None:
    """Where to split a case: the variable about which the pseudo-moments are least certain, and near its mean.

    Returns:
        The split; ``None`` if all variables are fixed.
    """
    problem = found.proof.problem
    least = least_certain(found.state, splittable_variables(problem))
    return None if least is None else split_near(problem, *least)
