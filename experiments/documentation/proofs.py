"""Results of ``polyproof prove --json``."""

from __future__ import annotations

from collections.abc import Mapping
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
    "findings",
)
"""What is kept of every proof."""

LONGEST_BOUND = 60
"""Most characters of an exact bound that is kept as it is; longer ones stand in floats."""


def summary(printed: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of what a command printed."""
    kept = {key: printed[key] for key in KEPT}
    if len(kept["exact_bound"]) > LONGEST_BOUND:
        kept["exact_bound"] = repr(kept["bound"])
    return kept
