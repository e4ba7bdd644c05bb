"""Polynomials that may be derived, as sparse columns of floats over the monomials of a memory."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.polynomials import Monomial, Polynomial
from polyproof_gym.proofs.kernels import ABSENT
from polyproof_gym.proofs.memory import Memory, scaled_values


class Conclusions:
    """Conclusions ``p >= 0`` over a memory, and what is asked of all of them at once.

    Their monomials have numbers of their own, as not all of them have a row in the memory.

    Attributes:
        polynomials: The conclusions, in order; none of them is 0.
    """

    def __init__(self, memory: Memory) -> None:
        """Begin with none."""
        self.polynomials: list[Polynomial] = []
        self._memory = memory
        self._number: dict[Monomial, int] = {}  # of every monomial that occurs
        self._known = 0  # how many monomials of the memory have been looked at
        self._rows = np.empty(0, np.int32)  # of every monomial, ABSENT where it has none
        self._starts = np.zeros(1, np.int64)  # of the entries of every conclusion, and their end
        self._monomials = np.empty(0, np.int32)  # of every entry
        self._values = np.empty(0)  # of every entry, divided by the largest coefficient of its conclusion
        # The variables of every monomial; first one more, which has the moment 1, so that there are some.
        self._factors = np.empty(0, np.int32)
        self._first_factors = np.empty(0, np.int64)

    def __len__(self) -> int:
        return len(self.polynomials)

    def follow(self) -> None:
        """Take in which monomials have a row now."""
        monomials = self._memory.monomials
        for row in range(self._known, len(monomials)):
            number = self._number.get(monomials[row])
            if number is not None:
                self._rows[number] = row
        self._known = len(monomials)

    def extend(self, polynomials: Sequence[Polynomial]) -> None:
        """Append conclusions."""
        numbers = self._number
        first = len(numbers)
        entries = [numbers.setdefault(monomial, len(numbers)) for p in polynomials for monomial in p.terms]
        values = chain.from_iterable(scaled_values(p.terms.values())[0] for p in polynomials)
        self.polynomials += polynomials
        lengths = np.array([len(p) for p in polynomials], np.int64)
        self._starts = np.append(self._starts, self._starts[-1] + np.cumsum(lengths))
        self._monomials = np.append(self._monomials, np.array(entries, np.int32))
        self._values = np.append(self._values, np.fromiter(values, np.float64, len(entries)))
        new = [*numbers][first:]
        row_of, one = self._memory.row_of, self._memory.ring.num_variables
        self._rows = np.append(self._rows, np.array([row_of.get(monomial, ABSENT) for monomial in new], np.int32))
        factors = np.array([*chain.from_iterable((one, *monomial) for monomial in new)], np.int32)
        ends = len(self._factors) + np.cumsum([0, *(1 + len(monomial) for monomial in new)], dtype=np.int64)
        self._first_factors = np.append(self._first_factors, ends[:-1])
        self._factors = np.append(self._factors, factors)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """The number of terms of every conclusion."""
        return np.diff(self._starts)

    def absent(self) -> NDArray[np.int64]:
        """How many of its monomials have no row, for every conclusion."""
        sums = np.concatenate([[0], np.cumsum(self._rows[self._monomials] == ABSENT)])
        return np.diff(sums[self._starts])

    def expectations(self, moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """The value of a pseudo-expectation on every conclusion, divided by its largest coefficient.

        The moment of a monomial that has no row is guessed as if its variables were independent.

        Args:
            moments: The pseudo-moment of every row's monomial.
        """
        if not self.polynomials:
            return np.empty(0)
        is_absent = self._rows == ABSENT
        of_monomials = np.where(is_absent, 0.0, moments[self._rows])
        if is_absent.any():
            row_of = self._memory.row_of
            rows = [row_of.get((i,)) for i in range(self._memory.ring.num_variables)]
            of_variables = np.array([0.5 if row is None else moments[row] for row in rows] + [1.0])
            guesses = np.multiply.reduceat(of_variables[self._factors], self._first_factors)
            of_monomials[is_absent] = guesses[is_absent]
        expectations: NDArray[np.float64] = np.add.reduceat(
            self._values * of_monomials[self._monomials], self._starts[:-1]
        )
        return expectations

    def __deepcopy__(self, memo: dict[int, Any]) -> Conclusions:
        """An independent table, which shares polynomials and monomials, over the copy of the memory."""
        twin = copy.copy(self)
        vars(twin).update((name, copy.copy(value)) for name, value in vars(self).items())
        twin._memory = copy.deepcopy(self._memory, memo)
        return twin
