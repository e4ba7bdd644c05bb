"""Trainings: how far the bound on held-out problems falls, and what that takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def summary(run: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a run, as :func:`~experiments.documentation.commands.trained` gives it."""
    bounds = run["held_out"]
    return {
        "start": bounds[0],
        "end": bounds[-1],
        "seconds": run["seconds"],
        "processor_seconds": run["processor_seconds"],
    }
