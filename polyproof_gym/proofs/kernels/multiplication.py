"""The product of a small inequality."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from polyproof_gym.proofs.kernels import ABSENT, SMALL, ZERO


@njit(
    "int64(int64, int64, boolean, int32[::1], int32[::1], int64[::1], int32[:, ::1], int32[::1], int32[::1],"
    " int64[::1], float64[::1], float64[::1])",
    nogil=True,
    error_model="numpy",
)
def product_entries(
    j: int,
    i: int,
    complement: bool,
    starts: NDArray[np.int32],
    rows: NDArray[np.int32],
    coefficients: NDArray[np.int64],
    image: NDArray[np.int32],
    position: NDArray[np.int32],
    to: NDArray[np.int32],
    sums: NDArray[np.int64],
    shares: NDArray[np.float64],
    scales: NDArray[np.float64],
) -> int:
    """Multiply a small inequality by ``x_i``, or by ``1 - x_i`` where ``complement`` is set.

    Args:
        j: Number of the inequality.
        i: Number of the variable.
        complement: Which factor.
        starts: Where the entries of each inequality begin, and the last end, shape ``(inequalities + 1,)``.
        rows: Rows of all entries, shape ``(entries,)``.
        coefficients: Coefficients of all entries.
        image: Row of the product of every row's monomial with every variable, or ``ZERO``, or ``ABSENT``, shape
            ``(at least monomials, variables)``.
        position: Room for a number for every row of ``image``.
        to: Gets the rows of the product, in the order that :class:`~polyproof_gym.polynomials.Polynomial` has; room for
            twice the entries of the inequality.
        sums: Gets the coefficients, of the same shape.
        shares: Gets the coefficients divided by the largest in size, of the same shape.
        scales: Gets the largest in size, shape ``(1,)``.

    Returns:
        The number of entries; 0 where the product has a monomial without a row or a coefficient that is not small.
    """
    begin, end = starts[j], starts[j + 1]
    count = 0
    position[:] = -1
    if complement:
        for entry in range(begin, end):
            to[count], sums[count] = rows[entry], coefficients[entry]
            position[rows[entry]] = count
            count += 1
    scale = 0
    for entry in range(begin, end):
        row = image[rows[entry], i]
        if row == ABSENT:
            count = 0
            break
        if row != ZERO:
            if position[row] < 0:
                position[row] = count
                to[count] = row
                sums[count] = 0
                count += 1
            # At most three small numbers meet: m and x_i * m have the same image, which may be a term already.
            sums[position[row]] += -coefficients[entry] if complement else coefficients[entry]
    kept = 0
    for entry in range(count):
        if sums[entry] != 0:
            to[kept] = to[entry]
            sums[kept] = sums[entry]
            scale = max(scale, abs(sums[entry]))
            kept += 1
    if scale > SMALL:
        kept = 0
    for entry in range(kept):
        shares[entry] = sums[entry] / scale
    scales[0] = scale
    return kept
