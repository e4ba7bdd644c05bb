"""Pseudo-expectations of products, and which of these are closed."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from polyproof_gym.proofs.images import ABSENT, ZERO


@njit(
    "float64(float64[::1], int32, int32, int32[::1], float64[::1], float64[::1], float64[:, ::1])",
    cache=True,
    nogil=True,
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
    " float64[:, ::1])",
    cache=True,
    nogil=True,
)
def product_expectations(
    starts: NDArray[np.int32],
    rows: NDArray[np.int32],
    values: NDArray[np.float64],
    image: NDArray[np.int32],
    variable_rows: NDArray[np.int32],
    moments: NDArray[np.float64],
    valid: NDArray[np.bool_],
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
        result: Filled with the values, 0 where the product does not count; shape as ``valid``.
    """
    n = image.shape[1]
    of_image = np.empty((len(moments), n))
    for row in range(len(moments)):
        for i in range(n):
            to = image[row, i]
            if to >= 0:
                of_image[row, i] = moments[to]
            elif to == ZERO:
                of_image[row, i] = 0.0
            else:
                of_image[row, i] = moments[row] * (moments[variable_rows[i]] if variable_rows[i] >= 0 else 0.5)
    times_variable = np.empty(n)
    result[:] = 0.0
    for j in range(len(starts) - 1):
        own = _times_variables(times_variable, starts[j], starts[j + 1], rows, values, moments, of_image)
        for i in range(n):
            if valid[j, 2 * i]:
                result[j, 2 * i] = times_variable[i]
            if valid[j, 2 * i + 1]:
                result[j, 2 * i + 1] = own - times_variable[i]


@njit("void(int32[::1], int32[::1], int32[:, ::1], boolean[:, ::1], boolean[:, ::1])", cache=True, nogil=True)
def closed_products(
    starts: NDArray[np.int32],
    rows: NDArray[np.int32],
    image: NDArray[np.int32],
    valid: NDArray[np.bool_],
    result: NDArray[np.bool_],
) -> None:
    """Tell which products count and consist of monomials that have rows; the arguments as above."""
    n = image.shape[1]
    is_open = np.empty(n, np.bool_)
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
    "Tuple((int64[::1], float64[::1]))(int32[::1], int32[::1], float64[::1], int32[:, ::1], float64[::1],"
    " boolean[:, ::1], float64, float64)",
    cache=True,
    nogil=True,
)
def most_violated_products(
    starts: NDArray[np.int32],
    rows: NDArray[np.int32],
    values: NDArray[np.float64],
    image: NDArray[np.int32],
    moments: NDArray[np.float64],
    valid: NDArray[np.bool_],
    below: float,
    tie: float,
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Find the closed products of smallest pseudo-expectation, without writing down all of these.

    Args:
        starts: As above.
        rows: As above.
        values: As above.
        image: As above.
        moments: As above.
        valid: As above.
        below: Only values below this are looked for.
        tie: Values up to this much above the smallest are as good.

    Returns:
        The numbers of the products, ascending, and their values.
    """
    n = image.shape[1]
    width = valid.shape[1]
    of_image = np.empty((len(moments), n))
    for row in range(len(moments)):
        for i in range(n):
            to = image[row, i]
            # Infinity makes the sums in which it occurs infinite or undefined, which tells that they are not closed.
            of_image[row, i] = moments[to] if to >= 0 else 0.0 if to == ZERO else np.inf
    times_variable = np.empty(n)
    actions, expectations = np.empty(valid.size, np.int64), np.empty(valid.size)
    count = 0
    highest = np.nextafter(below, -np.inf)  # that is as good as the smallest one found so far, which is among them
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
    return actions[:kept].copy(), expectations[:kept].copy()
