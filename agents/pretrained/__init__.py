"""Trained agents: for each its weights (``NAME.npz``) and a record of how they were trained (``NAME.json``)."""

from __future__ import annotations

from pathlib import Path

from agents.scoring import Scorer, ScoringAgent

_FOLDER = Path(__file__).parent

PRETRAINED = tuple(sorted(path.stem for path in _FOLDER.glob("*.npz")))
"""Their names."""


def load_pretrained(name: str) -> ScoringAgent:
    """The trained agent of a name.

    Raises:
        BadInput: If there is none.
    """
    return ScoringAgent(Scorer.load(_FOLDER / f"{name}.npz"), name)
