"""Proofs by cases: the interval of a variable is split, each half is proved on its own, and the worst bound counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

from polyproof_gym.errors import InvalidProof
from polyproof_gym.polynomials import Rational, rational
from polyproof_gym.problems.cases import Case, Split, cases_of
from polyproof_gym.problems.implied_box import Side
from polyproof_gym.problems.problem import Problem
from polyproof_gym.proofs.claim import Claim
from polyproof_gym.proofs.proof import Proof, lines_to_json, multipliers_from_json
from polyproof_gym.proofs.reasons import KINDS, Axiom, Reason, reason_from_json


@dataclass(frozen=True)
class Leaf:
    """The proof of a case.

    Attributes:
        reasons: The lines, as in a :class:`Proof` of the case, but axioms have the numbers of the whole problem.
        multipliers: The nonnegative multipliers, by line.
    """

    reasons: tuple[Reason, ...]
    multipliers: Mapping[int, Rational]

    @classmethod
    def of(cls, proof: Proof, axioms: Sequence[int]) -> Leaf:
        """The leaf that a proof of a case makes.

        Args:
            proof: The proof.
            axioms: For every axiom of the case, its number in the whole problem.
        """
        return cls(_with_axioms(proof.reasons, dict(enumerate(axioms))), proof.multipliers)

    def proof(self, case: Case) -> Proof:
        """The proof of the case; ``case.axioms`` are the numbers in the whole problem."""
        numbers = {number: k for k, number in enumerate(case.axioms)}
        return Proof(case.problem, _with_axioms(self.reasons, numbers), self.multipliers)


@dataclass(frozen=True)
class Branching:
    """A case that is split in two.

    Attributes:
        split: Where; variables have the same numbers in all cases, and values are in the problem's own coordinates.
        below: What proves the case below.
        above: What proves the case above.
    """

    split: Split
    below: Node
    above: Node


Node = Leaf | Branching
"""What proves a case."""


class Proved(NamedTuple):
    """What proves a case, and how much.

    Attributes:
        bound: The bound on the minimised objective.
        node: Its proof.
    """

    bound: Fraction
    node: Node

    @classmethod
    def by_halves(cls, split: Split, below: Proved, above: Proved) -> Proved:
        """What the proofs of both halves of a case prove of it."""
        return cls(min(below.bound, above.bound), Branching(split, below.node, above.node))


_N = TypeVar("_N", bound=Leaf | Branching, covariant=True)

Path = tuple[tuple[Split, Side], ...]
"""The splits that lead to a case, and the sides taken."""


class NodeCase(NamedTuple, Generic[_N]):
    """A node with the case that it proves.

    Attributes:
        path: The splits that lead there, and the sides taken.
        case: The case, with its axioms by their numbers in the whole problem.
        node: What proves it.
    """

    path: Path
    case: Case
    node: _N


@dataclass(frozen=True)
class ProofTree(Claim):
    """A bound with the proof of every case that it takes.

    Attributes:
        root: What proves the problem.
        claimed: The worst bound of the leaves, before any rounding, in the problem's own sense. Nothing is checked
            until :meth:`verify` is called.
    """

    root: Node
    claimed: Fraction

    @property
    def combination_bound(self) -> Fraction:
        """The bound before any rounding, in the problem's own sense."""
        return self.claimed

    def leaves(self) -> Iterator[Leaf]:
        """What proves the cases, from below to above."""
        nodes: list[Node] = [self.root]
        while nodes:
            node = nodes.pop()
            if isinstance(node, Branching):
                nodes += [node.above, node.below]
            else:
                yield node

    def nodes(self) -> Iterator[NodeCase[Node]]:
        """All nodes with the cases that they prove, each before its halves, from below to above.

        Raises:
            BadInput: If the problem cannot be split as the tree says.
        """
        open_cases: list[NodeCase[Node]] = [NodeCase((), whole_case(self.problem), self.root)]
        while open_cases:
            path, case, node = found = open_cases.pop()
            yield found
            if isinstance(node, Branching):
                below, above = halves(case, node.split)
                open_cases.append(NodeCase((*path, (node.split, "upper")), above, node.above))
                open_cases.append(NodeCase((*path, (node.split, "lower")), below, node.below))

    def cases(self) -> Iterator[NodeCase[Leaf]]:
        """The leaves in the same order with the cases that they prove.

        Raises:
            BadInput: If the problem cannot be split as the tree says.
        """
        for path, case, node in self.nodes():
            if isinstance(node, Leaf):
                yield NodeCase(path, case, node)

    @property
    def only_case(self) -> Proof | None:
        """The proof without cases that a single leaf is; ``None`` where there are several."""
        if isinstance(self.root, Branching):
            return None
        return replace(self.root.proof(whole_case(self.problem)), rounded=self.rounded, target=self.target)

    @cached_property
    def num_leaves(self) -> int:
        """Number of cases that are not split."""
        return sum(1 for _ in self.leaves())

    def all_reasons(self) -> Iterator[Reason]:
        """The reasons of all lines, case by case."""
        return (reason for leaf in self.leaves() for reason in leaf.reasons)

    @cached_property
    def num_combined(self) -> int:
        """Number of lines with a multiplier, over all cases."""
        return sum(len(leaf.multipliers) for leaf in self.leaves())

    @property
    def since(self) -> int:
        """The first version of the proof file that has cases."""
        return 2

    def node_to_json(self) -> dict[str, Any]:
        """The splits, and the lines and multipliers of the leaves."""
        content: dict[str, Any] = {}
        open_nodes: list[tuple[dict[str, Any], Node]] = [(content, self.root)]
        while open_nodes:
            place, node = open_nodes.pop()
            if isinstance(node, Leaf):
                place.update(lines_to_json(node.reasons, node.multipliers))
            else:
                place.update(split=[node.split.variable, str(node.split.value)], below={}, above={})
                open_nodes += [(place["below"], node.below), (place["above"], node.above)]
        return content

    def require_readable(self, node: dict[str, Any]) -> None:
        """Check that the reasons are read from a file as what they are."""
        if not all(type(reason) in KINDS for leaf in self.leaves() for reason in leaf.reasons):
            raise InvalidProof("a proof file has only reasons of the kinds that there are")


def halves(case: Case, split: Split) -> tuple[Case, Case]:
    """The cases below and above a split, with their axioms by their numbers in the whole problem.

    Raises:
        BadInput: If the problem of the case cannot be split there.
    """
    below, above = (
        half._replace(axioms=tuple(case.axioms[k] for k in half.axioms)) for half in cases_of(case.problem, split)
    )
    return below, above


def whole_case(problem: Problem) -> Case:
    """A problem as the only case of itself."""
    return Case(problem, tuple(range(len(problem.axioms))))


def node_from_json(content: dict[str, Any], case: Case) -> Node:
    """What :meth:`ProofTree.node_to_json` wrote; the content must have passed the checker.

    Args:
        content: The node.
        case: What it proves, with its axioms by their numbers in the whole problem.

    Raises:
        ValueError: If a case uses an axiom that says nothing there, or the problem cannot be split as the tree says.
    """
    if "split" not in content:
        return _leaf_from_json(content, case)
    variable, value = content["split"]
    split = Split(variable, rational(Fraction(value)))
    below, above = halves(case, split)
    return Branching(split, node_from_json(content["below"], below), node_from_json(content["above"], above))


def _leaf_from_json(content: dict[str, Any], case: Case) -> Leaf:
    axioms = dict(zip(case.axioms, case.problem.axioms, strict=True))
    reasons: list[Reason] = []
    for text in content["lines"]:
        match = Axiom.pattern.fullmatch(text)
        if match is None:
            reasons.append(reason_from_json(text, case.problem))
        elif int(match[1]) not in axioms:
            raise ValueError(f"a case uses axiom {match[1]}, which says nothing there")
        else:
            reasons.append(Axiom(int(match[1]), axioms[int(match[1])]))
    return Leaf(tuple(reasons), multipliers_from_json(content["multipliers"]))


def _with_axioms(reasons: Sequence[Reason], numbers: Mapping[int, int]) -> tuple[Reason, ...]:
    """The same reasons where axioms have other numbers."""
    return tuple(
        replace(reason, index=numbers[reason.index]) if isinstance(reason, Axiom) else reason for reason in reasons
    )
