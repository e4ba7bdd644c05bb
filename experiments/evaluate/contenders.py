"""Which agents are one row: those that differ only in the seed of their training."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

_SEED = re.compile(r"(?P<base>.+)-seed\d+/?(?P<options>:.*)?")


@dataclass(frozen=True)
class Contender:
    """One agent, or one training with several seeds.

    Attributes:
        base: The spec string; of trainings, without the seed.
        specs: The spec strings of the agents, one per training seed.
        is_trained: Whether the specs end in training seeds.
    """

    base: str
    specs: tuple[str, ...]
    is_trained: bool

    @property
    def name(self) -> str:
        """What the row is called."""
        if not self.is_trained:
            return self.base
        seeds = f"{len(self.specs)} seed{'s' if len(self.specs) > 1 else ''}"
        return f"{PurePath(self.base).name} ({seeds})"

    def is_called(self, text: str) -> bool:
        """Whether a reference to an agent means this one: by its name with or without seeds, or by a spec string."""
        return text in (self.name, self.base, PurePath(self.base).name, *self.specs)


def contenders(specs: Sequence[str]) -> list[Contender]:
    """The agents in the order in which they first occur; those that differ only in ``-seedK`` at a name's end are one.

    Args:
        specs: Spec strings, of which repeated ones count once.
    """
    groups: dict[tuple[str, bool], list[str]] = {}
    for spec in dict.fromkeys(specs):
        match = _SEED.fullmatch(spec)
        key = (match["base"] + (match["options"] or ""), True) if match else (spec, False)
        groups.setdefault(key, []).append(spec)
    return [Contender(base, tuple(group), is_trained) for (base, is_trained), group in groups.items()]
