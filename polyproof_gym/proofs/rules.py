"""Inference rules: the ways to derive new inequalities from known ones, as blocks of numbered actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.polynomials import Monomial, Polynomial, Ring
from polyproof_gym.proofs.memory import Memory, Reason, Times


@dataclass(frozen=True)
class Limits:
    """What derived inequalities may grow to.

    Attributes:
        max_degree: Largest total degree.
        max_terms: Largest number of terms.
    """

    max_degree: int
    max_terms: int


class Candidates(Protocol):
    """The conclusions of one rule that a memory admits, each a numbered action; follows the memory as it grows.

    Attributes:
        num_actions: Size of the block, fixed for the whole proof.
    """

    num_actions: int

    def update(self) -> None:
        """Take in what the memory has learned since the last call."""
        ...

    def mask(self) -> NDArray[np.bool_]:
        """Which actions are valid: they give something new within the limits. Shape ``(num_actions,)``, read-only."""
        ...

    def reason(self, action: int) -> Reason:
        """The derivation that an action stands for."""
        ...

    def action(self, reason: Reason) -> int | None:
        """The action that stands for a derivation, valid or not; ``None`` if it is not of this rule."""
        ...

    def expectations(self, moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """The value of a pseudo-expectation on every conclusion, divided by its parent's largest coefficient.

        A monomial that has no row has no pseudo-moment; where one occurs the value is a guess.

        Args:
            moments: The pseudo-moment of every row's monomial, shape ``(monomials,)``.

        Returns:
            One value per action, shape ``(num_actions,)``; 0 where the action is not valid.
        """
        ...

    def closed(self) -> NDArray[np.bool_]:
        """Which valid actions have conclusions in monomials that all have a row. Shape ``(num_actions,)``."""
        ...


class InferenceRule(Protocol):
    """A way to derive inequalities: opens a block of candidates over a memory."""

    def candidates(self, memory: Memory, limits: Limits, capacity: int, num_variables: int) -> Candidates:
        """The rule's candidates over a memory.

        Args:
            memory: The known inequalities.
            limits: What conclusions may grow to.
            capacity: The most inequalities the memory will hold.
            num_variables: The number of variables that actions are numbered for, at least that of the ring.
        """
        ...


class VariableProducts:
    """The rule of the proof system: from ``m >= 0`` follow ``x_i * m >= 0`` and ``(1 - x_i) * m >= 0``."""

    def candidates(self, memory: Memory, limits: Limits, capacity: int, num_variables: int) -> ProductCandidates:
        """All products of known inequalities; see :class:`ProductCandidates` for their numbers."""
        return ProductCandidates(memory, limits, capacity, num_variables)


ZERO, ABSENT = -1, -2


def _mix(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A permutation of the 64-bit numbers that looks random (the finaliser of SplitMix64)."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


_WORD = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def _words(polynomial: Polynomial) -> NDArray[np.uint64]:
    """The integer coefficients of a polynomial modulo 2^64."""
    try:
        return np.fromiter(polynomial.terms.values(), np.int64, len(polynomial)).view(np.uint64)
    except OverflowError:
        return np.array([int(coefficient) & _WORD for coefficient in polynomial.terms.values()], np.uint64)


@cache
def _include_products() -> Callable[..., None]:
    """The compiled inner loop; importing it loads the compiler, which takes too long for an import of the package."""
    from polyproof_gym.proofs.kernels import include_products

    return include_products


class ProductCandidates:
    """All products of known inequalities with ``x_i`` (``s = 0``) and ``1 - x_i`` (``s = 1``).

    Action ``(j * num_variables + i) * 2 + s`` multiplies inequality ``j``.

    No product is formed to tell which actions are valid. For every monomial the table knows what ``x_i`` makes of
    it; equality with known inequalities is decided by a fingerprint modulo 2^64 that is linear in the integer
    coefficients, so that a product's is a sum over its parent's terms. Two different polynomials share one with
    probability about 2^-64 (more if all coefficients are multiples of a large power of 2); the price would be an
    action masked without need, never a wrong inequality, since conclusions are always computed exactly.
    """

    def __init__(self, memory: Memory, limits: Limits, capacity: int, num_variables: int) -> None:
        """Prepare the tables; see :meth:`InferenceRule.candidates` for the arguments."""
        self._memory = memory
        self._limits = limits
        self._images = _Images(memory.ring, limits.max_degree)
        _include_products()  # loaded here, not at the first step
        shape = (capacity, num_variables * 2)
        self.num_actions = capacity * num_variables * 2
        self._num_variables = num_variables
        self._valid = np.zeros(shape, np.bool_)
        self._fingerprints = np.zeros(shape, np.uint64)
        self._known = np.zeros(1 << (2 * capacity).bit_length(), np.uint64)
        # Valid products with the same fingerprint are found through lists of about four.
        self._newest = np.full(1 << (self.num_actions // 4).bit_length(), -1, np.int32)
        self._older = np.empty(shape, np.int32)
        self._size = 0

    def update(self) -> None:
        """Take in the inequalities and monomials that are new in the memory.

        Raises:
            ValueError: If the memory has outgrown the capacity.
        """
        if len(self._memory) > len(self._valid):
            raise ValueError(f"expected at most {len(self._valid)} inequalities, got {len(self._memory)}")
        self._images.extend(self._memory.monomials)
        while self._size < len(self._memory):
            self._include(self._size)
            self._size += 1

    def _include(self, j: int) -> None:
        images, limits = self._images, self._limits
        polynomial = self._memory[j]
        rows = self._memory.column(j)[0]
        coefficients = _words(polynomial)
        _include_products()(
            j,
            coefficients,
            rows,
            images.fingerprint,
            self._fingerprints,
            self._valid,
            self._known,
            self._newest,
            self._older,
        )
        valid = self._valid[j, : images.fingerprint.shape[1] - 1]
        if polynomial.degree >= limits.max_degree:
            valid.reshape(-1, 2)[np.logical_or.reduce(images.too_high[rows], axis=0)] = False
        if 2 * len(rows) > limits.max_terms:
            for action in range(1, len(valid), 2):
                if valid[action]:
                    valid[action] = len(polynomial.times_complement(action // 2)) <= limits.max_terms

    def mask(self) -> NDArray[np.bool_]:
        """Which actions are valid, shape ``(num_actions,)``; a view that changes as the memory grows."""
        return self._valid.reshape(-1)

    def reason(self, action: int) -> Times:
        """The product that an action stands for."""
        rest, sign = divmod(action, 2)
        parent, variable = divmod(rest, self._num_variables)
        return Times(parent, variable, bool(sign))

    def action(self, reason: Reason) -> int | None:
        """The action of a product."""
        if not isinstance(reason, Times):
            return None
        return (reason.parent * self._num_variables + reason.variable) * 2 + reason.complement

    def expectations(self, moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """The value of the pseudo-expectation on every conclusion, shape ``(num_actions,)``.

        The moment of a product ``x_i * m`` that has no row is guessed as that of ``x_i`` times that of ``m``, as if
        the two were independent.
        """
        memory, size = self._memory, self._size
        image = self._images.image[: len(moments)]
        variables = self._images.variable_rows
        of_variables = np.where(variables >= 0, moments[variables], 0.5)
        by_row = np.where(image == ABSENT, moments[:, None] * of_variables, np.append(moments, 0.0)[image])
        starts = memory.starts[:size]
        times_variable = np.add.reduceat(by_row[memory.rows] * memory.values[:, None], starts, axis=0)
        own = np.add.reduceat(moments[memory.rows] * memory.values, starts)
        result = np.zeros(self._valid.shape)
        width = 2 * times_variable.shape[1]
        result[:size, 0:width:2] = times_variable
        result[:size, 1:width:2] = own[:, None] - times_variable
        result[~self._valid] = 0.0
        return result.reshape(-1)

    def closed(self) -> NDArray[np.bool_]:
        """Which valid actions need no monomial that has no row yet, shape ``(num_actions,)``.

        A term of the product can cancel only against one of the parent's own monomials, which have rows; so it is
        enough to look at the images of the parent's monomials, and the answer is the same for both factors.
        """
        memory, size = self._memory, self._size
        absent = self._images.image[: len(memory.monomials)] == ABSENT
        any_absent = np.logical_or.reduceat(absent[memory.rows], memory.starts[:size], axis=0)
        result = self._valid.copy()
        result[:size, : 2 * any_absent.shape[1]] &= ~np.repeat(any_absent, 2, axis=1)
        return result.reshape(-1)


class _Images:
    """What multiplication by each variable makes of each monomial that has a row.

    Attributes:
        image: Row of ``x_i * m``, or ``ZERO``, or ``ABSENT`` where it has no row. Shape ``(rows, variables)``.
        fingerprint: Fingerprints of ``x_i * m`` and ``(1 - x_i) * m`` in turn for every variable, and last that of
            ``m`` itself. Shape ``(rows, 2 * variables + 1)``.
        too_high: Whether ``x_i * m`` exceeds the degree limit. Shape ``(rows, variables)``.
        variable_rows: Row of ``x_i``, or ``ABSENT``. Shape ``(variables,)``.
    """

    def __init__(self, ring: Ring, max_degree: int) -> None:
        n = ring.num_variables
        self._ring = ring
        self._max_degree = max_degree
        # A random word per variable, whose sum over a monomial (counted from an arbitrary start) is mixed to its
        # fingerprint. The last entry, for no factor at all, gives the fingerprint of the monomial itself.
        self._keys = _mix(np.arange(1, n + 2, dtype=np.uint64) * np.uint64(_GOLDEN))
        self._keys[n] = 0
        self._key_list: list[int] = self._keys.tolist()
        self._exclusive = [np.array(sorted(ring.exclusive_with(i)), np.intp) for i in range(n)]
        self._row_of: dict[Monomial, int] = {}
        self._degrees: set[int] = set()
        self.variable_rows = np.full(n, ABSENT, np.int32)
        self.image = np.empty((64, n), np.int32)
        self.fingerprint = np.empty((64, 2 * n + 1), np.uint64)
        self.too_high = np.empty((64, n), np.bool_)

    def extend(self, monomials: list[Monomial]) -> None:
        """Include the rows that are new at the end of ``monomials``."""
        while len(monomials) > len(self.fingerprint):
            self.image, self.fingerprint, self.too_high = (
                np.concatenate([table, np.empty_like(table)]) for table in (self.image, self.fingerprint, self.too_high)
            )
        for row in range(len(self._row_of), len(monomials)):
            self._include(row, monomials[row])

    def _key(self, monomial: Monomial) -> np.uint64:
        return np.uint64((_GOLDEN + sum(self._key_list[i] for i in monomial)) & _WORD)

    def _include(self, row: int, monomial: Monomial) -> None:
        n = self._ring.num_variables
        image, too_high = self.image[row], self.too_high[row]
        image[:] = ABSENT
        too_high[:] = len(monomial) >= self._max_degree
        times_variable = _mix(self._keys + self._key(monomial))
        own = times_variable[n]
        for i in self._ring.idempotent.intersection(monomial):
            times_variable[i], image[i], too_high[i] = own, row, False
        if len(monomial) + 1 in self._degrees:
            for i in range(n):
                product = self._ring.times(monomial, i)
                if product is not None and product in self._row_of:
                    image[i] = self._row_of[product]
        for i in monomial:
            zero = self._exclusive[i]
            times_variable[zero], image[zero], too_high[zero] = 0, ZERO, False
        self.fingerprint[row, 0::2] = times_variable
        self.fingerprint[row, 1::2] = own - times_variable[:n]
        self._row_of[monomial] = row
        if len(monomial) == 1:
            self.variable_rows[monomial[0]] = row
        self._degrees.add(len(monomial))
        for position, i in enumerate(monomial):
            divisor = self._row_of.get(monomial[:position] + monomial[position + 1 :])
            if divisor is not None:
                self.image[divisor, i] = row
