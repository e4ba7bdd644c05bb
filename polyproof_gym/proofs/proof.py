"""A finished proof: the derivations, the combination, and the bound that they establish exactly."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from polyproof_gym.arguments import file_path, whole
from polyproof_gym.errors import BadInput, InvalidProof, ResourceLimit
from polyproof_gym.polynomials import Monomial, Polynomial, Rational, rational
from polyproof_gym.problems.json_form import problem_from_json, problem_to_json
from polyproof_gym.problems.problem import Problem
from polyproof_gym.proofs import checker
from polyproof_gym.proofs.reasons import KINDS, Axiom, Reason, reason_from_json
from polyproof_gym.proofs.rules import Limits
from polyproof_gym.whole_file import write_whole

Status = Literal["infeasible", "refuted", "proved", "undecided", "optimal", "bounded"]

MISMATCH = 1e-6
"""Difference between the exact bound and the LP's, relative above 1, that is reported."""

Stop = Literal["goal", "steps", "limits", "exhausted", "agent", "interrupted"]
"""Why a search ended:

- ``goal``: nothing is left to find out (the target is reached or refuted, the bound meets the incumbent, or no point
  satisfies the axioms);
- ``steps``: the step budget is spent;
- ``limits``: everything derivable within the limits on degree and length is known, but not without them;
- ``exhausted``: everything derivable is known;
- ``agent``: the agent had nothing more that it wanted to derive;
- ``interrupted``: the caller ended it.
"""


@dataclass(frozen=True)
class SearchRecord:
    """How a proof was found.

    Attributes:
        agent: Name of the agent.
        seed: Seed of its random choices.
        steps: Derivations it made.
        inequalities: Size of the memory at the end.
        lp_rows: Monomials in the last LP.
        lp_columns: Inequalities in the last LP.
        seconds: Wall time of the search, without the loading of code and the making of the exact proof.
        bounds: The bound at the start and after every move of the agent, in floats.
        cold_solves: How often the solver was doubted and the LP solved from scratch.
        solver_limits: How often a run of the solver met a limit on its iterations or its time.
        solver_failures: How often no run of it gave anything believable, and the last solution was carried over.
        mismatches: How often the exact bound was found to differ from the LP's.
        stopped: Why it ended; ``None`` as long as it has not.
        limits: What derived inequalities could grow to.
        limited_by: Which of the limits, ``"max_degree"`` and ``"max_terms"``, kept it from going on, where it stopped
            because of limits.
        rules: Names of the inference rules.
    """

    agent: str
    seed: int
    steps: int
    inequalities: int
    lp_rows: int
    lp_columns: int
    seconds: float
    bounds: tuple[float, ...] = ()
    cold_solves: int = 0
    solver_limits: int = 0
    solver_failures: int = 0
    mismatches: int = 0
    stopped: Stop | None = None
    limits: Limits | None = None
    limited_by: tuple[str, ...] = ()
    findings: Mapping[str, int] = field(default_factory=dict)
    rules: tuple[str, ...] = ("products",)


@dataclass(frozen=True)
class Proof:
    """A bound with all that is needed to check it.

    The multipliers combine lines to ``objective - combination = remainder``, for the minimised objective; the bound is
    what the signs of the remainder's coefficients prove of it on the unit box. (In most proofs the remainder is a
    constant.) A *rounded* proof ends with one step more: all values of the objective are whole numbers, and so is the
    bound. A proof that *no point satisfies the axioms* is one of a bound better than all values on the unit box.

    A proof is not checked until :meth:`verify` is called. What is computed from its lines (remainder, bound, status and
    so on) raises :class:`InvalidProof` where :attr:`lines` does.

    Attributes:
        problem: What the bound is about.
        reasons: The derivation lines, in order; parents are line numbers.
        multipliers: The nonnegative multipliers, by line.
        rounded: Whether the proof ends by rounding the bound to a whole number.
        target: The bound that was asked for, in the problem's own sense, if one was.
        promised: The bound of the LP that the multipliers come from, in floats, where that is known.
        search: How the proof was found, where that is known.
    """

    problem: Problem
    reasons: tuple[Reason, ...]
    multipliers: Mapping[int, Rational]
    rounded: bool = False
    target: Rational | None = None
    promised: float | None = field(default=None, compare=False)
    search: SearchRecord | None = field(default=None, compare=False)

    @cached_property
    def lines(self) -> tuple[Polynomial, ...]:
        """What every line derives, computed from its reason.

        Raises:
            InvalidProof: If a reason does not fit the problem, or a line refers to one that does not come before it.
        """
        lines: list[Polynomial] = []
        for number, reason in enumerate(self.reasons):
            try:
                reason.require(self.problem)
            except InvalidProof as error:
                raise InvalidProof(f"line {number}: {error}") from None
            if any(not 0 <= parent < number for parent in reason.parents):
                raise InvalidProof(f"line {number}: refers to a line that does not come before it")
            lines.append(reason.conclude(self.problem.ring, [lines[parent] for parent in reason.parents]))
        return tuple(lines)

    @cached_property
    def remainder(self) -> Polynomial:
        """What the combination of the lines leaves of the minimised objective."""
        lines = self.lines
        return remainder(self.problem.minimised, ((lines[j], value) for j, value in self.multipliers.items()))

    @cached_property
    def combination_bound(self) -> Fraction:
        """The bound that the combination proves, before any rounding, in the problem's own sense."""
        return self.problem.sign * Fraction(self.remainder.lower_bound_on_unit_box())

    @property
    def bound(self) -> Fraction:
        """The proved bound, in the problem's own sense."""
        if not self.rounded:
            return self.combination_bound
        sign = self.problem.sign
        return Fraction(sign * math.ceil(sign * self.combination_bound))

    @property
    def loss(self) -> float | None:
        """By how much the exact combination falls short of what the LP promised, where that is known; float noise is 0.

        Rounded multipliers lose a little; negative values mean that the LP promised too little.
        """
        if self.promised is None:
            return None
        loss = self.problem.sign * float(self.promised - self.combination_bound)
        return 0.0 if abs(loss) <= 1e-12 * (1.0 + abs(self.promised)) else loss

    @property
    def differs_from_lp(self) -> bool:
        """Whether the exact combination is worse or better than the LP promised, by more than :data:`MISMATCH`."""
        return self.promised is not None and differs(self.combination_bound, self.promised)

    @property
    def status(self) -> Status:
        """What the proof says of the question.

        - ``infeasible``: no point satisfies the axioms, so every bound holds; ``contradiction`` shows it.
        - With a target: ``refuted`` if the feasible point known contradicts it, ``proved`` if the bound reaches it, and
          ``undecided`` otherwise.
        - Without one: ``optimal`` if the bound is the value at the feasible point known, and otherwise ``bounded``.
        """
        if self._shows_emptiness:
            return "infeasible"
        if self.target is None:
            return "optimal" if self.gap == 0 else "bounded"
        sign, incumbent = self.problem.sign, self.problem.incumbent
        if incumbent is not None and sign * incumbent < sign * self.target:
            return "refuted"
        return "proved" if sign * self.bound >= sign * self.target else "undecided"

    @cached_property
    def _shows_emptiness(self) -> bool:
        """Whether the bound is better than all values on the unit box, and no point is known that says otherwise."""
        problem = self.problem
        if not problem.may_be_empty:
            return False
        return problem.sign * self.combination_bound > problem.sign * problem.worst_value

    @cached_property
    def contradiction(self) -> Proof | None:
        """Of a proof that no point satisfies the axioms, the same lines combined to ``0 >= 1``; otherwise ``None``."""
        if not self._shows_emptiness:
            return None
        # The objective's own part of the remainder is at most its largest value, so that the rest is above 0.
        problem = self.problem.without_objective
        whole = replace(self, problem=problem, rounded=False, target=None, promised=None, search=None)
        share = 1 / whole.combination_bound
        return replace(whole, multipliers={j: rational(share * value) for j, value in self.multipliers.items()})

    @property
    def gap(self) -> Fraction | None:
        """Distance between the bound and the best feasible value known, ``None`` if none is; 0 means optimal."""
        incumbent = self.problem.incumbent
        return None if incumbent is None else abs(self.bound - incumbent)

    @property
    def num_derivations(self) -> int:
        """Number of lines that are not axioms."""
        return sum(not isinstance(reason, Axiom) for reason in self.reasons)

    def rounding(self) -> Proof:
        """This proof with the bound rounded to a whole number as its last step.

        Raises:
            BadInput: If the objective may take values that are not whole numbers.
        """
        self.problem.require_integral()
        return replace(self, rounded=True)

    def verify(self, max_work: int = checker.MAX_WORK) -> None:
        """Let the independent checker replay the proof, as it would stand in a file.

        Args:
            max_work: Limit of the work that this takes, in the units of :data:`checker.MAX_WORK`.

        Raises:
            InvalidProof: With the reason why the proof does not hold.
            ResourceLimit: If the check takes more work than that, or numbers are too long for it.
        """
        self.to_file(max_work)
        incumbent, sign = self.problem.incumbent, self.problem.sign
        if incumbent is not None and sign * self.bound > sign * incumbent:
            raise InvalidProof(f"the bound {self.bound} contradicts the feasible value {incumbent}")

    def to_json(self) -> dict[str, Any]:
        """The proof file's content: the problem written out, the lines with their reasons, multipliers and bound.

        Raises:
            InvalidProof: If the lines, and so the bound, cannot be computed.
            ResourceLimit: If a number is too long for text (``sys.get_int_max_str_digits``).
        """
        for number, reason in enumerate(self.reasons):
            if not isinstance(reason, KINDS):
                raise InvalidProof(f"line {number}: a proof file has no reasons of class {type(reason).__name__}")
        version = max((2 if self.problem.implied_axioms else 1, *(reason.since for reason in self.reasons)))
        try:
            return {
                "format": "polyproof-certificate",
                "version": version,
                "problem": problem_to_json(self.problem, version),
                "lines": [reason.to_json() for reason in self.reasons],
                "multipliers": [[number, str(value)] for number, value in self.multipliers.items()],
                **({"rounded_from": str(self.combination_bound)} if self.rounded else {}),
                "bound": str(self.bound),
            }
        except ValueError:
            raise ResourceLimit("a number has too many digits for a proof file") from None

    def to_file(self, max_work: int = checker.MAX_WORK) -> str:
        """The text of the proof file, which the checker has found valid within its limits.

        Args:
            max_work: Limit of the work of the check, in the units of :data:`checker.MAX_WORK`.

        Raises:
            InvalidProof: If the proof does not hold.
            ResourceLimit: If it is too large for the limits of the checker.
        """
        for number, value in self.multipliers.items():
            if not (type(number) is int and type(value) in (int, Fraction)):
                raise InvalidProof(f"multiplier of line {number}: expected an exact number, got {value!r}")
            if not 0 <= number < len(self.reasons):
                raise InvalidProof(f"multiplier of line {number}: there is no such line")
        try:
            max_work = whole(max_work, "max_work", 0)
            content = self.to_json()
            text = _format(content)
            checker.require_size(len(text), checker.items_in(text.encode()))
            checker.check(content, max_work)
            self._require_readable(content["lines"])
        except (checker.Rejected, TypeError) as error:  # reasons of other kinds may have no JSON
            raise InvalidProof(str(error)) from None
        except checker.ResourceLimit as error:
            raise ResourceLimit(str(error)) from None
        return text

    def _require_readable(self, texts: Sequence[str]) -> None:
        """Check that the reasons are read from a file as what they are."""
        for number, (text, reason) in enumerate(zip(texts, self.reasons, strict=True)):
            if reason_from_json(text, self.problem) != reason:
                raise InvalidProof(f"line {number}: {text} is another reason")

    def save(self, path: str | Path) -> None:
        """Write the proof to a file, which holds either its old content or the whole proof at any time.

        Nothing is written that :func:`load_proof` would not read again.

        Raises:
            BadInput: If the file cannot be written.
            InvalidProof: If the proof does not hold.
            ResourceLimit: If it is too large for the limits of the checker.
        """
        path = file_path(path)
        try:
            text = self.to_file()
        except (InvalidProof, ResourceLimit) as error:
            raise type(error)(f"{path}: not written ({error})") from None
        write_whole(path, text)


def load_proof(path: str | Path, max_work: int = checker.MAX_WORK, max_bytes: int = checker.MAX_BYTES) -> Proof:
    """Read a proof from a file, and check it.

    Args:
        path: The file.
        max_work: Limit of the work that the check takes, in the units of :data:`checker.MAX_WORK`.
        max_bytes: Limit of the size of the file.

    Raises:
        BadInput: If there is no proof file, or its problem is one that this package cannot hold.
        InvalidProof: If it does not prove what it claims.
        ResourceLimit: If it is too large for the limits.
    """
    path = file_path(path)
    max_work, max_bytes = whole(max_work, "max_work", 0), whole(max_bytes, "max_bytes", 0)
    try:
        content, _ = checker.verify(str(path), max_work, max_bytes)
        problem = problem_from_json(content["problem"])
    except checker.Rejected as error:
        raise InvalidProof(f"{path}: {error}") from None
    except checker.ResourceLimit as error:
        raise ResourceLimit(f"{path}: {error}") from None
    except (checker.Unreadable, ValueError) as error:
        raise BadInput(f"{path}: {error}") from None
    return Proof(
        problem=problem,
        reasons=tuple(reason_from_json(text, problem) for text in content["lines"]),
        multipliers={number: rational(Fraction(value)) for number, value in content["multipliers"]},
        rounded="rounded_from" in content,
    )


def _format(content: Any, indent: str = "") -> str:
    """JSON with one item per line, each as short as it can be."""
    inner = indent + " "
    if isinstance(content, dict):
        items = (f"{inner}{json.dumps(key)}: {_format(value, inner)}" for key, value in content.items())
        return "{\n" + ",\n".join(items) + f"\n{indent}}}" + ("" if indent else "\n")
    if isinstance(content, list) and len(content) > 2 and not isinstance(content[0], int):
        if all(isinstance(item, list) and all(type(number) is int for number in item) for item in content):
            # One call for all the pairs is several times as fast.
            return "[\n" + inner + json.dumps(content)[1:-1].replace("], [", f"],\n{inner}[") + f"\n{indent}]"
        return "[\n" + ",\n".join(inner + json.dumps(item) for item in content) + f"\n{indent}]"
    return json.dumps(content)


def differs(exact: Rational, promised: float) -> bool:
    """Whether the bound of an LP, in floats, is another than the exact one, by more than :data:`MISMATCH`."""
    return not math.isclose(exact, promised, rel_tol=MISMATCH, abs_tol=MISMATCH)


def remainder(objective: Polynomial, combination: Iterable[tuple[Polynomial, Rational]]) -> Polynomial:
    """The objective less the polynomials of a combination, each times its multiplier."""
    parts = [*combination]
    numbers = [*objective.terms.values(), *(multiplier for _, multiplier in parts)]
    common = math.lcm(*{number.denominator for number in numbers})  # whole numbers are added several times as fast
    terms: dict[Monomial, Rational] = {m: c.numerator * (common // c.denominator) for m, c in objective.terms.items()}
    for polynomial, multiplier in parts:
        factor = multiplier.numerator * (common // multiplier.denominator)
        for monomial, coefficient in polynomial.terms.items():
            terms[monomial] = terms.get(monomial, 0) - factor * coefficient
    return Polynomial(objective.ring, {m: rational(Fraction(c, common)) for m, c in terms.items() if c})
