"""Problems of few points: intervals of whole numbers are halved until the signs of the coefficients prove the bound.

Where all variables are whole and their boxes are small, that is exhaustive search with the simplest bound there is
(Land, Doig 1960), and takes less time than one semidefinite program.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count

from polyproof_gym import stopping
from polyproof_gym.polynomials import ONE, Polynomial, rational
from polyproof_gym.problems import Problem
from polyproof_gym.problems.cases import Case, Split, split_near, splittable_variables
from polyproof_gym.proofs import Axiom, Leaf, Proof, ProofTree
from polyproof_gym.proofs.tree import Proved, halves, whole_case

FEW = 5000
"""The most points of a box that are few."""

LEAVES = 1000
"""The most cases; files of more would be long."""


def has_few_points(problem: Problem) -> bool:
    """Whether all variables are whole numbers and the box has few points."""
    if len(problem.ring.idempotent) + len(problem.integer) < problem.num_variables:
        return False
    return math.prod(int(high - low) + 1 for low, high in problem.box) <= FEW


@dataclass
class _Open:
    """A case in the making.

    Attributes:
        case: The case, with its axioms by their numbers in the whole problem.
        bound: What the signs prove of the minimised objective.
        refuted_by: The axiom of the case that holds nowhere in it, if there is one.
        split: Where it is split, once it is.
        halves: The cases below and above.
    """

    case: Case
    bound: Fraction
    refuted_by: int | None
    split: Split | None = None
    halves: tuple[_Open, ...] = ()


class FewPointsSearch:
    """Branch and bound by the signs of the coefficients, best first.

    Attributes:
        problem: The problem, which knows the best point that was found.
        num_leaves: Number of cases.
    """

    def __init__(self, problem: Problem) -> None:
        """Bound the problem as a whole.

        Args:
            problem: The problem; all its variables are whole numbers.
        """
        self.problem = problem
        self.num_leaves = 1
        self._numbers = count()
        self._root = _opened(whole_case(problem))
        self._heap: list[tuple[Fraction, int, _Open]] = []
        self._push(self._root)

    def step(self) -> bool:
        """Split the worst case, or note that it is a better point; whether that was needed and there is room for it."""
        if not self._heap or self.num_leaves >= LEAVES or stopping.requested() or self._is_enough(self._heap[0][0]):
            return False
        _, _, worst = heapq.heappop(self._heap)
        variables = splittable_variables(worst.case.problem)
        if not variables:
            self._note(worst.case.problem)
            return True
        worst.split = _split_of(worst.case.problem, variables)
        worst.halves = tuple(_opened(half) for half in halves(worst.case, worst.split))
        for half in worst.halves:
            self._push(half)
        self.num_leaves += 1
        return True

    def tree(self) -> ProofTree:
        """The proof by cases so far."""
        sign, problem = self.problem.sign, self.problem
        is_empty = not self._heap and problem.feasible_point is None
        # Cases that no point is in prove whatever the others do, and, where all are so, more than any point has.
        worst = min((leaf.bound for leaf in _leaves(self._root) if leaf.refuted_by is None), default=Fraction(0))
        proved = _proved(self._root, Fraction(sign * problem.worst_value + 1) if is_empty else worst)
        return ProofTree(problem, proved.node, sign * proved.bound)

    def _push(self, one: _Open) -> None:
        if one.refuted_by is None:
            heapq.heappush(self._heap, (one.bound, next(self._numbers), one))

    def _note(self, case: Problem) -> None:
        """Keep the only point of a case, which is better than the best one known."""
        pairs = zip(case.box, self.problem.box, strict=True)
        point = tuple(rational(Fraction(x - low) / (high - low)) for (x, _), (low, high) in pairs)
        self.problem = replace(self.problem, feasible_point=point)

    def _is_enough(self, bound: Fraction) -> bool:
        """Whether a bound, or what it is rounded to, is as good as the best point known."""
        problem = self.problem
        if problem.incumbent is None:
            return False
        return (problem.values.first_from(bound) if problem.is_integral else bound) >= problem.sign * problem.incumbent


def _opened(case: Case) -> _Open:
    problem = case.problem
    refuted_by = next((k for k, axiom in enumerate(problem.axioms) if _largest(axiom) < 0), None)
    return _Open(case, Fraction(problem.minimised.lower_bound_on_unit_box()), refuted_by)


def _largest(polynomial: Polynomial) -> Fraction:
    return -Fraction((-polynomial).lower_bound_on_unit_box())


def _split_of(problem: Problem, variables: tuple[int, ...]) -> Split:
    """Half of the interval of the variable that the objective and the constraints that may fail vary most with."""
    undecided = [problem.axioms[k] for k in problem.constraints if problem.axioms[k].lower_bound_on_unit_box() < 0]
    weights: defaultdict[int, Fraction] = defaultdict(Fraction)
    for polynomial in (problem.objective, *undecided):
        sizes = {monomial: abs(Fraction(c)) for monomial, c in polynomial.terms.items() if monomial != ONE}
        total = sum(sizes.values())
        for monomial, size in sizes.items():
            for i in {*monomial}:
                weights[i] += size / total
    return split_near(problem, max(variables, key=lambda i: weights[i]), 0.5)


def _leaves(one: _Open) -> list[_Open]:
    return [leaf for half in one.halves for leaf in _leaves(half)] if one.split else [one]


def _proved(one: _Open, enough: Fraction) -> Proved:
    """The best proof: of a case as a whole, or of its halves.

    Args:
        one: The case.
        enough: What is proved where no point is in a case.
    """
    problem, bound = one.case.problem, one.bound
    lines: tuple[Axiom, ...] = ()
    if one.refuted_by is not None:
        axiom, bound = problem.axioms[one.refuted_by], max(enough, bound)
        lines = (Axiom(one.refuted_by, axiom),)
    multipliers = {k: rational((bound - one.bound) / -_largest(line.polynomial)) for k, line in enumerate(lines)}
    own = Proved(bound, Leaf.of(Proof(problem, lines, multipliers), one.case.axioms))
    if one.split is None:
        return own
    together = Proved.by_halves(one.split, *(_proved(half, enough) for half in one.halves))
    return together if together.bound > own.bound else own
