"""Squares that combine to a polynomial exactly, where the points at which it vanishes are known.

If ``f - f* = sum_m m * z' G_m z``, everything on the right vanishes at the minimisers of ``f``. So the polynomials that
are squared vanish at all of these at which the localiser does not; they are combinations of a few with whole
coefficients. Among these, most Gram matrices are far from singular, and rounded ones are as good.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

from polyproof_gym.polynomials import Polynomial, Rational
from polyproof_gym.proofs.certificate import solve_exactly
from polyproof_gym.proofs.memory import Memory
from polyproof_gym.proofs.proof import remainder
from polyproof_gym.proofs.squares.blocks import Block
from polyproof_gym.proofs.squares.coordinates import Coordinates
from polyproof_gym.proofs.squares.relaxation import Relaxation
from polyproof_gym.solver import Solver

Vector = NDArray[np.object_]
"""Whole numbers on the basis of a block."""

BITS = (6, 12)
"""Binary places of the largest entry of a vector: few, and more where these do not do."""

NEGLIGIBLE = 1e-12
"""Multipliers up to this are taken for 0."""

Point = Sequence[Rational]
Root = tuple[Block, Polynomial]


class FacialSquares(NamedTuple):
    """Squares that have a good chance to combine to a polynomial exactly.

    Attributes:
        roots: The polynomials that are squared, each with its block.
        pairs: Sums and differences of two of one block, which may be needed too.
    """

    roots: list[Root]
    pairs: list[Root]

    @classmethod
    def of(cls, coordinates: Coordinates, vectors: Iterable[tuple[Block, Sequence[Vector]]]) -> FacialSquares:
        """The squares for vectors with whole entries on the bases of blocks."""
        roots: list[Root] = []
        pairs: list[Root] = []
        for block, own in vectors:
            roots += [(block, coordinates.root(block.basis, vector)) for vector in own]
            for one, other in itertools.combinations(own, 2):
                pairs += [(block, coordinates.root(block.basis, both)) for both in (one + other, one - other)]
        return cls(roots, pairs)


def facial_squares(
    relaxation: Relaxation, minimisers: Sequence[Point], deadline: float, max_count: int = 2000
) -> Iterator[FacialSquares]:
    """Choices of squares for an objective whose least value is taken at some points, the simplest first.

    Args:
        relaxation: The relaxation with the objective, the localisers and the bases.
        minimisers: The points, in unit coordinates.
        deadline: When to end, by the clock ``time.monotonic``.
        max_count: The most squares of a choice.
    """
    coordinates, blocks = relaxation.coordinates, relaxation.blocks
    frames = [_frame(coordinates, block, minimisers) for block in blocks]
    plain = [(block, [*frame]) for block, frame in zip(blocks, frames, strict=True) if not block.axioms]
    if sum(len(vectors) ** 2 for _, vectors in plain) <= max_count:
        yield FacialSquares.of(coordinates, plain)
    tried: list[bool] = []
    for least in (3, 2, 1):
        choice = [not block.axioms or len(block.axioms) >= least for block in blocks]
        if choice == tried or sum(len(frame) ** 2 for frame in itertools.compress(frames, choice)) > max_count:
            continue
        tried = choice
        chosen = [frame if is_in else frame[:0] for frame, is_in in zip(frames, choice, strict=True)]
        lengths = [np.sqrt((frame.astype(float) ** 2).sum(axis=1)) for frame in chosen]
        scaled = [frame.astype(float) / length[:, None] for frame, length in zip(chosen, lengths, strict=True)]
        value = relaxation.objective.evaluate(minimisers[0])
        grams = relaxation.most_interior(value, scaled, deadline - time.monotonic())
        if grams is None:
            continue
        for bits in BITS:
            parts = zip(blocks, grams, chosen, lengths, strict=True)
            yield FacialSquares.of(
                coordinates,
                [(block, _rounded_vectors(gram, frame, length, bits)) for block, gram, frame, length in parts],
            )


def exact_combination(memory: Memory, excess: Polynomial, num_preferred: int) -> dict[int, Rational] | None:
    """Multipliers of known inequalities that combine to a polynomial exactly; ``None`` if none are found.

    Args:
        memory: The inequalities.
        excess: The polynomial.
        num_preferred: How many inequalities, the first ones, are better than the others.
    """
    scale = max((abs(float(c)) for c in excess.terms.values()), default=1.0)
    if any(monomial not in memory.row_of for monomial in excess.terms):
        return None
    sides = np.zeros(len(memory.monomials))
    for monomial, coefficient in excess.terms.items():
        sides[memory.row_of[monomial]] = float(coefficient) / scale
    solver = Solver({"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10})
    nothing = np.zeros(len(sides), np.int32), np.empty(0, np.int32), np.empty(0)
    solver.addRows(len(sides), sides, sides, 0, *nothing)
    costs = (np.arange(len(memory)) >= num_preferred).astype(float)
    none, above = np.zeros(len(memory)), np.full(len(memory), highspy.kHighsInf)
    starts = memory.starts[:-1]
    solver.addCols(len(memory), costs, none, above, len(memory.rows), starts, memory.rows, memory.values)
    solver.limit_iterations()
    solver.run(stoppable=True)
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    multipliers = np.array(solver.getSolution().col_value)
    support = np.flatnonzero(multipliers > NEGLIGIBLE).tolist()
    found = solve_exactly(excess, memory, support)
    if found is None or remainder(excess, ((memory[j], value) for j, value in found.items())):
        return None
    return found


def _rounded_vectors(
    gram: NDArray[np.float64], frame: NDArray[np.object_], lengths: NDArray[np.float64], bits: int
) -> list[Vector]:
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
