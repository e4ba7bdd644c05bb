"""Trials that take seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from experiments.train.training import make_training
from experiments.tune.trial import Plan, Trial
from tests.experiments.conftest import ROOT

CONTENT: dict[str, Any] = {
    "algorithm": "cma-es",
    "problems": ["random-stable-set:n_min=6,n_max=8"],
    "trials": {"problems": 2, "steps_per_variable": [0.5, 1.0]},
    "settings": {"population": 4, "step_size": 1.0},
    "updates": 3,
    "start": "zero",
    "held_out": 3,
    "held_out_every": 1,
    "workers": 1,
}


def trial(folder: Path, number: int = 0, is_stopped: bool = False, **changes: Any) -> Trial:
    """A trial of the content with changes, in a folder of its own."""
    content = {**CONTENT, **changes}
    training = make_training(CONTENT, 0)
    plan = Plan(0, f"{training.unit}s", training.total, "tune", str(ROOT))
    return Trial(number, content, str(folder), is_stopped, plan)
