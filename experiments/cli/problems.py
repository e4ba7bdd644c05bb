"""``polyproof problems``: what can be named."""

from __future__ import annotations

import argparse
import json
from typing import Any

from experiments.cli.exit_status import OK
from experiments.cli.output import emit
from polyproof_gym.problems import REGISTRY, make_problem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--json", action="store_true", help="print one JSON array")


def run(options: argparse.Namespace) -> int:
    """List the named problems; the exit status."""
    rows = _rows()
    if options.json:
        emit(json.dumps(rows, indent=1))
        return OK
    emit(f"{'example':36} {'family':15} {'n':>3} {'degree':>6} {'sense':>5} {'optimum':>14}  settings")
    for row in rows:
        optimum = "-" if row["optimum"] is None else f"{row['optimum']:.10g}"
        settings = ", ".join(row["settings"])
        emit(
            f"{row['example']:36} {row['family']:15} {row['num_variables']:3} {row['degree']:6} {row['sense']:>5}"
            f" {optimum:>14}  {settings}".rstrip()
        )
    emit("\nindex=K names the held-out problem number K of a random family, from 0 on, which is the same for everyone")
    return OK


def _rows() -> list[dict[str, Any]]:
    """One row per name of the registry, described by its example."""
    rows = []
    for name, entry in REGISTRY.items():
        problem = make_problem(entry.example)
        rows.append(
            {
                "name": name,
                "family": problem.family,
                "settings": list(entry.settings),
                "example": entry.example,
                "num_variables": problem.num_variables,
                "degree": problem.objective.degree,
                "sense": problem.sense,
                "optimum": None if problem.optimum is None else float(problem.optimum),
            }
        )
    return rows
