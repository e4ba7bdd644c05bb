from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from experiments.documentation import trainings
from polyproof_gym import BadInput
from tests.experiments.conftest import ROOT


def test_a_training_tells_what_it_came_to_and_what_it_took(tmp_path: Path) -> None:
    changes = ("problems=[random-stable-set:n=6]", "trials.problems=1", "updates=4", "held_out=2", "workers=1")
    config = ROOT / "experiments" / "configs" / "quick.yaml"
    words = ["polyproof", "train", "--config", str(config), *(word for change in changes for word in ("--set", change))]
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "agent.json").touch()  # of a former run
    made = trainings.trained(shlex.join(words), tmp_path / "run.json")
    kept = trainings.summary(made)
    assert (kept["start"], kept["end"]) == pytest.approx((made["held_out"][0], made["held_out"][-1]))
    assert len(made["held_out"]) == 2
    assert made["held_out"][0] >= made["held_out"][1] >= 1
    assert made["processor_seconds"] > 0
    assert made["seconds"] > 0
    assert (tmp_path / "run" / "weights.npz").exists()
    with pytest.raises(BadInput, match="ended with 2"):
        trainings.trained("polyproof train --config nowhere.yaml", tmp_path / "other.json")
