"""The pages and the results that their tables are made from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from experiments.documentation.kinds import KINDS, Kind
from experiments.documentation.page import marked_tables, with_tables
from experiments.documentation.result import Result
from experiments.origin import origin
from polyproof_gym import BadInput
from polyproof_gym.whole_file import write_whole

RESULTS = Path("docs") / "results"


class Cell(str):
    """A cell of a table."""

    @property
    def value(self) -> str:
        """What stands before an interval."""
        return self.partition(" [")[0]


class Site:
    """The README and the pages of ``docs``, and the files of ``docs/results``."""

    def __init__(self, root: Path) -> None:
        """Read all results.

        Args:
            root: The root of the repository.

        Raises:
            BadInput: If there are none, or one cannot be read.
        """
        self._root = root
        self._results = {path.stem: Result.load(path) for path in sorted((root / RESULTS).glob("*.json"))}
        if not self._results:
            raise BadInput(f"{root / RESULTS}: expected results, in the root of the repository")
        for name, result in self._results.items():
            if result.kind not in KINDS:
                raise BadInput(f"{self._file(name)}: expected a kind of {', '.join(KINDS)}, got {result.kind!r}")

    @property
    def results(self) -> Mapping[str, Result]:
        """All results, by the names of their files."""
        return self._results

    def result(self, name: str) -> Result:
        """Results by their name.

        Raises:
            BadInput: If there are none.
        """
        if name not in self._results:
            raise BadInput(f"expected one of {', '.join(self._results)}, got {name!r}")
        return self._results[name]

    def kind(self, name: str) -> Kind:
        """The kind of results, likewise."""
        return KINDS[self.result(name).kind]

    def command(self, name: str, number: int) -> str:
        """A command of results, likewise.

        Raises:
            BadInput: If there is none with this number, or its commands write the results themselves.
        """
        found = self.result(name).commands
        if self.kind(name).summary is None:
            raise BadInput(f"{name}: its commands write {self._file(name)} themselves")
        if not 0 <= number < len(found):
            raise BadInput(f"{name}: expected the number of one of its {len(found)} commands, got {number}")
        return found[number]

    def keep(self, name: str, number: int, made: Any) -> None:
        """Keep what a command has made, in place of what it made before, and write the file.

        Args:
            name: The name of the results.
            number: The number of the command.
            made: What the program has written or printed, as JSON has it.

        Raises:
            BadInput: If that is something else, or the file cannot be written.
        """
        command, kind, result = self.command(name, number), self.kind(name), self.result(name)
        assert kind.summary is not None
        try:
            data = kind.summary(made)
            if kind.per_command:
                data = [*result.data[:number], data, *result.data[number + 1 :]]
            elif result.data:
                data = kind.merged(result.data, data)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            raise BadInput(f"{name}: expected what '{command}' gives") from None
        self._results[name] = result.taking(data, _origin(made, command))
        self._results[name].save(self._root / self._file(name))

    @cached_property
    def pages(self) -> list[Path]:
        """The pages."""
        return [self._root / "README.md", *sorted((self._root / "docs").glob("*.md"))]

    def tables(self) -> dict[str, str]:
        """All tables, by their names.

        Raises:
            BadInput: If one cannot be made.
        """
        made: dict[str, str] = {}
        for name, result in self._results.items():
            try:
                made |= {f"{name}/{table}": text for table, text in KINDS[result.kind].tables(result).items()}
            except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
                reason = f"{type(error).__name__}: {error}"
                raise BadInput(f"{self._file(name)}: its tables cannot be made ({reason})") from None
        return made

    def write_tables(self) -> None:
        """Write all tables into the pages.

        Raises:
            BadInput: If a table cannot be made, or a page not be read or written.
        """
        tables = self.tables()
        for page in self.pages:
            old = page.read_text(encoding="utf-8")
            here = {name: text for name, text in tables.items() if name in marked_tables(old)}
            if (new := with_tables(old, here)) != old:
                write_whole(page, new)

    def disagreements(self) -> list[str]:
        """Where pages and results disagree, a line each."""
        tables = self.tables()
        texts = {str(page.relative_to(self._root)): page.read_text(encoding="utf-8") for page in self.pages}
        found, shown = [], set()
        for page, text in texts.items():
            if not len(marked_tables(text)) == text.count("<!-- table: ") == text.count("<!-- end -->"):
                found.append(f"{page}: expected one line '<!-- end -->' after every line '<!-- table: ... -->'")
            for name, table in marked_tables(text).items():
                shown.add(name)
                if name not in tables:
                    found.append(f"{page}: there are no results for the table {name}")
                elif table != tables[name]:
                    found.append(f"{page}: the table {name} is not that of its results; make tables writes it")
        for name, result in self._results.items():
            for said in result.quotations:
                shown |= {f"{name}/{table}" for table, _, _ in said.cells}
                cells = (_cell(tables, f"{name}/{table}", row, column) for table, row, column in said.cells)
                words = said.text.format(*cells)
                if not _says(texts.get(said.page, ""), words):
                    found.append(f"{said.page}: expected the words {words!r}, as {self._file(name)} has it")
        found += [f"{self._file(name.partition('/')[0])}: no page shows {name}" for name in tables if name not in shown]
        return found

    @staticmethod
    def _file(name: str) -> Path:
        """The file of results, from the root."""
        return RESULTS / f"{name}.json"


def _says(text: str, words: str) -> bool:
    """Whether a text has words, however its lines are broken; the first is not the end of a longer number or word."""
    return re.search(rf"(?<![\w.]){re.escape(' '.join(words.split()))}", " ".join(text.split())) is not None


def _cell(tables: Mapping[str, str], name: str, row: str, column: str) -> Cell:
    """A cell of a table.

    Raises:
        BadInput: If there is none.
    """
    head, _, *rows = map(_cells, tables.get(name, "\n").split("\n"))
    found = next((cells for cells in rows if " | ".join(cells).startswith(f"{row} |")), None)
    if found is None or column not in head:
        raise BadInput(f"expected a row {row!r} and a column {column!r} in the table {name}")
    return Cell(found[head.index(column)])


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def _origin(made: Any, command: str) -> Mapping[str, Any]:
    """What a run tells of its origin, and otherwise that of this process."""
    told = made.get("summary") if isinstance(made.get("summary"), dict) else made
    return told if "machine" in told else origin(command, ())
