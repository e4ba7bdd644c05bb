"""Why inequalities hold: every reason there is, what it establishes exactly, and how a proof file writes it.

A reason knows the ring and the inequalities that it follows from, and nothing of memories or of how it was found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

from polyproof_gym.errors import InvalidProof
from polyproof_gym.polynomials import Polynomial, Ring
from polyproof_gym.problems.problem import Problem


class Reason(Protocol):
    """Why an inequality holds: a value that never changes."""

    @property
    def parents(self) -> tuple[int, ...]:
        """The inequalities it follows from, as numbers in the memory."""
        ...

    def conclude(self, ring: Ring, parents: Sequence[Polynomial]) -> Polynomial:
        """The polynomial whose nonnegativity the reason establishes, in exact arithmetic, with whole coefficients.

        Args:
            ring: The ring of the problem.
            parents: What the parents state, in their order.
        """
        ...

    def renumbered(self, numbers: Mapping[int, int]) -> Reason:
        """The same reason in a memory where the parents have other numbers."""
        ...

    def describe(self, ring: Ring) -> str:
        """The reason in a few words."""
        ...

    def to_json(self) -> str:
        """The reason as it stands in a proof file."""
        ...

    def require(self, problem: Problem) -> None:
        """Check that the reason fits a problem.

        Raises:
            InvalidProof: If it refers to an axiom or a variable that the problem does not have.
        """
        ...


@dataclass(frozen=True, slots=True)
class Axiom:
    """The inequality is one of the problem's axioms."""

    index: int
    polynomial: Polynomial
    pattern: ClassVar[re.Pattern[str]] = re.compile(r"axiom (\d{1,9})", re.ASCII)
    parents: ClassVar[tuple[int, ...]] = ()

    @classmethod
    def read(cls, match: re.Match[str], problem: Problem) -> Axiom:
        """The axiom of a problem that a proof file tells."""
        index = int(match[1])
        if index >= len(problem.axioms):
            raise InvalidProof(f"there is no axiom {index}")
        return cls(index, problem.axioms[index])

    def conclude(self, ring: Ring, parents: Sequence[Polynomial]) -> Polynomial:
        """The axiom itself."""
        return self.polynomial

    def renumbered(self, numbers: Mapping[int, int]) -> Axiom:
        """The axiom itself, which has no parents."""
        return self

    def describe(self, ring: Ring) -> str:
        """``axiom 3``."""
        return f"axiom {self.index}"

    def to_json(self) -> str:
        """``axiom 3``."""
        return f"axiom {self.index}"

    def require(self, problem: Problem) -> None:
        """Check that this is the problem's axiom of that index."""
        if not (0 <= self.index < len(problem.axioms) and problem.axioms[self.index] == self.polynomial):
            raise InvalidProof(f"not an axiom of the problem with the number {self.index}")


@dataclass(frozen=True, slots=True)
class Times:
    """The inequality is a known one times ``x_i``, or times ``1 - x_i`` where ``complement`` is set."""

    parent: int
    variable: int
    complement: bool
    pattern: ClassVar[re.Pattern[str]] = re.compile(r"times (1-)?x_(\d{1,9}) of line (\d{1,9})", re.ASCII)

    @classmethod
    def read(cls, match: re.Match[str], problem: Problem) -> Times:
        """The product that a proof file tells."""
        complement, variable, parent = match.groups()
        return cls(int(parent), int(variable), complement is not None)

    @property
    def parents(self) -> tuple[int, ...]:
        """The inequality that was multiplied."""
        return (self.parent,)

    def conclude(self, ring: Ring, parents: Sequence[Polynomial]) -> Polynomial:
        """The product."""
        (parent,) = parents
        return parent.times_complement(self.variable) if self.complement else parent.times_variable(self.variable)

    def renumbered(self, numbers: Mapping[int, int]) -> Times:
        """The same product in a memory where the parent has another number."""
        return replace(self, parent=numbers[self.parent])

    def describe(self, ring: Ring) -> str:
        """``(1 - x3) * line 7``."""
        name = ring.variables[self.variable]
        return f"{f'(1 - {name})' if self.complement else name} * line {self.parent}"

    def to_json(self) -> str:
        """``times x_3 of line 7`` or ``times 1-x_3 of line 7``; variables count from 0."""
        return f"times {'1-' if self.complement else ''}x_{self.variable} of line {self.parent}"

    def require(self, problem: Problem) -> None:
        """Check that the problem has the variable."""
        if not 0 <= self.variable < problem.num_variables:
            raise InvalidProof(f"there is no variable {self.variable}")


KINDS: tuple[type[Axiom] | type[Times], ...] = (Axiom, Times)
"""All kinds of reasons that a proof file may give."""


def reason_from_json(text: str, problem: Problem) -> Reason:
    """The reason that a proof file gives for a line; what ``to_json`` wrote.

    Raises:
        InvalidProof: If it is none, or one that does not fit the problem.
    """
    for kind in KINDS:
        match = kind.pattern.fullmatch(text)
        if match is not None:
            reason = kind.read(match, problem)
            reason.require(problem)
            return reason
    raise InvalidProof(f"not a reason: {text}")
