"""The fixed suites of problems, and what bounds on them are worth."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from polyproof_gym import Problem, make_problem
from polyproof_gym.problems import stability_number
from polyproof_gym.problems.stable_set import FAMILY as STABLE_SET

SUITES: dict[str, tuple[str, ...]] = {
    "graphs": tuple(
        f"random-stable-set:n={n},index={index}"
        for n, graphs in ((25, 4), (50, 4), (100, 2))
        for index in range(graphs)
    ),
    "odd-cycles": (
        *(f"cycle:n={n}" for n in (5, 9, 15, 21, 31, 41)),
        *(f"cycle-complement:n={n}" for n in (7, 9, 11)),
    ),
    "boxes": (
        *("schwefel", "rd", "caprasse", "lv", "butcher", "magnetism", "heart", "motzkin", "robinson", "choi-lam"),
    ),
    "quadratics": tuple(
        f"random-polynomial:n={n},degree=2,terms={terms},index={index}"
        for n, terms, count in ((12, 50, 3), (20, 150, 3), (30, 300, 2))
        for index in range(count)
    ),
    "robust-margins": (
        "robust-margin:model=digits-quadratic,latent=20,radius=0.5",
        "robust-margin:model=digits-quadratic,latent=20,radius=1",
        "robust-margin:model=digits-quadratic,latent=6,radius=1,norm=2",
        "robust-margin:model=digits-quadratic,latent=6,generator=quadratic,radius=0.5",
        "robust-margin:model=cancer-quadratic,latent=8,radius=1",
        "robust-margin:model=cancer-quadratic,latent=8,generator=quadratic,radius=1",
        "robust-margin:model=wine-quadratic,radius=0.5,norm=2",
    ),
}
"""Spec strings of the problems: held-out graphs of the paper's protocol, odd cycles and their complements, polynomials
on boxes, quadratic programs on boxes (drawn at random, as BoxQP instances are), and robustness margins of classifiers.
"""


@dataclass(frozen=True)
class Goal:
    """What bounds on a problem are measured by.

    Attributes:
        start: The bound that counts 0: that of the signs of the coefficients on the unit box.
        best: The bound that counts 1: the optimum, or where that is not known the value of the best feasible point.
        is_optimum: Whether it is known to be the optimum.
    """

    start: Fraction
    best: Fraction
    is_optimum: bool

    @classmethod
    def of(cls, problem: Problem) -> Goal:
        """The goal of a problem, of which a feasible point is known."""
        optimum = problem.optimum
        if optimum is None and problem.family == STABLE_SET:
            optimum = stability_number(problem)
        best = problem.incumbent if optimum is None else optimum
        assert best is not None
        return cls(Fraction(problem.trivial_bound), Fraction(best), optimum is not None)

    def score(self, bound: Fraction | None) -> float:
        """What a bound is worth, from 0 to 1; nothing where there is none, or one worse than the start."""
        if bound is None:
            return 0.0
        if self.start == self.best:
            return 1.0
        share = (self.start - bound) / (self.start - self.best)
        return float(min(Fraction(1), max(Fraction(0), share)))


@cache
def problem_of(spec: str) -> Problem:
    """A problem of the suites, made once."""
    return make_problem(spec)


@cache
def specs_by_name() -> dict[str, str]:
    """The spec strings of all problems by the names that they have in certificates."""
    return {problem_of(spec).name: spec for specs in SUITES.values() for spec in specs}
