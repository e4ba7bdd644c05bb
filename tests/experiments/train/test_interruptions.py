from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from agents.scoring.evolution import Episodes, Outcome, Trial
from tests.experiments.conftest import ROOT
from tests.experiments.train.small import SMALL, UNITS, rows, save_start, train, write


def started(config: Path, folder: Path) -> subprocess.Popen[str]:
    """A run in a process of its own, after its first figures."""
    command = [sys.executable, "-m", "experiments.train", "--config", str(config), "--out", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while not (folder / "metrics.jsonl").exists():
        assert process.poll() is None
        time.sleep(0.01)
    return process


@pytest.mark.parametrize(
    ("algorithm", "end", "has_start"),
    [
        ("ars", signal.SIGINT, False),
        ("cma-es", signal.SIGINT, False),
        ("cma-es", signal.SIGTERM, False),
        ("cma-es", signal.SIGKILL, False),
        ("masked-dqn", signal.SIGINT, False),
        ("masked-dqn", signal.SIGKILL, True),
        ("maskable-ppo", signal.SIGKILL, True),
    ],
)
def test_a_run_that_was_cut_short_goes_on_as_if_it_had_not_been(
    algorithm: str, end: int, has_start: bool, tmp_path: Path
) -> None:
    # Long enough not to be over before it is cut short.
    longer: dict[str, Any] = {"steps": 480} if algorithm in UNITS else {"updates": 20}
    if has_start:
        longer["policy"] = {**SMALL[algorithm]["policy"], "start": str(save_start(tmp_path))}
    if has_start and algorithm == "masked-dqn":
        longer["settings"] = {**SMALL[algorithm]["settings"], "noise": 0.5}
    config = write(tmp_path / "small.yaml", algorithm, **longer)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert train(config, whole) == 0
    process = started(config, cut)
    os.killpg(process.pid, end)  # as a terminal does: all its processes
    _, err = process.communicate(timeout=60)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    if end != signal.SIGKILL:
        assert process.returncode == 130
        assert f"--resume goes on with {cut}" in err
        assert "Traceback" not in err
    assert len(rows(cut)) < len(rows(whole))
    assert train(config, cut, "--resume") == 0
    assert (cut / "weights.npz").read_bytes() == (whole / "weights.npz").read_bytes()
    held_out = [json.loads((folder / "held_out.json").read_text())["problems"] for folder in (cut, whole)]
    assert held_out[0] == held_out[1]
    assert [_timeless(row) for row in rows(cut)] == [_timeless(row) for row in rows(whole)]


def test_an_update_that_takes_long_is_given_up_and_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = write(tmp_path / "small.yaml", "cma-es", updates=4, workers=1)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert train(config, whole) == 0
    episode, episodes = Episodes.__call__, []

    def interrupted(self: Episodes, trial: Trial) -> Outcome:
        episodes.append(trial)
        if len(episodes) == 30:  # in the second update
            signal.raise_signal(signal.SIGINT)
            time.sleep(60)  # which the interrupt cuts short
        return episode(self, trial)

    with monkeypatch.context() as patch:
        patch.setattr(Episodes, "__call__", interrupted)
        assert train(config, cut) == 130
    assert [row["updates"] for row in rows(cut)] == [1]
    assert train(config, cut, "--resume") == 0
    assert (cut / "weights.npz").read_bytes() == (whole / "weights.npz").read_bytes()


def test_a_training_of_problems_without_a_choice_comes_to_an_end(tmp_path: Path) -> None:
    config = write(tmp_path / "small.yaml", "cma-es", problems=["random-stable-set:n=1"])
    assert train(config, tmp_path / "run") == 0


def _timeless(row: dict[str, float]) -> dict[str, float]:
    """Figures that do not depend on when a run was cut short; losses are means since then."""
    return {key: value for key, value in row.items() if key not in ("seconds", "loss")}
