"""Squares that combine to a polynomial exactly, where the points at which it vanishes are known.

If ``f - f* = sum_m m * z' G_m z``, everything on the right vanishes at the minimisers of ``f``. So the polynomials that
are squared vanish at all of these at which the localiser does not; they are combinations of a few with whole
coefficients. Among these, most Gram matrices are far from singular, and rounded ones are as good.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import highspy
import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from polyproof_gym.polynomials import Polynomial, Rational, variables_of
from polyproof_gym.proofs.certificate import solve_exactly
from polyproof_gym.proofs.memory import Memory
from polyproof_gym.proofs.proof import remainder
from polyproof_gym.proofs.squares.blocks import Block
from polyproof_gym.proofs.squares.coordinates import Coordinates
from polyproof_gym.proofs.squares.relaxation import Relaxation
from polyproof_gym.solver import Solver

Floats = NDArray[np.float64]
Vector = NDArray[np.object_]
"""Whole numbers on the basis of a block: a polynomial."""

BITS = (6, 12)
"""Binary places of the largest entry of a vector: few, and more where these do not do."""

NEGLIGIBLE = 1e-12
"""Multipliers up to this are taken for 0."""

PAIR_COST = 2.0
"""What the square of a sum or a difference of vectors costs, beside that of one; so few squares are taken."""

FACTOR_COST = 0.5
"""What every axiom that a square is multiplied by costs, which may take lines of its own."""

SOLVER_OPTIONS: dict[str, Any] = {
    "primal_feasibility_tolerance": 1e-10,
    "dual_feasibility_tolerance": 1e-10,
    "presolve": "off",  # with it the simplex is slower here
    "dual_simplex_cost_perturbation_multiplier": 0.0,
}
"""Options of HiGHS for the choice of squares."""

Point = Sequence[Rational]
Root = tuple[Block, Polynomial]


def facial_squares(
    relaxation: Relaxation, minimisers: Sequence[Point], deadline: float, max_count: int = 2000
) -> Iterator[list[Root]]:
    """Choices of squares that may combine to an objective exactly, whose least value is taken at some points.

    Each of them does in floats, and has few squares; the simplest come first.

    Args:
        relaxation: The relaxation with the objective, the localisers and the bases.
        minimisers: The points, in unit coordinates.
        deadline: When to end, by the clock ``time.monotonic``.
        max_count: The most squares that a choice is made from.

    Yields:
        The polynomials that are squared, each with its block.
    """
    blocks, value = relaxation.blocks, relaxation.objective.evaluate(minimisers[0])
    frames = [_frame(relaxation.coordinates, block, minimisers) for block in blocks]
    plain = [[] if block.axioms else [*frame] for block, frame in zip(blocks, frames, strict=True)]
    if sum(len(vectors) ** 2 for vectors in plain) <= max_count:
        yield from _sufficient(relaxation, value, plain)
    tried: list[bool] = []
    for most in range(4):
        choice = [_simplicity(block) <= most for block in blocks]
        if choice == tried or sum(len(frame) ** 2 for frame in itertools.compress(frames, choice)) > max_count:
            continue
        tried = choice
        chosen = [frame if is_in else frame[:0] for frame, is_in in zip(frames, choice, strict=True)]
        lengths = [np.sqrt((frame.astype(float) ** 2).sum(axis=1)) for frame in chosen]
        scaled = [frame.astype(float) / length[:, None] for frame, length in zip(chosen, lengths, strict=True)]
        grams = relaxation.most_interior(value, scaled, deadline - time.monotonic())
        if grams is None:
            continue
        for bits in BITS:
            parts = zip(grams, chosen, lengths, strict=True)
            yield from _sufficient(relaxation, value, [_rounded_vectors(*part, bits) for part in parts])


def _simplicity(block: Block) -> int:
    """How late the localiser of a block is tried: 1, ``u (1 - u)``, other products of two axioms, and single ones."""
    if len(block.axioms) < 2:
        return 3 * len(block.axioms)
    return min(len(variables_of(block.localiser.terms)), 2)


def _sufficient(relaxation: Relaxation, value: Rational, vectors: Sequence[Sequence[Vector]]) -> Iterator[list[Root]]:
    """Few squares that combine to the objective less a value in floats; nothing where none do.

    Squares of sums and differences of two vectors of a block are taken where those of the vectors do not suffice.

    Args:
        relaxation: The relaxation, with the objective.
        value: The value.
        vectors: Those of every block.
    """
    candidates: list[tuple[Block, Vector]] = []
    costs: list[float] = []
    parts: list[scipy.sparse.csc_matrix] = []
    for block, own, matrix in zip(relaxation.blocks, vectors, relaxation.matrices, strict=True):
        pairs = [both for one, other in itertools.combinations(own, 2) for both in (one + other, one - other)]
        pairs = [both for both in pairs if both.any()]  # two may have been rounded to one, up to the sign
        candidates += [(block, vector) for vector in (*own, *pairs)]
        cost = 1.0 + FACTOR_COST * len(block.axioms)
        costs += [cost] * len(own) + [PAIR_COST * cost] * len(pairs)
        if own:
            parts.append(_squares(matrix, [*own, *pairs]))
    if not parts:
        return
    columns = scipy.sparse.hstack([*parts, relaxation.multiples.T], format="csc")
    multipliers = _cheapest(columns, relaxation.coefficients(value), np.array(costs))
    if multipliers is not None:
        chosen = (candidates[j] for j in np.flatnonzero(multipliers[: len(candidates)] > NEGLIGIBLE).tolist())
        yield [(block, relaxation.coordinates.root(block.basis, vector)) for block, vector in chosen]


def exact_combination(memory: Memory, excess: Polynomial) -> dict[int, Rational] | None:
    """Multipliers of known inequalities that combine to a polynomial exactly; ``None`` if none are found.

    Args:
        memory: The inequalities.
        excess: The polynomial.
    """
    if any(monomial not in memory.row_of for monomial in excess.terms):
        return None
    sides = np.zeros(len(memory.monomials))
    for monomial, coefficient in excess.terms.items():
        sides[memory.row_of[monomial]] = float(coefficient)
    columns = scipy.sparse.csc_matrix((memory.values, memory.rows, memory.starts), (len(sides), len(memory)))
    multipliers = _cheapest(columns, sides, np.ones(len(memory)))
    if multipliers is None:
        return None
    found = solve_exactly(excess, memory, np.flatnonzero(multipliers > NEGLIGIBLE).tolist())
    if found is None or remainder(excess, ((memory[j], value) for j, value in found.items())):
        return None
    return found


def _cheapest(columns: scipy.sparse.csc_matrix, sides: Floats, costs: Floats) -> Floats | None:
    """The multipliers of least cost with which columns combine to given sides; ``None`` if none are found.

    Args:
        columns: The columns, with entries of about the same size; the last ones may have negative multipliers.
        sides: What they combine to, up to a factor.
        costs: The costs of all columns but the last ones.
    """
    solver = Solver(SOLVER_OPTIONS)
    sides = sides / (np.abs(sides).max(initial=0.0) or 1.0)
    solver.addRows(len(sides), sides, sides, 0, np.zeros(len(sides), np.int32), np.empty(0, np.int32), np.empty(0))
    count, further = columns.shape[1], columns.shape[1] - len(costs)
    lower = np.concatenate([np.zeros(len(costs)), np.full(further, -highspy.kHighsInf)])
    starts, rows = columns.indptr[:-1].astype(np.int32), columns.indices.astype(np.int32)
    above, costs = np.full(count, highspy.kHighsInf), np.concatenate([costs, np.zeros(further)])
    solver.addCols(count, costs, lower, above, columns.nnz, starts, rows, columns.data)
    solver.limit_iterations()
    solver.run(stoppable=True)
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.array(solver.getSolution().col_value)


def _squares(matrix: scipy.sparse.csr_matrix, vectors: Sequence[Vector]) -> scipy.sparse.csc_matrix:
    """The squares of vectors times the localiser of their block, in moments, one per column with largest entry 1.

    Those that vanish everywhere stay 0.
    """
    entries = np.array([(vector / abs(vector).max()).astype(float) for vector in vectors])
    columns, rows = np.tril_indices(entries.shape[1])
    products = entries[:, rows] * entries[:, columns] * np.where(rows == columns, 1.0, 2.0)
    squares = scipy.sparse.csc_matrix(matrix.T @ products.T)
    largest = abs(squares).max(axis=0).toarray().ravel()
    return squares @ scipy.sparse.diags(1.0 / np.where(largest > 0.0, largest, 1.0))


def _rounded_vectors(gram: Floats, frame: NDArray[np.object_], lengths: Floats, bits: int) -> list[Vector]:
    """The eigenvectors of a Gram matrix, rounded in a frame; entries on the basis."""
    _, vectors = np.linalg.eigh(gram)
    found = []
    for vector in vectors.T[::-1]:
        entries = vector / lengths
        places = np.ldexp(entries / np.abs(entries).max(), bits)
        found.append(np.array([round(entry) for entry in places.tolist()], object) @ frame)
    return found


def _frame(coordinates: Coordinates, block: Block, minimisers: Sequence[Point]) -> NDArray[np.object_]:
    """Short vectors with whole entries that span the polynomials of a block that vanish where they must, as rows."""
    from flint import fmpz_mat

    conditions = []
    for point in minimisers:
        if block.localiser.evaluate(point):
            own = [2 * Fraction(u) - 1 if coordinates.is_centred else Fraction(u) for u in point]
            values = [math.prod([own[i] for i in monomial], start=Fraction(1)) for monomial in block.basis]
            common = math.lcm(*(value.denominator for value in values))
            conditions.append([int(value * common) for value in values])
    size = len(block.basis)
    if not conditions:
        return np.array(np.eye(size, dtype=int), dtype=object)
    null, nullity = fmpz_mat(conditions).nullspace()
    rows = []
    for column in range(int(nullity)):
        row = [int(null[i, column]) for i in range(size)]
        content = math.gcd(*row)
        rows.append([entry // content for entry in row])
    if not rows:
        return np.empty((0, size), object)
    reduced = fmpz_mat(rows).lll()
    return np.array([[int(reduced[k, i]) for i in range(size)] for k in range(reduced.nrows())], dtype=object)
