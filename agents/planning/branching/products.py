"""Branch trees as proofs by products with ``x_v`` and ``1 - x_v`` alone.

Where ``k - sum_P w_u x_u >= 0`` is to be shown times ``F``, branching on ``v`` is the identity ::

    F x_v (k - w_v - sum_{P - N[v]} w_u x_u) + F (1 - x_v) (k - sum_{P - v} w_u x_u) = F (k - sum_P w_u x_u)

as ``x_v x_u = 0`` for the neighbours ``u`` of ``v``. At the end of the branches are ``F`` itself and cliques times
``F``, and ``1 - sum_C x_u`` is the product of ``1 - x_u`` over a clique. So every line is a product of literals, and
the multipliers are known: no linear program is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain

from agents.planning.branching.exclusions import Exclusions, VertexSet, members, vertex_set
from agents.planning.branching.tree import BranchNode, BranchTree
from polyproof_gym import stopping
from polyproof_gym.polynomials import Polynomial, Rational, rational
from polyproof_gym.problems import Problem
from polyproof_gym.problems.problem import unit_box_ends
from polyproof_gym.proofs import Axiom, Limits, Reason, Times


class LiteralProducts:
    """Products of literals ``x_v`` and ``1 - x_v``, each derived from the one known that lacks the fewest.

    Attributes:
        reasons: Why each line holds; the first lines are the literals themselves, which are axioms.
        lines: The left-hand sides.
    """

    def __init__(self, problem: Problem, exclusions: Exclusions, limits: Limits) -> None:
        """Begin with the axioms of a problem.

        Args:
            problem: The problem.
            exclusions: What it comes to.
            limits: What lines may grow to.
        """
        self._ring, self._exclusions, self._limits = problem.ring, exclusions, limits
        self.reasons: list[Reason] = []
        self.lines: list[Polynomial] = []
        # By the vertices that are chosen, and then those that are not, a line's number.
        self._numbers: dict[VertexSet, dict[VertexSet, int]] = {}
        axioms = {axiom: k for k, axiom in enumerate(problem.axioms)}
        for (v, side), end in unit_box_ends(problem.ring).items():
            chosen, avoided = (1 << v, 0) if side == "lower" else (0, 1 << v)
            self._numbers.setdefault(chosen, {})[avoided] = len(self.reasons)
            self.reasons.append(Axiom(axioms[end], end))
            self.lines.append(end)

    @property
    def steps(self) -> int:
        """The number of lines derived."""
        return len(self.reasons) - 2 * self._ring.num_variables

    def combination(self, trees: Sequence[BranchTree], max_steps: int) -> dict[int, Rational] | None:
        """Derive the lines that branch trees combine, after the clique inequalities of the roots.

        Args:
            trees: The trees, whose weights add up to those of the problem that are above 0; often only one.
            max_steps: The number of lines derived beyond which the work is given up.

        Returns:
            The multipliers that prove what the bounds of the trees add up to, by line; ``None`` if that takes more
            lines, or lines beyond the limits, or more time than is left. Those derived by then are known.
        """
        combined = [(1 << v, 0, -weight) for v, weight in enumerate(self._exclusions.weights) if weight < 0]
        # The clique inequalities of the roots alone prove a bound, and most of the other lines go on from them.
        for clique in chain.from_iterable(tree.root.cover for tree in trees):
            if self._line(0, vertex_set(clique.vertices), max_steps) is None:
                return None
        multipliers: dict[int, Rational] = {}
        for chosen, avoided, multiplier in chain(combined, *map(_combined, trees)):
            number = self._line(chosen, avoided, max_steps)
            if number is None:
                return None
            multipliers[number] = multipliers.get(number, 0) + rational(Fraction(multiplier, self._exclusions.scale))
        return multipliers

    def _line(self, chosen: VertexSet, avoided: VertexSet, max_steps: int) -> int | None:
        """The product of ``x_u`` over a stable set and of ``1 - x_u`` over another set, not both empty.

        Returns:
            Its number; ``None`` where steps, limits or time do not allow it.
        """
        avoided = self._effective(chosen, avoided)
        known_chosen, known, number = self._nearest(chosen, avoided)
        factors = [(v, False) for v in members(chosen & ~known_chosen)]
        factors += [(v, True) for v in members(avoided & ~known)]
        for v, complement in factors:
            if complement:
                known |= 1 << v
            else:
                known_chosen |= 1 << v
                known = self._effective(known_chosen, known)
            lines = self._numbers.setdefault(known_chosen, {})
            if known not in lines:
                reason = Times(number, v, complement)
                line = reason.conclude(self._ring, [self.lines[number]])
                if self.steps >= max_steps or not self._is_within_limits(line) or stopping.is_up():
                    return None
                lines[known] = len(self.reasons)
                self.reasons.append(reason)
                self.lines.append(line)
            number = lines[known]
        return number

    def _is_within_limits(self, line: Polynomial) -> bool:
        return len(line) <= self._limits.max_terms and line.degree <= self._limits.max_degree

    def _effective(self, chosen: VertexSet, avoided: VertexSet) -> VertexSet:
        """The vertices avoided but for neighbours of chosen ones, for which ``1 - x_u`` changes nothing."""
        for v in members(chosen):
            avoided &= ~self._exclusions.neighbours[v]
        return avoided

    def _nearest(self, chosen: VertexSet, avoided: VertexSet) -> tuple[VertexSet, VertexSet, int]:
        """The known line that lacks the fewest literals, among those that lack one of the vertices chosen at most.

        Returns:
            The vertices chosen and those avoided in that line, and its number.
        """
        exact = self._numbers.get(chosen, {}).get(avoided)
        if exact is not None:
            return chosen, avoided, exact
        best: tuple[VertexSet, VertexSet, int] | None = None
        fewest = chosen.bit_count() + avoided.bit_count()
        for v in (None, *members(chosen)):
            known_chosen = chosen if v is None else chosen ^ 1 << v
            for known, number in self._numbers.get(known_chosen, {}).items():
                kept = known if v is None else known & ~self._exclusions.neighbours[v]
                lacking = (v is not None) + (avoided & ~kept).bit_count()
                if not kept & ~avoided and lacking < fewest:
                    best, fewest = (known_chosen, known, number), lacking
        if best is None:  # begin with a literal
            first, later = (chosen & -chosen, 0) if chosen else (0, avoided & -avoided)
            best = first, later, self._numbers[first][later]
        return best


def _combined(tree: BranchTree) -> Iterator[tuple[VertexSet, VertexSet, int]]:
    """The literals of the lines that a tree combines, as vertices chosen and avoided, with their multipliers."""
    weights = tree.exclusions.weights

    def walk(node: BranchNode, chosen: VertexSet, avoided: VertexSet, bound: int) -> Iterator[tuple[int, int, int]]:
        rest = avoided | vertex_set(v for v, _ in node.branches)
        for clique in node.cover:
            yield chosen, rest | vertex_set(clique.vertices), clique.multiplier
        spare = bound - sum(clique.multiplier for clique in node.cover)
        if spare and chosen | rest:  # otherwise that 1 >= 0 takes no line
            yield chosen, rest, spare
        for v, child in node.branches:
            yield from walk(child, chosen | 1 << v, avoided, bound - weights[v])
            avoided |= 1 << v

    return walk(tree.root, 0, 0, tree.bound)
