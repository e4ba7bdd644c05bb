"""What a learned score of a candidate looks at: numbers that neither names nor the order of the memory can change."""

from __future__ import annotations

import weakref
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.baselines.dual_guided import MAX_TIES, VIOLATED
from polyproof_gym.proofs import ProofState, Times

WIDTH = 96
"""Number of candidates that are described, the most violated ones."""

SMOOTHING = 0.8
"""Share of the former moments in the smoothed ones (stabilised column generation)."""

NOT_CLOSED = 1.0
"""What the guessed violation of a candidate with new monomials counts less where a closed one is violated."""

FEATURES = (
    "violation",  # minus the pseudo-expectation
    "violation, smoothed",  # under the smoothed moments
    "violation, below the largest",
    "closed",
    "complement",
    "terms",  # of the conclusion
    "extensions",  # see Extents
    "growth",  # see Growth
    "growth steps",
    "growth, smoothed",
    "growth steps, smoothed",
    "violation per step",  # after growing
    "multiplier of the parent",
    "expectation of the parent",
    "age of the parent",
    "terms of the parent",
    "degree of the parent",
    "moment of the variable",
    "moment of the variable, smoothed",
    "stalled",  # from here on features of the state: nothing closed is violated
    "largest violation",
    "share of the candidates with the largest violation",
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


class CandidateFeatures:
    """Describes the states of one proof after the other; remembers the smoothed moments of the present one."""

    def __init__(self) -> None:
        """Start without a proof."""
        self._state: weakref.ref[ProofState] | None = None
        self._steps = 0
        self._smoothed: NDArray[np.float64] = np.empty(0)

    def describe(self, state: ProofState) -> Described:
        """The most promising actions of a state, most often the next one of the proof described last.

        All actions compete where no closed one is violated; otherwise those that bring new monomials have a handicap.
        """
        moments, smoothed = state.solution.moments, self._smooth(state)
        candidates = np.flatnonzero(state.action_mask())
        if not len(candidates):
            return Described(candidates, np.empty((0, len(FEATURES)), np.float32))
        violations = -state.expectations()[candidates]
        closed = state.closed()[candidates]
        largest = float(violations[closed].max(initial=0.0))
        stalled = largest <= -VIOLATED
        ranks = violations if stalled else violations - NOT_CLOSED * ~closed
        chosen = self._first(state, candidates, ranks)
        actions, ranks, violations, closed = candidates[chosen], ranks[chosen], violations[chosen], closed[chosen]
        extents, growth = state.extents(actions), state.growth(actions, moments)
        later = state.growth(actions, smoothed)
        parents, variables, complements = _products(state, actions)
        memory = state.memory
        lengths = np.diff(memory.starts)
        expectations = np.add.reduceat(memory.values * moments[memory.rows], memory.starts[:-1])
        of_variable = np.array([memory.row_of.get((i,), 0) for i in range(state.problem.num_variables)])[variables]
        of_monomials = np.fromiter(map(len, memory.monomials), np.intp, len(memory.monomials))
        degrees = np.maximum.reduceat(of_monomials[memory.rows], memory.starts[:-1])
        whole = np.array(
            [
                stalled,
                largest,
                np.mean(ranks >= ranks.max() - 1e-9),
                _gap(state),
                np.log1p(state.steps_left / state.problem.num_variables),
                np.log(state.problem.num_variables) - 3.0,
            ]
        )
        own = np.column_stack(
            [
                violations,
                -state.expectations(smoothed)[actions],
                ranks - ranks.max(),
                closed,
                complements,
                np.log(extents.terms),
                np.log1p(extents.extensions),
                growth.drops,
                np.log1p(growth.steps),
                later.drops,
                np.log1p(later.steps),
                (violations + growth.drops) / (1.0 + growth.steps),
                np.minimum(state.solution.multipliers[parents], 2.0),
                expectations[parents],
                (len(memory) - 1 - parents) / len(memory),
                np.log(lengths[parents]),
                degrees[parents],
                moments[of_variable],
                smoothed[of_variable],
            ]
        )
        features = np.hstack([own, np.broadcast_to(whole, (len(actions), len(whole)))])
        return Described(actions, np.clip(features, -10.0, 10.0).astype(np.float32))

    def _smooth(self, state: ProofState) -> NDArray[np.float64]:
        """The moments, smoothed over the steps of the proof as far as they were described."""
        moments = state.solution.moments
        known = self._state() if self._state is not None else None
        if known is not state or state.steps < self._steps:
            self._state, self._smoothed = weakref.ref(state), moments.copy()
        elif state.steps > self._steps:
            smoothed = moments.copy()
            smoothed[: len(self._smoothed)] *= 1.0 - SMOOTHING
            smoothed[: len(self._smoothed)] += SMOOTHING * self._smoothed
            self._smoothed = smoothed
        self._steps = state.steps
        return self._smoothed

    @staticmethod
    def _first(state: ProofState, candidates: NDArray[np.intp], ranks: NDArray[np.float64]) -> NDArray[np.intp]:
        """The places of the highest ranks; ties go to the longest conclusions, then to the most extensible ones."""
        width = min(WIDTH, len(ranks))
        places = np.flatnonzero(ranks > -VIOLATED)
        if len(places) < width:
            places = np.arange(len(ranks))
        if len(places) > width:  # partitioning all ranks would take longer than everything else
            least = np.partition(ranks[places], len(places) - width)[len(places) - width]
            places = places[ranks[places] >= least - 1e-9][-MAX_TIES:]
        terms, extensions = state.extents(candidates[places])
        order = np.lexsort((places, extensions, terms, np.round(ranks[places], 9)))
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
