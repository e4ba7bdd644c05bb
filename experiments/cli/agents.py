"""``polyproof agents``: the agents that can be named."""

from __future__ import annotations

import argparse
import json

from agents import agent_names
from agents.registry import agent_entry
from experiments.cli.exit_status import OK
from experiments.cli.output import emit

DEFAULT = "auto"
"""The agent of ``polyproof prove`` unless another one is asked for."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--json", action="store_true", help="print one JSON array")


def run(options: argparse.Namespace) -> int:
    """List the agents; the exit status."""
    entries = {name: agent_entry(name) for name in agent_names()}
    if options.json:
        rows = [
            {"name": name, "settings": list(entry.settings), "summary": entry.summary, "default": name == DEFAULT}
            for name, entry in entries.items()
        ]
        emit(json.dumps(rows, indent=1))
        return OK
    for name, entry in entries.items():
        settings = f" (settings: {', '.join(entry.settings)})" if entry.settings else ""
        emit(f"{name:20} {entry.summary}{settings}{' (default)' if name == DEFAULT else ''}")
    return OK
