"""Inference rules: the ways to derive new inequalities from known ones, each as a block of numbered actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.polynomials import Monomial, Polynomial
from polyproof_gym.problems.symmetry import Symmetries
from polyproof_gym.proofs.memory import Memory
from polyproof_gym.proofs.reasons import Reason


@dataclass(frozen=True)
class Limits:
    """What derived inequalities may grow to.

    Attributes:
        max_degree: Largest total degree.
        max_terms: Largest number of terms.
    """

    max_degree: int
    max_terms: int


@dataclass(frozen=True)
class View:
    """What rules see of a proof, which they never change.

    Attributes:
        memory: The known inequalities; it grows.
        limits: What conclusions may grow to.
        capacity: The most inequalities the memory will hold.
        num_variables: The number of variables that actions are numbered for, at least that of the ring.
        constraints: The axioms that are no bounds of the unit box, as numbers in the memory.
        num_constraints: The number of constraints that actions are numbered for.
        objective: What is bounded from below, for oracles.
        integer: The intervals of the integer variables, by number, in the problem's own coordinates.
        symmetries: The permutations of the variables that map the problem to itself, found when asked for; ``None`` if
            there is no problem.
        splittable: The variables that the problem can be split at.
        fixed: The variables that have one value only, whose unit coordinates mean nothing.
    """

    memory: Memory
    limits: Limits
    capacity: int
    num_variables: int
    constraints: tuple[int, ...] = ()
    num_constraints: int = 0
    objective: Polynomial | None = None
    integer: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    symmetries: Symmetries | None = None
    splittable: tuple[int, ...] = ()
    fixed: tuple[int, ...] = ()


class Extents(NamedTuple):
    """How long inequalities ``p >= 0`` are, and how far they could grow.

    Attributes:
        terms: The number of terms of each ``p``, shape ``(inequalities,)``.
        extensions: The number of variables ``x_i`` whose product with every monomial of ``p`` but the constant is zero;
            0 for constants. Multiplying ``c + q`` by ``1 - x_i`` then gives ``c + q - c x_i``: one more term, and
            nothing lost. In a stable set problem these are the vertices that a clique can grow by; in a ring without
            exclusive pairs there are none. Shape ``(inequalities,)``.
    """

    terms: NDArray[np.int32]
    extensions: NDArray[np.int32]


class Block(Protocol):
    """The conclusions of one rule that a memory admits, each a numbered action; follows the memory as it grows.

    What is asked of a rule is ``mask``, ``reason`` and ``action``; the rest follows from the reasons, as
    :class:`~polyproof_gym.proofs.rules.reasoned_rule.ReasonedRule` does it, or is quicker known.

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
        """The action that stands for a derivation, valid or not; ``None`` if there is none."""
        ...

    def derive(self, action: int) -> int:
        """Append the conclusion of a valid action to the memory; the number of the inequality."""
        ...

    def expectations(self, moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """The value of a pseudo-expectation on every conclusion, divided by a coefficient.

        Of products with a variable that is the largest of the inequality multiplied, of all others the largest of their
        own. A monomial that has no row has no pseudo-moment; where one occurs the value is a guess.

        Args:
            moments: The pseudo-moment of every row's monomial, shape ``(monomials,)``.

        Returns:
            One value per action, shape ``(num_actions,)``; 0 where the action is not valid.

        Raises:
            ValueError: If there is not one moment for every row.
        """
        ...

    def closed(self) -> NDArray[np.bool_]:
        """Which valid actions have conclusions in monomials that all have a row. Shape ``(num_actions,)``."""
        ...

    def most_violated(
        self, moments: NDArray[np.float64], below: float, tie: float
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The closed valid actions of smallest pseudo-expectation, ascending, and these values.

        Args:
            moments: As for :meth:`expectations`.
            below: Only values below this are looked for.
            tie: Values up to this much above the smallest one of this rule are as good.
        """
        ...

    def extents(self, actions: NDArray[np.intp]) -> Extents:
        """How long the conclusions of some valid actions are, and how far they could grow.

        Raises:
            ValueError: If an action is not valid.
        """
        ...

    def absent_shares(self, actions: NDArray[np.intp]) -> NDArray[np.float64]:
        """Which share of the terms of some valid actions' conclusions has no row, about, shape ``(actions,)``.

        Raises:
            ValueError: If an action is not valid.
        """
        ...

    def features(self, actions: NDArray[np.intp], moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """What tells some valid actions apart, shape ``(actions, len(FEATURES))``.

        See :data:`~polyproof_gym.proofs.candidate_features.FEATURES`. What has no meaning for a rule is 0.

        Args:
            actions: The actions.
            moments: As for :meth:`expectations`.

        Raises:
            ValueError: If an action is not valid, or there is not one moment for every row.
        """
        ...


@runtime_checkable
class Oracle(Block, Protocol):
    """A block whose actions are slots, filled with what is worth deriving, by what the bound LP has found."""

    def propose(self, moments: NDArray[np.float64]) -> None:
        """Fill the slots of the block, once after the memory has grown.

        Args:
            moments: The pseudo-moment of every row's monomial, shape ``(monomials,)``.
        """
        ...

    def conclusion_terms(self, action: int) -> tuple[list[Monomial], NDArray[np.float64]]:
        """The monomials of a valid action's conclusion, and their coefficients, divided by the largest."""
        ...


class InferenceRule(Protocol):
    """A way to derive inequalities."""

    @property
    def name(self) -> str:
        """The spec string that makes this rule again, of rules that come with the package; otherwise any name."""
        ...

    def open(self, view: View) -> Block:
        """The rule's actions over a memory."""
        ...


@runtime_checkable
class LongConclusions(Protocol):
    """A rule whose conclusions are longer than products."""

    def usual_terms(self, num_variables: int, degree: int) -> int:
        """How many terms its conclusions have in a problem of a size, as far as these are worth having."""
        ...
