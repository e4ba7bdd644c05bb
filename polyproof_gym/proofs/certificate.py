"""From the floats of the LP to an exact proof.

The claim of a proof is ``f - sum_j lambda_j * m_j = r`` with ``lambda >= 0`` and ``m_j >= 0`` derived; then ``f`` is at
least the lower bound that the signs of ``r`` give on the unit box. With exact multipliers ``r`` is a constant, the
bound itself. With rounded ones it has small other terms, which cost a little; without any it is ``f``, and the bound is
the trivial one. All three are proofs of the same form, and which one is reported is decided in rational arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from polyproof_gym.polynomials import ONE, Polynomial, Rational, rational
from polyproof_gym.proofs.memory import Memory
from polyproof_gym.proofs.proof import Proof, SearchRecord, remainder
from polyproof_gym.proofs.state import ProofState

NEGLIGIBLE = 1e-10
"""Multipliers of scaled inequalities below this share of the largest one are taken for noise and left out."""

MAX_EXACT_COLUMNS = 600
"""Largest number of multipliers for which the linear system is solved exactly; its cost grows with the cube."""

DENOMINATORS = (5040, 10**6, 10**12)
"""Largest denominators tried when multipliers are rounded: small ones give short proofs if the bound allows it."""

TOLERABLE_LOSS = 1e-9
"""Relative difference between the exact bound and the LP's that is not worth another way of rounding."""


def certify(state: ProofState, target: Rational | None = None, search: SearchRecord | None = None) -> Proof:
    """The exact proof of the best bound of a state that can be made exact.

    Args:
        state: A proof in the making.
        target: The bound that was asked for, in the problem's own sense, if one was.
        search: How the proof was found.

    Returns:
        A proof of the derivations that its bound needs. It always exists: at worst it is that of the trivial bound.
    """
    problem, memory = state.problem, state.memory
    best: dict[int, Rational] = {}
    best_bound = problem.minimised.lower_bound_on_unit_box()
    # What rounding may lose is lost knowingly; more than that is worth another try.
    hoped_for = state.solution.bound - TOLERABLE_LOSS * (1.0 + abs(state.solution.bound))
    for multipliers in _multipliers(state) if state.has_lp_bound else ():
        left = remainder(problem.minimised, ((memory[j], value) for j, value in multipliers.items()))
        bound = left.lower_bound_on_unit_box()
        if bound > best_bound:
            best, best_bound = multipliers, bound
        if bound >= hoped_for:
            break
    needed = memory.ancestors(best)
    numbers = {old: new for new, old in enumerate(needed)}
    return Proof(
        problem=problem,
        reasons=tuple(memory.reasons[old].renumbered(numbers) for old in needed),
        multipliers={numbers[old]: value for old, value in sorted(best.items())},
        target=target,
        search=search,
    )


def _multipliers(state: ProofState) -> Iterator[dict[int, Rational]]:
    """Exact multipliers if the support of the floats determines any, and then several ways of rounding them."""
    objective, memory = state.problem.minimised, state.memory
    floats = state.multipliers
    floats = np.where(np.isfinite(floats), floats, 0.0)
    # As the LP has them: what an inequality contributes, whatever the size of its coefficients.
    scaled = np.multiply(floats, memory.scales, out=np.zeros(len(floats)), where=floats != 0)
    support = np.flatnonzero(scaled > NEGLIGIBLE * scaled.max(initial=0.0)).tolist()
    exact = _solve_exactly(objective, memory, support) if len(support) <= MAX_EXACT_COLUMNS else None
    if exact is not None:
        yield exact
    for denominator in DENOMINATORS:
        rounded = {j: rational(Fraction(float(floats[j])).limit_denominator(denominator)) for j in support}
        yield {j: value for j, value in rounded.items() if value}


def _solve_exactly(objective: Polynomial, memory: Memory, support: list[int]) -> dict[int, Rational] | None:
    """Nonnegative rational multipliers on the support that leave a constant, if there are any of full rank."""
    from flint import fmpq, fmpq_mat

    columns = [memory[j] for j in support]
    monomials = sorted({m for p in (*columns, objective) for m in p.terms} - {ONE}, key=lambda m: (len(m), m))
    if not monomials:
        return {}

    def number(value: Rational) -> fmpq:
        return fmpq(value.numerator, value.denominator)

    rows = [
        [number(p.terms.get(monomial, 0)) for p in columns] + [number(objective.terms.get(monomial, 0))]
        for monomial in monomials
    ]
    reduced, rank = fmpq_mat(rows).rref()
    values: dict[int, Rational] = {}
    for row in range(rank):
        pivot = next(c for c in range(len(support) + 1) if reduced[row, c] != 0)
        if pivot == len(support):
            return None  # the right-hand side is outside the span
        value = reduced[row, len(support)]
        values[support[pivot]] = rational(Fraction(int(value.p), int(value.q)))
    if any(value < 0 for value in values.values()):
        return None
    return {j: value for j, value in values.items() if value}
