"""Problems as text, as people write them in a file that ends in ``.poly``; ``docs/problem-files.md`` has the grammar.

::

    # The largest product under a budget.
    max x*y
    subject to
      x + 2y <= 4
    bounds
      x >= 0          # the constraint implies x <= 4,
      y >= 0          # and y <= 2
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import zip_longest
from typing import Any, TypeVar

from polyproof_gym import arguments
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import (
    ONE,
    Polynomial,
    Rational,
    Ring,
    canonical_name,
    parse_constraint,
    parse_polynomial,
    rational,
    variable_names,
)
from polyproof_gym.polynomials.tokens import natural_order
from polyproof_gym.printable import printable
from polyproof_gym.problems.box_polynomial import polynomial
from polyproof_gym.problems.declarations import MAX_VARIABLES, exclusive_pairs
from polyproof_gym.problems.implied_box import SIDES, OpenInterval, Side
from polyproof_gym.problems.line_error import LineError
from polyproof_gym.problems.problem import Problem, Sense, unit_box_axioms
from polyproof_gym.problems.stable_set import stable_set_from_edges

_T = TypeVar("_T")

MAX_WIDTH = 100
"""Length up to which lines of names are filled."""

_SENSES: dict[str, Sense] = {word: "min" for word in ("min", "minimize", "minimise")}
_SENSES |= {word: "max" for word in ("max", "maximize", "maximise")}

_SECTIONS = {
    "subject to": "constraints",
    "such that": "constraints",
    "s.t.": "constraints",
    "st": "constraints",
    "constraints": "constraints",
    "bounds": "bounds",
}
"""Lines that begin a section of constraints or of bounds."""

_LISTS = ("variables", "boolean", "integer", "exclusive")
"""Words that begin lists of names."""

_RESERVED = {"problem", "end", "constraints", "bounds", "st", *_LISTS, *_SENSES}

_GOES_ON = re.compile("[-+*/^)\u2212\u2013\u00b7\u00d7]")
"""The beginning of a line that goes on with what was begun."""

_UNFINISHED = re.compile(r"[-+*/^(=<>≤≥,]\s*$")
"""The end of a line that goes on in the next."""


@dataclass
class _Draft:
    """What a text says, with the numbers of its lines."""

    name: str = ""
    sense: Sense | None = None
    objective: str = ""
    objective_parts: list[str] = field(default_factory=list)
    objective_line: int = 1
    constraints: list[tuple[int, str]] = field(default_factory=list)
    bounds: list[tuple[int, str]] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)
    boolean: list[str] = field(default_factory=list)
    integer: list[str] = field(default_factory=list)
    exclusive: list[list[str]] = field(default_factory=list)


def problem_from_text(text: str, name: str = "") -> Problem:
    """The problem that a text in the format of ``.poly`` files states.

    Args:
        text: The text.
        name: What the problem is called, unless the text says; by default its objective.

    Raises:
        BadInput: With the line and what was expected there, or if one of them is no text.
    """
    # Lines end where those of files end; Unicode, and so splitlines, knows more ends.
    lines = [line.rstrip("\n") for line in io.StringIO(arguments.text(text, "problem"), newline=None)]
    try:
        return read_text(lines, arguments.text(name, "name"))
    except LineError as error:
        raise BadInput(f"line {error.line}: {error}") from None


def read_text(lines: Sequence[str], name: str = "") -> Problem:
    """The problem that lines state.

    Raises:
        LineError: If a line cannot be read.
        BadInput: If the lines together are not a problem, say because a variable has no bounds.
    """
    draft = _drafted(lines)
    if draft.sense is None or not draft.objective:
        raise LineError(max(len(lines), 1), "expected an objective, such as 'min x^2 - x*y', got the end of the text")
    ring = _ring_of(draft)
    objective = _at(draft.objective_line, parse_polynomial, draft.objective, ring)
    for line, text in draft.constraints:
        _at(line, parse_constraint, text, ring)
    box = _box(draft.bounds, ring)
    name = draft.name or name or draft.objective
    if _is_stable_set(draft, objective):
        return _stable_set(draft, objective, name)
    return polynomial(
        draft.objective,
        box=box or None,
        sense=draft.sense,
        constraints=[text for _, text in draft.constraints],
        variables=draft.variables or None,
        boolean=draft.boolean,
        integer=draft.integer,
        exclusive=draft.exclusive,
        name=name,
    )


def _drafted(lines: Sequence[str]) -> _Draft:
    """Sort the lines into sections."""
    draft = _Draft()
    section = ""
    for line, text in _statements(lines):
        words = text.lower().rstrip(":").split() or [""]
        first, rest = words[0].rstrip(":"), text[len(text.split()[0]) :].strip().removeprefix(":").strip()
        if section == "end":
            raise LineError(line, f"expected nothing after 'end', got {text[:60]!r}")
        if " ".join(words) in _SECTIONS or words == ["end"]:
            section = _SECTIONS.get(" ".join(words), "end")
        elif first in _LISTS:
            section = first
            if rest:
                _add_names(draft, section, line, rest)
        elif first == "problem" and draft.sense is None and not draft.name:
            draft.name = rest
        elif first in _SENSES and draft.sense is None:
            draft.sense, section = _SENSES[first], "objective"
            draft.objective_parts, draft.objective_line = [rest] if rest else [], line
        elif section == "objective":
            if draft.objective_parts and not _GOES_ON.match(text):
                raise LineError(line, f"expected a line that goes on with an operator, got {text[:60]!r}")
            draft.objective_parts.append(text)
        elif section in ("constraints", "bounds"):
            getattr(draft, section).append((line, re.sub(r"^\w+\s*:", "", text)))
        elif section in _LISTS:
            _add_names(draft, section, line, text)
        else:
            raise LineError(line, f"expected an objective, such as 'min x^2 - x*y', got {text[:60]!r}")
    draft.objective = " ".join(draft.objective_parts)
    return draft


def _statements(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines without comments and blank ones, joined where one ends unfinished."""
    begun, parts = 0, list[str]()
    for number, line in enumerate(lines, 1):
        content = line.partition("#")[0].strip()
        if not content:
            continue
        begun = begun if parts else number
        parts.append(content)
        if not _UNFINISHED.search(content):
            yield begun, " ".join(parts)
            parts = []
    if parts:
        yield begun, " ".join(parts)


def _add_names(draft: _Draft, section: str, line: int, text: str) -> None:
    names = []
    for word in text.replace(",", " ").split():
        name = _at(line, canonical_name, word)
        if name.lower() in _RESERVED:
            raise LineError(line, f"expected names of variables, got the word {name!r} of this format")
        names.append(name)
    if section == "exclusive":
        if len(names) < 2:
            raise LineError(line, f"exclusive: expected at least two names, got {text[:60]!r}")
        draft.exclusive.append(names)
    else:
        known: list[str] = getattr(draft, section)
        known += names
        if len(set(known)) < len(known):
            raise LineError(line, f"{section}: expected distinct names, got one twice")
        both = next((name for name in names if name in draft.boolean and name in draft.integer), None)
        if both is not None:
            raise LineError(line, f"{section}: expected variables of one kind, got {both!r} as boolean and integer")


def _ring_of(draft: _Draft) -> Ring:
    """A ring of all names, in which every line can be read."""
    names = {*draft.variables, *draft.boolean, *draft.integer}
    for line, text in ((draft.objective_line, draft.objective), *draft.constraints, *draft.bounds):
        found = _at(line, variable_names, text)
        reserved = next((name for name in found if name.lower() in _RESERVED), None)
        if reserved is not None:
            raise LineError(line, f"expected a name of a variable, got the word {reserved!r} of this format")
        names.update(found)
        if len(names) > MAX_VARIABLES:
            raise LineError(line, f"expected at most {MAX_VARIABLES} variables, got more")
    return Ring(sorted(names, key=natural_order))


def _box(bounds: Sequence[tuple[int, str]], ring: Ring) -> dict[str, OpenInterval]:
    """The ends that lines such as ``-1 <= x <= 3`` and ``y >= 0`` give."""
    box: dict[str, list[Rational | None]] = {}
    for line, text in bounds:
        for bound in _at(line, parse_constraint, text, ring):
            if bound.degree != 1 or len(bound.terms.keys() - {ONE}) != 1:
                raise LineError(
                    line, f"expected bounds of a variable, such as '-1 <= x <= 3', got {text.strip()[:60]!r}"
                )
            ((i,), slope) = next((monomial, c) for monomial, c in bound.terms.items() if monomial != ONE)
            side = int(slope < 0)
            ends = box.setdefault(ring.variables[i], [None, None])
            if ends[side] is not None:
                raise LineError(line, f"expected one {SIDES[side]} bound of {ring.variables[i]}, got a second one")
            ends[side] = rational(Fraction(-bound.constant_term) / slope)
            low, high = ends
            if low is not None and high is not None and low >= high:
                raise LineError(line, f"expected an interval with low < high, got ({low}, {high})")
    return {name: (low, high) for name, (low, high) in box.items()}


def _is_stable_set(draft: _Draft, objective: Polynomial) -> bool:
    """Whether a text states the stable set problem of a graph, whose edges are the exclusive pairs."""
    return (
        draft.sense == "max"
        and bool(draft.exclusive)
        and not (draft.constraints or draft.bounds)
        and {*draft.boolean} == {*objective.ring.variables}
        and {*draft.variables} in (set(), {*draft.boolean})
        and all(len(monomial) == 1 and weight >= 0 for monomial, weight in objective.terms.items())
    )


def _stable_set(draft: _Draft, objective: Polynomial, name: str) -> Problem:
    names = draft.variables or sorted(draft.boolean, key=natural_order)
    weights = {objective.ring.variables[i]: weight for (i,), weight in objective.terms.items()}
    pairs = exclusive_pairs(draft.exclusive, names, range(len(names)))
    return stable_set_from_edges(names, pairs, [weights.get(vertex, 0) for vertex in names], name=name)


def _at(line: int, read: Callable[..., _T], *arguments: Any) -> _T:
    """What reading a part of a line gives; an error gets the line's number."""
    try:
        return read(*arguments)
    except BadInput as error:
        raise LineError(line, str(error)) from None


def problem_to_text(problem: Problem) -> str:
    """A problem as text, which :func:`problem_from_text` reads as the same problem.

    Coefficients are exact. Bounds that the constraints imply stand among these, with a comment that says so.

    Raises:
        BadInput: If a variable's name cannot be read from text.
    """
    names = problem.variables
    for name in names:
        if name.lower() in _RESERVED or not _is_readable(name):
            raise BadInput(f"{problem.name}: the variable {name!r} has a name that the text format cannot hold")
    lines = []
    objective = problem.in_own_coordinates(problem.objective)
    title = " ".join(printable(problem.name).replace("#", " ").split())
    if title and title != str(objective):
        lines.append(f"problem {title}")
    lines.append(f"{problem.sense} {objective}")
    own = [i for i in range(len(names)) if i not in problem.ring.idempotent]
    given = {i: [side for side in SIDES if (i, side) not in problem.implied] for i in own}
    if list(names) != sorted(names, key=natural_order) or not all(given.values()):
        lines += _filled("variables", names)
    # A constraint that says no more than the box is not among the axioms; its end stands for it.
    ends = [
        f"# implied: {end}" if problem.implied[place] else end
        for place in sorted(problem.implied)
        for end in [_bound(problem, *place)]
    ]
    lines += _section("subject to", [*_constraints(problem), *ends])
    lines += _section("bounds", [_interval(problem, i, sides) for i, sides in given.items() if sides])
    lines += _filled("boolean", [names[i] for i in sorted(problem.ring.idempotent)])
    lines += _filled("integer", [names[i] for i in sorted(problem.integer)])
    lines += [f"exclusive {names[i]} {names[j]}" for i, j in problem.ring.exclusive_pairs().tolist()]
    return "\n".join(lines) + "\n"


def _is_readable(name: str) -> bool:
    try:
        return canonical_name(name) == name
    except BadInput:
        return False


def _constraints(problem: Problem) -> Iterator[str]:
    """The axioms beyond the box, two that say ``p = 0`` as one."""
    given = set(unit_box_axioms(problem.ring))
    axioms = [axiom for axiom in problem.axioms if axiom not in given]
    skipped = False
    for axiom, following in zip_longest(axioms, axioms[1:]):
        if skipped:
            skipped = False
            continue
        skipped = following == -axiom
        own = problem.in_own_coordinates(axiom).primitive()
        form, bound = own - own.constant_term, -own.constant_term
        if skipped:
            yield f"{form} = {bound}"
        elif all(coefficient < 0 for coefficient in form.terms.values()):
            yield f"{-form} <= {-bound}"
        else:
            yield f"{form} >= {bound}"


def _interval(problem: Problem, i: int, sides: Sequence[Side]) -> str:
    """The ends of a variable's interval that were given."""
    if len(sides) == 1:
        return _bound(problem, i, sides[0])
    low, high = problem.box[i]
    return f"{low} <= {problem.variables[i]} <= {high}"


def _bound(problem: Problem, i: int, side: Side) -> str:
    low, high = problem.box[i]
    return f"{problem.variables[i]} " + (f">= {low}" if side == "lower" else f"<= {high}")


def _section(header: str, lines: Sequence[str]) -> list[str]:
    return [header, *(f"  {line}" for line in lines)] if lines else []


def _filled(word: str, names: Sequence[str]) -> list[str]:
    """Lines that begin with a word and list names."""
    lines: list[str] = []
    for name in names:
        if lines and len(lines[-1]) + len(name) < MAX_WIDTH:
            lines[-1] += f" {name}"
        else:
            lines.append(f"{word} {name}")
    return lines
