"""What tells near-tied products apart."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from polyproof_gym.proofs.kernels import ABSENT, ZERO
from polyproof_gym.proofs.kernels.extents import Words, _product_extent

GUESS = 0.5
"""The moment of a variable without a row."""


@njit(
    "boolean(int64[::1], boolean[:, ::1], int32[::1], int32[::1], int32[:, ::1], float64[::1])",
    nogil=True,
    error_model="numpy",
)
def absent_shares(
    actions: NDArray[np.intp],
    valid: NDArray[np.bool_],
    starts: NDArray[np.int32],
    rows: NDArray[np.int32],
    image: NDArray[np.int32],
    shares: NDArray[np.float64],
) -> bool:
    """Tell which share of the terms of products has no row, before equal terms are added up.

    Args:
        actions: Numbers of the products, shape ``(actions,)``.
        valid: Which products count, shape ``(capacity, at least 2 * variables)``.
        starts: Where the entries of each inequality begin, and the last end, shape ``(inequalities + 1,)``.
        rows: Rows of all entries, shape ``(entries,)``.
        image: Row of the product of every row's monomial with every variable, or ``ZERO``, or ``ABSENT``, shape
            ``(at least monomials, variables)``.
        shares: Filled with the shares, shape ``(actions,)``.

    Returns:
        Whether all products count; if not, only those before the first that does not have been looked at.
    """
    width = valid.shape[1]
    for number in range(len(actions)):
        j, product = actions[number] // width, actions[number] % width
        if not (0 <= j < len(valid) and valid[j, product]):
            return False
        i, complement = product // 2, product % 2
        absent = nonzero = 0
        for entry in range(starts[j], starts[j + 1]):
            to = image[rows[entry], i]
            absent += to == ABSENT
            nonzero += to != ZERO
        terms = starts[j + 1] - starts[j] + absent if complement else nonzero
        shares[number] = absent / max(terms, 1)
    return True


@njit(
    "void(uint64[:, ::1], int32[::1], float64[::1], float64[::1], float64[::1], float64[::1])",
    nogil=True,
    error_model="numpy",
)
def variable_features(
    neighbours: Words,
    variable_rows: NDArray[np.int32],
    moments: NDArray[np.float64],
    of_variables: NDArray[np.float64],
    weighted_degrees: NDArray[np.float64],
    degrees: NDArray[np.float64],
) -> None:
    """Describe the variables.

    Args:
        neighbours: The variables whose product with a variable is zero, as bits.
        variable_rows: The row of every variable, negative where it has none.
        moments: The pseudo-moment of every row's monomial, shape ``(monomials,)``.
        of_variables: Filled with the variables' own moments, at least 0, shape ``(variables,)``.
        weighted_degrees: Filled with the moments of what each variable excludes, as a share of those of all.
        degrees: Filled with the share of the variables that each excludes.
    """
    n = len(variable_rows)
    whole = 1e-9
    for i in range(n):
        of_variables[i] = max(moments[variable_rows[i]], 0.0) if variable_rows[i] >= 0 else GUESS
        whole += of_variables[i]
    for i in range(n):
        weighted, count = 0.0, 0
        for u in range(n):
            if neighbours[i, u >> 6] >> np.uint64(u & 63) & np.uint64(1):
                weighted += of_variables[u]
                count += 1
        weighted_degrees[i] = weighted / whole
        degrees[i] = count / n


@njit(
    "boolean(int64[::1], boolean[:, ::1], int32[::1], int32[::1], int64[::1], float64[::1],"
    " int32[:, ::1], uint64[:, ::1], uint64[:, ::1], float64[::1], float64[::1], float64[::1], float64[::1],"
    " int64[::1], int32[::1], uint64[::1], int64[::1], float64[:, ::1])",
    nogil=True,
    error_model="numpy",
)
def product_features(
    actions: NDArray[np.intp],
    valid: NDArray[np.bool_],
    starts: NDArray[np.int32],
    rows: NDArray[np.int32],
    coefficients: NDArray[np.int64],
    values: NDArray[np.float64],
    image: NDArray[np.int32],
    annihilators: Words,
    neighbours: Words,
    moments: NDArray[np.float64],
    of_variables: NDArray[np.float64],
    weighted_degrees: NDArray[np.float64],
    degrees: NDArray[np.float64],
    total: NDArray[np.int64],
    met: NDArray[np.int32],
    common: Words,
    members: NDArray[np.int64],
    features: NDArray[np.float64],
) -> bool:
    """Describe products; see ``FEATURES`` in :mod:`polyproof_gym.proofs.candidate_features` for what is told.

    Args:
        actions: Numbers of the products, shape ``(actions,)``.
        valid: Which products count, shape ``(capacity, at least 2 * variables)``.
        starts: As above.
        rows: As above.
        coefficients: Coefficients of all entries modulo 2^64.
        values: Coefficients of all entries, each inequality divided by its scale.
        image: As above.
        annihilators: The variables whose product with a row's monomial is zero, as bits.
        neighbours: The variables whose product with a variable is zero, as bits.
        moments: The pseudo-moment of every row's monomial, shape ``(monomials,)``.
        of_variables: What :func:`variable_features` tells.
        weighted_degrees: The same.
        degrees: The same.
        total: Room for a number for every row of ``image``, all 0.
        met: Room for two rows for every row of ``image``.
        common: Room for all variables as bits.
        members: Room for a number for every variable.
        features: Filled in, shape ``(actions, len(FEATURES))``.

    Returns:
        Whether all products count; if not, only those before the first that does not have been looked at.
    """
    width, n, known = valid.shape[1], len(of_variables), len(starts) - 1
    whole = 1e-9
    for i in range(n):
        whole += of_variables[i]
    for number in range(len(actions)):
        j, product = actions[number] // width, actions[number] % width
        if not (0 <= j < len(valid) and valid[j, product]):
            return False
        i, complement = product // 2, product % 2 == 1
        num_terms, num_nonconstant = _product_extent(
            j, i, complement, starts, rows, coefficients, image, annihilators, neighbours, total, met, common
        )
        expectation = constant = 0.0
        absent = zero = nonconstant = 0
        for entry in range(starts[j], starts[j + 1]):
            row = rows[entry]
            to = image[row, i]
            expectation += values[entry] * moments[row]
            absent += to == ABSENT
            nonconstant += row > 0
            if complement and row == 0:
                constant = values[entry]
            zero += row > 0 and to == ZERO
        count = 0
        if num_nonconstant > 0:
            for u in range(n):
                if common[u >> 6] >> np.uint64(u & 63) & np.uint64(1):
                    members[count] = u
                    count += 1
        out = features[number]
        out[:] = 0.0
        out[0] = complement
        out[1] = complement and zero == nonconstant > 0
        out[2] = absent == 0
        out[3] = np.log(max(num_terms, 1))
        out[4] = np.log1p(count)
        out[5] = weighted_degrees[i]
        out[6] = degrees[i]
        out[7] = of_variables[i]
        out[8] = expectation
        out[9] = (known - 1 - j) / known
        out[10] = absent / max(num_terms, 1)
        if constant <= 0 or count == 0:
            continue
        reach = largest = weighted = inner = 0.0
        for place in range(count):
            u = members[place]
            reach += of_variables[u]
            weighted += of_variables[u] * weighted_degrees[u]
            largest = max(largest, of_variables[u])
            for other in range(place):
                if neighbours[u, members[other] >> 6] >> np.uint64(members[other] & 63) & np.uint64(1):
                    inner += 2.0 * of_variables[u] * of_variables[members[other]]
        out[11] = np.log1p(reach)
        out[12] = reach / whole
        out[13] = largest
        if reach > 1e-6:
            out[14] = inner / (reach * reach)
            out[15] = weighted / reach
        # Grow greedily by the variable of largest moment, as long as some variable annihilates all but the constant.
        drop, steps = 0.0, 0
        while True:
            best, most = -1, 0.0
            for place in range(count):
                if of_variables[members[place]] > most:
                    best, most = members[place], of_variables[members[place]]
            if best < 0:
                break
            drop += most
            steps += 1
            left = 0
            for place in range(count):
                u = members[place]
                if neighbours[best, u >> 6] >> np.uint64(u & 63) & np.uint64(1):
                    members[left] = u
                    left += 1
            count = left
        out[16] = drop * constant
        out[17] = np.log1p(steps)
    return True
