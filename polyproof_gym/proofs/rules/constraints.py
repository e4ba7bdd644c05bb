"""Products of known inequalities with the constraints of a problem."""

from __future__ import annotations

from collections.abc import Iterable

from polyproof_gym.errors import BadInput
from polyproof_gym.proofs.reasons import Reason, TimesLine
from polyproof_gym.proofs.rules.reasoned_rule import ReasonedRule

MAX_PRODUCTS = 5_000_000
"""Largest number of inequalities times constraints that is kept track of (about 5 bytes each, and the conclusions)."""


class ConstraintProducts(ReasonedRule):
    """From ``m >= 0`` follows ``g * m >= 0`` for every constraint ``g >= 0``, which is an axiom that is no bound.

    Action ``j * num_constraints + k`` multiplies inequality ``j`` by constraint ``k``.
    """

    name = "constraints"

    def count(self) -> int:
        """Inequalities times constraints.

        Raises:
            BadInput: If that is too much to keep track of, or too little for the problem.
        """
        view = self.view
        if len(view.constraints) > view.num_constraints:
            raise BadInput(
                f"expected a problem with at most {view.num_constraints} constraints, which actions are numbered for,"
                f" got {len(view.constraints)}"
            )
        if view.capacity * view.num_constraints > MAX_PRODUCTS:
            raise BadInput(
                f"expected at most {MAX_PRODUCTS // view.num_constraints} inequalities, axioms and steps together, for"
                f" {view.num_constraints} constraints, beyond which there are too many products to keep track of"
            )
        return view.capacity * view.num_constraints

    def reason(self, action: int) -> Reason:
        """The product with a constraint.

        Raises:
            IndexError: If the problem has no such constraint; others that actions are numbered for may have it.
        """
        parent, k = divmod(action, self.view.num_constraints)
        return TimesLine(parent, factor=self.view.constraints[k])

    def action(self, reason: Reason) -> int | None:
        """The action of a product with a constraint."""
        if not isinstance(reason, TimesLine) or reason.factor not in self.view.constraints:
            return None
        return reason.parent * self.view.num_constraints + self.view.constraints.index(reason.factor)

    def new_actions(self, begin: int, end: int) -> Iterable[int]:
        """The products of inequalities ``begin`` to ``end - 1``."""
        width, constraints = self.view.num_constraints, range(len(self.view.constraints))
        return (j * width + k for j in range(begin, end) for k in constraints)
