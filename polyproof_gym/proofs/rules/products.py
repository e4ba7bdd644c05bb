"""The rule of the proof system: products of known inequalities with ``x_i`` and ``1 - x_i``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.compiled import kernels
from polyproof_gym.proofs.candidate_features import FEATURES
from polyproof_gym.proofs.reasons import Reason, Times
from polyproof_gym.proofs.rules.images import Images
from polyproof_gym.proofs.rules.rule import Extents, View


@dataclass(frozen=True)
class ProductNumbers:
    """The numbers of products with variables: ``first + (j * variables + i) * 2 + s``.

    That is inequality ``j`` times ``x_i`` (``s = 0``), or times ``1 - x_i`` (``s = 1``).

    Attributes:
        inequalities: How many inequalities are multiplied.
        variables: By how many variables each of them.
        first: The first number.
    """

    inequalities: int
    variables: int
    first: int = 0

    def __len__(self) -> int:
        return self.inequalities * self.variables * 2

    def number(self, product: Times) -> int:
        """The number of a product."""
        return self.first + (product.parent * self.variables + product.variable) * 2 + product.complement

    def product(self, number: int) -> Times:
        """The product of a number."""
        parent, variable, sign = self.parts(number)
        return Times(parent, variable, bool(sign))

    def parts(self, numbers: Any) -> tuple[Any, Any, Any]:
        """The inequalities, the variables and the signs ``s`` of a number, or of an array or tensor of them."""
        factors, signs = (numbers - self.first) // 2, (numbers - self.first) % 2
        return factors // self.variables, factors % self.variables, signs


class VariableProducts:
    """The rule of the proof system: from ``m >= 0`` follow ``x_i * m >= 0`` and ``(1 - x_i) * m >= 0``."""

    name = "products"

    def open(self, view: View) -> ProductBlock:
        """All products of known inequalities; see :class:`ProductBlock` for their numbers."""
        return ProductBlock(view)


class ProductBlock:
    """All products of known inequalities with ``x_i`` (``s = 0``) and ``1 - x_i`` (``s = 1``).

    See :class:`ProductNumbers` for the numbers of actions.

    No product is formed to tell which actions are valid. For every monomial the table knows what ``x_i`` makes of
    it; equality with known inequalities is decided by a fingerprint modulo 2^64 that is linear in the integer
    coefficients, so that a product's is a sum over its parent's terms. Two different polynomials share one with
    probability about 2^-64 (more if all coefficients of their difference are multiples of a large power of 2); the
    price would be an action masked without need, never a wrong inequality, since conclusions are always computed
    exactly.

    Attributes:
        numbers: The numbers of the products in the block.
        num_actions: How many there are.
    """

    def __init__(self, view: View) -> None:
        """Prepare the tables."""
        memory, limits, capacity, num_variables = view.memory, view.limits, view.capacity, view.num_variables
        self._memory, self._limits = memory, limits
        self._images = Images(memory.ring, limits.max_degree)
        self._images.extend(memory.monomials)
        shape = (capacity, num_variables * 2)
        self.numbers = ProductNumbers(capacity, num_variables)
        self.num_actions = len(self.numbers)
        self._num_variables = num_variables
        self._valid = np.zeros(shape, np.bool_)
        self._fixed = np.array([2 * i + s for i in view.fixed for s in (0, 1)], np.intp)
        self._fingerprints = np.zeros(shape, np.uint64)
        self._known = np.zeros(1 << (2 * capacity).bit_length(), np.uint64)
        # Valid products with the same fingerprint are found through lists of about four.
        self._newest = np.full(1 << (self.num_actions // 4).bit_length(), -1, np.int32)
        self._older = np.empty(shape, np.int32)
        self._is_too_high = np.empty(shape[1], np.bool_)
        self._extents = np.zeros((self.num_actions, 2), np.int32)  # found when asked for
        self._size = 0

    def update(self) -> None:
        """Take in the inequalities and monomials that are new in the memory.

        Raises:
            ValueError: If the memory has outgrown the capacity.
        """
        memory, images = self._memory, self._images
        begin, end = self._size, len(memory)
        if begin == end:
            return
        if end > len(self._valid):
            raise ValueError(f"expected at most {len(self._valid)} inequalities (see max_steps), got {end}")
        images.extend(memory.monomials)
        starts = memory.starts
        kernels("polyproof_gym.proofs").include_products(
            begin,
            end,
            starts,
            memory.rows,
            memory.coefficients,
            images.fingerprint,
            images.too_high,
            self._fingerprints,
            self._valid,
            self._known,
            self._newest,
            self._older,
            self._is_too_high,
        )
        self._size = end
        if len(self._fixed):
            self._valid[begin:end, self._fixed] = False
        for j in range(begin, end):
            if 2 * (starts[j + 1] - starts[j]) > self._limits.max_terms:
                self._exclude_longer(j)

    def _prepare(self, moments: NDArray[np.float64]) -> None:
        """Make sure of what the compiled loops, which check no index, rely on."""
        self.update()
        if len(moments) != len(self._memory.monomials):
            raise ValueError(f"expected {len(self._memory.monomials)} moments, one for every row, got {len(moments)}")

    def _exclude_longer(self, j: int) -> None:
        """Make those products of inequality ``j`` invalid that have too many terms."""
        memory, valid = self._memory, self._valid[j]
        products = np.flatnonzero(valid)
        actions = j * len(valid) + products
        if memory.is_small(j):
            terms = self.extents(actions).terms
        else:  # modulo 2^64 coefficients may vanish
            terms = np.array([len(memory.conclusion(self.reason(action))) for action in actions.tolist()])
        valid[products] = terms <= self._limits.max_terms

    def mask(self) -> NDArray[np.bool_]:
        """Which actions are valid, shape ``(num_actions,)``; a view that changes as the memory grows."""
        return self._valid.reshape(-1)

    def reason(self, action: int) -> Times:
        """The product that an action stands for."""
        return self.numbers.product(action)

    def action(self, reason: Reason) -> int | None:
        """The action of a product."""
        return self.numbers.number(reason) if isinstance(reason, Times) else None

    def derive(self, action: int) -> int:
        """Append the conclusion of a valid action to the memory; its number."""
        memory, reason = self._memory, self.reason(action)
        if memory.is_small(reason.parent):
            image, starts = self._images.image, memory.starts
            room = 2 * (starts[reason.parent + 1] - starts[reason.parent])
            rows, coefficients = np.empty(room, np.int32), np.empty(room, np.int64)
            values, scales = np.empty(room), np.empty(1)
            count = kernels("polyproof_gym.proofs").product_entries(
                reason.parent,
                reason.variable,
                reason.complement,
                starts,
                memory.rows,
                memory.coefficients,
                image,
                np.empty(len(image), np.int32),
                rows,
                coefficients,
                values,
                scales,
            )
            if count:
                return memory.append(reason, rows[:count], coefficients[:count], values[:count], float(scales[0]))
        return memory.add(reason)

    def expectations(self, moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """The value of the pseudo-expectation on every conclusion, shape ``(num_actions,)``.

        The moment of a product ``x_i * m`` that has no row is guessed as that of ``x_i`` times that of ``m``, as if
        the two were independent.

        Raises:
            ValueError: If there is not one moment for every row.
        """
        self._prepare(moments)
        memory, images = self._memory, self._images
        result = np.empty(self._valid.shape)
        kernels("polyproof_gym.proofs").product_expectations(
            memory.starts,
            memory.rows,
            memory.values,
            images.image,
            images.variable_rows,
            moments,
            self._valid,
            *self._room_for_expectations(),
            result,
        )
        return result.reshape(-1)

    def closed(self) -> NDArray[np.bool_]:
        """Which valid actions need no monomial that has no row yet, shape ``(num_actions,)``.

        A term of the product can cancel only against one of the parent's own monomials, which have rows; so it is
        enough to look at the images of the parent's monomials, and the answer is the same for both factors.
        """
        self.update()
        result = np.empty(self._valid.shape, np.bool_)
        kernels("polyproof_gym.proofs").closed_products(
            self._memory.starts,
            self._memory.rows,
            self._images.image,
            self._valid,
            np.empty(self._num_variables, np.bool_),
            result,
        )
        return result.reshape(-1)

    def most_violated(
        self, moments: NDArray[np.float64], below: float, tie: float
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The closed valid actions of smallest pseudo-expectation, and these values.

        Raises:
            ValueError: If there is not one moment for every row.
        """
        self._prepare(moments)
        memory = self._memory
        actions, expectations = np.empty(self.num_actions, np.int64), np.empty(self.num_actions)
        count = kernels("polyproof_gym.proofs").most_violated_products(
            memory.starts,
            memory.rows,
            memory.values,
            self._images.image,
            moments,
            self._valid,
            math.nextafter(below, -math.inf),
            tie,
            *self._room_for_expectations(),
            actions,
            expectations,
        )
        return actions[:count].copy(), expectations[:count].copy()

    def _room_for_expectations(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        n = self._num_variables
        return np.empty((len(self._memory.monomials), n)), np.empty(n)

    def extents(self, actions: NDArray[np.intp]) -> Extents:
        """How long the conclusions of some valid actions are, and how far they could grow.

        Raises:
            ValueError: If an action is not valid.
        """
        self.update()
        extents = Extents(np.empty(len(actions), np.int32), np.empty(len(actions), np.int32))
        memory, images = self._memory, self._images
        all_valid = kernels("polyproof_gym.proofs").product_extents(
            np.ascontiguousarray(actions, np.int64),
            self._valid,
            memory.starts,
            memory.rows,
            memory.coefficients,
            images.image,
            images.annihilators,
            images.neighbours,
            *self._room_for_extents(),
            self._extents,
            *extents,
        )
        if not all_valid:
            raise ValueError("an action is not valid")
        return extents

    def absent_shares(self, actions: NDArray[np.intp]) -> NDArray[np.float64]:
        """Which share of the terms of some valid actions' conclusions has no row, before equal terms are added up.

        Raises:
            ValueError: If an action is not valid.
        """
        self.update()
        shares = np.empty(len(actions))
        memory = self._memory
        all_valid = kernels("polyproof_gym.proofs").absent_shares(
            np.ascontiguousarray(actions, np.int64),
            self._valid,
            memory.starts,
            memory.rows,
            self._images.image,
            shares,
        )
        if not all_valid:
            raise ValueError("an action is not valid")
        return shares

    def features(self, actions: NDArray[np.intp], moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """What tells some valid actions apart, shape ``(actions, len(FEATURES))``.

        Raises:
            ValueError: If an action is not valid, or there is not one moment for every row.
        """
        self._prepare(moments)
        features = np.empty((len(actions), len(FEATURES)))
        memory, images = self._memory, self._images
        of_variables, weighted_degrees, degrees = np.empty((3, len(images.variable_rows)))
        loops = kernels("polyproof_gym.proofs")
        loops.variable_features(
            images.neighbours, images.variable_rows, moments, of_variables, weighted_degrees, degrees
        )
        all_valid = loops.product_features(
            np.ascontiguousarray(actions, np.int64),
            self._valid,
            memory.starts,
            memory.rows,
            memory.coefficients,
            memory.values,
            images.image,
            images.annihilators,
            images.neighbours,
            moments,
            of_variables,
            weighted_degrees,
            degrees,
            *self._room_for_extents(),
            np.empty(len(of_variables), np.int64),
            features,
        )
        if not all_valid:
            raise ValueError("an action is not valid")
        return features

    def _room_for_extents(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.uint64]]:
        size, words = len(self._images.image), self._images.neighbours.shape[1]
        return np.zeros(size, np.int64), np.empty(2 * size, np.int32), np.empty(words, np.uint64)
