"""The inner loop of the product rule, compiled on import (Numba keeps the machine code on disk from then on)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Words = NDArray[np.uint64]


@njit("uint64(uint64[::1], uint64)", cache=True, nogil=True)
def _slot(known: Words, word: np.uint64) -> np.uint64:
    """Where a word stands in the hash table, or the free slot where it would; 0 marks free slots."""
    mask = np.uint64(len(known) - 1)
    slot = word & mask
    while known[slot] != 0 and known[slot] != word:
        slot = (slot + np.uint64(1)) & mask
    return slot


@njit(
    "void(int64, uint64[::1], int32[::1], uint64[:, ::1], uint64[:, ::1], boolean[:, ::1], uint64[::1], int32[::1],"
    " int32[:, ::1])",
    cache=True,
    nogil=True,
)
def include_products(
    j: int,
    coefficients: Words,
    rows: NDArray[np.int32],
    table: Words,
    fingerprints: Words,
    valid: NDArray[np.bool_],
    known: Words,
    newest: NDArray[np.int32],
    older: NDArray[np.int32],
) -> None:
    """Take in inequality ``j``: fingerprint its products, and tell which of all products are new.

    Args:
        j: Number of the inequality; those before it have been taken in.
        coefficients: Its coefficients modulo 2^64, shape ``(terms,)``.
        rows: Rows of its monomials, shape ``(terms,)``.
        table: Fingerprints of the products of every row's monomial, and last of the monomial, shape
            ``(rows, products + 1)``.
        fingerprints: Fingerprints of the products of every inequality; row ``j`` is filled, shape
            ``(capacity, at least products)``.
        valid: Which products are nonzero and not known; row ``j`` is filled, and the products in rows above that are
            equal to inequality ``j`` are cleared, shape ``(capacity, at least products)``.
        known: Hash table of the fingerprints of all known inequalities; that of ``j`` is added. Its length is a power
            of 2 and more than the capacity.
        newest: The valid product that was taken in last in every bucket, -1 if none; the last bits of its fingerprint
            choose a product's bucket. The length is a power of 2.
        older: The one before it in the same bucket for every product, -1 if none, shape as ``valid``.
    """
    size = table.shape[1] - 1
    width = valid.shape[1]
    last_bits = np.uint64(len(newest) - 1)
    own = np.uint64(0)
    mine = fingerprints[j]
    mine[:size] = 0
    for term in range(len(rows)):
        row = table[rows[term]]
        own += coefficients[term] * row[size]
        for product in range(size):
            mine[product] += coefficients[term] * row[product]
    known[_slot(known, own)] = own
    same = newest[own & last_bits]
    while same >= 0:
        earlier, product = same // width, same % width
        if fingerprints[earlier, product] == own:
            valid[earlier, product] = False
        same = older[earlier, product]
    for product in range(size):
        word = mine[product]
        if word != 0 and known[_slot(known, word)] == 0:
            valid[j, product] = True
            older[j, product] = newest[word & last_bits]
            newest[word & last_bits] = j * width + product
