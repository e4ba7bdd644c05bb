"""Branch trees as proofs by cases: every vertex branched on is split, and what is left is covered by cliques."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from agents.planning.branching.exclusions import Exclusions, VertexSet
from agents.planning.branching.search import BranchSearch
from agents.planning.branching.tree import BranchNode
from polyproof_gym.polynomials import rational
from polyproof_gym.problems import Problem
from polyproof_gym.problems.cases import Split
from polyproof_gym.problems.problem import unit_box_ends
from polyproof_gym.proofs import Axiom, Branching, Clique, Leaf, ProofTree, Reason
from polyproof_gym.proofs.tree import Node


def proof_by_cases(problem: Problem, exclusions: Exclusions, search: BranchSearch) -> ProofTree:
    """The proof of the bound of a search; its problem knows the best set that was found.

    Args:
        problem: What the bound is about.
        exclusions: What the problem comes to.
        search: The search.
    """
    point = tuple(int(v in search.chosen) for v in range(problem.num_variables))
    known = replace(problem, feasible_point=point)
    bound = problem.minimised.constant_term - Fraction(search.tree.bound, exclusions.scale)
    return ProofTree(known, _Cases(problem, exclusions).node(search.tree.root, 0), problem.sign * bound)


class _Cases:
    """From nodes of a branch tree to cases."""

    def __init__(self, problem: Problem, exclusions: Exclusions) -> None:
        self._exclusions = exclusions
        # Variables that make the objective worse are at least 0, in cases that do not fix them.
        axioms = {axiom: k for k, axiom in enumerate(problem.axioms)}
        ends = unit_box_ends(problem.ring)
        self._losses = [
            (v, Axiom(axioms[ends[v, "lower"]], ends[v, "lower"]), Fraction(-weight, exclusions.scale))
            for v, weight in enumerate(exclusions.weights)
            if weight < 0
        ]

    def node(self, node: BranchNode, fixed: VertexSet) -> Node:
        """The cases of a node.

        Args:
            node: The node.
            fixed: The variables that have a value there.
        """
        split: list[tuple[int, Node]] = []
        for v, child in node.branches:
            fixed |= 1 << v
            split.append((v, self.node(child, fixed | self._exclusions.neighbours[v])))
        case: Node = self._leaf(node, fixed)
        for v, above in reversed(split):
            case = Branching(Split(v, 0), case, above)
        return case

    def _leaf(self, node: BranchNode, fixed: VertexSet) -> Leaf:
        """The case in which no vertex branched on is chosen."""
        scale = self._exclusions.scale
        combined: list[tuple[Reason, Fraction]] = [
            (Clique(clique.vertices), Fraction(clique.multiplier, scale)) for clique in node.cover
        ]
        combined += [(axiom, loss) for v, axiom, loss in self._losses if not fixed >> v & 1]
        return Leaf(
            tuple(reason for reason, _ in combined),
            {line: rational(multiplier) for line, (_, multiplier) in enumerate(combined)},
        )
