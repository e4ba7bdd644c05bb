"""Why inequalities hold: every reason there is, what it establishes exactly, and how a proof file writes it.

A reason knows the ring and the inequalities that it follows from, and nothing of memories or of how it was found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

from polyproof_gym.errors import InvalidProof
from polyproof_gym.polynomials import ONE, Polynomial, Ring
from polyproof_gym.problems.cases import unit_images
from polyproof_gym.problems.problem import Problem
from polyproof_gym.problems.symmetry import Permutation, cycles_of, permutation_of


class Reason(Protocol):
    """Why an inequality holds: a value that never changes.

    Attributes:
        plural: What several lines with such reasons are called.
        since: The first version of the proof file that has such reasons.
    """

    plural: ClassVar[str]
    since: ClassVar[int]

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

    def renamed(self, images: Permutation, problem: Problem) -> Reason:
        """The reason that establishes the same with the variables renamed, where the parents have been renamed as well.

        Args:
            images: What takes the place of every variable, in a permutation that maps the problem to itself.
            problem: The problem.
        """
        ...

    def in_case(self, problem: Problem, case: Problem) -> Reason | None:
        """The reason that establishes much the same in a case of the problem, from what its parents establish there.

        Args:
            problem: The problem, or a case of it.
            case: One side of a split of that.

        Returns:
            The reason with the numbers of the parents as they are; ``None`` if there is none.
        """
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
    plural: ClassVar[str] = "axioms"
    since: ClassVar[int] = 1
    pattern: ClassVar[re.Pattern[str]] = re.compile(r"axiom (\d{1,9})", re.ASCII)
    parents: ClassVar[tuple[int, ...]] = ()

    @classmethod
    def read(cls, match: re.Match[str], problem: Problem) -> Axiom:
        """The axiom of a problem that a proof file tells.

        Raises:
            InvalidProof: If there is no such axiom.
        """
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

    def renamed(self, images: Permutation, problem: Problem) -> Axiom:
        """The axiom with the variables renamed."""
        polynomial = self.polynomial.renamed(images)
        return Axiom(problem.axioms.index(polynomial), polynomial)

    def in_case(self, problem: Problem, case: Problem) -> Axiom | None:
        """``None``: a case has axioms of its own."""
        return None

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
    plural: ClassVar[str] = "products"
    since: ClassVar[int] = 1
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

    def renamed(self, images: Permutation, problem: Problem) -> Times:
        """The product with another variable."""
        return replace(self, variable=images[self.variable])

    def in_case(self, problem: Problem, case: Problem) -> Times | None:
        """The product with the variable's own unit coordinate, if the case does not fix it."""
        low, high = case.box[self.variable]
        return self if low < high else None

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


@dataclass(frozen=True, slots=True)
class TimesLine:
    """The inequality is a known one times another, such as a constraint."""

    parent: int
    factor: int
    plural: ClassVar[str] = "products of lines"
    since: ClassVar[int] = 2
    pattern: ClassVar[re.Pattern[str]] = re.compile(r"times line (\d{1,9}) of line (\d{1,9})", re.ASCII)

    @classmethod
    def read(cls, match: re.Match[str], problem: Problem) -> TimesLine:
        """The product that a proof file tells."""
        return cls(parent=int(match[2]), factor=int(match[1]))

    @property
    def parents(self) -> tuple[int, ...]:
        """The inequality that was multiplied, and the other one."""
        return (self.parent, self.factor)

    def conclude(self, ring: Ring, parents: Sequence[Polynomial]) -> Polynomial:
        """The product."""
        parent, factor = parents
        return parent * factor

    def renumbered(self, numbers: Mapping[int, int]) -> TimesLine:
        """The same product in a memory where the inequalities have other numbers."""
        return TimesLine(numbers[self.parent], numbers[self.factor])

    def renamed(self, images: Permutation, problem: Problem) -> TimesLine:
        """The same product."""
        return self

    def in_case(self, problem: Problem, case: Problem) -> TimesLine:
        """The same product."""
        return self

    def describe(self, ring: Ring) -> str:
        """``line 3 * line 7``."""
        return f"line {self.factor} * line {self.parent}"

    def to_json(self) -> str:
        """``times line 3 of line 7``."""
        return f"times line {self.factor} of line {self.parent}"

    def require(self, problem: Problem) -> None:
        """Nothing to check."""


@dataclass(frozen=True, slots=True)
class Square:
    """The inequality is the square of a polynomial, or such a square times a known inequality.

    Attributes:
        root: What is squared, in unit coordinates, with whole coefficients.
        parent: The inequality that the square is multiplied by, if there is one.
    """

    root: Polynomial
    parent: int | None = None
    plural: ClassVar[str] = "squares"
    since: ClassVar[int] = 2
    pattern: ClassVar[re.Pattern[str]] = re.compile(r"square ([-+*^x_ 0-9]+?)(?: times line (\d{1,9}))?", re.ASCII)

    @classmethod
    def read(cls, match: re.Match[str], problem: Problem) -> Square:
        """The square that a proof file tells."""
        root, parent = match.groups()
        return cls(_root(root, problem.ring), None if parent is None else int(parent))

    @property
    def parents(self) -> tuple[int, ...]:
        """The inequality that the square is multiplied by, if there is one."""
        return () if self.parent is None else (self.parent,)

    def conclude(self, ring: Ring, parents: Sequence[Polynomial]) -> Polynomial:
        """The square, times the inequality."""
        square = self.root * self.root
        return square * parents[0] if parents else square

    def renumbered(self, numbers: Mapping[int, int]) -> Square:
        """The same square in a memory where the inequality has another number."""
        return self if self.parent is None else replace(self, parent=numbers[self.parent])

    def renamed(self, images: Permutation, problem: Problem) -> Square:
        """The square with the variables renamed."""
        return replace(self, root=self.root.renamed(images))

    def in_case(self, problem: Problem, case: Problem) -> Square:
        """The square of the same polynomial in the case's unit coordinates."""
        return replace(self, root=self.root.substitute(unit_images(problem, case)).primitive())

    def describe(self, ring: Ring) -> str:
        """``(x1 - x2)^2 * line 7``."""
        return f"({self.root})^2" + ("" if self.parent is None else f" * line {self.parent}")

    def to_json(self) -> str:
        """``square 1*x_0 - 2*x_1^2 times line 7``; variables count from 0."""
        return f"square {_root_text(self.root)}" + ("" if self.parent is None else f" times line {self.parent}")

    def require(self, problem: Problem) -> None:
        """Check that the polynomial that is squared is one of the problem's ring, with whole coefficients."""
        if self.root.ring != problem.ring or not all(type(c) is int for c in self.root.terms.values()):
            raise InvalidProof("expected the square of a polynomial in the problem's variables with whole coefficients")


@dataclass(frozen=True, slots=True)
class Clique:
    """At most one of some variables is not 0, as each excludes every other: 1 minus their sum is nonnegative.

    One product for each variable but the first proves the same; for proofs by many cases these would be too long.
    """

    variables: tuple[int, ...]
    plural: ClassVar[str] = "cliques"
    since: ClassVar[int] = 2
    pattern: ClassVar[re.Pattern[str]] = re.compile(r"clique((?: (?:x_)?\d{1,9})+)", re.ASCII)
    parents: ClassVar[tuple[int, ...]] = ()

    @classmethod
    def read(cls, match: re.Match[str], problem: Problem) -> Clique:
        """The clique that a proof file tells."""
        return cls(tuple(int(name.removeprefix("x_")) for name in match[1].split()))

    def conclude(self, ring: Ring, parents: Sequence[Polynomial]) -> Polynomial:
        """1 minus the sum."""
        return Polynomial(ring, {ONE: 1, **{(i,): -1 for i in self.variables}})

    def renumbered(self, numbers: Mapping[int, int]) -> Clique:
        """The clique itself, which has no parents."""
        return self

    def renamed(self, images: Permutation, problem: Problem) -> Clique:
        """The clique of the other variables."""
        return Clique(tuple(images[i] for i in self.variables))

    def in_case(self, problem: Problem, case: Problem) -> Clique | None:
        """The clique of those variables that the case does not fix, unless it fixes one to 1."""
        ends = [case.box[i] for i in self.variables]
        left = tuple(i for i, (low, high) in zip(self.variables, ends, strict=True) if low < high)
        return Clique(left) if left and (1, 1) not in ends else None

    def describe(self, ring: Ring) -> str:
        """``clique x1, x5, x9``."""
        return f"clique {', '.join(ring.variables[i] for i in self.variables)}"

    def to_json(self) -> str:
        """``clique 0 4 8``; variables count from 0."""
        return "clique" + "".join(f" {i}" for i in self.variables)

    def require(self, problem: Problem) -> None:
        """Check that these are distinct variables of the problem, and all pairs of them exclusive."""
        ring, chosen = problem.ring, set(self.variables)
        fits = (
            self.variables and len(chosen) == len(self.variables) and all(0 <= i < len(ring.variables) for i in chosen)
        )
        if not fits or any(not chosen - {i} <= ring.exclusive_with(i) for i in chosen):
            raise InvalidProof("expected distinct variables that exclude each other as a clique")


@dataclass(frozen=True, slots=True)
class Gap:
    """The inequality is ``(x - k) (x - k - 1) >= 0``, which holds for every whole number ``x``.

    Attributes:
        variable: The variable.
        below: The number ``k``, in the problem's own coordinates.
        interval: The variable's interval, in the same.
    """

    variable: int
    below: int
    interval: tuple[int, int]
    plural: ClassVar[str] = "gaps"
    since: ClassVar[int] = 2
    pattern: ClassVar[re.Pattern[str]] = re.compile(r"gap (-?\d+) of x_(\d{1,9})", re.ASCII)
    parents: ClassVar[tuple[int, ...]] = ()

    @classmethod
    def read(cls, match: re.Match[str], problem: Problem) -> Gap:
        """The gap that a proof file tells.

        Raises:
            InvalidProof: If the variable is no integer variable of the problem.
        """
        below, variable = map(int, match.groups())
        if variable not in problem.integer:
            raise InvalidProof(f"variable {variable} may have values between whole numbers")
        return cls.of(problem, variable, below)

    @classmethod
    def of(cls, problem: Problem, variable: int, below: int) -> Gap:
        """The gap above a whole number, of an integer variable of a problem."""
        low, high = problem.box[variable]
        return cls(variable, below, (int(low), int(high)))

    def factors(self, ring: Ring) -> tuple[Polynomial, Polynomial]:
        """``x - k`` and ``x - k - 1``, in unit coordinates."""
        low, high = self.interval
        distance = (high - low) * Polynomial.variable(ring, self.variable) + (low - self.below)
        return distance, distance - 1

    def conclude(self, ring: Ring, parents: Sequence[Polynomial]) -> Polynomial:
        """The product of the distances from both numbers, in unit coordinates, with coprime coefficients."""
        below, above = self.factors(ring)
        return (below * above).primitive()

    def renumbered(self, numbers: Mapping[int, int]) -> Gap:
        """The gap itself, which has no parents."""
        return self

    def renamed(self, images: Permutation, problem: Problem) -> Gap:
        """The gap of another variable with the same interval."""
        return replace(self, variable=images[self.variable])

    def in_case(self, problem: Problem, case: Problem) -> Gap | None:
        """The gap in the case's interval, if it lies in there."""
        low, high = case.box[self.variable]
        return Gap.of(case, self.variable, self.below) if low <= self.below < high else None

    def describe(self, ring: Ring) -> str:
        """``gap 3 of x1``."""
        return f"gap {self.below} of {ring.variables[self.variable]}"

    def to_json(self) -> str:
        """``gap 3 of x_0``; variables count from 0."""
        return f"gap {self.below} of x_{self.variable}"

    def require(self, problem: Problem) -> None:
        """Check that this is an integer variable of the problem, with that interval."""
        if self.variable not in problem.integer or tuple(problem.box[self.variable]) != self.interval:
            raise InvalidProof(f"variable {self.variable} may have values between whole numbers, or another interval")


@dataclass(frozen=True, slots=True)
class Renamed:
    """The inequality is a known one with the variables renamed by a permutation that maps the problem to itself.

    What the known one follows from, renamed as well, are inequalities of the problem again.

    Attributes:
        parent: The known inequality.
        images: What takes the place of every variable.
    """

    parent: int
    images: Permutation
    plural: ClassVar[str] = "renamed lines"
    since: ClassVar[int] = 2
    pattern: ClassVar[re.Pattern[str]] = re.compile(
        r"line (\d{1,9}) renamed by ((?:\(\d{1,9}(?: \d{1,9})+\))+)", re.ASCII
    )

    @classmethod
    def read(cls, match: re.Match[str], problem: Problem) -> Renamed:
        """The renaming that a proof file tells.

        Raises:
            InvalidProof: If these are no cycles of distinct variables.
        """
        cycles = [[*map(int, cycle.split())] for cycle in match[2][1:-1].split(")(")]
        try:
            return cls(int(match[1]), permutation_of(cycles, problem.num_variables))
        except ValueError:
            raise InvalidProof("expected cycles of distinct variables as a renaming") from None

    @property
    def parents(self) -> tuple[int, ...]:
        """The known inequality."""
        return (self.parent,)

    def conclude(self, ring: Ring, parents: Sequence[Polynomial]) -> Polynomial:
        """The inequality with other variables."""
        (parent,) = parents
        return parent.renamed(self.images)

    def renumbered(self, numbers: Mapping[int, int]) -> Renamed:
        """The same renaming in a memory where the inequality has another number."""
        return replace(self, parent=numbers[self.parent])

    def renamed(self, images: Permutation, problem: Problem) -> Renamed:
        """The renaming that does to renamed variables what this one does to the variables."""
        return replace(self, images=tuple(images[self.images[images.index(i)]] for i in range(len(images))))

    def cycles(self, names: Sequence[object]) -> str:
        """The permutation in cycles, ``(x1 x2 x3)(x4 x5)``: x2 takes the place of x1, x3 that of x2, x1 that of x3."""
        return "".join(f"({' '.join(str(names[i]) for i in cycle)})" for cycle in cycles_of(self.images))

    def in_case(self, problem: Problem, case: Problem) -> Renamed | None:
        """``None``: the case need not have the symmetry."""
        return None

    def describe(self, ring: Ring) -> str:
        """``line 7 renamed by (x1 x2 x3)``."""
        return f"line {self.parent} renamed by {self.cycles(ring.variables)}"

    def to_json(self) -> str:
        """``line 7 renamed by (0 1 2)(3 4)``; variables count from 0."""
        return f"line {self.parent} renamed by {self.cycles(range(len(self.images)))}"

    def require(self, problem: Problem) -> None:
        """Check that the permutation maps the problem to itself."""
        if self.images not in problem.symmetries:
            raise InvalidProof("expected a renaming that maps the problem to itself")


def _root_text(root: Polynomial) -> str:
    """A polynomial as it stands in a proof file."""
    terms = []
    for monomial, coefficient in root.textbook_terms() or [(ONE, 0)]:
        powers = ((i, monomial.count(i)) for i in dict.fromkeys(monomial))
        terms.append(str(coefficient) + "".join(f"*x_{i}" + (f"^{e}" if e > 1 else "") for i, e in powers))
    return " + ".join(terms).replace("+ -", "- ")


_TERM = re.compile(r"(-?\d+)((?:\*x_\d{1,9}(?:\^\d{1,4})?)*)", re.ASCII)
_FACTOR = re.compile(r"\*x_(\d+)(?:\^(\d+))?", re.ASCII)


def _root(text: str, ring: Ring) -> Polynomial:
    """The polynomial that :func:`_root_text` wrote.

    Raises:
        InvalidProof: If it is something else.
    """
    terms: list[tuple[list[int], int]] = []
    for term in text.replace(" - ", " + -").split(" + "):
        match = _TERM.fullmatch(term)
        factors = [(int(i), int(exponent or 1)) for i, exponent in _FACTOR.findall(match[2])] if match else []
        if match is None or any(i >= ring.num_variables for i, _ in factors):
            raise InvalidProof("expected the square of a polynomial such as 3*x_0^2*x_1 - 5*x_2 + 7")
        terms.append(([i for i, exponent in factors for _ in range(exponent)], int(match[1])))
    return Polynomial.of(ring, terms)


KINDS: tuple[type[Axiom | Times | TimesLine | Square | Clique | Gap | Renamed], ...] = (
    Axiom,
    Times,
    TimesLine,
    Square,
    Clique,
    Gap,
    Renamed,
)
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
