"""How large products are, and what they can grow to."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from polyproof_gym.proofs.kernels import ABSENT

Words = NDArray[np.uint64]


@njit(
    "UniTuple(int64, 2)(int64, int64, boolean, int32[::1], int32[::1], int64[::1], int32[:, ::1], uint64[:, ::1],"
    " uint64[:, ::1], int64[::1], int32[::1], uint64[::1])",
    nogil=True,
    error_model="numpy",
)
def _product_extent(
    j: int,
    i: int,
    complement: bool,
    starts: NDArray[np.int32],
    rows: NDArray[np.int32],
    coefficients: NDArray[np.int64],
    image: NDArray[np.int32],
    annihilators: Words,
    neighbours: Words,
    total: NDArray[np.int64],
    met: NDArray[np.int32],
    common: Words,
) -> tuple[int, int]:
    """The number of terms of a product, and of those but the constant.

    ``common`` gets the variables that annihilate all terms but the constant, as bits. ``total``, one number for every
    row, must be 0 everywhere, and is again afterwards; ``met`` is room for two rows for every row.
    """
    num_met = num_terms = num_nonconstant = 0
    common[:] = ~np.uint64(0)
    for entry in range(starts[j], starts[j + 1]):
        row, to = rows[entry], image[rows[entry], i]
        if complement:
            total[row] += coefficients[entry]
            met[num_met] = row
            num_met += 1
        if to >= 0:
            total[to] += -coefficients[entry] if complement else coefficients[entry]
            met[num_met] = to
            num_met += 1
        elif to == ABSENT:
            # Different monomials have different images among those that have no row: nothing to add up.
            num_terms += 1
            num_nonconstant += 1
            for word in range(len(common)):
                common[word] &= annihilators[row, word] | neighbours[i, word]
    for row in met[:num_met]:
        if total[row] != 0:
            if row > 0:
                num_nonconstant += 1
                for word in range(len(common)):
                    common[word] &= annihilators[row, word]
            total[row] = 0
            num_terms += 1
    return num_terms, num_nonconstant


@njit(
    "boolean(int64[::1], boolean[:, ::1], int32[::1], int32[::1], int64[::1], int32[:, ::1], uint64[:, ::1],"
    " uint64[:, ::1], int64[::1], int32[::1], uint64[::1], int32[:, ::1], int32[::1], int32[::1])",
    nogil=True,
    error_model="numpy",
)
def product_extents(
    actions: NDArray[np.intp],
    valid: NDArray[np.bool_],
    starts: NDArray[np.int32],
    rows: NDArray[np.int32],
    coefficients: NDArray[np.int64],
    image: NDArray[np.int32],
    annihilators: Words,
    neighbours: Words,
    total: NDArray[np.int64],
    met: NDArray[np.int32],
    common: Words,
    extents: NDArray[np.int32],
    terms: NDArray[np.int32],
    extensions: NDArray[np.int32],
) -> bool:
    """Tell how many terms products have, and how many variables annihilate all of these but the constant.

    Args:
        actions: Numbers of the products, shape ``(actions,)``.
        valid: Which products count, shape ``(capacity, at least 2 * variables)``.
        starts: Where the entries of each inequality begin, and the last end, shape ``(inequalities + 1,)``.
        rows: Rows of all entries, shape ``(entries,)``.
        coefficients: Coefficients of all entries modulo 2^64.
        image: Row of the product of every row's monomial with every variable, or ``ZERO``, or ``ABSENT``, shape
            ``(at least monomials, variables)``.
        annihilators: The variables whose product with a row's monomial is zero, as bits.
        neighbours: The variables whose product with a variable is zero, as bits.
        total: Room for a number for every row of ``image``, all 0.
        met: Room for two rows for every row of ``image``.
        common: Room for all variables as bits.
        extents: Both numbers of every product for which they are known already, 0 elsewhere; filled in where they are
            found, shape ``(products, 2)``.
        terms: Filled with the numbers of terms, shape ``(actions,)``.
        extensions: Filled with the numbers of variables, shape ``(actions,)``.

    Returns:
        Whether all products count; if not, only those before the first that does not have been looked at.
    """
    width = valid.shape[1]
    for number in range(len(actions)):
        j, product = actions[number] // width, actions[number] % width
        if not (0 <= j < len(valid) and valid[j, product]):
            return False
        i, complement = product // 2, product % 2
        extent = extents[actions[number]]
        if extent[0] > 0:
            terms[number], extensions[number] = extent[0], extent[1]
            continue
        num_terms, num_nonconstant = _product_extent(
            j, i, complement, starts, rows, coefficients, image, annihilators, neighbours, total, met, common
        )
        extent[0] = num_terms
        if num_nonconstant > 0:
            for word in common:
                while word != 0:
                    word &= word - np.uint64(1)
                    extent[1] += 1
        terms[number], extensions[number] = extent[0], extent[1]
    return True
