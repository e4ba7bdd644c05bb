"""The inner loops of the product rule, compiled on import (Numba keeps the machine code on disk from then on)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from polyproof_gym.proofs.images import ABSENT, ZERO
from polyproof_gym.proofs.memory import SMALL

Words = NDArray[np.uint64]


@njit("uint64(uint64[::1], uint64)", cache=True, nogil=True)
def _slot(known: Words, word: np.uint64) -> np.uint64:
    """Where a word stands in the hash table, or the free slot where it would; 0 marks free slots."""
    mask = np.uint64(len(known) - 1)
    slot = word & mask
    while known[slot] != 0 and known[slot] != word:
        slot = (slot + np.uint64(1)) & mask
    return slot


@njit("uint64(uint64)", cache=True, nogil=True)
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
    cache=True,
    nogil=True,
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
    """Fill some rows of the tables of :class:`~polyproof_gym.proofs.images.Images`, as if no product had a row yet.

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
        annihilators[row] = 0
        for i in monomial:
            key += keys[i]
            annihilators[row] |= neighbours[i]
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
    " boolean[:, ::1], uint64[::1], int32[::1], int32[:, ::1])",
    cache=True,
    nogil=True,
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
    """
    size = table.shape[1] - 1
    width = valid.shape[1]
    last_bits = np.uint64(len(newest) - 1)
    for j in range(begin, end):
        own = np.uint64(0)
        mine = fingerprints[j]
        mine[:size] = 0
        is_too_high = np.zeros(size, np.bool_)
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
    "UniTuple(int64, 3)(int64, int64, boolean, int32[::1], int32[::1], int64[::1], int32[:, ::1], uint64[:, ::1],"
    " uint64[:, ::1], int64[::1], int32[::1], uint64[::1])",
    cache=True,
    nogil=True,
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
) -> tuple[int, int, int]:
    """The number of terms of a product, of those but the constant, and the constant, modulo 2^64.

    ``common`` gets the variables that annihilate all terms but the constant, as bits. ``total``, one number for every
    row, must be 0 everywhere, and is again afterwards; ``met`` is room for two rows for every row.
    """
    num_met = num_terms = num_nonconstant = constant = 0
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
            common &= annihilators[row] | neighbours[i]
    for row in met[:num_met]:
        if total[row] != 0:
            if row > 0:
                num_nonconstant += 1
                common &= annihilators[row]
            else:
                constant = total[row]
            total[row] = 0
            num_terms += 1
    return num_terms, num_nonconstant, constant


@njit(
    "boolean(int64[::1], boolean[:, ::1], int32[::1], int32[::1], int64[::1], int32[:, ::1], uint64[:, ::1],"
    " uint64[:, ::1], int32[:, ::1], int32[::1], int32[::1])",
    cache=True,
    nogil=True,
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
    extents: NDArray[np.int32],
    terms: NDArray[np.int32],
    extensions: NDArray[np.int32],
) -> bool:
    """Tell how many terms products have, and how many variables annihilate all of these but the constant.

    Args:
        actions: Numbers of the products, shape ``(actions,)``.
        valid: Which products count, shape ``(capacity, at least 2 * variables)``.
        starts: As above.
        rows: As above.
        coefficients: Coefficients of all entries modulo 2^64.
        image: As above.
        annihilators: The variables whose product with a row's monomial is zero, as bits.
        neighbours: The variables whose product with a variable is zero, as bits.
        extents: Both numbers of every product for which they are known already, 0 elsewhere; filled in where they are
            found, shape ``(products, 2)``.
        terms: Filled with the numbers of terms, shape ``(actions,)``.
        extensions: Filled with the numbers of variables, shape ``(actions,)``.

    Returns:
        Whether all products count; if not, only those before the first that does not have been looked at.
    """
    width = valid.shape[1]
    total = np.zeros(len(image), np.int64)
    met = np.empty(2 * len(image), np.int32)
    common = np.empty(neighbours.shape[1], np.uint64)
    for number in range(len(actions)):
        j, product = actions[number] // width, actions[number] % width
        if not (0 <= j < len(valid) and valid[j, product]):
            return False
        i, complement = product // 2, product % 2
        extent = extents[actions[number]]
        if extent[0] > 0:
            terms[number], extensions[number] = extent
            continue
        num_terms, num_nonconstant, _ = _product_extent(
            j, i, complement, starts, rows, coefficients, image, annihilators, neighbours, total, met, common
        )
        extent[0] = num_terms
        if num_nonconstant > 0:
            for word in common:
                while word != 0:
                    word &= word - np.uint64(1)
                    extent[1] += 1
        terms[number], extensions[number] = extent
    return True


@njit(
    "boolean(int64[::1], boolean[:, ::1], int32[::1], int32[::1], int64[::1], float64[::1], int32[:, ::1],"
    " uint64[:, ::1], uint64[:, ::1], int32[::1], float64[::1], float64[::1], int32[::1])",
    cache=True,
    nogil=True,
)
def product_growth(
    actions: NDArray[np.intp],
    valid: NDArray[np.bool_],
    starts: NDArray[np.int32],
    rows: NDArray[np.int32],
    coefficients: NDArray[np.int64],
    scales: NDArray[np.float64],
    image: NDArray[np.int32],
    annihilators: Words,
    neighbours: Words,
    variable_rows: NDArray[np.int32],
    moments: NDArray[np.float64],
    drops: NDArray[np.float64],
    steps: NDArray[np.int32],
) -> bool:
    """Extend products greedily, by the variable of largest moment that annihilates all terms but the constant.

    Args:
        actions: Numbers of the products, shape ``(actions,)``.
        valid: Which products count, shape ``(capacity, at least 2 * variables)``.
        starts: As above.
        rows: As above.
        coefficients: Coefficients of all entries modulo 2^64.
        scales: The largest coefficient of every inequality.
        image: As above.
        annihilators: The variables whose product with a row's monomial is zero, as bits.
        neighbours: The variables whose product with a variable is zero, as bits.
        variable_rows: The row of every variable, negative where it has none.
        moments: As above.
        drops: Filled with the amounts by which the expectations fall, shape ``(actions,)``.
        steps: Filled with the numbers of multiplications, shape ``(actions,)``.

    Returns:
        Whether all products count; if not, only those before the first that does not have been looked at.
    """
    width = valid.shape[1]
    total = np.zeros(len(image), np.int64)
    met = np.empty(2 * len(image), np.int32)
    common = np.empty(neighbours.shape[1], np.uint64)
    for number in range(len(actions)):
        j, product = actions[number] // width, actions[number] % width
        if not (0 <= j < len(valid) and valid[j, product]):
            return False
        _, num_nonconstant, constant = _product_extent(
            j,
            product // 2,
            product % 2 == 1,
            starts,
            rows,
            coefficients,
            image,
            annihilators,
            neighbours,
            total,
            met,
            common,
        )
        drops[number] = 0.0
        steps[number] = 0
        while num_nonconstant > 0 and constant > 0:
            best, largest = -1, 0.0
            for i in range(len(variable_rows)):
                if common[i >> 6] >> np.uint64(i & 63) & np.uint64(1) and variable_rows[i] >= 0:
                    moment = moments[variable_rows[i]]
                    if moment > largest:
                        best, largest = i, moment
            if best < 0:
                break
            drops[number] += constant / scales[j] * largest
            steps[number] += 1
            common &= neighbours[best]
    return True


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


@njit(
    "Tuple((int32[::1], int64[::1], float64[::1], float64))(int64, int64, boolean, int32[::1], int32[::1], int64[::1],"
    " int32[:, ::1])",
    cache=True,
    nogil=True,
)
def product_entries(
    j: int,
    i: int,
    complement: bool,
    starts: NDArray[np.int32],
    rows: NDArray[np.int32],
    coefficients: NDArray[np.int64],
    image: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.float64], float]:
    """Multiply a small inequality by ``x_i``, or by ``1 - x_i`` where ``complement`` is set.

    Args:
        j: Number of the inequality.
        i: Number of the variable.
        complement: Which factor.
        starts: As above.
        rows: As above.
        coefficients: Coefficients of all entries.
        image: As above.

    Returns:
        Rows, coefficients and coefficients divided by the largest in size of the product, in the order that
        :class:`~polyproof_gym.polynomials.Polynomial` has; and the largest. No entries where the product has a monomial
        without a row or a coefficient that is not small.
    """
    begin, end = starts[j], starts[j + 1]
    to = np.empty(2 * (end - begin), np.int32)
    sums = np.empty(2 * (end - begin), np.int64)
    count = 0
    if complement:
        count = end - begin
        to[:count] = rows[begin:end]
        sums[:count] = coefficients[begin:end]
    position = np.full(len(image), -1, np.int32)
    for entry in range(count):
        position[to[entry]] = entry
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
    return to[:kept].copy(), sums[:kept].copy(), sums[:kept] / scale, float(scale)


@njit(
    "boolean(float64[::1], int32[::1], int32[::1], float64[::1], float64, float64, float64[::1], float64[::1])",
    cache=True,
    nogil=True,
)
def bound_separately(
    objective: NDArray[np.float64],
    starts: NDArray[np.int32],
    rows: NDArray[np.int32],
    values: NDArray[np.float64],
    pivot: float,
    tolerance: float,
    multipliers: NDArray[np.float64],
    moments: NDArray[np.float64],
) -> bool:
    """Solve the bound LP by bounding each monomial of the objective with the best inequality that has no other.

    Args:
        objective: Coefficient of the objective in each of the first rows, 0 in that of the monomial 1.
        starts: Where the entries of each inequality begin, and the last end.
        rows: The row of every entry.
        values: Its coefficient.
        pivot: Smallest coefficient that a bound is divided by.
        tolerance: How far an expectation may be below 0.
        multipliers: Array for the multiplier of every inequality, all 0.
        moments: Array for the moment of every row, all 0.

    Returns:
        Whether that is an optimal solution: every monomial has a bound, and no inequality is violated by the moments.
    """
    moments[0] = 1.0
    bounded_by = np.full(len(objective), -1, np.int32)
    count = len(starts) - 1
    for j in range(count):
        constant, value, row, others = 0.0, 0.0, 0, 0
        for k in range(starts[j], starts[j + 1]):
            if rows[k] == 0:
                constant = values[k]
            else:
                value, row, others = values[k], rows[k], others + 1
        if others == 1 and row < len(objective) and objective[row] * value > 0 and abs(value) >= pivot:
            moment, best = -constant / value, bounded_by[row]
            if best < 0 or objective[row] * (moment - moments[row]) > 0:
                if best >= 0:
                    multipliers[best] = 0.0
                bounded_by[row], moments[row], multipliers[j] = j, moment, objective[row] / value
    for row in range(1, len(objective)):
        if objective[row] != 0 and bounded_by[row] < 0:
            return False
    for j in range(count):
        expectation = 0.0
        for k in range(starts[j], starts[j + 1]):
            expectation += values[k] * moments[rows[k]]
        if expectation < -tolerance:
            return False
    return True
