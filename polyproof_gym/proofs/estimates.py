"""Solutions of the bound LP that are estimated, which lie well within the set of the best ones and not at a vertex."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.compiled import kernels

ESTIMATE_ROUNDS = 160
"""How often moments and multipliers answer each other by default."""

MAX_ESTIMATE_ROUNDS = 10_000
"""By then estimates hardly change any more."""

LIMITS = (-1.0, 2.0)
"""Between these are the moments of products, which no inequality might bound; an exact solution's can lie anywhere."""


def estimated_solution(
    starts: NDArray[np.int32],
    rows: NDArray[np.int32],
    values: NDArray[np.float64],
    objective: NDArray[np.float64],
    degrees: NDArray[np.int64],
    rounds: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Estimate the pseudo-moments and multipliers of the best bound, by steps of a primal-dual method.

    The moment of 1 is 1, those of variables stay in [0, 1], and others, of which nothing may be known yet, within
    :data:`LIMITS`. From the middle of this box the moments come to lie well within the set of the best ones, where
    variables that look alike have the same moment; column generation prefers such solutions to vertices (Rousseau,
    Gendreau and Feillet 2007).

    Args:
        starts: Where the entries of each inequality begin, and the last end, shape ``(inequalities + 1,)``.
        rows: Rows of all entries, shape ``(entries,)``.
        values: Values of all entries, of size at most 1.
        objective: What is minimised, by rows, the largest of size about 1; shape ``(monomials,)``.
        degrees: The degree of every row's monomial, shape ``(monomials,)``. Several programs can be given one after the
            other as one, each with rows of its own.
        rounds: How often moments and multipliers are changed, from 0 on.

    Returns:
        The moments, shape ``(monomials,)``, and the multipliers, shape ``(inequalities,)``.

    Raises:
        ValueError: If the arrays do not fit together, or the number of rounds is negative.
    """
    if rounds < 0:
        raise ValueError(f"expected at least 0 rounds, got {rounds}")
    size, count = len(objective), len(rows)
    is_ordered = (
        len(starts) and starts[0] == 0 and starts[-1] == count == len(values) and (starts[1:] >= starts[:-1]).all()
    )
    if not is_ordered or len(degrees) != size or (count and not 0 <= rows.min() <= rows.max() < size):
        raise ValueError("expected entries of every inequality in rows that an objective and degrees are given for")
    is_product, is_one = degrees > 1, degrees == 0
    lower = np.where(is_product, LIMITS[0], is_one * 1.0)
    upper = np.where(is_product, LIMITS[1], 1.0)
    moments, multipliers = np.empty(size), np.empty(len(starts) - 1)
    room = np.empty((3, size)), np.empty(len(multipliers))
    kernels("polyproof_gym.proofs").primal_dual_steps(
        starts, rows, values, objective, lower, upper, rounds, *room, moments, multipliers
    )
    return moments, multipliers
