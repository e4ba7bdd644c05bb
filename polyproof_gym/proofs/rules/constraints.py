"""Products of known inequalities with the constraints of a problem."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.errors import BadInput
from polyproof_gym.proofs.kernels import SMALL, ZERO
from polyproof_gym.proofs.reasons import Reason, TimesLine
from polyproof_gym.proofs.rules.conclusions import Columns
from polyproof_gym.proofs.rules.line_rule import LineRule
from polyproof_gym.proofs.rules.rule import View


class ConstraintProducts(LineRule[int]):
    """From ``m >= 0`` follows ``g * m >= 0`` for every constraint ``g >= 0``, which is an axiom that is no bound.

    Action ``j * num_constraints + k`` multiplies inequality ``j`` by constraint ``k``.
    """

    name = "constraints"

    def begin(self, view: View) -> None:
        """Prepare for the inequalities of a memory, with all terms of all constraints in a row."""
        super().begin(view)
        memory = view.memory
        constraints = [memory[line].terms for line in view.constraints]
        self._monomials = [*dict.fromkeys(monomial for terms in constraints for monomial in terms)]
        place = {monomial: number for number, monomial in enumerate(self._monomials)}
        self._terms = np.array([place[monomial] for terms in constraints for monomial in terms], np.intp)
        self._owners = np.repeat(np.arange(len(constraints)), [*map(len, constraints)])
        self._largest = max((float(memory.scales[line]) for line in view.constraints), default=0.0)
        if self._largest <= SMALL:
            self._coefficients = np.array([c for terms in constraints for c in terms.values()], np.int64)
        # What these monomials make of that of every row: the number of the product, or ZERO.
        self._images = np.empty((0, len(self._monomials)), np.int32)

    def set_ways(self, view: View) -> None:
        """Take the constraints.

        Raises:
            BadInput: If there are more than actions are numbered for.
        """
        if len(view.constraints) > view.num_constraints:
            raise BadInput(
                f"expected a problem with at most {view.num_constraints} constraints, which actions are numbered for,"
                f" got {len(view.constraints)}"
            )
        self.ways, self.width = view.constraints, view.num_constraints

    def derivation(self, parent: int, way: int) -> Reason:
        """The product with a constraint."""
        return TimesLine(parent, factor=way)

    def way_of(self, reason: Reason) -> int | None:
        """The line that another is multiplied by."""
        return reason.factor if isinstance(reason, TimesLine) else None

    def include(self, begin: int, end: int) -> None:
        """Admit the products of inequalities ``begin`` to ``end - 1``, those of small coefficients quickly."""
        if not self.view.constraints:
            return
        memory = self.view.memory
        self._extend_images()
        actions, columns = [np.empty(0, np.int64)], [Columns.none()]
        for j in range(begin, end):
            length = int(memory.starts[j + 1] - memory.starts[j])
            # No coefficient of a product is larger than this.
            if float(memory.scales[j]) * self._largest * length > SMALL:
                super().include(j, j + 1)
            else:
                constraints, products = self._products(j)
                actions.append(j * self.width + constraints)
                columns.append(products)
        self.admit(np.concatenate(actions), Columns.joined(columns))

    def _extend_images(self) -> None:
        """Find the images of the monomials that are new in the memory."""
        memory, known = self.view.memory, len(self._images)
        if len(memory.monomials) == known:
            return
        product = memory.ring.product
        products = [product(a, b) for a in memory.monomials[known:] for b in self._monomials]
        images = np.full(len(products), ZERO, np.int32)
        images[[image is not None for image in products]] = self._conclusions.numbers(
            image for image in products if image is not None
        )
        self._conclusions.settle()
        self._images = np.concatenate([self._images, images.reshape(-1, len(self._monomials))])

    def _products(self, j: int) -> tuple[NDArray[np.int64], Columns]:
        """The products of one inequality with all constraints, in exact integers: with which, and what they are."""
        memory = self.view.memory
        entries = slice(memory.starts[j], memory.starts[j + 1])
        monomials = self._images[memory.rows[entries]][:, self._terms]
        coefficients = memory.coefficients[entries, None] * self._coefficients
        exists = monomials != ZERO
        owners = np.broadcast_to(self._owners, monomials.shape)[exists]
        # Equal monomials of one product come together, and are added up.
        keys = owners * np.int64(1 << 32) + monomials[exists]
        order = np.argsort(keys, kind="stable")
        keys, coefficients = keys[order], coefficients[exists][order]
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        keys, coefficients = keys[starts], np.add.reduceat(coefficients, starts) if len(starts) else coefficients
        keys, coefficients = keys[coefficients != 0], coefficients[coefficients != 0]
        if not len(keys):
            return keys, Columns.none()
        owners = keys >> 32
        starts = np.flatnonzero(np.diff(owners, prepend=-1))
        lengths = np.diff(np.append(starts, len(owners)))
        scales = np.maximum.reduceat(np.abs(coefficients), starts)
        columns = Columns(
            lengths, (keys & 0xFFFFFFFF).astype(np.int32), coefficients, coefficients / np.repeat(scales, lengths)
        )
        return owners[starts], columns
