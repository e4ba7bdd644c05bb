"""From matrices in floats to polynomials with whole coefficients."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.polynomials import Polynomial
from polyproof_gym.proofs.squares.blocks import Block
from polyproof_gym.proofs.squares.coordinates import Coordinates

Floats = NDArray[np.float64]

BITS = 28
"""Binary places of the largest entry of an eigenvector; a loss falls about 16 times for 4 more."""

NEGLIGIBLE = 1e-9
"""Eigenvalues up to this share of the largest one are taken for noise."""


def roots_of_gram(
    coordinates: Coordinates, block: Block, gram: Floats, bits: int = BITS
) -> Iterator[tuple[float, Polynomial]]:
    """The polynomials of whose squares a Gram matrix is a sum, with rounded coefficients, and their weights.

    Args:
        coordinates: The coordinates of the basis.
        block: The basis.
        gram: The matrix.
        bits: Binary places.
    """
    sizes, vectors = np.linalg.eigh(gram)
    for size, vector in zip(sizes[::-1].tolist(), vectors.T[::-1], strict=True):
        if size > NEGLIGIBLE * sizes[-1]:
            root = rounded_root(coordinates, block, vector, bits)
            if root:
                yield size, root


def roots_cutting(
    coordinates: Coordinates, block: Block, matrix: Floats, count: int, below: float, bits: int = BITS
) -> Iterator[tuple[float, Polynomial]]:
    """The polynomials whose squares have the most negative expectations, which come with them.

    Args:
        coordinates: The coordinates of the basis.
        block: The basis.
        matrix: The localised moment matrix.
        count: The most of them.
        below: Only expectations below this count.
        bits: Binary places.
    """
    sizes, vectors = np.linalg.eigh(matrix)
    for size, vector in zip(sizes[:count].tolist(), vectors.T[:count], strict=True):
        if size < below:
            root = rounded_root(coordinates, block, vector, bits)
            if root:
                yield size, root


def rounded_root(coordinates: Coordinates, block: Block, vector: Floats, bits: int = BITS) -> Polynomial:
    """The polynomial with given coefficients, multiplied so that the largest is a power of two, and rounded."""
    places = np.ldexp(vector / np.abs(vector).max(), bits)
    return coordinates.root(block.basis, [round(entry) for entry in places.tolist()])
