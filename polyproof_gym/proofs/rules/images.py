"""What multiplication by each variable makes of each monomial of a memory, as tables."""

from __future__ import annotations

from itertools import accumulate, chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.compiled import kernels
from polyproof_gym.polynomials import Monomial, Ring
from polyproof_gym.proofs.kernels import ABSENT


def _bits(ring: Ring) -> NDArray[np.uint64]:
    """For every variable those that are exclusive with it, a bit each."""
    n = ring.num_variables
    padded = np.zeros((n, -(-n // 64) * 64), np.bool_)
    padded[:, :n] = ring.exclusion_matrix
    return np.packbits(padded, axis=1, bitorder="little").view(np.uint64)


_T = TypeVar("_T", bound=np.generic)


_Table = np.ndarray[tuple[int, int], np.dtype[_T]]


def _with_room(table: _Table[_T], rows: int) -> _Table[_T]:
    """A table of so many rows that begins with those of another."""
    larger = np.empty((rows, table.shape[1]), table.dtype)
    larger[: len(table)] = table
    return larger


class Images:
    """What multiplication by each variable makes of each monomial that has a row.

    Attributes:
        image: Row of ``x_i * m``, or ``ZERO``, or ``ABSENT`` where it has no row. Shape ``(rows, variables)``.
        fingerprint: Fingerprints of ``x_i * m`` and ``(1 - x_i) * m`` in turn for every variable, and last that of
            ``m`` itself. Shape ``(rows, 2 * variables + 1)``.
        too_high: Whether ``x_i * m`` and ``(1 - x_i) * m`` in turn exceed the degree limit. Shape
            ``(rows, 2 * variables)``.
        annihilators: Which ``x_i`` make ``x_i * m`` zero, a bit each. Shape ``(rows, variables / 64, rounded up)``.
        neighbours: The same for ``x_i`` in place of ``m``. Shape ``(variables, variables / 64, rounded up)``.
        variable_rows: Row of ``x_i``, or ``ABSENT``. Shape ``(variables,)``.
    """

    def __init__(self, ring: Ring, max_degree: int) -> None:
        """Prepare tables for the monomials of a ring.

        Args:
            ring: The ring.
            max_degree: The degree limit.
        """
        n = ring.num_variables
        self._max_degree = max_degree
        # A random word per variable; their sum over a monomial is mixed to its fingerprint.
        self._keys = np.random.PCG64(0).random_raw(n)
        self._is_idempotent = np.zeros(n, np.bool_)
        self._is_idempotent[list(ring.idempotent)] = True
        self._row_of: dict[Monomial, int] = {}
        # For every monomial without a row that divides one with a row by a variable: that row and the variable.
        self._multiples: dict[Monomial, list[tuple[int, int]]] = {}
        self.variable_rows = np.full(n, ABSENT, np.int32)
        self.image = np.empty((64, n), np.int32)
        self.fingerprint = np.empty((64, 2 * n + 1), np.uint64)
        self.too_high = np.empty((64, 2 * n), np.bool_)
        self.neighbours = _bits(ring)
        self.annihilators = np.empty((64, self.neighbours.shape[1]), np.uint64)

    def extend(self, monomials: list[Monomial]) -> None:
        """Include the rows that are new at the end of ``monomials``."""
        known = len(self._row_of)
        if len(monomials) > len(self.fingerprint):
            room = max(len(monomials), 2 * len(self.fingerprint))
            self.image = _with_room(self.image[:known], room)
            self.fingerprint = _with_room(self.fingerprint[:known], room)
            self.too_high = _with_room(self.too_high[:known], room)
            self.annihilators = _with_room(self.annihilators[:known], room)
        new = monomials[known:]
        if not new:
            return
        kernels("polyproof_gym.proofs").include_monomials(
            known,
            np.fromiter(accumulate(map(len, new), initial=0), np.int32, len(new) + 1),
            np.fromiter(chain.from_iterable(new), np.int32),
            self._keys,
            self._is_idempotent,
            self.neighbours,
            self._max_degree,
            self.image,
            self.fingerprint,
            self.too_high,
            self.annihilators,
        )
        for row, monomial in enumerate(new, known):
            self._link(row, monomial)

    def _link(self, row: int, monomial: Monomial) -> None:
        """Enter a new row as the image of those that divide it, and those that it divides as its images."""
        self._row_of[monomial] = row
        if len(monomial) == 1:
            self.variable_rows[monomial[0]] = row
        for multiple, i in self._multiples.pop(monomial, ()):
            self.image[row, i] = multiple
        for position, i in enumerate(monomial):
            divisor = monomial[:position] + monomial[position + 1 :]
            if divisor in self._row_of:
                self.image[self._row_of[divisor], i] = row
            else:
                self._multiples.setdefault(divisor, []).append((row, i))
