"""The sections of the benchmark, in the order in which they are measured and shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from experiments.benchmark import (
    bounds,
    certification,
    growth,
    memory,
    parts,
    pictures,
    replay,
    robustness,
    search,
    start,
    steps,
    trees,
    vector,
)
from experiments.benchmark.peers import comparison as peers
from experiments.benchmark.table import Result, plain_table


@dataclass(frozen=True)
class Section:
    """One section.

    Attributes:
        name: Its name, in the JSON file, on the command line and in the page.
        measure: Takes keyword arguments, ``seed`` among them, and returns a dataclass that JSON can hold. The
            defaults of all others are those of the page.
        table: The result, as JSON has it, as a Markdown table.
        quick: Arguments for the smallest run that makes sense.
        takes_cases: Whether ``cases`` is among the arguments: problems from a file.
    """

    name: str
    measure: Callable[..., Any]
    table: Callable[[Result], str] = plain_table
    quick: Mapping[str, Any] = field(default_factory=dict)
    takes_cases: bool = False

    def run(self, seed: int, quick: bool, cases: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
        """Measure; the result as JSON has it."""
        arguments = {**(self.quick if quick else {}), **({"cases": cases} if self.takes_cases else {})}
        return asdict(self.measure(seed=seed, **arguments))


SECTIONS = (
    Section("steps", steps.measure, steps.table, {"sizes": (6,), "graphs": 1, "repetitions": 1, "steps": 5}),
    Section("parts", parts.measure, parts.table, {"sizes": (6,), "graphs": 1, "repetitions": 1, "steps": 5}),
    Section("pictures", pictures.measure, pictures.table, {"problems": ("cycle:n=5",), "steps": 3}),
    Section("vector", vector.measure, vector.table, {"settings": ((6, "random"),), "steps": 5, "repetitions": 1}),
    Section("search", search.measure, search.table, {"sizes": (6,), "graphs": 1, "repetitions": 1, "max_steps": 5}),
    Section("bounds", bounds.measure, bounds.table, {"sizes": ((6, 1, 5, (2,)),)}),
    Section("growth", growth.measure, growth.table, {"settings": ((6, "random-valid", 20),)}),
    Section("memory", memory.measure, memory.table, {"settings": (("random-stable-set:n=6", 5),)}),
    Section("replay", replay.measure, replay.table, {"n": 6, "steps": 5, "settings": (("random", 20),)}),
    Section("robustness", robustness.measure, robustness.table, {"cases": robustness.CASES[:1], "comparisons": 1}),
    Section("start", start.measure, start.table, {"repetitions": 1}),
    Section("exact", certification.measure, certification.table, {"n": 6, "graphs": 1, "steps": 5, "terms": 10}),
    Section("peers", peers.measure, peers.table, {"named": ("rd",), "repetitions": 1, "time_limit": 1.0}, True),
    Section("trees", trees.measure, trees.table, {"problems": ("magnetism",), "repetitions": 1, "time_limit": 1}),
)
"""All sections."""
