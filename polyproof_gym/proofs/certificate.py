"""From the floats of the LP to an exact proof.

The claim of a proof is ``f - sum_j lambda_j * m_j = r`` with ``lambda >= 0`` and ``m_j >= 0`` derived; then ``f`` is at
least the lower bound that the signs of ``r`` give on the unit box. With exact multipliers ``r`` is a constant, the
bound itself. With rounded ones it has small other terms, which cost a little; without any it is ``f``, and the bound is
the trivial one. All three are proofs of the same form, and which one is reported is decided in rational arithmetic.

Where ``sum_j lambda_j * m_j = -1``, no point satisfies the axioms. A large enough multiple of that combination proves a
bound that is better than every value of ``f`` on the unit box: so such a proof has the same form, too, and says so by
its bound.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from polyproof_gym import stopping
from polyproof_gym.arguments import exact, instance_of, whole
from polyproof_gym.errors import ResourceLimit
from polyproof_gym.polynomials import ONE, Monomial, Polynomial, Rational, rational
from polyproof_gym.proofs.checker import MAX_BYTES, MAX_DIGITS
from polyproof_gym.proofs.memory import Memory
from polyproof_gym.proofs.proof import Proof, differs, remainder
from polyproof_gym.proofs.remainder_lp import RemainderLP
from polyproof_gym.proofs.search_record import SearchRecord
from polyproof_gym.proofs.state import ProofState

NEGLIGIBLE = 1e-10
"""Multipliers of scaled inequalities below this share of the largest one are taken for noise and left out."""

MAX_EXACT_COLUMNS = 2000
"""Largest number of multipliers that are eliminated exactly, beside those forced; the cost grows with the cube.

(1000 multipliers took 2 seconds and 1800 took 10, for an objective with 1800 random fractions as coefficients.)
"""

MAX_COLUMNS_IN_HASTE = 300
"""The same where a stop was requested; solving systems of that size takes some tenths of a second."""

DENOMINATORS = (5040, 10**6, 10**12)
"""Largest denominators tried when multipliers are rounded: small ones give short proofs if the bound allows it."""

MAX_EXACT_WITH_REMAINDER = 120
"""The most inequalities for which exact multipliers are tried where the LP may leave a remainder, as it mostly does."""

BINARY_PLACES = 60
"""Binary places of the largest share of an inequality, where the LP may leave a remainder."""

REFINEMENTS = 3
"""How often multipliers are corrected then; each time some more digits are right."""

TOLERABLE_LOSS = 1e-9
"""Relative difference between the exact bound and the LP's that is not worth another way of rounding."""

TOLERABLE_SHARE = 0.25
"""The largest such difference where the values lie a common step apart, as a share of it."""


def certify(
    state: ProofState,
    target: Rational | None = None,
    search: SearchRecord | None = None,
    *,
    max_work: int | None = None,
) -> Proof:
    """The exact proof of the best bound of a state that can be made exact.

    The exact solution for the LP's last basis comes first, then rounded multipliers. If both fall short of what the LP
    promised, it is solved once more from scratch. The state itself stays as it is, but for its count of mismatches.
    Where what is known contradicts itself, the proof is that no point satisfies the axioms.
    Where a stop was requested (see :mod:`polyproof_gym.stopping`), only what takes little time is tried.

    Args:
        state: A proof in the making.
        target: The bound that was asked for, in the problem's own sense, if one was.
        search: How the proof was found.
        max_work: Only proofs count that the checker finds valid with at most this work and within its other limits;
            ``None`` lets all count, unchecked.

    Returns:
        A proof of the derivations that its bound needs. It always exists: at worst it is that of the trivial bound.

    Raises:
        BadInput: If an argument is of another kind.
        ResourceLimit: If there are proofs of better bounds than the trivial one, but all are beyond these limits.
    """
    problem, memory = instance_of(state, ProofState, "state").problem, state.memory
    target = None if target is None else exact(target, "target")
    if search is not None:
        instance_of(search, SearchRecord, "search")
    if max_work is not None:
        max_work = whole(max_work, "max_work", 0)
    contradiction = _contradiction(state) if state.is_contradictory else None
    if contradiction is not None:
        proof = combination_proof(state, contradiction, target, search)
        _require_checkable(proof, max_work)
        return proof
    best: dict[int, Rational] = {}
    too_large: ResourceLimit | None = None
    best_bound = problem.minimised.lower_bound_on_unit_box()
    promised = max(state.solution.bound, float(best_bound))
    improves = state.solution.bound == promised  # otherwise the LP knows nothing better than the trivial bound
    tolerable = TOLERABLE_LOSS * (1.0 + abs(promised))
    if problem.is_integral:
        tolerable = min(tolerable, TOLERABLE_SHARE * float(problem.values.step))
    suggested = iter([state.suggested] if state.suggested else [])
    found = chain(_multipliers(state), _multipliers_afresh(state)) if improves else ()
    for multipliers in chain(suggested, found):
        left = remainder(problem.minimised, ((memory[j], value) for j, value in multipliers.items()))
        bound = left.lower_bound_on_unit_box()
        if bound > best_bound:
            try:
                _require_checkable(combination_proof(state, multipliers, target, search), max_work)
            except ResourceLimit as error:
                too_large = error
                continue
            best, best_bound = multipliers, bound
        # What rounding may lose is lost knowingly; more than that is worth another try.
        if bound >= promised - tolerable:
            break
    if too_large is not None and not best:
        raise too_large
    if differs(best_bound, promised):
        state.mismatches += 1
    return replace(combination_proof(state, best, target, search), promised=state.bound)


def combination_proof(
    state: ProofState,
    multipliers: Mapping[int, Rational],
    target: Rational | None = None,
    search: SearchRecord | None = None,
) -> Proof:
    """The proof that combines inequalities of a state, with the derivations that it needs; nothing is checked.

    Args:
        state: A proof in the making.
        multipliers: The multipliers, by inequality.
        target: The bound that was asked for, in the problem's own sense, if one was.
        search: How the proof was found.
    """
    memory = state.memory
    needed = memory.ancestors(multipliers)
    numbers = {old: new for new, old in enumerate(needed)}
    return Proof(
        problem=state.problem,
        reasons=tuple(memory.reasons[old].renumbered(numbers) for old in needed),
        multipliers={numbers[old]: value for old, value in sorted(multipliers.items())},
        target=target,
        search=search and replace(search, mismatches=state.mismatches),
    )


def _require_checkable(proof: Proof, max_work: int | None) -> None:
    try:
        if max_work is not None:
            proof.to_file(max_work)
    except ResourceLimit as error:
        raise ResourceLimit(
            f"{proof.problem.name}: what was found takes a proof that is too large to be checked ({error})"
        ) from None


def _contradiction(state: ProofState) -> dict[int, Rational] | None:
    """Exact multipliers of a proof that no point satisfies the axioms, if they can be found and fit a file."""
    objective, nothing = state.problem.minimised, state.problem.without_objective.objective
    # By how much the objective can differ between two points of the unit box, as far as signs tell.
    spread = -(-objective).lower_bound_on_unit_box() - objective.lower_bound_on_unit_box()
    for multipliers in chain(_exact_contradictions(state.emptiness), _multipliers(state.emptiness)):
        left = remainder(nothing, ((state.memory[j], value) for j, value in multipliers.items()))
        gain = Fraction(left.lower_bound_on_unit_box())
        if gain > 0:
            times = (math.floor(spread) + 1) / gain
            enough = {j: rational(times * value) for j, value in multipliers.items()}
            if _fits_a_file(enough, objective):
                return enough
    return None


def _exact_contradictions(state: ProofState) -> Iterator[dict[int, Rational]]:
    """Multipliers of combinations that are a constant, those of the LP up to a factor.

    Args:
        state: A proof for the objective 0 that contradicts itself.
    """
    memory, shares = state.memory, state.solution.multipliers
    for columns in (_support(state.multipliers, memory.scales), state.lp.basic_inequalities()):
        if 0 < len(columns) <= MAX_EXACT_COLUMNS:
            first = max(columns, key=lambda j: float(shares[j]))
            others = solve_exactly(-memory[first], memory, [j for j in columns if j != first])
            if others is not None:
                yield {**others, first: 1}


def _multipliers_afresh(state: ProofState) -> Iterator[dict[int, Rational]]:
    """What the LP gives when it is solved from scratch; where it may leave a remainder, corrections have done more."""
    if not (stopping.requested() or isinstance(state.lp, RemainderLP)):
        yield from _multipliers(state.solved_afresh())


def _multipliers(state: ProofState) -> Iterator[dict[int, Rational]]:
    """Exact multipliers where the floats or the basis determine any, and then several ways of rounding them."""
    objective, memory = state.problem.minimised, state.memory
    floats = state.multipliers
    support = _support(floats, memory.scales)
    if isinstance(state.lp, RemainderLP):
        yield from _with_remainder(state, state.lp, support)
        return
    for columns in (support, state.lp.basic_inequalities()):
        solution = solve_exactly(objective, memory, columns)
        if solution is not None and _fits_a_file(solution, objective):
            yield solution
    # Rounded is what an inequality contributes, however large its coefficients are.
    scales = {j: Fraction(memory.scales[j]) if np.isfinite(memory.scales[j]) else Fraction(1) for j in support}
    for denominator in DENOMINATORS[-1:] if stopping.requested() else DENOMINATORS:
        rounded = {
            j: rational((Fraction(float(floats[j])) * scales[j]).limit_denominator(denominator) / scales[j])
            for j in support
        }
        positive = {j: value for j, value in rounded.items() if value}
        if _fits_a_file(positive, objective):
            yield positive


def _with_remainder(state: ProofState, lp: RemainderLP, support: Sequence[int]) -> Iterator[dict[int, Rational]]:
    """The same where the LP leaves a remainder: exact multipliers if they leave none, and binary fractions.

    The floats satisfy the equations up to 1e-10, which large coefficients make much of. So they are corrected by what
    the LP gives for what they leave, exactly. The denominators are powers of two, which have a small common one however
    large the coefficients are.
    """
    objective, memory, floats = state.problem.minimised, state.memory, state.multipliers
    if len(support) <= MAX_EXACT_WITH_REMAINDER:
        solution = solve_exactly(objective, memory, support)
        if solution is not None and _fits_a_file(solution, objective):
            yield solution
    shares = [float(floats[j]) * float(memory.scales[j]) for j in support]
    finest = BINARY_PLACES - math.frexp(max(shares, default=1.0))[1]

    def rounded(j: int, value: Rational) -> Rational:
        places = max(0, finest + math.frexp(float(memory.scales[j]))[1])
        return rational(Fraction(round(value * (1 << places)), 1 << places))

    multipliers = {j: rounded(j, Fraction(float(floats[j]))) for j in support}
    for _ in range(REFINEMENTS + 1):
        positive = {j: value for j, value in multipliers.items() if value > 0}
        if not _fits_a_file(positive, objective):
            return
        yield positive
        left = remainder(objective, ((memory[j], value) for j, value in positive.items()))
        present = np.array([float(multipliers.get(j, 0)) for j in range(len(memory))])
        corrections = lp.corrections(present, left)
        if corrections is None:
            return
        multipliers = {
            j: rounded(j, multipliers.get(j, 0) + Fraction(float(corrections[j])))
            for j in sorted({*multipliers, *np.flatnonzero(corrections).tolist()})
        }


def _support(floats: NDArray[np.float64], scales: NDArray[np.float64]) -> list[int]:
    """The inequalities whose multipliers are more than noise, by what they contribute to the objective."""
    floats = np.where(np.isfinite(floats), floats, 0.0)
    scaled = np.multiply(floats, scales, out=np.zeros(len(floats)), where=floats != 0)
    found: list[int] = np.flatnonzero(scaled > NEGLIGIBLE * scaled.max(initial=0.0)).tolist()
    return found


def _fits_a_file(multipliers: dict[int, Rational], objective: Polynomial) -> bool:
    """Whether the checker takes numbers of this length, and so many of them."""
    common = math.lcm(*(value.denominator for value in (*multipliers.values(), *objective.terms.values())))
    numbers = (common, *(part for value in multipliers.values() for part in value.as_integer_ratio()))
    digits = [number.bit_length() * math.log10(2) for number in numbers]
    return max(digits) < MAX_DIGITS - 1 and sum(digits) < MAX_BYTES / 2


def solve_exactly(objective: Polynomial, memory: Memory, support: Sequence[int]) -> dict[int, Rational] | None:
    """Rational multipliers on the support that leave a constant of the objective.

    Where several do, those of the inequalities that depend on the ones before are zero.

    Returns:
        The positive ones; ``None`` if there are no such multipliers, one of them would be negative, or there are too
        many to solve for.
    """
    system = _LinearSystem(objective, memory, support)
    values = system.forced()
    others = None if values is None else system.solve([j for j in support if j not in values])
    if values is None or others is None or any(value < 0 for value in others.values()):
        return None
    return {j: value for j, value in (values | others).items() if value}


class _LinearSystem:
    """One equation for every monomial but 1: the combination of the inequalities has the objective's coefficient."""

    def __init__(self, objective: Polynomial, memory: Memory, support: Sequence[int]) -> None:
        self._memory = memory
        self._sides = {monomial: value for monomial, value in objective.terms.items() if monomial != ONE}
        self._rows: dict[Monomial, dict[int, Rational]] = {monomial: {} for monomial in self._sides}
        for j in support:
            for monomial, coefficient in memory[j].terms.items():
                if monomial != ONE:
                    self._rows.setdefault(monomial, {})[j] = coefficient

    def forced(self) -> dict[int, Rational] | None:
        """Solve equations with a single unknown one after the other, which takes them out; ``None`` if that fails.

        In sparse systems few are left, and those that are left determine the same inequalities to depend on others.
        """
        rows, sides = self._rows, self._sides
        values: dict[int, Rational] = {}
        short = [monomial for monomial, row in rows.items() if len(row) <= 1]
        while short:
            monomial = short.pop()
            row = rows.pop(monomial, None)
            if row is None:
                continue
            side = sides.pop(monomial, 0)
            if not row:
                if side:
                    return None
                continue
            ((j, own),) = row.items()
            values[j] = value = rational(Fraction(side) / own)
            if value < 0:
                return None
            for other, coefficient in self._memory[j].terms.items():
                if other in rows:
                    del rows[other][j]
                    sides[other] = sides.get(other, 0) - value * coefficient
                    if len(rows[other]) <= 1:
                        short.append(other)
        return values

    def solve(self, unknowns: Sequence[int]) -> dict[int, Rational] | None:
        """The solution of what is left by elimination; ``None`` if there is none or it would take too long."""
        from flint import fmpq, fmpq_mat

        if not self._rows:
            return {}
        if len(unknowns) > (MAX_COLUMNS_IN_HASTE if stopping.requested() else MAX_EXACT_COLUMNS):
            return None

        def number(value: Rational) -> fmpq:
            return fmpq(value.numerator, value.denominator)

        matrix = [
            [number(self._rows[m].get(j, 0)) for j in unknowns] + [number(self._sides.get(m, 0))]
            for m in sorted(self._rows, key=lambda monomial: (len(monomial), monomial))
        ]
        reduced, rank = fmpq_mat(matrix).rref()
        values: dict[int, Rational] = {}
        for row in range(rank):
            pivot = next(c for c in range(len(unknowns) + 1) if reduced[row, c] != 0)
            if pivot == len(unknowns):
                return None  # the right-hand side is outside the span
            value = reduced[row, len(unknowns)]
            values[unknowns[pivot]] = rational(Fraction(int(value.p), int(value.q)))
        return values
