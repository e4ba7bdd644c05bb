"""Command-line parsers whose errors take one line, and whose commands are loaded when they are given."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn

from experiments.cli.exit_status import BAD_INPUT
from experiments.extras import advice
from polyproof_gym.errors import BadInput
from polyproof_gym.printable import printable


class Parser(argparse.ArgumentParser):
    """Reports a wrong command line in one line."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        # Lets a negative fraction be the value of an option: --target -104/5.
        self._negative_number_matcher = re.compile(r"^-[\d.]\S*$")

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        """Read the words; an option that is not known ends the program with the closest match."""
        known, rest = super().parse_known_args(args, namespace)
        for word in rest:
            if word.startswith("--") and len(word) > 2:
                options = [option for option in self._option_string_actions if option.startswith("--")]
                self.error(str(_unknown("option", word.partition("=")[0], options, "and none is spelt alike")))
        return known, rest

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            what = (action.metavar if isinstance(action.metavar, str) else "value").lower()
            raise argparse.ArgumentError(
                action if action.option_strings else None, str(_unknown(what, value, map(str, action.choices)))
            )

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end with the exit status of bad input."""
        self.exit(BAD_INPUT, f"{self.prog}: {printable(message)} (--help tells more)\n")


class CommandParser(Parser):
    """The parser of one command, whose module adds the arguments when the command is the one that is given."""

    def __init__(self, *, module: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.module = module
        self._is_filled = False

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        """Load the command's module, and read its arguments."""
        self.fill()
        return super().parse_known_args(self._joined(args or ()), namespace)

    def take_over(self, other: argparse.ArgumentParser) -> None:
        """Have the arguments of another parser instead of those that a module adds."""
        self._is_filled = True
        for action in other._actions:
            if not isinstance(action, argparse._HelpAction):
                self._add_action(action)

    def fill(self) -> None:
        """Load the command's module, which adds the arguments."""
        if not self._is_filled:
            self._is_filled = True
            module = self._load()
            module.add_arguments(self)
            self.set_defaults(run=module.run)

    def _load(self) -> ModuleType:
        try:
            return import_module(self.module)
        except ImportError as error:
            from experiments.own_agents import clash

            reason = advice(error) or clash()
            if reason is None:
                raise
            self.exit(BAD_INPUT, f"{self.prog}: {printable(reason)}\n")

    def _joined(self, words: Sequence[str]) -> list[str]:
        """The words, those options that take text joined with it: it may begin with a minus sign."""
        takes_text = {
            option for action in self._actions if action.type is typed_text for option in action.option_strings
        }
        joined: list[str] = []
        for word in words:
            if joined and joined[-1] in takes_text:
                joined[-1] += f"={word}"
            else:
                joined.append(word)
        return joined


def typed_text(text: str) -> str:
    """The type of options whose value may be any text."""
    return text


def whole_number(text: str) -> int:
    """Read a whole number of at most nine digits.

    Raises:
        argparse.ArgumentTypeError: If it is something else.
    """
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise argparse.ArgumentTypeError(f"expected a whole number, got {text!r}")
    return int(text)


def positive(text: str) -> int:
    """Read a whole number of at least 1.

    Raises:
        argparse.ArgumentTypeError: If it is something else.
    """
    number = whole_number(text)
    if not number:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return number


def _unknown(*arguments: Any) -> BadInput:
    """The error that something is unknown; only where it is needed, as specs come with NumPy."""
    from polyproof_gym.specs import unknown

    return unknown(*arguments)
