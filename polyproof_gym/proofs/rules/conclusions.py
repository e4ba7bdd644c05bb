"""Polynomials that may be derived, as sparse columns over monomials of which not all are in the memory."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.polynomials import Monomial, Polynomial
from polyproof_gym.proofs.kernels import ABSENT
from polyproof_gym.proofs.memory import Memory, scaled_values, word


class Columns(NamedTuple):
    """Polynomials, none of them 0, one after the other.

    Attributes:
        lengths: The number of terms of each.
        monomials: The monomial of every term, numbered by :class:`Conclusions`.
        words: The coefficient of every term modulo 2^64.
        values: The coefficient of every term, divided by the largest of its polynomial.
    """

    lengths: NDArray[np.int64]
    monomials: NDArray[np.int32]
    words: NDArray[np.int64]
    values: NDArray[np.float64]

    @classmethod
    def none(cls) -> Columns:
        """No polynomials."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.float64))

    @classmethod
    def joined(cls, parts: Sequence[Columns]) -> Columns:
        """The polynomials of one or more parts."""
        lengths, monomials, words, values = zip(*parts, strict=True)
        return cls(*(np.concatenate(arrays) for arrays in (lengths, monomials, words, values)))

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each begins among the terms, shape ``(polynomials,)``."""
        starts: NDArray[np.int64] = np.cumsum(self.lengths) - self.lengths
        return starts

    def chosen(self, which: NDArray[np.bool_]) -> Columns:
        """Those that are wanted, as a mask of shape ``(polynomials,)`` says."""
        terms = np.repeat(which, self.lengths)
        return Columns(self.lengths[which], self.monomials[terms], self.words[terms], self.values[terms])


class Conclusions:
    """Conclusions ``p >= 0`` over a memory, and what is asked of all of them at once.

    Equality is decided by fingerprints modulo 2^64, which are linear in the coefficients: two different polynomials
    share one with probability about 2^-64. Every monomial of the memory, and of a conclusion, has a number.

    Attributes:
        columns: The conclusions.
        of_rows: The number of every row's monomial.
    """

    def __init__(self, memory: Memory) -> None:
        """Begin with none."""
        self._memory = memory
        self._monomials: list[Monomial] = []
        self._number: dict[Monomial, int] = {}
        self._lines = 0  # how many inequalities of the memory have a fingerprint
        self._keys = np.empty(0, np.int64)  # a random word for every monomial
        self._degrees = np.empty(0, np.int32)
        self._rows = np.empty(0, np.int32)  # in the memory, ABSENT where there is none
        # The variables of every monomial; first one more, which has the moment 1, so that there are some.
        self._factors = np.empty(0, np.int32)
        self._first_factors = np.empty(0, np.int64)
        self.of_rows = np.empty(0, np.int32)
        self.columns = Columns.none()
        self._fingerprints = np.empty(0, np.int64)
        self._known = np.empty(0, np.int64)  # fingerprints of the memory

    def __len__(self) -> int:
        return len(self.columns.lengths)

    def numbers(self, monomials: Iterable[Monomial]) -> NDArray[np.int32]:
        """The numbers of monomials, shape ``(monomials,)``; :meth:`settle` makes known those that are new."""
        numbers = self._number
        return np.fromiter((numbers.setdefault(m, len(numbers)) for m in monomials), np.int32)

    def settle(self) -> None:
        """Take in the monomials that have been numbered."""
        first = len(self._monomials)
        new = [*self._number][first:] if len(self._number) > first else []
        if not new:
            return
        self._monomials += new
        # Words that depend on the number alone.
        generator = np.random.PCG64(0)
        generator.advance(first)
        self._keys = np.append(self._keys, generator.random_raw(len(new)).view(np.int64))
        self._degrees = np.append(self._degrees, np.array([*map(len, new)], np.int32))
        row_of, one = self._memory.row_of, self._memory.ring.num_variables
        self._rows = np.append(self._rows, np.array([row_of.get(monomial, ABSENT) for monomial in new], np.int32))
        ends = len(self._factors) + np.cumsum([0, *(1 + len(monomial) for monomial in new)], dtype=np.int64)
        self._first_factors = np.append(self._first_factors, ends[:-1])
        factors = chain.from_iterable((one, *monomial) for monomial in new)
        self._factors = np.append(self._factors, np.fromiter(factors, np.int32))

    def follow(self) -> NDArray[np.intp]:
        """Take in what is new in the memory; the conclusions that have become known, as places."""
        memory, known = self._memory, len(self.of_rows)
        if len(memory.monomials) > known:
            self.of_rows = np.append(self.of_rows, self.numbers(memory.monomials[known:]))
            self.settle()
            self._rows[self.of_rows[known:]] = np.arange(known, len(memory.monomials))
        begin, end = self._lines, len(memory)
        self._lines = end
        entries = slice(memory.starts[begin], None)
        words = memory.coefficients[entries] * self._keys[self.of_rows[memory.rows[entries]]]
        new = np.add.reduceat(words, memory.starts[begin:end] - memory.starts[begin])
        self._known = np.append(self._known, new)
        return np.flatnonzero(np.isin(self._fingerprints, new))

    def formed(self, polynomials: Sequence[Polynomial]) -> Columns:
        """Polynomials, none of them 0, as columns."""
        monomials = self.numbers(chain.from_iterable(p.terms for p in polynomials))
        self.settle()
        return Columns(
            np.array([*map(len, polynomials)], np.int64),
            monomials,
            np.array([word(int(c)) for p in polynomials for c in p.terms.values()], np.int64),
            np.array([*chain.from_iterable(scaled_values(p.terms.values())[0] for p in polynomials)], np.float64),
        )

    def admit(self, columns: Columns, max_degree: int, max_terms: int) -> NDArray[np.bool_]:
        """Append those polynomials that are new within limits; which they are, shape ``(polynomials,)``."""
        if not len(columns.lengths):
            return np.empty(0, np.bool_)
        starts = columns.starts
        fingerprints = np.add.reduceat(columns.words * self._keys[columns.monomials], starts)
        degrees = np.maximum.reduceat(self._degrees[columns.monomials], starts)
        fits = (columns.lengths <= max_terms) & (degrees <= max_degree) & ~np.isin(fingerprints, self._known)
        new = columns.chosen(fits)
        self.columns = Columns.joined([self.columns, new])
        self._fingerprints = np.append(self._fingerprints, fingerprints[fits])
        return fits

    def terms(self, place: int) -> tuple[list[Monomial], NDArray[np.float64]]:
        """The monomials of a conclusion, and their coefficients, as many, divided by the largest."""
        start = int(self.columns.lengths[:place].sum())
        entries = slice(start, start + int(self.columns.lengths[place]))
        monomials = [self._monomials[number] for number in self.columns.monomials[entries].tolist()]
        return monomials, self.columns.values[entries]

    def absent(self) -> NDArray[np.int64]:
        """How many of its monomials have no row, for every conclusion, shape ``(conclusions,)``."""
        sums = np.concatenate([[0], np.cumsum(self._rows[self.columns.monomials] == ABSENT)])
        starts = self.columns.starts
        absent: NDArray[np.int64] = sums[starts + self.columns.lengths] - sums[starts]
        return absent

    def expectations(self, moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """The value of a pseudo-expectation on every conclusion, divided by its largest coefficient.

        The moment of a monomial that has no row is guessed as if its variables were independent.

        Args:
            moments: The pseudo-moment of every row's monomial, shape ``(monomials,)``.

        Returns:
            The values, shape ``(conclusions,)``.
        """
        if not len(self):
            return np.empty(0)
        is_absent = self._rows == ABSENT
        of_monomials = np.where(is_absent, 0.0, moments[self._rows])
        if is_absent.any():
            row_of = self._memory.row_of
            rows = [row_of.get((i,)) for i in range(self._memory.ring.num_variables)]
            of_variables = np.array([0.5 if row is None else moments[row] for row in rows] + [1.0])
            guesses = np.multiply.reduceat(of_variables[self._factors], self._first_factors)
            of_monomials[is_absent] = guesses[is_absent]
        terms = self.columns.values * of_monomials[self.columns.monomials]
        expectations: NDArray[np.float64] = np.add.reduceat(terms, self.columns.starts)
        return expectations

    def __deepcopy__(self, memo: dict[int, Any]) -> Conclusions:
        """An independent table over the copy of the memory, which shares the monomials."""
        twin = copy.copy(self)
        vars(twin).update((name, copy.copy(value)) for name, value in vars(self).items())
        twin._memory = copy.deepcopy(self._memory, memo)
        twin._rows = self._rows.copy()  # the one array that changes in place
        return twin
