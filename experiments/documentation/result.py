"""Results that the documentation shows: the files of ``docs/results``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from experiments.reports import read_json, write_json
from polyproof_gym import BadInput

Views = Mapping[str, Any]
"""What is shown of the data, by the names of the tables."""


@dataclass(frozen=True)
class Quotation:
    """Words of a page that tell figures of a table.

    Attributes:
        page: The page, from the root of the repository.
        text: The words, with ``{0}``, ``{1}`` and so on in place of cells, and ``{0.value}`` for a cell without its
            interval.
        cells: Where these cells are: the table's name, the first cell of the row (or the first ones, with ``|``
            between), and the heading of the column.
    """

    page: str
    text: str
    cells: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Result:
    """One file of results.

    Attributes:
        kind: What the data are, one of :data:`~experiments.documentation.kinds.KINDS`.
        commands: The commands that make them.
        commit: The commit of this repository that has the commands, where the present one has them no longer.
        origin: The day, the machine and the versions that made them.
        tables: What is shown of them.
        quotations: What is told of them in running text.
        data: The results.
        note: What else is to be said of how they were made.
    """

    kind: str
    commands: tuple[str, ...]
    origin: Mapping[str, Any]
    tables: Views
    data: Any
    quotations: tuple[Quotation, ...] = ()
    commit: str = ""
    note: str = ""

    @classmethod
    def load(cls, path: Path) -> Result:
        """Read a file that :meth:`save` wrote.

        Raises:
            BadInput: If it cannot be read, or is something else.
        """
        content = read_json(path)
        try:
            quotations = tuple(
                Quotation(said["page"], said["text"], tuple(map(tuple, said["cells"])))
                for said in content.pop("quotations", ())
            )
            commands = tuple(content.pop("commands"))
            return cls(**content, commands=commands, quotations=quotations)
        except (AttributeError, KeyError, TypeError):
            raise BadInput(f"{path}: expected results of the documentation, see experiments/documentation") from None

    def save(self, path: Path) -> None:
        """Write the file; what is not said is left out.

        Raises:
            BadInput: If it cannot be written.
        """
        said = [{"page": q.page, "text": q.text, "cells": [*map(list, q.cells)]} for q in self.quotations]
        content = {
            "kind": self.kind,
            "commands": [*self.commands],
            "commit": self.commit,
            "note": self.note,
            "origin": self.origin,
            "tables": self.tables,
            "quotations": said,
            "data": self.data,
        }
        optional = ("commit", "note", "quotations")
        write_json(path, {key: value for key, value in content.items() if value or key not in optional})

    def taking(self, data: Any, origin: Mapping[str, Any]) -> Result:
        """The same with other data, which a command has made."""
        told = {key: origin[key] for key in ("date", "machine", "packages") if key in origin}
        return replace(self, data=data, origin=told)
