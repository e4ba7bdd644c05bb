"""Images of known inequalities under the symmetries of a problem."""

from __future__ import annotations

from collections.abc import Iterable

from polyproof_gym.arguments import whole
from polyproof_gym.problems.symmetry import Permutation
from polyproof_gym.proofs.reasons import Axiom, Reason, Renamed
from polyproof_gym.proofs.rules.line_rule import LineRule
from polyproof_gym.proofs.rules.rule import View

GENERATORS = 8
"""Number of generators by default; most groups have fewer."""

MAX_GENERATORS = 1000
"""Largest number of generators."""


class Renamings(LineRule[Permutation]):
    """From ``m >= 0`` follows ``m`` with the variables renamed by a symmetry of the problem.

    Action ``j * generators + k`` renames inequality ``j`` by generator ``k`` of the group. Where there are more
    generators than actions are numbered for, the first ones are used; where there are fewer, the other actions are
    never valid. All other symmetries are reached in several steps.
    """

    def __init__(self, generators: int = GENERATORS) -> None:
        """Fix the number of generators that actions are numbered for.

        Raises:
            BadInput: If it is no whole number from 1 to :data:`MAX_GENERATORS`.
        """
        self.width = whole(generators, "generators", 1, MAX_GENERATORS)
        self.name = "symmetries" if generators == GENERATORS else f"symmetries:generators={generators}"

    def set_ways(self, view: View) -> None:
        """Find the generators.

        Raises:
            BadInput: If the package that finds them is missing.
        """
        self.ways = () if view.symmetries is None else view.symmetries.generators[: self.width]

    def derivation(self, parent: int, way: Permutation) -> Reason:
        """The image under a generator."""
        return Renamed(parent, way)

    def way_of(self, reason: Reason) -> Permutation | None:
        """The permutation of a renaming."""
        return reason.images if isinstance(reason, Renamed) else None

    def new_actions(self, begin: int, end: int) -> Iterable[int]:
        """The images of inequalities ``begin`` to ``end - 1``; those of axioms are axioms."""
        derived = (j for j in range(begin, end) if not isinstance(self.view.memory.reasons[j], Axiom))
        return (action for j in derived for action in super(Renamings, self).new_actions(j, j + 1))
