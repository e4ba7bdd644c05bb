"""What the shell suggests at the tab key, by the package argcomplete."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from importlib import import_module

from agents import agent_names
from experiments.cli.parsing import CommandParser
from polyproof_gym.problems import REGISTRY
from polyproof_gym.proofs.rules import RULES

NAMES: dict[str, Callable[[], list[str]]] = {
    "problem": lambda: [*REGISTRY],
    "problems": lambda: [*REGISTRY],
    "agent": lambda: [*agent_names()],
    "agents": lambda: [*agent_names()],
    "against": lambda: [*agent_names()],
    "rules": lambda: [*RULES],
}
"""The names that arguments take, beside those of files."""


def complete(parser: argparse.ArgumentParser) -> None:
    """Tell the shell what could be typed next, and end the process.

    Args:
        parser: That of the command line, whose commands have no arguments yet.
    """
    import argcomplete
    from argcomplete.completers import FilesCompleter

    commands = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    for word in os.environ.get("COMP_LINE", "").split()[1:2]:
        command = commands.choices.get(word)
        if isinstance(command, CommandParser):
            fill(command)
            for action in command._actions:
                if action.dest in NAMES:
                    names, files = NAMES[action.dest](), FilesCompleter()
                    action.completer = lambda prefix, names=names, files=files, **_: [*names, *files(prefix)]  # type: ignore[attr-defined]
    argcomplete.autocomplete(parser)


def fill(command: CommandParser) -> None:
    """Give the parser of a command its arguments: those of its module, or of the program that it stands for."""
    module = import_module(command.module)
    if hasattr(module, "add_arguments"):
        command.fill()
    else:
        command.take_over(module.make_parser())
