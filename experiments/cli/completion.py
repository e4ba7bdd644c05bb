"""What the shell suggests at the tab key, by the package argcomplete."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from agents import agent_names
from agents.registry import agent_entry
from experiments.cli.parsing import CommandParser
from experiments.train.shipped import SHIPPED
from polyproof_gym.problems import REGISTRY
from polyproof_gym.problems.files import ENDINGS
from polyproof_gym.proofs.rules import RULES
from polyproof_gym.robustness.models import model_names


class Suggested(NamedTuple):
    """What an argument may be.

    Attributes:
        names: The names that it takes.
        endings: Those of the files that it takes; none if it takes neither files nor folders.
        separator: What stands between several in one word, if there may be several.
        settings: The keys that may follow a name after a colon.
    """

    names: Callable[[], list[str]]
    endings: tuple[str, ...] | None = None
    separator: str = ""
    settings: Callable[[str], Iterable[str]] | None = None

    def __call__(self, prefix: str, **_: object) -> list[str]:
        """The words that could be meant by one that has been begun."""
        if self.settings is not None and ":" in prefix:
            name, _colon, given = prefix.partition(":")
            before, comma, _begun = given.rpartition(",")
            known = {setting.partition("=")[0] for setting in before.split(",")}
            keys = (key for key in self.settings(name) if key not in known)
            return [f"{name}:{before}{comma}{key}=" for key in keys]
        before, separator, _begun = prefix.rpartition(self.separator) if self.separator else ("", "", prefix)
        found = [f"{before}{separator}{name}" for name in self.names()]
        return found if self.endings is None else [*found, *files(prefix, self.endings)]


PROBLEMS = Suggested(
    lambda: [*REGISTRY],
    (*ENDINGS, ".json"),  # proofs are replayed
    settings=lambda name: REGISTRY[name].settings if name in REGISTRY else (),
)
AGENTS = Suggested(
    lambda: [*agent_names()],
    (),  # folders of trained ones
    settings=lambda name: agent_entry(name).settings if name in agent_names() else (),
)

SUGGESTED = {
    **dict.fromkeys(("problem", "problems"), PROBLEMS),
    **dict.fromkeys(("agent", "agents", "against", "reference"), AGENTS),
    "rules": Suggested(lambda: [*RULES], separator=","),
    "only": Suggested(lambda: [*import_module("experiments.robustness.main").NAMES], separator=","),
    "model": Suggested(model_names, (".py",)),
    "config": Suggested(lambda: [*SHIPPED], (".yaml", ".yml")),
    **dict.fromkeys(("file", "files", "entry"), Suggested(list, (".json",))),
}
"""By the names of arguments; where there is none, the shell suggests files."""


def complete(parser: argparse.ArgumentParser) -> None:
    """Tell the shell what could be typed next, and end the process.

    Args:
        parser: That of the command line, whose commands have no arguments yet.
    """
    import argcomplete

    commands = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    for word in os.environ.get("COMP_LINE", "").split()[1:2]:
        command = commands.choices.get(word)
        if isinstance(command, CommandParser):
            fill(command)
            for action in _actions(command):
                if action.dest in SUGGESTED and action.choices is None:
                    action.completer = SUGGESTED[action.dest]  # type: ignore[attr-defined]
    argcomplete.autocomplete(parser)


def files(prefix: str, endings: tuple[str, ...]) -> list[str]:
    """The folders, and the files with one of some endings, whose path begins with a text."""
    folder, separator, start = prefix.rpartition("/")
    try:
        places = [place for place in Path(folder + separator or ".").iterdir() if place.name.startswith(start)]
    except OSError:
        return []
    shown = [place for place in places if start.startswith(".") or not place.name.startswith(".")]
    paths = {place: f"{folder}{separator}{place.name}" for place in shown}
    return [path + "/" if place.is_dir() else path for place, path in paths.items() if _is_one(place, endings)]


def _is_one(place: Path, endings: tuple[str, ...]) -> bool:
    return place.is_dir() or place.suffix.lower() in endings


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """The arguments of a command, and those of its tasks."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for task in action.choices.values():
                yield from _actions(task)


def fill(command: CommandParser) -> None:
    """Give the parser of a command its arguments: those of its module, or of the program that it stands for."""
    module = import_module(command.module)
    if hasattr(module, "add_arguments"):
        command.fill()
    else:
        command.take_over(module.make_parser())
