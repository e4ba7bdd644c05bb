"""The problem that a command line names, or states."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from typing import Any

from experiments.cli.parsing import typed_text
from polyproof_gym.errors import BadInput
from polyproof_gym.problems import Problem, load_problem, make_problem, polynomial, problem_from_text
from polyproof_gym.problems.files import MAX_FILE_BYTES
from polyproof_gym.specs import Spec
from polyproof_gym.stopping import interrupted_by_signals

STANDARD_INPUT = "-"


def add_problem_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what tells the problem."""
    parser.add_argument(
        "problem",
        metavar="PROBLEM",
        nargs="?",
        help="a name such as petersen or cycle:n=9, a file, or - for text in the .poly format on standard input",
    )
    typed = parser.add_argument_group("a problem of your own, instead of PROBLEM")
    typed.add_argument("--poly", type=typed_text, metavar="TEXT", help='the polynomial to bound, such as "x^2 - x*y"')
    typed.add_argument(
        "--box",
        nargs="+",
        action="extend",
        metavar="NAME=LOW..HIGH",
        help='intervals, such as x=-1..1 y=0..2, or "unit"; an end that the constraints imply may be left out',
    )
    typed.add_argument(
        "--constraint",
        type=typed_text,
        action="append",
        default=[],
        metavar="TEXT",
        help='a condition, such as "x + y <= 2"; may be given more than once',
    )
    typed.add_argument(
        "--boolean", nargs="+", action="extend", default=[], metavar="NAME", help="variables that are 0 or 1"
    )
    typed.add_argument(
        "--integer", nargs="+", action="extend", default=[], metavar="NAME", help="variables that are whole numbers"
    )
    sense = typed.add_mutually_exclusive_group()
    sense.add_argument("--min", action="store_true", help="prove a lower bound (the default)")
    sense.add_argument("--max", action="store_true", help="prove an upper bound")


def find_problem(options: argparse.Namespace) -> Problem:
    """The problem that the options tell.

    Raises:
        BadInput: If they tell none, or more than one.
    """
    if options.poly is not None:
        if options.problem is not None:
            raise BadInput(f"expected either PROBLEM or --poly, got {options.problem!r} as well")
        return polynomial(
            options.poly,
            box=_box(options.box),
            sense="max" if options.max else "min",
            constraints=options.constraint,
            boolean=options.boolean,
            integer=options.integer,
        )
    if options.problem is None:
        raise BadInput('expected a PROBLEM, such as petersen or a file, or --poly "x^2 - x" --box x=0..1')
    for option in ("box", "constraint", "boolean", "integer", "min", "max"):
        if getattr(options, option):
            raise BadInput(f"expected --{option} with --poly only")
    if options.problem == STANDARD_INPUT:
        return _from_standard_input()
    return named(options.problem)


def named(text: str) -> Problem:
    """The problem that a spec string names, or that stands in a file.

    Raises:
        BadInput: If there is no such problem, or the file cannot be read.
    """
    return load_problem(text) if is_file_name(text) else make_problem(text)


def is_file_name(text: str) -> bool:
    """Whether a text that tells a problem is the name of a file, which may not exist."""
    # A slash after an equals sign is that of a fraction, as in radius=1/3.
    has_the_form = "/" in text.partition("=")[0] or "\\" in text or re.search(r"\.\w+$", Spec.of(text).name)
    return bool(has_the_form) or os.path.isfile(text)


def _from_standard_input() -> Problem:
    if sys.stdin is None:
        raise BadInput("expected a problem on standard input, which is closed")
    with interrupted_by_signals():
        data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise BadInput(f"standard input: texts above {MAX_FILE_BYTES} bytes are not accepted")
    try:
        return problem_from_text(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadInput("standard input: expected text in UTF-8") from None
    except BadInput as error:
        raise BadInput(f"standard input: {error}") from None


def _box(words: Sequence[str] | None) -> Any:
    """The intervals of words such as ``x=-1..1``."""
    if words is None or list(words) == ["unit"]:
        return None if words is None else "unit"
    box: dict[str, tuple[str | None, str | None]] = {}
    for word in words:
        name, equals, interval = word.partition("=")
        low, dots, high = interval.partition("..")
        if not (name.strip() and equals and dots) or high.startswith(".") or "=" in high:
            raise BadInput(f"--box: expected NAME=LOW..HIGH, such as x=-1..1 y=0..2, or unit, got {word!r}")
        if name.strip() in box:
            raise BadInput(f"--box: expected one interval of {name.strip()!r}, got a second one")
        box[name.strip()] = (low.strip() or None, high.strip() or None)
    return box
