"""The sections of the benchmark, in the order in which they are measured and shown."""

from __future__ import annotations

from experiments.benchmark import (
    bounds,
    certification,
    executors,
    growth,
    memory,
    parts,
    pictures,
    reliability,
    replay,
    search,
    start,
    steps,
    symmetric,
    trees,
    vector,
)
from experiments.benchmark.peers import comparison as peers
from experiments.sections import Section

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
    Section("reliability", reliability.measure, reliability.table, {"cases": reliability.CASES[:1], "comparisons": 1}),
    Section("start", start.measure, start.table, {"repetitions": 1}),
    Section("exact", certification.measure, certification.table, {"n": 6, "graphs": 1, "steps": 5, "terms": 10}),
    Section("peers", peers.measure, peers.table, {"named": ("rd",), "repetitions": 1, "time_limit": 1.0}, ("cases",)),
    Section("trees", trees.measure, trees.table, {"problems": ("magnetism",), "repetitions": 1, "time_limit": 1}),
    Section("symmetric", symmetric.measure, symmetric.table, {"problems": ("largest cut of K9",), "time_limit": 1}),
    Section(
        "executors",
        executors.measure,
        executors.table,
        {"n": 6, "graphs": 5, "steps": 5, "empty_rows": 20, "repetitions": 1},
    ),
)
"""All sections."""
