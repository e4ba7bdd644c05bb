"""What a proof by cases says to readers, whatever the document: which cases there are, and the argument in each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from polyproof_gym.arguments import instance_of
from polyproof_gym.polynomials import Rational, variables_of
from polyproof_gym.problems.cases import Case
from polyproof_gym.proofs.exports.argument import Argument, readable
from polyproof_gym.proofs.exports.notation import Notation
from polyproof_gym.proofs.exports.statement import Statement
from polyproof_gym.proofs.proof import Proof
from polyproof_gym.proofs.reasons import Square, Times
from polyproof_gym.proofs.tree import Leaf, NodeCase, Path, ProofTree


def with_cases_told_apart(proof: Proof | ProofTree) -> Proof | ProofTree:
    """A proof by cases with a single one as a proof without cases; any other proof itself.

    Raises:
        BadInput: If the argument is no proof.
    """
    if isinstance(proof, ProofTree):
        return proof.only_case or proof
    return instance_of(proof, Proof, "proof")


def argument_of(proof: Proof | ProofTree, notation: Notation) -> Argument | CasesArgument:
    """What a proof says to readers.

    Raises:
        BadInput: If the argument is no proof.
    """
    proof = with_cases_told_apart(proof)
    return CasesArgument(proof, notation) if isinstance(proof, ProofTree) else Argument(readable(proof), notation)


@dataclass(frozen=True)
class Part:
    """A case.

    Attributes:
        number: ``1.2`` for the case above within that below.
        depth: How many splits lead there.
        holds: What holds in it.
        taken: The 0/1 variables that are 1 in it.
        left_out: Those that are 0.
        argument: What proves it; ``None`` where it is split again, and its halves come next.
    """

    number: str
    depth: int
    holds: str
    taken: tuple[int, ...]
    left_out: tuple[int, ...]
    argument: CaseArgument | None


class CasesArgument(Statement):
    """The sentences of a proof by cases around those of the cases, in some notation."""

    def __init__(self, proof: ProofTree, notation: Notation) -> None:
        """Take the proof and the notation to write it in."""
        super().__init__(proof, notation)
        self._proof = proof

    def preliminaries(self) -> list[str]:
        """What has to be said before the cases."""
        count = f"The claim is proved in each of {self._proof.num_leaves} cases, which leave no point out."
        return [*self._subject.introduction(self._claim.bound), *self.implied(), *self.rules(), count]

    def parts(self) -> Iterator[Part]:
        """The cases, each before its halves.

        Raises:
            BadInput: If the problem cannot be split as the tree says.
        """
        for path, case, node in self._proof.nodes():
            if path:
                argument = None
                if isinstance(node, Leaf):
                    argument = CaseArgument(NodeCase(path, case, node), self, self._notation)
                number = ".".join("1" if side == "lower" else "2" for _, side in path)
                taken, left_out = (self._fixed_at(value, case) for value in (1, 0))
                yield Part(number, len(path), self._holds(path, case), taken, left_out, argument)

    def _fixed_at(self, value: int, case: Case) -> tuple[int, ...]:
        """The 0/1 variables that a case fixes at a value."""
        return tuple(i for i in sorted(self._problem.ring.idempotent) if case.problem.box[i] == (value, value))

    def _holds(self, path: Path, case: Case) -> str:
        """Between which ends the variables are that have been split."""
        notation, problem = self._notation, self._problem
        formulas = []
        for i in dict.fromkeys(split.variable for split, _ in path):
            name, (low, high), (start, end) = notation.name(problem.variables[i]), case.problem.box[i], problem.box[i]
            if low == high:
                formula = f"{name} = {notation.number(low)}"
            elif low == start:
                formula = f"{name} {notation.at_most} {notation.number(high)}"
            elif high == end:
                formula = f"{name} {notation.at_least} {notation.number(low)}"
            else:
                bounds = f"{notation.number(low)} {notation.at_most} {name}"
                formula = f"{bounds} {notation.at_most} {notation.number(high)}"
            formulas.append(notation.formula(formula))
        return " and ".join(formulas)

    def conclusion(self) -> str:
        """What follows from the cases."""
        if self.is_contradiction:
            return "No case has a point that satisfies the assumptions, which proves the claim."
        bound = self._proof.combination_bound
        if self._proof.rounded:
            return f"In all cases {self._subject.bounded(bound)}. {self.rounded()}"
        return f"In all cases {self.reached(bound)}, which proves the claim."


class CaseArgument(Argument):
    """The sentences and formulas of a case, in some notation."""

    def __init__(self, found: NodeCase[Leaf], whole: Statement, notation: Notation) -> None:
        """Take the case, what is claimed of the whole problem, and the notation to write it in."""
        super().__init__(readable(found.node.proof(found.case)), notation)
        self._axioms = found.case.axioms
        self._whole = whole

    @cached_property
    def constraint_numbers(self) -> dict[int, int]:
        """The numbers of the whole problem's constraints, by the index of what the case makes of them."""
        numbers = self._whole.constraint_numbers
        return {k: numbers[self._axioms[k]] for k in self._constraints}

    def preliminaries(self) -> list[str]:
        """What has to be said before the lines: which variables are fixed, and other coordinates."""
        fixed = self._fixed()
        if fixed and not self._moved and not self.is_contradiction:
            fixed.append(self._in_unit_coordinates())
        return [*fixed, *self.substitution(), *self.renamings()]

    def _in_unit_coordinates(self) -> str:
        objective = self._notation.formula(self._notation.polynomial(self._problem.objective))
        return f"The {self._whole.objective_name} becomes {objective}."

    def _fixed(self) -> list[str]:
        """Which variables the case fixes."""
        problem, notation = self._problem, self._notation
        by_value: dict[str, list[int]] = {}
        for i, (low, high) in enumerate(problem.box):
            if low == high:
                by_value.setdefault(notation.number(low), []).append(i)
        if not by_value:
            return []
        formulas = (
            notation.formula(" = ".join([*(notation.name(problem.variables[i]) for i in fixed), value]))
            for value, fixed in by_value.items()
        )
        sentences = [f"Fixed: {'; '.join(formulas)}."]
        if used := sorted(self._occurring().intersection(i for fixed in by_value.values() for i in fixed)):
            names = notation.formula(notation.names(problem.ring.variables[i] for i in used))
            sentences.append(f"In the lines, {names} {'stand' if len(used) > 1 else 'stands'} for 0.")
        return sentences

    def _occurring(self) -> set[int]:
        """The variables whose unit coordinates occur in the lines and their reasons."""
        reasons = self._proof.reasons
        polynomials = [*self._proof.lines, *(reason.root for reason in reasons if isinstance(reason, Square))]
        factors = {reason.variable for reason in reasons if isinstance(reason, Times)}
        return factors | variables_of(monomial for polynomial in polynomials for monomial in polynomial.terms)

    def reached(self, bound: Rational) -> str:
        """That a bound holds in the case, as it is said of the whole problem."""
        return self._whole.reached(bound)

    def short_result(self) -> str:
        """The bound that is reached, or that there is nothing to bound."""
        notation = self._notation
        if self.is_contradiction:
            return "no point"
        return notation.formula(f"{self.relation} {notation.number(self._proof.combination_bound)}")

    def conclusion(self) -> str:
        """What follows from the combination."""
        if self.is_contradiction:
            return f"Nothing on the right is negative, so {self.absurdity()} would follow: there is no such point."
        reached = self.reached(self._proof.combination_bound)
        return f"Nothing on the right is negative, so {reached} in this case."
