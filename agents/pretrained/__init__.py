"""Trained agents that come with the package, one folder each.

``NAME/agent.json`` and ``NAME/weights.npz`` are the agent (see :mod:`agents.saved`), ``NAME/training.json`` says how it
was trained: configuration, seed, versions and command. A folder here is all that a name needs. An ``agent.json`` may
name another folder as ``without_exclusions``: its scorer is used where no variables exclude each other.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent

DESCRIPTION, WEIGHTS = "agent.json", "weights.npz"
"""The files of an agent."""


def pretrained_agents(folder: Path = FOLDER) -> dict[str, Path]:
    """The folders of a folder's trained agents by their names, in alphabetical order."""
    return {path.parent.name: path.parent for path in sorted(folder.glob(f"*/{DESCRIPTION}"))}
