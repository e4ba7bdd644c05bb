"""Proofs that commands find: ``polyproof prove``, ``experiments.compare`` and ``experiments.cases``."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

KEPT = (
    "problem",
    "agent",
    "rules",
    "bound",
    "exact_bound",
    "incumbent",
    "gap",
    "status",
    "used_inequalities",
    "proof_steps",
    "steps",
    "leaves",
    "derived_by",
    "lp_rows",
    "lp_columns",
    "seconds",
    "bytes",
    "lines",
    "check",
    "work",
    "memory",
    "findings",
)
"""What is kept of a proof of ``polyproof prove``."""

OF_CASES = ("bound", "optimum", "gap", "status", "leaves")
"""What is kept of a row of cases."""

LONGEST_BOUND = 60
"""Most characters of an exact bound that is kept as it is; longer ones stand in floats."""


def summary(made: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of what a command made.

    That is what ``polyproof prove`` printed of its proof; of a comparison the rows by problem and agent, with the worst
    and the median figure of several orders; of cases the rows by name, beside the figures that sum them up.
    """
    if "exact_bound" in made:
        kept = _kept(made, KEPT)
        return {**kept, "exact_bound": _short(kept["exact_bound"])}
    if "totals" in made:
        return {"totals": made["totals"], "cases": {row["name"]: _kept(row, OF_CASES) for row in made["rows"]}}
    rows: dict[str, dict[str, Any]] = {}
    for row in made["summary"]["rows"]:
        rows.setdefault(row["problem"], {})[row["agent"]] = _compared(row)
    return rows


def _kept(row: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    return {key: row[key] for key in keys}


def _compared(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a comparison, with the worst and the median of what lists hold."""
    sign = 1 if row["sense"] == "max" else -1
    bounds = sorted(row["bounds"], key=lambda bound: sign * Fraction(bound))
    return {
        "optimum": row["optimum"],
        "bound": {"worst": _short(bounds[-1]), "median": _short(str(statistics.median(map(Fraction, bounds))))},
        **{key: _worst_and_median(row[key]) for key in ("steps_to_optimum", "steps", "derivations", "milliseconds")},
    }


def _worst_and_median(values: Sequence[float | None]) -> dict[str, float | None]:
    """Of figures of which small ones are better; ``None`` is infinitely large."""
    numbers = sorted(math.inf if value is None else value for value in values)
    found = {"worst": numbers[-1], "median": statistics.median(numbers)} if numbers else {}
    return {key: None if math.isinf(value) else value for key, value in found.items()}


def _short(bound: str) -> str:
    return bound if len(bound) <= LONGEST_BOUND else repr(float(Fraction(bound)))
