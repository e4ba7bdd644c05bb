"""Squares that combine to a polynomial exactly, where the points at which it vanishes are known.

If ``f - f* = sum_m m * z' G_m z``, everything on the right vanishes at the minimisers of ``f``. So the polynomials that
are squared vanish at all of these at which the localiser does not; they are combinations of a few with whole
coefficients. Among these, most Gram matrices are far from singular, and rounded ones are as good.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.polynomials import Polynomial, Rational
from polyproof_gym.proofs.squares.blocks import Block
from polyproof_gym.proofs.squares.coordinates import Coordinates
from polyproof_gym.proofs.squares.relaxation import Relaxation

BITS = 12
"""Binary places of the largest entry of a vector."""

Point = Sequence[Rational]


class FacialSquares(NamedTuple):
    """Squares that have a good chance to combine to a polynomial exactly.

    Attributes:
        roots: The polynomials that are squared, each with its block.
        pairs: Sums and differences of two of one block, which may be needed too.
    """

    roots: list[tuple[Block, Polynomial]]
    pairs: list[tuple[Block, Polynomial]]


def facial_squares(
    relaxation: Relaxation, minimisers: Sequence[Point], choice: Sequence[bool], seconds: float
) -> FacialSquares | None:
    """The squares for an objective whose least value is taken at some points.

    Args:
        relaxation: The relaxation with the objective, the localisers and the bases.
        minimisers: The points, in unit coordinates.
        choice: Which blocks to take squares from.
        seconds: What it may take.

    Returns:
        The squares; ``None`` where the solver finds none.
    """
    coordinates = relaxation.coordinates
    frames = [
        _frame(coordinates, block, minimisers) if chosen else np.empty((0, len(block.basis)), object)
        for block, chosen in zip(relaxation.blocks, choice, strict=True)
    ]
    lengths = [np.sqrt((frame.astype(float) ** 2).sum(axis=1)) for frame in frames]
    scaled = [frame.astype(float) / length[:, None] for frame, length in zip(frames, lengths, strict=True)]
    grams = relaxation.most_interior(relaxation.objective.evaluate(minimisers[0]), scaled, seconds)
    if grams is None:
        return None
    squares = FacialSquares([], [])
    for block, frame, length, gram in zip(relaxation.blocks, frames, lengths, grams, strict=True):
        vectors = [*_rounded_vectors(gram, frame, length)]
        squares.roots.extend((block, coordinates.root(block.basis, vector)) for vector in vectors)
        for k, one in enumerate(vectors):
            for other in vectors[:k]:
                for both in (one + other, one - other):
                    squares.pairs.append((block, coordinates.root(block.basis, both)))
    return squares


def _rounded_vectors(
    gram: NDArray[np.float64], frame: NDArray[np.object_], lengths: NDArray[np.float64]
) -> Iterator[NDArray[np.object_]]:
    """The eigenvectors of a Gram matrix, rounded in a frame; entries on the basis."""
    _, vectors = np.linalg.eigh(gram)
    for vector in vectors.T[::-1]:
        entries = vector / lengths
        places = np.ldexp(entries / np.abs(entries).max(), BITS)
        yield np.array([round(entry) for entry in places.tolist()], object) @ frame


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
