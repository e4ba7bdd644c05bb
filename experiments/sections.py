"""Experiments in sections: each measures one thing, and has a table of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tqdm import tqdm

from experiments.tables import Result, plain_table


@dataclass(frozen=True)
class Section:
    """One section.

    Attributes:
        name: Its name, in the JSON file, on the command line and in the page.
        measure: Takes keyword arguments, ``seed`` among them, and returns a dataclass that JSON can hold. The
            defaults of all others are those of the page.
        table: The result, as JSON has it, as a Markdown table.
        quick: Arguments for the smallest run that makes sense.
        takes: Which of the things that a command gives to all sections are among the arguments.
    """

    name: str
    measure: Callable[..., Any]
    table: Callable[[Result], str] = plain_table
    quick: Mapping[str, Any] = field(default_factory=dict)
    takes: Collection[str] = ()

    def run(self, seed: int, quick: bool, **given: Any) -> dict[str, Any]:
        """Measure; the result as JSON has it."""
        arguments = {**(self.quick if quick else {}), **{name: given[name] for name in self.takes if name in given}}
        return asdict(self.measure(seed=seed, **arguments))


def measure_all(
    sections: Sequence[Section], results: dict[str, Any], run: Callable[[Section], Any], save: Callable[[], None]
) -> bool:
    """Measure sections, with a progress bar; whether all are there now, which they are not after Ctrl-C.

    Args:
        sections: Those to be measured.
        results: Gets the result of each, by its name.
        run: Measures a section.
        save: Called when another result is there.
    """
    try:
        with tqdm(sections, unit="section", file=sys.stderr) as progress:
            for section in progress:
                progress.set_postfix_str(section.name)
                results[section.name] = run(section)
                save()
    except KeyboardInterrupt:
        print(f"interrupted; finished: {', '.join(results) or 'nothing'}", file=sys.stderr)
        return False
    return True


def scalars(results: Mapping[str, Any]) -> Iterator[tuple[str, float, int]]:
    """Every number of the rows of all results, as ``section/field`` with the number of the row as step."""
    for name, result in results.items():
        for number, row in enumerate(result.get("rows", ())):
            for key, value in row.items():
                if isinstance(value, (int, float)):
                    yield f"{name}/{key}", float(value), number
