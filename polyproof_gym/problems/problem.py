"""What is to be proved: a bound on a polynomial over a set given by inequalities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import ONE, Polynomial, Rational, Ring, rational
from polyproof_gym.problems.implied_box import Side
from polyproof_gym.problems.progression import Progression, values_at_whole_numbers
from polyproof_gym.problems.symmetry import Symmetries

Sense = Literal["min", "max"]
Interval = tuple[Rational, Rational]


@dataclass(frozen=True, eq=False)
class Problem:
    """A polynomial to bound, over the points of the unit box where all axioms are nonnegative.

    Everything is stated in *unit coordinates*: a variable with the box ``[lo, hi]`` is ``lo + (hi - lo) * u`` with
    ``u`` in ``[0, 1]``, and the ring's variables are the ``u``. A proof works in these; ``box`` leads back.

    Attributes:
        name: The spec string or file name that makes this problem again.
        family: The kind of problem, for example ``"stable-set"``.
        sense: ``"min"`` asks for a lower bound on the objective, ``"max"`` for an upper one.
        objective: The polynomial to bound.
        axioms: The inequalities ``axiom >= 0`` that hold by assumption, with integer coefficients. Those of the
            unit box, ``u >= 0`` and ``1 - u >= 0``, are among them.
        variables: The names of the variables in the problem's own coordinates.
        box: The interval of every variable in the problem's own coordinates. Where a case fixes a variable (see
            :mod:`~polyproof_gym.problems.cases`), it is one point.
        feasible_point: Some point of the set, in unit coordinates, as good as a cheap heuristic found, or ``None``.
        optimum: The best value of the objective over the set, where it is known (irrational ones are rounded to
            the digits of their source).
        implied: Ends of ``box`` that nobody gave, by the variable's number and the side. Each has the positive
            multipliers of given axioms, by their numbers, that add up to the axiom of the end less a number that is not
            negative (for an integer variable, larger than minus the width of a whole step), or to -1 where the axioms
            contradict each other; none where a constraint states the end.
        integer: Numbers of the variables whose values are whole numbers, of which their intervals have at least two.
            (Those that are 0 or 1 may be variables with a rewriting rule instead.)
    """

    name: str
    family: str
    sense: Sense
    objective: Polynomial
    axioms: tuple[Polynomial, ...]
    variables: tuple[str, ...]
    box: tuple[Interval, ...]
    feasible_point: tuple[Rational, ...] | None = None
    optimum: Rational | None = None
    implied: Mapping[tuple[int, Side], Mapping[int, Rational]] = field(default_factory=dict)
    integer: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        """Check what the exact arithmetic relies on."""
        if any(axiom.ring != self.ring for axiom in self.axioms):
            raise ValueError("the axioms and the objective must belong to one ring")
        if any(not isinstance(c, int) for axiom in self.axioms for c in axiom.terms.values()):
            raise ValueError("axioms must have integer coefficients (see Polynomial.primitive)")
        if not all(self.axioms) or len(set(self.axioms)) < len(self.axioms):
            raise ValueError("axioms must be distinct and not zero")
        if not _contain_unit_box(self.axioms, len(self.ring.variables)):
            raise ValueError("those of the unit box must be among the axioms")
        moved = [i for i, (low, high) in enumerate(self.box) if (low, high) != (0, 1) and low < high]
        if any(i in self.ring.idempotent or self.ring.exclusive_with(i) for i in moved):
            raise ValueError("variables with rewriting rules must have the box (0, 1)")
        if any(Fraction(end).denominator > 1 for i in self.integer for end in self.box[i]):
            raise ValueError("integer variables must have whole numbers as ends of their box")
        if self.integer & self.ring.idempotent:
            raise ValueError("integer variables must not be idempotent as well")

    @property
    def ring(self) -> Ring:
        """The ring of the objective and the axioms."""
        return self.objective.ring

    def states_the_same(self, other: Problem) -> bool:
        """Whether another problem asks for the same bound on the same polynomial over the same points.

        So it is if all that a theorem about it says is the same: variables with their kinds and intervals, rewriting
        rules, axioms in any order, objective and sense. Names, and what is known of solutions, do not matter.
        """
        return (
            (self.sense, self.objective, self.variables, self.box, self.integer, self.implied.keys())
            == (other.sense, other.objective, other.variables, other.box, other.integer, other.implied.keys())
        ) and {*self.axioms} == {*other.axioms}

    @property
    def num_variables(self) -> int:
        """Number of variables."""
        return len(self.variables)

    @property
    def degree(self) -> int:
        """Largest degree among the objective and the axioms."""
        return max(p.degree for p in (self.objective, *self.axioms))

    @property
    def sign(self) -> int:
        """Factor that turns the objective into one to minimise: 1 for ``min``, -1 for ``max``."""
        return 1 if self.sense == "min" else -1

    @cached_property
    def minimised(self) -> Polynomial:
        """The objective, negated where the sense is ``max``: every bound on it is a lower bound."""
        return self.objective * self.sign

    @cached_property
    def trivial_bound(self) -> Rational:
        """The bound that the signs of the coefficients prove on the unit box, in the problem's own sense."""
        return self.sign * self.minimised.lower_bound_on_unit_box()

    @cached_property
    def worst_value(self) -> Rational:
        """The worst value that the signs of the coefficients allow on the unit box, in the problem's own sense."""
        return -self.sign * (-self.minimised).lower_bound_on_unit_box()

    def is_absurd(self, bound: Rational) -> bool:
        """Whether a bound is better than all values on the unit box: then no point satisfies the axioms."""
        return self.sign * bound > self.sign * self.worst_value

    @cached_property
    def incumbent(self) -> Rational | None:
        """Value of the objective at the feasible point; no bound can pass it."""
        return None if self.feasible_point is None else self.objective.evaluate(self.feasible_point)

    @cached_property
    def constraints(self) -> tuple[int, ...]:
        """The indices of the axioms that are no bounds of the unit box."""
        return tuple(index for index, axiom in enumerate(self.axioms) if end_of(axiom) is None)

    @cached_property
    def may_be_empty(self) -> bool:
        """Whether it is not known that some point satisfies the axioms: no such point is, and there are constraints."""
        return self.feasible_point is None and bool(self.constraints)

    @cached_property
    def without_objective(self) -> Problem:
        """The same set with the objective 0: a lower bound above 0 shows that no point satisfies the axioms."""
        return replace(self, objective=Polynomial(self.ring, {}), sense="min", optimum=None)

    @cached_property
    def implied_axioms(self) -> dict[int, Mapping[int, Rational]]:
        """The axioms that others imply, by their numbers, with the multipliers of :attr:`implied`: no assumptions."""
        ends = unit_box_ends(self.ring) if self.implied else {}
        numbers = {axiom: k for k, axiom in enumerate(self.axioms)} if self.implied else {}
        found = {numbers[ends[place]]: multipliers for place, multipliers in self.implied.items() if multipliers}
        return dict(sorted(found.items()))

    @cached_property
    def integer_intervals(self) -> dict[int, tuple[int, int]]:
        """The intervals of the integer variables that no case fixes, by number, in the problem's own coordinates."""
        intervals = {i: (int(self.box[i][0]), int(self.box[i][1])) for i in sorted(self.integer)}
        return {i: (low, high) for i, (low, high) in intervals.items() if low < high}

    @cached_property
    def is_integral(self) -> bool:
        """Whether the values of the objective lie a common step apart, see :attr:`values`."""
        return values_at_whole_numbers(self.in_own_coordinates(self.minimised), self.integer) is not None

    @cached_property
    def values(self) -> Progression:
        """Among which numbers, a common step apart, the values of the minimised objective are.

        Raises:
            BadInput: If it has other variables than Boolean and integer ones.
        """
        values = values_at_whole_numbers(self.in_own_coordinates(self.minimised), self.integer)
        if values is None:
            raise BadInput(
                f"{self.name}: expected Boolean variables and integer ones only in the objective, to round its bound"
            )
        return values

    @cached_property
    def symmetries(self) -> Symmetries:
        """The permutations of the variables that map the problem to itself."""
        return Symmetries(self)

    @cached_property
    def shape(self) -> ProblemShape:
        """The sizes that the arrays of an environment depend on."""
        return ProblemShape(
            num_variables=self.num_variables,
            num_axioms=len(self.axioms),
            degree=self.degree,
            max_terms=max(len(p) for p in self.axioms),
            objective_terms=len(self.objective),
            num_constraints=len(self.constraints),
        )

    def to_own_coordinates(self, point: Sequence[Rational]) -> tuple[Rational, ...]:
        """The point of the problem's own box that a point of the unit box stands for."""
        return tuple(rational(lo + (hi - lo) * u) for u, (lo, hi) in zip(point, self.box, strict=True))

    @cached_property
    def _own_ring(self) -> Ring:
        return Ring(self.variables, self.ring.idempotent, self.ring.exclusive_pairs())

    def in_own_coordinates(self, polynomial: Polynomial) -> Polynomial:
        """A polynomial in unit coordinates, written in the problem's own variables."""
        if self.variables == self.ring.variables:  # no variable has been moved, so the rings are the same
            return polynomial
        own = (Polynomial.variable(self._own_ring, i) for i in range(self.num_variables))
        # A fixed variable occurs in nothing but the axioms that its unit coordinate is from 0 to 1.
        return polynomial.substitute(
            [(x - lo) * Fraction(1, (hi - lo) or 1) for x, (lo, hi) in zip(own, self.box, strict=True)]
        )

    def to_text(self) -> str:
        """The problem as text that can be read again, exactly (see :func:`~polyproof_gym.problem_from_text`).

        Raises:
            BadInput: If a variable's name cannot be read from text.
        """
        from polyproof_gym.problems.text_format import problem_to_text

        return problem_to_text(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Problem:
        return self


@dataclass(frozen=True)
class ProblemShape:
    """Upper limits on the sizes of the problems that one environment meets.

    ``num_constraints`` counts the axioms that are no bounds; it matters only where inequalities are multiplied by them.
    """

    num_variables: int
    num_axioms: int
    degree: int
    max_terms: int
    objective_terms: int
    num_constraints: int = 0


@runtime_checkable
class ProblemGenerator(Protocol):
    """A source of random problems: frozen, without state, drawing only from the generator it is given."""

    @property
    def name(self) -> str:
        """The spec string that makes this generator again."""
        ...

    @property
    def shape(self) -> ProblemShape:
        """Limits that every problem drawn keeps."""
        ...

    def sample(self, rng: np.random.Generator) -> Problem:
        """Draw a training problem."""
        ...

    def held_out(self, index: int) -> Problem:
        """Test problem number ``index``: the same for everyone, from a stream that training never draws from."""
        ...


def is_generator(value: object) -> bool:
    """Whether a value is a generator of problems."""
    try:
        return isinstance(value, ProblemGenerator) and not isinstance(value, type)
    except Exception:  # what a class of the caller's raises when it is asked for a member
        return False


def unit_box_axioms(ring: Ring) -> list[Polynomial]:
    """``u >= 0`` and ``1 - u >= 0`` for every variable, in this order."""
    return list(unit_box_ends(ring).values())


def unit_box_ends(ring: Ring) -> dict[tuple[int, Side], Polynomial]:
    """The axioms of :func:`unit_box_axioms`, in their order, by the variable and the side of its interval."""
    ends: dict[tuple[int, Side], Polynomial] = {}
    for i in range(ring.num_variables):
        ends[i, "lower"] = Polynomial(ring, {(i,): 1})
        ends[i, "upper"] = Polynomial(ring, {(i,): -1, ONE: 1})
    return ends


def end_of(axiom: Polynomial) -> tuple[int, Side] | None:
    """The place of an axiom in :func:`unit_box_ends`, ``None`` if it is none of them; quicker than forming them."""
    terms = dict(axiom.terms)
    constant = terms.pop(ONE, 0)
    ((variable, coefficient),) = terms.items() if len(terms) == 1 else [(ONE, 0)]
    if len(variable) != 1:
        return None
    sides: dict[tuple[Rational, Rational], Side] = {(0, 1): "lower", (1, -1): "upper"}
    side = sides.get((constant, coefficient))
    return None if side is None else (variable[0], side)


def _contain_unit_box(axioms: Iterable[Polynomial], num_variables: int) -> bool:
    """Whether the axioms of :func:`unit_box_axioms` are among some; quicker than forming them for a comparison."""
    terms = [axiom.terms for axiom in axioms]
    lower = {variable for known in terms for variable in known if known == {variable: 1}}
    upper = {variable for known in terms for variable in known if variable and known == {variable: -1, ONE: 1}}
    variables = {(i,) for i in range(num_variables)}
    return variables <= lower and variables <= upper


def unit_ring(
    variables: Sequence[str],
    box: Sequence[Interval],
    idempotent: Iterable[int] = (),
    exclusive: Iterable[tuple[int, int]] | NDArray[np.integer] = (),
) -> Ring:
    """The ring of the unit coordinates: a variable on ``[0, 1]`` keeps its name, any other ``x`` becomes ``u_x``."""
    names = [
        name if tuple(interval) == (0, 1) else moved
        for name, moved, interval in zip(variables, moved_names(variables), box, strict=True)
    ]
    return Ring(names, idempotent, exclusive)


def moved_names(variables: Sequence[str]) -> list[str]:
    """What the unit coordinates of variables are called where their interval is not ``[0, 1]``."""
    prefix = "u_"
    while any(prefix + variable in variables for variable in variables):
        prefix += "u_"
    return [prefix + variable for variable in variables]


def unit_substitution(ring: Ring, box: Sequence[Interval]) -> list[Polynomial]:
    """What every variable is in unit coordinates: ``lo + (hi - lo) * u``."""
    return [lo + (hi - lo) * Polynomial.variable(ring, i) for i, (lo, hi) in enumerate(box)]


def rational_interval(interval: Iterable[Any]) -> Interval:
    """Read a bounded interval with more than one point, exactly.

    Raises:
        BadInput: If it is anything else.
    """
    try:
        low, high = (rational(end) for end in interval)
    except (TypeError, ValueError) as error:
        raise BadInput(f"expected an interval (low, high) of finite numbers, got {interval!r} ({error})") from None
    if low >= high:
        raise BadInput(f"expected an interval with low < high, got ({low}, {high})")
    return low, high
