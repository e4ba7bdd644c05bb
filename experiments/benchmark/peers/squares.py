"""This project's exact proofs, and the relaxations that they start from, left in floats."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

from agents import prove
from experiments.benchmark.peers.answer import Answer
from polyproof_gym.problems import Problem
from polyproof_gym.proofs.squares import Coordinates, Localisers, Relaxation, cliques

TIGHT = 1e-6
"""Relative gap to the best feasible value known that is not worth a higher degree."""

LARGE_BASIS = 30
"""Number of monomials above which squares in few variables are tried before squares in all."""


def proved(problem: Problem, limit: float) -> Answer:
    """The bound that the agent ``squares`` proves, with the exact check of the proof."""
    started = time.perf_counter()
    proof = prove(problem, agent="squares")
    found = time.perf_counter()
    proof.verify()
    ended = time.perf_counter()
    return Answer(problem.sign * proof.bound, ended - started, ended - found)


def relaxed(problem: Problem, limit: float) -> Answer:
    """The value of the semidefinite relaxation by Clarabel, at rising degree until it meets a feasible value."""
    started = time.perf_counter()
    best = Answer(None, 0.0)
    for relaxation in _relaxations(problem):
        found = relaxation.solve(limit - (time.perf_counter() - started))
        seconds = time.perf_counter() - started
        if found is None:
            return best._replace(seconds=seconds)
        best = Answer(found.bound, seconds)
        gap = best.gap(problem)
        if gap is None or gap <= TIGHT:
            break
    return best


def _relaxations(problem: Problem) -> Iterator[Relaxation]:
    """The relaxations by degree, up to that of three steps."""
    coordinates = Coordinates(problem.ring)
    localisers = Localisers(coordinates, problem.minimised, problem.axioms)
    everything = tuple(range(problem.num_variables))
    first = localisers.degree
    for degree in range(first, first + 6, 2):
        half = degree // 2
        large = math.comb(len(everything) + half, half) > LARGE_BASIS
        sparse = cliques(problem.minimised, localisers.variable_sets) if large else [everything]
        for subsets in [sparse, [everything]] if len(sparse) > 1 else [[everything]]:
            blocks, equations = localisers.blocks(degree, subsets)
            yield Relaxation(coordinates, problem.minimised, blocks, equations)
