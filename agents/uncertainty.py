"""What pseudo-moments leave open: the variables whose values they do not settle, which are worth splitting."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from polyproof_gym.polynomials import Monomial
from polyproof_gym.problems import Problem
from polyproof_gym.proofs import ProofState


def least_certain(state: ProofState, variables: Iterable[int]) -> tuple[int, float] | None:
    """The variable about which the pseudo-moments are least certain, and the mean of its unit coordinate.

    A variable counts by its variance under the pseudo-moments, times the coefficients of the monomials that it is in,
    of the objective and, relative to it, of the constraints. Linear ones count for 0/1 and integer variables only:
    others are the same for moments as for points.

    Args:
        state: The proof.
        variables: Those to choose from.

    Returns:
        ``None`` if there are none.
    """
    weights = _weights(state.problem)
    best: tuple[float, int, float] | None = None
    for i in variables:
        mean, variance = _mean_and_variance(state, i)
        score = (variance + 1e-6) * (weights[i] + 1e-9)
        if best is None or score > best[0]:
            best = score, i, mean
    return None if best is None else best[1:]


def best_split(state: ProofState) -> int | None:
    """The valid action that splits the variable of :func:`least_certain`; ``None`` if no action splits any."""
    if state.split_action(0) is None:
        return None
    mask = state.action_mask()
    actions = {i: state.split_action(i) for i in range(state.problem.num_variables)}
    valid = {i: action for i, action in actions.items() if action is not None and mask[action]}
    least = least_certain(state, valid)
    return None if least is None else valid[least[0]]


def _weights(problem: Problem) -> list[float]:
    """How much every variable matters, as far as coefficients tell."""
    weights = [0.0] * problem.num_variables
    constraints = [problem.axioms[k] for k in problem.constraints]
    for polynomial in (problem.objective, *constraints):
        terms: dict[Monomial, float] = {m: abs(float(c)) for m, c in polynomial.terms.items() if m}
        total = sum(terms.values())
        for monomial, size in terms.items():
            for i in set(monomial):
                if len(monomial) > 1 or i in problem.ring.idempotent or i in problem.integer:
                    weights[i] += size / total
    return weights


def _mean_and_variance(state: ProofState, i: int) -> tuple[float, float]:
    """Those of a variable's unit coordinate under the pseudo-moments, as far as these are known."""
    moments, row_of = state.solution.moments, state.memory.row_of
    mean = float(np.clip(moments[row_of[i,]], 0.0, 1.0)) if (i,) in row_of else 0.5
    if i in state.problem.ring.idempotent or (i, i) not in row_of:
        return mean, mean * (1.0 - mean)
    return mean, max(0.0, float(moments[row_of[i, i]]) - mean * mean)
