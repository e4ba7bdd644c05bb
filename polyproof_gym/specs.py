"""Spec strings ``NAME:key=value,key=value``, which name problems, agents and rules; and names that are unknown."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from polyproof_gym.arguments import LONGEST, shown
from polyproof_gym.errors import BadInput

SHORTEST_BEGINNING = 3
"""Fewest letters that are taken for the beginning of a name."""

SURELY_MEANT = 0.85
"""How alike two words are, from 0 to 1, of which one is taken for a misspelling of the other whatever else fits."""


@dataclass(frozen=True)
class Spec:
    """A spec string that is split up.

    Attributes:
        name: What stands before the colon.
        settings: What follows it, as text.
    """

    name: str
    settings: str

    @classmethod
    def of(cls, text: str) -> Spec:
        """Split a spec string."""
        name, _, settings = text.strip().partition(":")
        return cls(name, settings)

    def values(self, types: Mapping[str, type]) -> dict[str, Any]:
        """The settings; whether they make sense is for the one who uses them to say.

        Args:
            types: The keys that are known, with the types of their values: ``int``, ``float``, or ``str`` for any text.

        Raises:
            BadInput: If a key is unknown or given twice, or a value is not of its type.
        """
        values: dict[str, Any] = {}
        for setting in filter(None, self.settings.split(",")):
            key, equals, text = (part.strip() for part in setting.partition("="))
            if key not in types or not equals:
                keys = ", ".join(f"{known}=..." for known in types) or "no settings"
                raise BadInput(f"{self.name}: expected {keys}, got {shown(setting)}")
            if key in values:
                raise BadInput(f"{self.name}: expected {key!r} once, got it twice")
            values[key] = self._value(key, text, types[key])
        return values

    def _value(self, key: str, text: str, kind: type) -> Any:
        try:
            if 0 < len(text) < 30 and text.isascii() and "_" not in text:
                return kind(text)
        except ValueError:
            pass
        expected = {int: "whole number", float: "number"}.get(kind, "short text")
        raise BadInput(f"{self.name}: expected a {expected} for {key!r}, got {shown(text)}")


def format_spec(name: str, values: Mapping[str, Any]) -> str:
    """The spec string ``NAME:key=value,...``."""
    return name + (":" + ",".join(f"{key}={value}" for key, value in values.items()) if values else "")


def split_specs(text: str) -> list[str]:
    """The spec strings of a list of them with commas between: ``products,squares:slots=8,constraints`` are three."""
    specs: list[str] = []
    for part in text.split(","):
        is_setting = "=" in part and ":" not in part
        if specs and is_setting:
            specs[-1] += f",{part}"
        else:
            specs.append(part.strip())
    return specs


def unknown(what: str, given: Any, known: Iterable[str], otherwise: str | None = None) -> BadInput:
    """The error that something of a name is not known, with the closest match.

    Args:
        what: What it is.
        given: The name, or what was given in its place.
        known: The names that are known.
        otherwise: What to say where no name is close, by default all of them.
    """
    names = list(known)
    text = given if isinstance(given, str) else shown(given)
    match = likeliest(text, names)
    hint = f"did you mean {match!r}?" if match else otherwise or f"expected one of {', '.join(names)}"
    return BadInput(f"unknown {what} {shown(given)}, {hint}")


def likeliest(text: str, names: Iterable[str]) -> str | None:
    """The name that a text most likely means: one that it begins, or else is part of, or else is spelt alike.

    Args:
        text: What was given.
        names: The names that are known, the likelier ones first where nothing else tells.
    """
    wanted, known = _plain(text)[:LONGEST], {_plain(name): name for name in names}
    whole_words = [name for name in known if f"-{wanted}-" in f"-{name.strip('-')}-"]
    begun = [name for name in known if len(wanted) >= SHORTEST_BEGINNING and name.startswith(wanted)]
    alike = difflib.get_close_matches(wanted, known, n=1)
    close = difflib.get_close_matches(wanted, known, n=1, cutoff=SURELY_MEANT)
    found = close or sorted(begun, key=len) or sorted(whole_words, key=len) or alike
    return known[found[0]] if found else None


def _plain(name: str) -> str:
    """A name as it is compared: the dashes before all options make none alike."""
    return name.lower().replace("_", "-").lstrip("-")
