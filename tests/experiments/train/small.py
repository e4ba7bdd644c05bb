"""Runs that take seconds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from agents.saved import save_scorer
from agents.scoring import Scorer, ScoringAgent, prior_weights
from experiments.train.main import main

_EVOLUTION: dict[str, Any] = {
    "problems": ["random-stable-set:n_min=6,n_max=8", "random-polynomial:n=3,boolean=1"],
    "trials": {"problems": 3, "steps_per_variable": [0.5, 1.0]},
    "updates": 3,
    "start": "zero",
}

SMALL: dict[str, dict[str, Any]] = {
    "ars": {**_EVOLUTION, "settings": {"n_delta": 2, "n_top": 2}},
    "cma-es": {**_EVOLUTION, "settings": {"population": 4}},
    "masked-dqn": {
        "problems": ["random-stable-set:n_min=4,n_max=6", "random-polynomial:n=3"],
        "environment": {"max_steps": 6, "lp_features": False, "rules": ["products"]},
        "policy": {"features": "paper", "width": 8, "rounds": 1},
        "settings": {
            **{"learning_starts": 20, "batch_size": 8, "n_steps": 2, "buffer_size": 100, "train_freq": 2},
            **{"learning_rate": 0.001, "learning_rate_end": 0.0001},
        },
        "steps": 120,
        "envs": 2,
        "log_every": 40,
        "checkpoint_every": 40,
    },
    "maskable-ppo": {
        "problems": ["random-stable-set:n_min=4,n_max=6"],
        "environment": {"max_steps": 6, "target": "incumbent", "reward": "log", "steps_per_variable": [0.5, 1.0]},
        "policy": {"width": 8, "rounds": 1},
        "settings": {"n_steps": 16, "batch_size": 16, "n_epochs": 2},
        "steps": 96,
        "envs": 2,
        "log_every": 32,
        "checkpoint_every": 32,
    },
}

UNITS = {"masked-dqn": "steps", "maskable-ppo": "steps"}
"""What is counted, where it is not updates."""


def write(path: Path, algorithm: str, **changes: Any) -> Path:
    path.write_text(yaml.safe_dump({"algorithm": algorithm, **SMALL[algorithm], **changes}))
    return path


def start_agent() -> ScoringAgent:
    """A scorer that a training can start from."""
    return ScoringAgent(Scorer(prior_weights()))


def save_start(folder: Path) -> Path:
    """A folder with the scorer of :func:`start_agent`."""
    made = folder / "scorer"
    made.mkdir()
    save_scorer(made, Scorer(prior_weights()), name="scorer", algorithm="none")
    return made


def train(config: Path, folder: Path, *arguments: str) -> int:
    return main(["--config", str(config), "--out", str(folder), *arguments])


def rows(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
