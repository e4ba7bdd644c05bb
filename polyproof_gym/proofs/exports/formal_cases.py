"""Proofs by cases as what a proof assistant is told, see :mod:`~polyproof_gym.proofs.exports.formal`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from polyproof_gym.problems.cases import Split
from polyproof_gym.problems.problem import Problem
from polyproof_gym.proofs.exports.cases import with_cases_told_apart
from polyproof_gym.proofs.exports.formal import FormalClaim, FormalProof
from polyproof_gym.proofs.exports.formal_texts import number
from polyproof_gym.proofs.proof import Proof
from polyproof_gym.proofs.tree import Leaf, ProofTree


@dataclass(frozen=True)
class Halves:
    """That a variable is on either side of a number, or is 0 or 1.

    Attributes:
        fact: Name of the fact that says so: the interval, or the equation ``variable * variable = variable``.
        ends: Where the half below ends and that above begins; ``None`` where the fact is the equation.
        whole: Name of the hypothesis that the variable is a whole number, if it is.
    """

    fact: str
    ends: tuple[str, str] | None
    whole: str | None


@dataclass(frozen=True)
class Value:
    """That a variable has one value only.

    Attributes:
        variable: The variable.
        value: The value.
        fact: Name of the fact that says so: an equation, or an interval that has no other point.
        is_interval: Whether it is an interval.
    """

    variable: str
    value: str
    fact: str
    is_interval: bool


@dataclass(frozen=True)
class FormalCase:
    """A case.

    Attributes:
        depth: How many splits lead there.
        values: What variables are that have one value only from here on.
        step: What proves it; where it is split again, its halves come next.
    """

    depth: int
    values: tuple[Value, ...]
    step: Halves | FormalProof


class FormalCases(FormalClaim):
    """A proof by cases as the texts of its statement and its cases."""

    def __init__(self, proof: ProofTree) -> None:
        """Take over a proof."""
        super().__init__(proof)
        self._proof = proof

    def nodes(self) -> Iterator[FormalCase]:
        """The cases, each before its halves.

        Raises:
            BadInput: If the problem cannot be split as the tree says.
        """
        excluded: dict[int, tuple[Value, ...]] = {}  # above the last split at every depth
        for path, case, node in self._proof.nodes():
            values = self._value(path[-1][0].variable, case.problem) if path else ()
            if path and path[-1][1] == "upper":
                values += excluded[len(path) - 1]
            if isinstance(node, Leaf):
                yield FormalCase(len(path), values, FormalProof(node.proof(case), case.axioms))
                continue
            yield FormalCase(len(path), values, self._halves(node.split))
            i = node.split.variable
            excluded[len(path)] = tuple(
                Value(self._own[j], "0", self._equation(min(i, j), max(i, j)).label, is_interval=False)
                for j in sorted(self._problem.ring.exclusive_with(i))
                if case.problem.box[j] == (0, 1)
            )

    def _value(self, i: int, problem: Problem) -> tuple[Value, ...]:
        """The value of a variable that is not Boolean, if a case leaves one only."""
        low, high = problem.box[i]
        if low < high or i in self._boolean:
            return ()
        return (Value(self._own[i], number(low), self.intervals[i].label, is_interval=True),)

    def _halves(self, split: Split) -> Halves:
        i, value = split
        if i in self._boolean:
            return Halves(self._boolean[i].label, None, None)
        interval = self.intervals[i]
        above = value if interval.whole is None else value + 1
        return Halves(interval.label, (number(value), number(above)), interval.whole)


def formal(proof: Proof | ProofTree) -> FormalProof | FormalCases:
    """A proof as texts for a proof assistant.

    Raises:
        BadInput: If the argument is no proof.
    """
    proof = with_cases_told_apart(proof)
    return FormalCases(proof) if isinstance(proof, ProofTree) else FormalProof(proof)
