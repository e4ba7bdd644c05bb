"""What all proofs claim, however they show it: a bound on the objective, and what that says of the question."""

from __future__ import annotations

import abc
import json
import math
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, cast

from polyproof_gym.arguments import file_path, whole
from polyproof_gym.errors import InvalidProof, ResourceLimit
from polyproof_gym.polynomials import Rational
from polyproof_gym.problems.json_form import problem_to_json
from polyproof_gym.problems.problem import Problem
from polyproof_gym.proofs import checker
from polyproof_gym.proofs.reasons import Axiom, Reason
from polyproof_gym.proofs.search_record import SearchRecord
from polyproof_gym.whole_file import write_whole

if TYPE_CHECKING:
    from polyproof_gym.proofs.proof import Proof
    from polyproof_gym.proofs.tree import ProofTree

Status = Literal["infeasible", "refuted", "proved", "undecided", "optimal", "bounded"]


SIDES = ("below", "above")
"""The cases of a split in a proof file."""


@dataclass(frozen=True)
class Claim(abc.ABC):
    """A bound with all that is needed to check it; :class:`Proof` and :class:`ProofTree` show it.

    Attributes:
        problem: What the bound is about.
        rounded: Whether the proof ends by rounding the bound to what values the objective may have.
        target: The bound that was asked for, in the problem's own sense, if one was.
        search: How the proof was found, where that is known.
    """

    problem: Problem
    _: KW_ONLY
    rounded: bool = False
    target: Rational | None = None
    search: SearchRecord | None = field(default=None, compare=False)

    @property
    @abc.abstractmethod
    def combination_bound(self) -> Fraction:
        """The bound before any rounding, in the problem's own sense."""

    @abc.abstractmethod
    def all_reasons(self) -> Iterator[Reason]:
        """The reasons of all lines, case by case."""

    @cached_property
    def num_derivations(self) -> int:
        """Number of lines that are not axioms."""
        return sum(not isinstance(reason, Axiom) for reason in self.all_reasons())

    @property
    @abc.abstractmethod
    def num_combined(self) -> int:
        """Number of lines with a multiplier."""

    @property
    @abc.abstractmethod
    def num_leaves(self) -> int:
        """Number of cases; 1 if there are none to tell apart."""

    @property
    @abc.abstractmethod
    def since(self) -> int:
        """The first version of the proof file that can hold this."""

    @abc.abstractmethod
    def node_to_json(self) -> dict[str, Any]:
        """What shows the claim, as a proof file holds it beside the problem and the bound."""

    @abc.abstractmethod
    def require_readable(self, node: dict[str, Any]) -> None:
        """Check that what a proof file holds is read as what it is.

        Args:
            node: What :meth:`node_to_json` gave.

        Raises:
            InvalidProof: If it is read as something else.
        """

    @property
    def bound(self) -> Fraction:
        """The proved bound, in the problem's own sense."""
        if not self.rounded:
            return self.combination_bound
        sign = self.problem.sign
        return sign * self.problem.values.first_from(sign * self.combination_bound)

    @property
    def _is_whole(self) -> bool:
        """Whether the bound is rounded as in version 1: to a whole number, where all is 0 or 1, and not further."""
        problem, sign = self.problem, self.problem.sign
        is_whole = all(Fraction(c).denominator == 1 for c in problem.objective.terms.values())
        is_binary = len(problem.ring.idempotent) == problem.num_variables
        return is_whole and is_binary and sign * self.bound == math.ceil(sign * self.combination_bound)

    @property
    def status(self) -> Status:
        """What the proof says of the question.

        - ``infeasible``: no point satisfies the axioms, so every bound holds.
        - With a target: ``refuted`` if the feasible point known contradicts it, ``proved`` if the bound reaches it, and
          ``undecided`` otherwise.
        - Without one: ``optimal`` if the bound is the value at the feasible point known, and otherwise ``bounded``.
        """
        if self.shows_emptiness:
            return "infeasible"
        if self.target is None:
            return "optimal" if self.gap == 0 else "bounded"
        sign, incumbent = self.problem.sign, self.problem.incumbent
        if incumbent is not None and sign * incumbent < sign * self.target:
            return "refuted"
        return "proved" if sign * self.bound >= sign * self.target else "undecided"

    @cached_property
    def shows_emptiness(self) -> bool:
        """Whether the bound is better than all values on the unit box, and no point is known that says otherwise."""
        return self.problem.may_be_empty and self.problem.is_absurd(self.combination_bound)

    @property
    def gap(self) -> Fraction | None:
        """Distance between the bound and the best feasible value known, ``None`` if none is; 0 means optimal."""
        incumbent = self.problem.incumbent
        return None if incumbent is None else abs(self.bound - incumbent)

    def rounding(self) -> Self:
        """This proof with the bound rounded to what values the objective may have as its last step.

        Raises:
            BadInput: If these do not lie a common step apart, as the objective has other variables than Boolean and
                integer ones.
        """
        return replace(self, rounded=bool(self.problem.values))

    def rounding_if_better(self) -> Self:
        """This proof, with that step where the objective's values lie so and it improves the bound."""
        if not self.problem.is_integral or self.status == "infeasible":
            return self
        rounded = self.rounding()
        return self if rounded.bound == self.bound else rounded

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
        """The proof file's content: the problem written out, what shows the claim, and the bound.

        Raises:
            InvalidProof: If the bound cannot be computed, or there are reasons that a proof file does not know.
            ResourceLimit: If a number is too long for text (``sys.get_int_max_str_digits``).
        """
        is_new = self.problem.implied_axioms or self.problem.integer or (self.rounded and not self._is_whole)
        version = max(2 if is_new else 1, self.since)
        try:
            return {
                "format": "polyproof-certificate",
                "version": version,
                "problem": problem_to_json(self.problem, version),
                **self.node_to_json(),
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
        try:
            max_work = whole(max_work, "max_work", 0)
            content = self.to_json()
            text = format_content(content)
            checker.require_size(len(text), checker.items_in(text.encode()))
            checker.check(content, max_work)
            self.require_readable(content)
        except (checker.Rejected, TypeError) as error:  # reasons of other kinds may have no JSON
            raise InvalidProof(str(error)) from None
        except checker.ResourceLimit as error:
            raise ResourceLimit(str(error)) from None
        return text

    def to_text(self) -> str:
        """The proof for people, as plain text."""
        return self._exported("text")

    def to_html(self) -> str:
        """The proof as a web page."""
        return self._exported("html")

    def _exported(self, form: str) -> str:
        from polyproof_gym.proofs.exports import EXPORTERS  # they are about proofs

        return EXPORTERS[form](cast("Proof | ProofTree", self))

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


def format_content(content: dict[str, Any]) -> str:
    """JSON with one item per line, or all pairs of one variable with others; indented are only the keys."""
    return _format(content) + "\n"


def _format(content: Any, indent: str = "") -> str:
    inner = indent + " "
    if isinstance(content, dict):
        items = (
            f"{inner}{json.dumps(key)}: {_format_node(value) if key in SIDES else _format(value, inner)}"
            for key, value in content.items()
        )
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    if isinstance(content, list) and len(content) > 2 and not isinstance(content[0], int):
        if all(isinstance(item, list) and all(type(number) is int for number in item) for item in content):
            # Pairs of variables are most of the text of a graph: a line holds all that begin with the same one.
            groups = (list(group) for _, group in groupby(content, key=lambda item: item[:1]))
            return "[\n" + ",\n".join(_compact(group)[1:-1] for group in groups) + f"\n{indent}]"
        return "[\n" + ",\n".join(map(_compact, content)) + f"\n{indent}]"
    return _compact(content)


def _format_node(node: dict[str, Any]) -> str:
    """A case, without indentation, which would be most of the text of deep trees."""
    if "split" not in node:
        return _compact(node)
    parts = [f'"split":{_compact(node["split"])}', *(f'"{side}":{_format_node(node[side])}' for side in SIDES)]
    return "{" + ",\n".join(parts) + "}"


def _compact(content: Any) -> str:
    return json.dumps(content, separators=(",", ":"))
