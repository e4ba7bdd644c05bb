"""Checks of what callers give: whole numbers, numbers, texts and names, whatever the value is."""

from __future__ import annotations

import math
import operator
import re
import reprlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Rational, rational

LONGEST = 80
"""Most characters of a value that a message quotes."""

SEED_BITS = 64
"""Seeds, and numbers of held-out problems, have no more bits."""

LONGEST_PATH = 4000
"""Most characters of a path."""

_T = TypeVar("_T")

_repr = reprlib.Repr()
_repr.maxstring = _repr.maxother = _repr.maxlong = LONGEST


def shown(value: object) -> str:
    """A value as a message quotes it: on one line, cut where it is long, and without an error whatever it is."""
    try:
        text = " ".join(_repr.repr(value).split())
    except Exception:  # what a class of the caller's raises, or a number too long for text
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}...{text[-LONGEST // 4 :]}"


def whole(value: object, what: str, least: int, most: int | None = None) -> int:
    """A whole number of Python for one of Python or NumPy; truth values and floats are none.

    Args:
        value: What was given.
        what: What it is, for the message.
        least: The smallest number accepted.
        most: The largest one, if there is any.

    Raises:
        BadInput: If it is no whole number, or out of range.
    """
    number = as_whole(value)
    if number is None or number < least or (most is not None and number > most):
        wanted = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise BadInput(f"expected a whole number {wanted} as {what}, got {shown(value)}")
    return number


def as_whole(value: Any) -> int | None:
    """A whole number of Python for one of Python or NumPy, ``None`` for anything else."""
    if isinstance(value, bool | np.bool_):
        return None
    try:
        return operator.index(value)
    except Exception:  # not only TypeError: a class of the caller's may raise anything
        return None


def seed_number(value: object, what: str = "seed") -> int:
    """A whole number that random numbers can be drawn from.

    Raises:
        BadInput: If it is no whole number, or out of range.
    """
    number = as_whole(value)
    if number is None or number < 0 or number.bit_length() > SEED_BITS:
        raise BadInput(f"expected a whole number of at least 0 and below 2**{SEED_BITS} as {what}, got {shown(value)}")
    return number


def exact(value: Any, what: str) -> Rational:
    """The exact number that a number or text stands for; decimals, NumPy's too, mean what they print as.

    Raises:
        BadInput: If it is no finite number, or too long.
    """
    try:
        if hasattr(value, "__array__"):  # such as a tensor without dimensions
            value = np.asarray(value)[()]
        if not isinstance(value, bool | np.bool_) and not (
            isinstance(value, str) and re.search(r"_|[^\x00-\x7f]", value)
        ):
            return rational(str(value) if isinstance(value, np.floating) else value)
    except ValueError as error:
        reason = str(error)
        if "digits" in reason:
            raise BadInput(f"{what}: {reason}") from None
    except Exception:  # what a class of the caller's raises
        pass
    raise BadInput(f"expected a finite number as {what}, got {shown(value)}")


def is_finite_number(value: Any) -> bool:
    """Whether a value is a finite number of Python or NumPy within the range of floats; truth values are none."""
    try:
        return not isinstance(value, bool | np.bool_ | str | bytes) and np.ndim(value) == 0 and math.isfinite(value)
    except Exception:  # not a number, beyond the range, or what a class of the caller's raises
        return False


def finite(value: Any, what: str, least: float = -math.inf, most: float = math.inf) -> float:
    """A float of Python for a finite number of Python or NumPy.

    Raises:
        BadInput: If it is no such number, or out of range.
    """
    if not (is_finite_number(value) and least <= value <= most):
        limits = {
            (False, False): "",
            (True, False): f" of at least {least:g}",
            (False, True): f" of at most {most:g}",
            (True, True): f" from {least:g} to {most:g}",
        }[least > -math.inf, most < math.inf]
        raise BadInput(f"expected a finite number{limits} as {what}, got {shown(value)}")
    return float(value)


def has_methods(value: Any, *names: str) -> bool:
    """Whether a value, which is not a class, has methods of all the names."""
    try:
        return not isinstance(value, type) and all(callable(getattr(value, name, None)) for name in names)
    except Exception:
        return False


def truth(value: object, what: str) -> bool:
    """A truth value of Python for one of Python or NumPy.

    Raises:
        BadInput: If it is something else.
    """
    if not isinstance(value, bool | np.bool_):
        raise BadInput(f"expected True or False as {what}, got {shown(value)}")
    return bool(value)


def instance_of(value: Any, kind: type[_T], what: str) -> _T:
    """A value of a class.

    Raises:
        BadInput: If it is something else.
    """
    if not isinstance(value, kind):
        raise BadInput(f"expected an object of class {kind.__name__} as {what}, got {shown(value)}")
    return value


def file_path(value: Any) -> Path:
    """A path for a text or a path.

    Raises:
        BadInput: If it is something else, or cannot be the path of a file.
    """
    try:
        path = Path(value)
    except Exception:  # not a path, or what a class of the caller's raises
        raise BadInput(f"expected the path of a file, got {shown(value)}") from None
    if "\0" in str(path) or len(str(path)) > LONGEST_PATH:
        raise BadInput(
            f"expected a path of at most {LONGEST_PATH} characters, none of them null, got {shown(str(path))}"
        )
    return path


def members(value: Any, what: str, most: int) -> list[Any]:
    """The members of a list, an array, a tensor or anything else that can be gone through; text and maps are none.

    Args:
        value: What was given.
        what: What it is, for the message.
        most: The largest number accepted; of more, no more than that many are looked at.

    Raises:
        BadInput: If it is nothing of the kind, or too long.
    """
    try:
        given = np.asarray(value) if hasattr(value, "__array__") else value  # as the members of tensors are tensors
        found = None if isinstance(value, str | bytes | Mapping) else list(islice(given, most + 1))
    except Exception:  # not to be gone through, or what a class of the caller's raises
        found = None
    if found is None:
        raise BadInput(f"expected a list of {what}, got {shown(value)}")
    if len(found) > most:
        raise BadInput(f"expected at most {most} {what}, got more")
    return found


def text(value: object, what: str) -> str:
    """A text.

    Raises:
        BadInput: If it is something else.
    """
    if not isinstance(value, str):
        raise BadInput(f"expected text as {what}, got {shown(value)}")
    return value


def one_of(value: object, what: str, known: Iterable[_T]) -> _T:
    """The one of several texts that is given; a number stands for the text that says it, such as 2 or ``math.inf``.

    Raises:
        BadInput: If it is none of them.
    """
    options, given = list(known), value
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        with suppress(OverflowError):  # of numbers that are too large for a float, and so for any option
            given = f"{value:g}"
    for option in options:
        if isinstance(given, str) and given == option:
            return option
    raise BadInput(f"expected one of {', '.join(map(repr, options))} as {what}, got {shown(value)}")
