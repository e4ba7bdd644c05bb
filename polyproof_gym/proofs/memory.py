"""The memory of a proof: the inequalities known so far, each with the reason why it holds."""

from __future__ import annotations

import copy
import math
import sys
from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.polynomials import ONE, Monomial, Polynomial, Rational, Ring
from polyproof_gym.proofs.kernels import SMALL
from polyproof_gym.proofs.reasons import Axiom, Reason

Column = tuple[NDArray[np.int32], NDArray[np.float64]]
"""The rows and the values of the entries of one column."""


def scaled_values(coefficients: Collection[Rational]) -> tuple[list[float], float]:
    """Coefficients as floats, divided by the largest in size; and that size, infinite beyond the range of floats."""
    scale = max(max(coefficients), -min(coefficients))
    # A quotient of exact numbers is rounded correctly however large they are.
    values = [float(coefficient / scale) for coefficient in coefficients] if scale != 1 else [*map(float, coefficients)]
    return values, float(scale) if scale <= sys.float_info.max else math.inf


_T = TypeVar("_T", bound=np.generic)


def word(number: int) -> int:
    """The number of 64 bits, with sign, that is equal to a number modulo 2^64."""
    return (number + (1 << 63)) % (1 << 64) - (1 << 63)


def _doubled(array: NDArray[_T]) -> NDArray[_T]:
    """The array with as much room again at its end."""
    return np.concatenate([array, np.empty_like(array)])


class Memory:
    """The set of known inequalities ``m >= 0``, append-only and without repetition.

    Beside the exact polynomials it keeps the float view that the linear program and the observation read: a sparse
    matrix with one *row* per monomial (in order of first appearance, the monomial 1 first, then those of the
    objective) and one *column* per inequality, divided by its largest coefficient, its entries in the order of the
    polynomial's terms.

    Attributes:
        ring: The ring of all polynomials.
        reasons: Why each inequality holds.
        monomials: The monomial of every row.
        row_of: The row of every monomial.
        starts: Where the entries of each column begin, and the last end.
        rows: The row of every entry.
        values: The value of every entry, between -1 and 1.
        coefficients: The whole number that every entry was before; modulo 2^64 in inequalities that are not small.
        scales: The number each column was divided by.
    """

    def __init__(self, ring: Ring, objective: Polynomial) -> None:
        """Start with no inequalities."""
        self.ring = ring
        self.reasons: list[Reason] = []
        self.monomials: list[Monomial] = []
        self.row_of: dict[Monomial, int] = {}
        self._polynomials: list[Polynomial | None] = []  # formed when asked for
        self._number: dict[Polynomial, int] = {}  # of the first inequalities, as many as it has
        # All columns one after the other, in arrays with room for more.
        self._starts: NDArray[np.int32] = np.zeros(256, np.int32)
        self._scales: NDArray[np.float64] = np.empty(256, np.float64)
        self._rows: NDArray[np.int32] = np.empty(256, np.int32)
        self._values: NDArray[np.float64] = np.empty(256, np.float64)
        self._coefficients: NDArray[np.int64] = np.empty(256, np.int64)
        for monomial in (ONE, *objective.terms):
            self._row(monomial)

    def _row(self, monomial: Monomial) -> int:
        """The row of a monomial, a new one where it has none."""
        row = self.row_of.get(monomial)
        if row is None:
            row = self.row_of[monomial] = len(self.monomials)
            self.monomials.append(monomial)
        return row

    def conclusion(self, reason: Reason) -> Polynomial:
        """What a reason establishes, computed from its parents here."""
        return reason.conclude(self.ring, [self[parent] for parent in reason.parents])

    def add(self, reason: Reason, polynomial: Polynomial | None = None) -> int:
        """Append what the reason establishes, unless it is known already.

        The coefficients must be whole numbers, as those of the axioms are: products are compared by these.

        Args:
            reason: Why the inequality holds.
            polynomial: The conclusion, where the caller has computed it already.

        Returns:
            The number of the inequality, new or old.

        Raises:
            ValueError: If the polynomial is zero, which says nothing, or has a coefficient that is not an ``int``.
        """
        if polynomial is None:
            polynomial = self.conclusion(reason)
        if not polynomial:
            raise ValueError("the inequality 0 >= 0 says nothing")
        known = self.number_of(polynomial)
        if known is not None:
            return known
        self._add_new([reason], [polynomial])
        return len(self) - 1

    def add_axioms(self, axioms: Sequence[Polynomial]) -> None:
        """Append axioms, which must be distinct, to an empty memory; quicker than one by one.

        Raises:
            ValueError: If one of them is zero, or has a coefficient that is not an ``int``, or two are equal, or the
                memory is not empty.
        """
        if len(self) or len(set(axioms)) < len(axioms) or not all(axioms):
            raise ValueError("expected an empty memory, and axioms that are distinct and not zero")
        self._add_new([Axiom(index, axiom) for index, axiom in enumerate(axioms)], axioms)

    def _add_new(self, reasons: Sequence[Reason], polynomials: Sequence[Polynomial]) -> None:
        """Append inequalities that are not known and not zero."""
        rows: list[int] = []
        words: list[int] = []
        values: list[float] = []
        scales: list[float] = []
        lengths = [*map(len, polynomials)]
        for polynomial in polynomials:
            coefficients = [coefficient for coefficient in polynomial.terms.values() if type(coefficient) is int]
            if len(coefficients) < len(polynomial):
                raise ValueError(f"expected coefficients of type int (see Polynomial.primitive), got {polynomial}")
            own_values, scale = scaled_values(coefficients)
            rows += map(self._row, polynomial.terms)
            words += coefficients if scale <= SMALL else map(word, coefficients)
            values += own_values
            scales.append(scale)
        first = len(self)
        self._append(reasons, lengths, rows, words, values, scales)
        self._polynomials[first:] = polynomials
        self._number.update(zip(polynomials, range(first, len(self)), strict=True))

    def append(
        self,
        reason: Reason,
        rows: NDArray[np.int32],
        coefficients: NDArray[np.int64],
        values: NDArray[np.float64],
        scale: float,
    ) -> int:
        """Append what the reason establishes, given as entries and known to be new, without forming the polynomial.

        Args:
            reason: Why the inequality holds.
            rows: The rows of its monomials, which all must have one, each once.
            coefficients: Their coefficients, none of them 0 or larger than ``SMALL``.
            values: The coefficients divided by the largest in size.
            scale: The largest in size.

        Returns:
            The number of the inequality.
        """
        self._append((reason,), (len(rows),), rows, coefficients, values, (scale,))
        return len(self._polynomials) - 1

    def _append(
        self,
        reasons: Sequence[Reason],
        lengths: Sequence[int],
        rows: Sequence[int] | NDArray[np.int32],
        coefficients: Sequence[int] | NDArray[np.int64],
        values: Sequence[float] | NDArray[np.float64],
        scales: Sequence[float],
    ) -> None:
        """Append inequalities given as entries, one after the other, with the number of these in each."""
        first = len(self._polynomials)
        end = first + len(reasons)
        ends = [*accumulate(lengths, initial=int(self._starts[first]))]
        while end >= len(self._starts):
            self._starts, self._scales = _doubled(self._starts), _doubled(self._scales)
        while ends[-1] > len(self._rows):
            self._rows, self._values = _doubled(self._rows), _doubled(self._values)
            self._coefficients = _doubled(self._coefficients)
        entries = slice(ends[0], ends[-1])
        self._rows[entries] = rows
        self._coefficients[entries] = coefficients
        self._values[entries] = values
        self._scales[first:end] = scales
        self._starts[first : end + 1] = ends
        self.reasons += reasons
        self._polynomials += [None] * len(reasons)

    def __len__(self) -> int:
        return len(self._polynomials)

    def __getitem__(self, number: int) -> Polynomial:
        polynomial = self._polynomials[number]
        if polynomial is None:
            number = range(len(self))[number]
            entries = slice(self._starts[number], self._starts[number + 1])
            monomials = [self.monomials[row] for row in self._rows[entries].tolist()]
            coefficients = self._coefficients[entries].tolist()
            polynomial = Polynomial(self.ring, dict(zip(monomials, coefficients, strict=True)))
            self._polynomials[number] = polynomial
        return polynomial

    def __deepcopy__(self, memo: dict[int, Any]) -> Memory:
        """An independent memory, which shares what never changes: reasons, monomials and polynomials."""
        twin = copy.copy(self)
        vars(twin).update((name, copy.copy(value)) for name, value in vars(self).items())
        return twin

    def __contains__(self, polynomial: Polynomial) -> bool:
        return self.number_of(polynomial) is not None

    def number_of(self, polynomial: Polynomial) -> int | None:
        """The number of the inequality ``polynomial >= 0``, ``None`` if it is not known."""
        for number in range(len(self._number), len(self)):
            self._number[self[number]] = number
        return self._number.get(polynomial)

    def is_small(self, number: int) -> bool:
        """Whether all coefficients of an inequality are of size at most ``SMALL``."""
        return bool(self._scales[number] <= SMALL)

    @property
    def starts(self) -> NDArray[np.int32]:
        """Where the entries of each column begin, and the last end, shape ``(inequalities + 1,)``."""
        return self._starts[: len(self._polynomials) + 1]

    @property
    def rows(self) -> NDArray[np.int32]:
        """The row of every entry, shape ``(entries,)``."""
        return self._rows[: self._starts[len(self._polynomials)]]

    @property
    def values(self) -> NDArray[np.float64]:
        """The value of every entry, shape ``(entries,)``."""
        return self._values[: self._starts[len(self._polynomials)]]

    @property
    def coefficients(self) -> NDArray[np.int64]:
        """The coefficient of every entry, shape ``(entries,)``; modulo 2^64 in inequalities that are not small."""
        return self._coefficients[: self._starts[len(self._polynomials)]]

    @property
    def scales(self) -> NDArray[np.float64]:
        """The number each column was divided by, shape ``(inequalities,)``."""
        return self._scales[: len(self._polynomials)]

    def column(self, number: int) -> Column:
        """Rows and values of one column."""
        entries = slice(self._starts[number], self._starts[number + 1])
        return self._rows[entries], self._values[entries]

    def ancestors(self, numbers: Iterable[int]) -> list[int]:
        """The given inequalities and all that they follow from, in order."""
        found: set[int] = set()
        pending = list(numbers)
        while pending:
            number = pending.pop()
            if number not in found:
                found.add(number)
                pending.extend(self.reasons[number].parents)
        return sorted(found)
