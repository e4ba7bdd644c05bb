"""What multiplication by each variable makes of each monomial of a memory, as tables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.polynomials import Monomial, Ring

ZERO, ABSENT = -1, -2
"""In place of a row: the product is zero, or has no row yet."""


def _mix(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A permutation of the 64-bit numbers that looks random (the finaliser of SplitMix64)."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


_WORD = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def _bits(ring: Ring) -> NDArray[np.uint64]:
    """For every variable those that are exclusive with it, a bit each."""
    bits = np.zeros((ring.num_variables, -(-ring.num_variables // 64)), np.uint64)
    for pair in ring.exclusive:
        for i, j in (pair, pair[::-1]):
            bits[i, j // 64] |= np.uint64(1 << (j % 64))
    return bits


class Images:
    """What multiplication by each variable makes of each monomial that has a row.

    Attributes:
        image: Row of ``x_i * m``, or ``ZERO``, or ``ABSENT`` where it has no row. Shape ``(rows, variables)``.
        fingerprint: Fingerprints of ``x_i * m`` and ``(1 - x_i) * m`` in turn for every variable, and last that of
            ``m`` itself. Shape ``(rows, 2 * variables + 1)``.
        too_high: Whether ``x_i * m`` exceeds the degree limit. Shape ``(rows, variables)``.
        annihilators: Which ``x_i`` make ``x_i * m`` zero, a bit each. Shape ``(rows, variables / 64, rounded up)``.
        neighbours: The same for ``x_i`` in place of ``m``. Shape ``(variables, variables / 64, rounded up)``.
        variable_rows: Row of ``x_i``, or ``ABSENT``. Shape ``(variables,)``.
    """

    def __init__(self, ring: Ring, max_degree: int) -> None:
        n = ring.num_variables
        self._ring = ring
        self._max_degree = max_degree
        # A random word per variable, whose sum over a monomial (counted from an arbitrary start) is mixed to its
        # fingerprint. The last entry, for no factor at all, gives the fingerprint of the monomial itself.
        self._keys = _mix(np.arange(1, n + 2, dtype=np.uint64) * np.uint64(_GOLDEN))
        self._keys[n] = 0
        self._key_list: list[int] = self._keys.tolist()
        self._exclusive = [np.array(sorted(ring.exclusive_with(i)), np.intp) for i in range(n)]
        self._row_of: dict[Monomial, int] = {}
        self._degrees: set[int] = set()
        self.variable_rows = np.full(n, ABSENT, np.int32)
        self.image = np.empty((64, n), np.int32)
        self.fingerprint = np.empty((64, 2 * n + 1), np.uint64)
        self.too_high = np.empty((64, n), np.bool_)
        self.neighbours = _bits(ring)
        self.annihilators = np.empty((64, self.neighbours.shape[1]), np.uint64)

    def extend(self, monomials: list[Monomial]) -> None:
        """Include the rows that are new at the end of ``monomials``."""
        while len(monomials) > len(self.fingerprint):
            self.image, self.fingerprint, self.too_high, self.annihilators = (
                np.concatenate([table, np.empty_like(table)])
                for table in (self.image, self.fingerprint, self.too_high, self.annihilators)
            )
        for row in range(len(self._row_of), len(monomials)):
            self._include(row, monomials[row])

    def _key(self, monomial: Monomial) -> np.uint64:
        return np.uint64((_GOLDEN + sum(self._key_list[i] for i in monomial)) & _WORD)

    def _include(self, row: int, monomial: Monomial) -> None:
        n = self._ring.num_variables
        image, too_high = self.image[row], self.too_high[row]
        image[:] = ABSENT
        too_high[:] = len(monomial) >= self._max_degree
        times_variable = _mix(self._keys + self._key(monomial))
        own = times_variable[n]
        for i in self._ring.idempotent.intersection(monomial):
            times_variable[i], image[i], too_high[i] = own, row, False
        if len(monomial) + 1 in self._degrees:
            for i in range(n):
                product = self._ring.times(monomial, i)
                if product is not None and product in self._row_of:
                    image[i] = self._row_of[product]
        for i in monomial:
            zero = self._exclusive[i]
            times_variable[zero], image[zero], too_high[zero] = 0, ZERO, False
        self.annihilators[row] = np.bitwise_or.reduce(self.neighbours[list(monomial)], axis=0)
        self.fingerprint[row, 0::2] = times_variable
        self.fingerprint[row, 1::2] = own - times_variable[:n]
        self._row_of[monomial] = row
        if len(monomial) == 1:
            self.variable_rows[monomial[0]] = row
        self._degrees.add(len(monomial))
        for position, i in enumerate(monomial):
            divisor = self._row_of.get(monomial[:position] + monomial[position + 1 :])
            if divisor is not None:
                self.image[divisor, i] = row
