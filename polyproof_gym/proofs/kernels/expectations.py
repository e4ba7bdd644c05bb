"""Pseudo-expectations of products, and which of these are closed."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from polyproof_gym.proofs.kernels import ABSENT, ZERO


@njit(
    "float64(float64[::1], int32, int32, int32[::1], float64[::1], float64[::1], float64[:, ::1])",
    nogil=True,
    error_model="numpy",
)
def _times_variables(
    result: NDArray[np.float64],
    begin: int,
    end: int,
    rows: NDArray[np.int32],
    values: NDArray[np.float64],
    moments: NDArray[np.float64],
    of_image: NDArray[np.float64],
) -> float:
    """The pseudo-expectation of the inequality with the given entries; ``result`` gets those times every variable."""
    own = 0.0
    result[:] = 0.0
    for entry in range(begin, end):
        row, value = np.uint32(rows[entry]), values[entry]  # unsigned, as no index counts from the end
        own += value * moments[row]
        line = of_image[row]
        for i in range(len(result)):
            result[i] += value * line[i]
    return own


@njit(
    "void(int32[::1], int32[::1], float64[::1], int32[:, ::1], int32[::1], float64[::1], boolean[:, ::1],"
    " float64[:, ::1], float64[::1], float64[:, ::1])",
    nogil=True,
    error_model="numpy",
)
def product_expectations(
    starts: NDArray[np.int32],
    rows: NDArray[np.int32],
    values: NDArray[np.float64],
    image: NDArray[np.int32],
    variable_rows: NDArray[np.int32],
    moments: NDArray[np.float64],
    valid: NDArray[np.bool_],
    of_image: NDArray[np.float64],
    times_variable: NDArray[np.float64],
    result: NDArray[np.float64],
) -> None:
    """The value of a pseudo-expectation on every product: the memory's matrix times that of the images' moments.

    Args:
        starts: Where the entries of each inequality begin, and the last end, shape ``(inequalities + 1,)``.
        rows: Rows of all entries.
        values: Values of all entries.
        image: Row of the product of every row's monomial with every variable, or ``ZERO``, or ``ABSENT``, shape
            ``(at least monomials, variables)``.
        variable_rows: Row of every variable, or ``ABSENT``, shape ``(variables,)``.
        moments: The pseudo-moment of every row's monomial, shape ``(monomials,)``.
        valid: Which products count, shape ``(capacity, at least 2 * variables)``.
        of_image: Room for the moments of the images, shape ``(monomials, variables)``.
        times_variable: Room for the values of the products with each variable, shape ``(variables,)``.
        result: Filled with the values, 0 where the product does not count; shape as ``valid``.
    """
    n = image.shape[1]
    for row in range(len(moments)):
        for i in range(n):
            to = image[row, i]
            if to >= 0:
                of_image[row, i] = moments[to]
            elif to == ZERO:
                of_image[row, i] = 0.0
            else:
                of_image[row, i] = moments[row] * (moments[variable_rows[i]] if variable_rows[i] >= 0 else 0.5)
    result[:] = 0.0
    for j in range(len(starts) - 1):
        own = _times_variables(times_variable, starts[j], starts[j + 1], rows, values, moments, of_image)
        for i in range(n):
            if valid[j, 2 * i]:
                result[j, 2 * i] = times_variable[i]
            if valid[j, 2 * i + 1]:
                result[j, 2 * i + 1] = own - times_variable[i]


@njit(
    "void(int32[::1], int32[::1], int32[:, ::1], boolean[:, ::1], boolean[::1], boolean[:, ::1])",
    nogil=True,
    error_model="numpy",
)
def closed_products(
    starts: NDArray[np.int32],
    rows: NDArray[np.int32],
    image: NDArray[np.int32],
    valid: NDArray[np.bool_],
    is_open: NDArray[np.bool_],
    result: NDArray[np.bool_],
) -> None:
    """Tell which products count and consist of monomials that have rows.

    Args:
        starts: As above.
        rows: As above.
        image: As above.
        valid: As above.
        is_open: Room for what is found of the variables, shape ``(variables,)``.
        result: Filled with the answers, shape as ``valid``.
    """
    n = image.shape[1]
    result[:] = False
    for j in range(len(starts) - 1):
        is_open[:] = False
        for entry in range(starts[j], starts[j + 1]):
            for i in range(n):
                is_open[i] |= image[rows[entry], i] == ABSENT
        for i in range(n):
            result[j, 2 * i] = valid[j, 2 * i] and not is_open[i]
            result[j, 2 * i + 1] = valid[j, 2 * i + 1] and not is_open[i]


@njit(
    "int64(int32[::1], int32[::1], float64[::1], int32[:, ::1], float64[::1], boolean[:, ::1], float64, float64,"
    " float64[:, ::1], float64[::1], int64[::1], float64[::1])",
    nogil=True,
    error_model="numpy",
)
def most_violated_products(
    starts: NDArray[np.int32],
    rows: NDArray[np.int32],
    values: NDArray[np.float64],
    image: NDArray[np.int32],
    moments: NDArray[np.float64],
    valid: NDArray[np.bool_],
    most: float,
    tie: float,
    of_image: NDArray[np.float64],
    times_variable: NDArray[np.float64],
    actions: NDArray[np.int64],
    expectations: NDArray[np.float64],
) -> int:
    """Find the closed products of smallest pseudo-expectation, without writing down all of these.

    Args:
        starts: As above.
        rows: As above.
        values: As above.
        image: As above.
        moments: As above.
        valid: As above.
        most: Only values of at most this are looked for.
        tie: Values up to this much above the smallest are as good.
        of_image: As above.
        times_variable: As above.
        actions: Gets the numbers of the products, ascending; room for all, shape ``(products,)``.
        expectations: Gets their values, of the same shape.

    Returns:
        How many there are.
    """
    n = image.shape[1]
    width = valid.shape[1]
    for row in range(len(moments)):
        for i in range(n):
            to = image[row, i]
            # Infinity makes the sums in which it occurs infinite or undefined, which tells that they are not closed.
            of_image[row, i] = moments[to] if to >= 0 else 0.0 if to == ZERO else np.inf
    count = 0
    highest = most  # that is as good as the smallest one found so far, which is among them
    for j in range(len(starts) - 1):
        own = _times_variables(times_variable, starts[j], starts[j + 1], rows, values, moments, of_image)
        is_any = False  # found without branches, which is several times faster
        for i in range(n):
            times_complement = own - times_variable[i]
            is_any |= (-np.inf < times_variable[i] <= highest) | (-np.inf < times_complement <= highest)
        if is_any:
            for i in range(n):
                for complement in range(2):
                    value = own - times_variable[i] if complement else times_variable[i]
                    if -np.inf < value <= highest and valid[j, 2 * i + complement]:
                        actions[count] = j * width + 2 * i + complement
                        expectations[count] = value
                        count += 1
                        highest = min(highest, value + tie)
    kept = 0
    for number in range(count):
        if expectations[number] <= highest:
            actions[kept] = actions[number]
            expectations[kept] = expectations[number]
            kept += 1
    return kept
