"""What a learned score of a candidate looks at: numbers that neither names nor the order of the memory can change."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.baselines.dual_guided import MAX_TIES, VIOLATED
from agents.baselines.estimate_guided import HANDICAP, TIE
from polyproof_gym.errors import BadInput
from polyproof_gym.proofs import ProofState, Times

WIDTH = 96
"""Number of candidates that are described, the most violated ones."""

FEATURES = (
    "violation",  # minus the pseudo-expectation, by estimated moments
    "violation, solver",  # by the moments that the solver found
    "violation, below the best",  # with the handicap for new monomials
    "closed",
    "complement",
    "terms",  # of the conclusion
    "extensions",  # see Extents
    "growth",  # see Growth; by estimated moments
    "growth steps",
    "growth, solver",
    "growth steps, solver",
    "violation per step",  # after growing
    "multiplier of the parent",
    "expectation of the parent",
    "age of the parent",
    "terms of the parent",
    "degree of the parent",
    "moment of the variable",
    "moment of the variable, solver",
    "stalled",  # from here on features of the state: nothing closed is violated by the solver's moments
    "largest violation",  # of closed candidates by these
    "share of the candidates that are the best",
    "gap",  # to the incumbent, as a share of the initial one
    "steps left",  # per variable
    "variables",
)
"""The features in their order; those of the state are the same for all candidates."""


class Described(NamedTuple):
    """The most promising actions of a state.

    Attributes:
        actions: Their numbers, shape ``(candidates,)``; at most :data:`WIDTH`.
        features: Their features, shape ``(candidates, len(FEATURES))``.
    """

    actions: NDArray[np.intp]
    features: NDArray[np.float32]


def describe(state: ProofState) -> Described:
    """The most promising actions of a state: those that estimate-guided search violates most come first.

    Beside the estimates that rank them, the solver's solution describes them, a vertex among the optimal ones.

    Raises:
        BadInput: If the state has actions that are no products with a variable.
    """
    if state.num_actions != 2 * state.capacity * state.num_variables:
        raise BadInput("expected the actions of the default rules: candidates are products with a variable")
    candidates = np.flatnonzero(state.action_mask())
    if not len(candidates):
        return Described(candidates, np.empty((0, len(FEATURES)), np.float32))
    moments, of_solver = state.estimated_moments(), state.solution.moments
    violations, by_solver = -state.expectations(moments)[candidates], -state.expectations(of_solver)[candidates]
    closed = state.closed()[candidates]
    largest = float(by_solver[closed].max(initial=0.0))
    ranks = violations - HANDICAP * ~closed
    chosen = _first(state, candidates, ranks)
    actions, ranks, closed = candidates[chosen], ranks[chosen], closed[chosen]
    violations, by_solver = violations[chosen], by_solver[chosen]
    extents = state.extents(actions)
    growth, growth_by_solver = state.growth(actions, moments), state.growth(actions, of_solver)
    parents, variables, complements = _products(state, actions)
    memory = state.memory
    lengths = np.diff(memory.starts)
    expectations = np.add.reduceat(memory.values * moments[memory.rows], memory.starts[:-1])
    of_variable = np.array([memory.row_of.get((i,), 0) for i in range(state.problem.num_variables)])[variables]
    of_monomials = np.fromiter(map(len, memory.monomials), np.intp, len(memory.monomials))
    degrees = np.maximum.reduceat(of_monomials[memory.rows], memory.starts[:-1])
    whole = np.array(
        [
            largest <= -VIOLATED,
            largest,
            np.mean(ranks >= ranks.max() - TIE),
            _gap(state),
            np.log1p(state.steps_left / state.problem.num_variables),
            np.log(state.problem.num_variables) - 3.0,
        ]
    )
    own = np.column_stack(
        [
            violations,
            by_solver,
            ranks - ranks.max(),
            closed,
            complements,
            np.log(extents.terms),
            np.log1p(extents.extensions),
            growth.drops,
            np.log1p(growth.steps),
            growth_by_solver.drops,
            np.log1p(growth_by_solver.steps),
            (violations + growth.drops) / (1.0 + growth.steps),
            np.minimum(state.solution.multipliers[parents], 2.0),
            expectations[parents],
            (len(memory) - 1 - parents) / len(memory),
            np.log(lengths[parents]),
            degrees[parents],
            moments[of_variable],
            of_solver[of_variable],
        ]
    )
    features = np.hstack([own, np.broadcast_to(whole, (len(actions), len(whole)))])
    return Described(actions, np.clip(features, -10.0, 10.0).astype(np.float32))


def _first(state: ProofState, candidates: NDArray[np.intp], ranks: NDArray[np.float64]) -> NDArray[np.intp]:
    """The places of the highest ranks; ties go to the longest conclusions, then to the most extensible ones."""
    width = min(WIDTH, len(ranks))
    places = np.arange(len(ranks))
    if len(places) > width:  # partitioning costs much less than sorting all
        least = np.partition(ranks, len(ranks) - width)[len(ranks) - width]
        better, ties = np.flatnonzero(ranks > least + TIE), np.flatnonzero(np.abs(ranks - least) <= TIE)
        places = np.concatenate([better, ties[-MAX_TIES:]])
    terms, extensions = state.extents(candidates[places])
    order = np.lexsort((places, extensions, terms, np.round(ranks[places] / TIE)))
    first: NDArray[np.intp] = places[order[::-1][:width]]
    return first


def _products(
    state: ProofState, actions: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """Parent, variable and sign of every action, which must be products."""
    per_line = state.action(Times(1, 0, False)) - state.action(Times(0, 0, False))
    parents, products = np.divmod(actions, per_line)
    variables, complements = np.divmod(products, 2)
    return parents, variables, complements > 0


def _gap(state: ProofState) -> float:
    """The distance of the bound to the best value known, as a share of the initial one; 1 if there is none."""
    problem = state.problem
    if problem.incumbent is None:
        return 1.0
    initial = abs(float(problem.trivial_bound) - float(problem.incumbent))
    return abs(state.bound - float(problem.incumbent)) / (initial or 1.0)
