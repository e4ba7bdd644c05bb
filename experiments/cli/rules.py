"""``polyproof rules``: the inference rules that can be named."""

from __future__ import annotations

import argparse
import json
from typing import Any

from experiments.cli.exit_status import OK
from experiments.cli.output import emit
from polyproof_gym.proofs.rules import DEFAULT_RULES, RULES, rule_names


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--json", action="store_true", help="print one JSON array")


def run(options: argparse.Namespace) -> int:
    """List the rules; the exit status."""
    default = rule_names(DEFAULT_RULES)
    rows: list[dict[str, Any]] = [
        {"name": name, "settings": list(entry.types), "summary": entry.summary, "default": name in default}
        for name, entry in RULES.items()
    ]
    if options.json:
        emit(json.dumps(rows, indent=1))
        return OK
    for row in rows:
        settings = f" (settings: {', '.join(row['settings'])})" if row["settings"] else ""
        emit(f"{row['name']:14} {row['summary']}{settings}{' (default)' if row['default'] else ''}")
    return OK
