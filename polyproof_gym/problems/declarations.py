"""Which names are variables, and the intervals they are given: no name is taken for a variable by mistake."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.arguments import members, shown
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Rational, canonical_name, names_in, read_number
from polyproof_gym.polynomials.messages import listed, quoted
from polyproof_gym.polynomials.parsing import undeclared
from polyproof_gym.polynomials.tokens import common_meaning, natural_order
from polyproof_gym.problems.implied_box import OpenInterval

_T = TypeVar("_T")

MAX_VARIABLES = 2000
"""Most variables of a problem."""

MAX_GROUPS = 500_000
"""Most groups of exclusive variables."""

UNIT = "unit"
"""What stands for the unit box in place of intervals."""


class Declarations(NamedTuple):
    """The variables of a problem.

    Attributes:
        names: Their names, in order.
        intervals: What is given of the interval of each.
        boolean: Numbers of those that are 0 or 1.
        integer: Numbers of those whose values are whole numbers, and not only 0 and 1; what is given of their intervals
            ends in whole numbers.
    """

    names: tuple[str, ...]
    intervals: tuple[OpenInterval, ...]
    boolean: frozenset[int]
    integer: frozenset[int] = frozenset()


def declare(
    objective: Any,
    constraints: Sequence[Any],
    *,
    box: Any = None,
    boolean: Any = (),
    integer: Any = (),
    variables: Any = None,
) -> Declarations:
    """Find out what the variables are.

    Names are declared in ``variables``, which then is the whole list, in a ``box`` that is a map, in ``boolean`` or in
    ``integer``. Where there is none of these, or ``box`` is a list, every name that occurs is a variable. A name that
    is not declared but occurs both in the objective and in constraints is one as well, if these turn out to bound it
    (see :func:`~polyproof_gym.problems.implied_box.implied_box`).

    Args:
        objective: What is to be bounded, in any form that can be read.
        constraints: The conditions, likewise.
        box: Intervals as a map from names, or as a list in the order of the variables; ``"unit"``; or ``None``.
        boolean: Names.
        integer: Names. Their intervals become those from the first to the last whole number within; one of which only
            0 and 1 are left is Boolean.
        variables: Names, or ``None``.

    Raises:
        BadInput: If a name is not declared, with the closest that is; if a word of ``boolean`` or ``integer``, where
            that is text, occurs nowhere; if an integer variable has fewer than two values; or if something is not of
            these forms.
    """
    booleans, integers = name_list(boolean, "boolean"), name_list(integer, "integer")
    for name in integers:
        if name in booleans:
            raise BadInput(f"integer: expected variables that are not boolean as well, got {quoted(name)}")
    given = _given(box)
    in_objective = set(read_part("objective", names_in, objective))
    in_constraints = {name for constraint in constraints for name in read_part("constraint", names_in, constraint)}
    used = in_objective | in_constraints
    if variables is not None:
        names = name_list(variables, "variables")
        declared = set(names)
    else:
        declared = {*booleans, *integers, *(given if isinstance(given, dict) else ())}
        names = _in_own_order(objective, given, declared | used) or _numbered(objective)
    for kind, of_kind in ((boolean, booleans), (integer, integers)):
        for name in of_kind if isinstance(kind, str) else ():  # "ab" may be meant as a and b
            if name not in used and not (isinstance(given, dict) and name in given):
                raise unknown_name(name, used)
    if not names:
        raise BadInput("expected a polynomial in at least one variable")
    if len(names) > MAX_VARIABLES:
        raise BadInput(f"expected a polynomial in at most {MAX_VARIABLES} variables, got {len(names)}")
    bounded = in_constraints & in_objective if declared else in_constraints
    for name in sorted(used - declared, key=natural_order):
        if variables is not None or not _is_meant(name, given, bool(declared), bounded):
            raise unknown_name(name, declared)
    for name in (*booleans, *integers, *(given if isinstance(given, dict) else ())):
        if name not in names:
            raise unknown_name(name, names)
    idempotent, whole = (frozenset(names.index(name) for name in of_kind) for of_kind in (booleans, integers))
    intervals = _intervals(given, names, idempotent)
    for i in whole:
        intervals[i] = _whole_interval(names[i], *intervals[i])
    binary = frozenset(i for i in whole if intervals[i] == (0, 1))
    return Declarations(tuple(names), tuple(intervals), idempotent | binary, whole - binary)


def _is_meant(name: str, given: _Given, is_any_declared: bool, bounded: Container[str]) -> bool:
    """Whether a name that is not declared may be a variable all the same."""
    if isinstance(given, list):  # one interval for each name: letters are safe, as their number is checked
        return len(name) == 1 or common_meaning(name) is None
    if given == UNIT or not is_any_declared:
        return name in bounded or common_meaning(name) is None
    return name in bounded


def _in_own_order(objective: Any, given: _Given, names: set[str]) -> list[str]:
    """Names in the order that goes without saying: of a ``Poly``, of the box for a map from exponents, or natural."""
    first: list[str] = []
    if isinstance(objective, Mapping) and isinstance(given, dict):
        first = [*given]
    elif hasattr(type(objective), "gens"):
        first = [canonical_name(symbol) for symbol in objective.gens]
    return [*first, *sorted(names.difference(first), key=natural_order)]


def _numbered(objective: Any) -> list[str]:
    """Names for the variables of a map from exponents, which has none: ``x1``, ``x2`` and so on."""
    exponents = next(iter(objective), ()) if isinstance(objective, Mapping) else ()
    count = len(exponents) if isinstance(exponents, tuple) else 1
    return [f"x{i + 1}" for i in range(count)]


def unknown_name(name: str, known: Iterable[str]) -> BadInput:
    """The error that a name is not a variable, with the closest match."""
    return BadInput(undeclared(name, sorted(known, key=natural_order)))


def read_part(what: str, read: Callable[..., _T], value: Any, *others: Any) -> _T:
    """What reading a part of a problem gives.

    Args:
        what: What it is, for messages.
        read: Reads it.
        value: The part, which is quoted where it is text.
        others: Further arguments of ``read``.

    Raises:
        BadInput: If it cannot be read; the message says which part.
    """
    try:
        return read(value, *others)
    except BadInput as error:
        raise BadInput(f"{what}{f' {quoted(value)}' if isinstance(value, str) else ''}: {error}") from None


def name_list(names: Any, what: str) -> list[str]:
    """Read distinct names of variables, as text or as symbols.

    Args:
        names: Some names, a single one, or text with blanks between them.
        what: What they are, for messages.

    Raises:
        BadInput: If they are anything else.
    """
    if isinstance(names, str):
        names = names.split()
    elif hasattr(type(names), "free_symbols"):
        names = [names]
    found = [read_part(what, canonical_name, name) for name in members(names, f"names as {what}", MAX_VARIABLES)]
    if len(set(found)) < len(found):
        twice = next(name for name in found if found.count(name) > 1)
        raise BadInput(f"{what}: expected distinct names of variables, got {quoted(twice)} twice")
    return found


def exclusive_pairs(groups: Any, names: Sequence[str], boolean: Container[int]) -> NDArray[np.intp]:
    """All pairs of numbers of variables in the same group, in ascending order, shape ``(pairs, 2)``.

    Args:
        groups: Lists of names.
        names: The variables.
        boolean: Numbers of those that are 0 or 1; others cannot be exclusive.

    Raises:
        BadInput: If a group is not a list of such names.
    """
    numbers = {name: i for i, name in enumerate(names)}
    is_pair = np.zeros((len(names), len(names)), np.bool_)
    for group in members(groups, "groups of names as exclusive", MAX_GROUPS):
        names_of_group = name_list(group, "exclusive")
        for name in names_of_group:
            if numbers.get(name) not in boolean:
                raise BadInput(f"exclusive: expected names of boolean variables, got {quoted(name)}")
        if len(names_of_group) < 2:
            raise BadInput(f"exclusive: expected groups of at least two names, got {shown(group)}")
        members_of_group = [numbers[name] for name in names_of_group]
        for i in members_of_group:
            is_pair[i, members_of_group] = True
    return np.argwhere(np.triu(is_pair, 1))


_Given = dict[str, OpenInterval] | list[OpenInterval] | str | None


def _given(box: Any) -> _Given:
    """The box as it was given, its names and intervals read."""
    if box is None or (isinstance(box, str) and box == UNIT):
        return box
    if isinstance(box, Mapping):
        read = [(read_part("box", canonical_name, name), interval) for name, interval in box.items()]
        pairs = [(name, open_interval(interval, name)) for name, interval in read]
        if len(dict(pairs)) < len(pairs):
            raise BadInput("box: expected distinct names of variables")
        return dict(pairs)
    if isinstance(box, str | bytes):
        raise BadInput(f'box: expected intervals (low, high) by name or in order, or "unit", got {shown(box)}')
    return [open_interval(interval) for interval in members(box, "intervals as box", MAX_VARIABLES)]


def _intervals(given: _Given, names: Sequence[str], boolean: frozenset[int]) -> list[OpenInterval]:
    if given == UNIT:
        return [(0, 1)] * len(names)
    if isinstance(given, list) and len(given) != len(names):
        count = f"{len(names)} interval{'s' * (len(names) > 1)}"
        raise BadInput(f"box: expected {count}, for {listed(names)}, got {len(given)}")
    intervals: list[OpenInterval] = []
    for i, name in enumerate(names):
        low, high = (
            given.get(name, _OPEN) if isinstance(given, dict) else given[i] if isinstance(given, list) else _OPEN
        )
        if i in boolean:
            if (low, high) not in ((0, 1), _OPEN):
                raise BadInput(f"box: expected the interval (0, 1) for the boolean variable {name}")
            low, high = 0, 1
        intervals.append((low, high))
    return intervals


def _whole_interval(name: str, low: Rational | None, high: Rational | None) -> OpenInterval:
    """What the values of an integer variable leave of what is given of its interval."""
    first, last = None if low is None else math.ceil(low), None if high is None else math.floor(high)
    if first is not None and last is not None and first >= last:
        found = f"holds only {first}" if first == last else "holds none"
        raise BadInput(
            f"box: expected at least two whole numbers in the interval of the integer variable {name}, got ({low},"
            f" {high}), which {found}"
        )
    return first, last


_OPEN: OpenInterval = (None, None)


def open_interval(interval: Any, name: str = "") -> OpenInterval:
    """Read an interval with more than one point, exactly; an end that is ``None`` or infinite is missing.

    Args:
        interval: What is given.
        name: The variable, for errors, where it is known.

    Raises:
        BadInput: If it is anything else.
    """
    if interval is None:
        return _OPEN
    of = f" for {name}" if name else ""
    if isinstance(interval, set | frozenset):  # which have no order
        raise BadInput(f"box: expected an interval (low, high) of two numbers{of}, got {shown(interval)}")
    ends = members(interval, "two numbers, low and high, as interval", 2)
    if len(ends) != 2:
        raise BadInput(f"box: expected an interval (low, high) of two numbers{of}, got {shown(interval)}")
    low, high = (
        None if end is None or _is_infinite(end, sign) else read_part(f"end of an interval{of}", read_number, end)
        for end, sign in zip(ends, (-1, 1), strict=True)
    )
    if low is not None and high is not None and low >= high:
        raise BadInput(f"box: expected an interval with low < high{of}, got ({low}, {high})")
    return low, high


def _is_infinite(end: Any, sign: int) -> bool:
    """Whether an end stands for none: infinity of Python, NumPy or SymPy, or the word."""
    if isinstance(end, str):
        sense, word = (-1, end.strip()[1:]) if end.strip().startswith("-") else (1, end.strip().removeprefix("+"))
        return word.lower() in ("inf", "infinity", "oo") and sense == sign
    is_infinite = (
        math.isinf(end) if isinstance(end, float | np.floating) else getattr(end, "is_infinite", False) is True
    )
    return bool(is_infinite and float(end) * sign > 0)
