"""Fingerprints of inequalities and products, by which equal ones are told."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from polyproof_gym.proofs.kernels import ABSENT, ZERO

Words = NDArray[np.uint64]


@njit("uint64(uint64[::1], uint64)", nogil=True, error_model="numpy")
def _slot(known: Words, word: np.uint64) -> np.uint64:
    """Where a word stands in the hash table, or the free slot where it would; 0 marks free slots."""
    mask = np.uint64(len(known) - 1)
    slot = word & mask
    while known[slot] != 0 and known[slot] != word:
        slot = (slot + np.uint64(1)) & mask
    return slot


@njit("uint64(uint64)", nogil=True, error_model="numpy")
def _mixed(word: np.uint64) -> np.uint64:
    """A permutation of the 64-bit words that looks random: the finaliser of SplitMix64 (Steele, Lea, Flood 2014)."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


_START = np.uint64(0x9E3779B97F4A7C15)
"""What the fingerprints of monomials are counted from, so that the monomial 1 does not have 0."""


@njit(
    "void(int64, int32[::1], int32[::1], uint64[::1], boolean[::1], uint64[:, ::1], int64, int32[:, ::1],"
    " uint64[:, ::1], boolean[:, ::1], uint64[:, ::1])",
    nogil=True,
    error_model="numpy",
)
def include_monomials(
    first: int,
    starts: NDArray[np.int32],
    variables: NDArray[np.int32],
    keys: Words,
    is_idempotent: NDArray[np.bool_],
    neighbours: Words,
    max_degree: int,
    image: NDArray[np.int32],
    fingerprint: Words,
    too_high: NDArray[np.bool_],
    annihilators: Words,
) -> None:
    """Fill some rows of the tables of :class:`~polyproof_gym.proofs.rules.images.Images`, as if no product had a row.

    Args:
        first: The first of the rows.
        starts: Where the variables of each row's monomial begin, and the last end, shape ``(monomials + 1,)``.
        variables: The variables of all the monomials, with repetition.
        keys: What each variable adds to the word that is mixed to a fingerprint, shape ``(variables,)``.
        is_idempotent: Which variables are equal to their squares, shape ``(variables,)``.
        neighbours: As there.
        max_degree: The degree limit.
        image: As there.
        fingerprint: As there.
        too_high: As there.
        annihilators: As there.
    """
    n = len(keys)
    for number in range(len(starts) - 1):
        row, monomial = first + number, variables[starts[number] : starts[number + 1]]
        key = _START
        annihilators[row, :] = 0
        for i in monomial:
            key += keys[i]
            for word in range(neighbours.shape[1]):
                annihilators[row, word] |= neighbours[i, word]
        own = _mixed(key)
        for i in range(n):
            is_zero = (annihilators[row, i // 64] >> np.uint64(i % 64)) & np.uint64(1)
            image[row, i] = ZERO if is_zero else ABSENT
            too_high[row, 2 * i] = not is_zero and len(monomial) >= max_degree
            too_high[row, 2 * i + 1] = len(monomial) >= max_degree + is_zero
            fingerprint[row, 2 * i] = np.uint64(0) if is_zero else _mixed(key + keys[i])
            fingerprint[row, 2 * i + 1] = own - fingerprint[row, 2 * i]
        fingerprint[row, 2 * n] = own
        for i in monomial:
            if is_idempotent[i]:
                image[row, i] = row
                too_high[row, 2 * i] = len(monomial) > max_degree
                too_high[row, 2 * i + 1] = False
                fingerprint[row, 2 * i] = own
                fingerprint[row, 2 * i + 1] = 0


@njit(
    "void(int64, int64, int32[::1], int32[::1], int64[::1], uint64[:, ::1], boolean[:, ::1], uint64[:, ::1],"
    " boolean[:, ::1], uint64[::1], int32[::1], int32[:, ::1], boolean[::1])",
    nogil=True,
    error_model="numpy",
)
def include_products(
    begin: int,
    end: int,
    starts: NDArray[np.int32],
    rows: NDArray[np.int32],
    coefficients: NDArray[np.int64],
    table: Words,
    too_high: NDArray[np.bool_],
    fingerprints: Words,
    valid: NDArray[np.bool_],
    known: Words,
    newest: NDArray[np.int32],
    older: NDArray[np.int32],
    is_too_high: NDArray[np.bool_],
) -> None:
    """Take in some inequalities: fingerprint their products, and tell which of all products are new.

    Args:
        begin: Number of the first of the inequalities; those before it have been taken in.
        end: Number of the one after the last.
        starts: Where the entries of each inequality begin, and the last end, shape ``(inequalities + 1,)``.
        rows: Rows of all entries' monomials.
        coefficients: Coefficients of all entries modulo 2^64.
        table: Fingerprints of the products of every row's monomial, and last of the monomial, shape
            ``(rows, products + 1)``.
        too_high: Which products of every row's monomial exceed the degree limit, shape ``(rows, products)``.
        fingerprints: Fingerprints of the products of every inequality; the rows of the new ones are filled, shape
            ``(capacity, at least products)``.
        valid: Which products are nonzero, not known and of admitted degree; the rows of the new ones are filled, and
            the products in rows above that are equal to one of them are cleared, shape
            ``(capacity, at least products)``.
        known: Hash table of the fingerprints of all known inequalities; those of the new ones are added. Its length is
            a power of 2 and more than the capacity.
        newest: The valid product that was taken in last in every bucket, -1 if none; the last bits of its fingerprint
            choose a product's bucket. The length is a power of 2.
        older: The one before it in the same bucket for every product, -1 if none, shape as ``valid``.
        is_too_high: Room for what is found of the products of an inequality, shape ``(at least products,)``.
    """
    size = table.shape[1] - 1
    width = valid.shape[1]
    last_bits = np.uint64(len(newest) - 1)
    for j in range(begin, end):
        own = np.uint64(0)
        mine = fingerprints[j]
        mine[:size] = 0
        is_too_high[:size] = False
        for entry in range(starts[j], starts[j + 1]):
            line, coefficient = table[rows[entry]], np.uint64(coefficients[entry])
            own += coefficient * line[size]
            for product in range(size):
                mine[product] += coefficient * line[product]
            line_too_high = too_high[rows[entry]]
            for product in range(size):  # apart from the sums, as loops over one type are several times faster
                is_too_high[product] |= line_too_high[product]
        known[_slot(known, own)] = own
        same = newest[own & last_bits]
        while same >= 0:
            earlier, product = same // width, same % width
            if fingerprints[earlier, product] == own:
                valid[earlier, product] = False
            same = older[earlier, product]
        for product in range(size):
            word = mine[product]
            if word != 0 and not is_too_high[product] and known[_slot(known, word)] == 0:
                valid[j, product] = True
                older[j, product] = newest[word & last_bits]
                newest[word & last_bits] = j * width + product
