"""Searches; those that are made need Ray."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from agents import make_agent
from experiments.tune.main import main
from tests.experiments.conftest import ROOT
from tests.experiments.train.small import train
from tests.experiments.tune.small import CONTENT
from tests.flat import prove

SETTINGS = {"population": "choice(4, 6)", "step_size": "loguniform(0.1, 3)"}


def write(path: Path, **changes: Any) -> Path:
    path.write_text(yaml.safe_dump({**CONTENT, "settings": SETTINGS, **changes}))
    return path


def tune(config: Path, folder: Path, *arguments: str) -> int:
    return main(["--config", str(config), "--out", str(folder), "--processes", "2", *arguments])


def record(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "tune.json").read_text())
    return content


@pytest.mark.ray
def test_a_search_leaves_the_best_agent_a_table_and_trainings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "search"
    assert tune(write(tmp_path / "small.yaml"), folder, "--samples", "4", "--seed", "3", "--set", "updates=4") == 0
    told = capsys.readouterr()
    content = record(folder)
    assert told.out in (folder / "tune.md").read_text()
    assert "Traceback" not in told.err
    assert len(told.out.splitlines()) == 2 + 4
    assert {trial["status"] for trial in content["trials"]} <= {"finished", "stopped"}
    assert any(trial["status"] == "finished" for trial in content["trials"])
    figures = [trial["best"]["held_out_return"] for trial in content["trials"]]
    best = content["trials"][content["best"]]
    assert best["best"]["held_out_return"] == max(figures)
    for number, trial in enumerate(content["trials"]):
        run = json.loads((folder / f"trial-{number:03}" / "run.json").read_text())
        assert run["seed"] == 3
        assert {key: run["config"]["settings"][key.partition(".")[2]] for key in trial["values"]} == trial["values"]
    prove("cycle:n=5", make_agent(str(folder)), max_steps=5).verify()
    # The weights are those of a training of the same configuration and seed, so far.
    changes = [f"--set={key}={value}" for key, value in {**best["values"], "updates": best["best"]["updates"]}.items()]
    assert train(tmp_path / "small.yaml", tmp_path / "training", "--seed", "3", *changes) == 0
    with np.load(folder / "weights.npz") as ours, np.load(tmp_path / "training" / "weights.npz") as theirs:
        np.testing.assert_array_equal(ours["weights"], theirs["weights"])


@pytest.mark.ray
def test_trials_have_workers(tmp_path: Path) -> None:
    """Which are forked while a thread of the trial reads."""
    assert tune(write(tmp_path / "small.yaml", workers=2), tmp_path / "search", "--samples", "1") == 0
    assert [trial["status"] for trial in record(tmp_path / "search")["trials"]] == ["finished"]


@pytest.mark.ray
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_a_search_that_was_cut_short_goes_on(end: int, tmp_path: Path) -> None:
    config, folder = write(tmp_path / "small.yaml", updates=12, held_out_every=2), tmp_path / "search"
    words = ["--config", str(config), "--out", str(folder), "--processes", "2", "--samples", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "experiments.tune", *words],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (folder / "tune.json").exists() or not any(trial["last"] for trial in record(folder)["trials"]):
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, end)
    _, err = process.communicate(timeout=120)
    if end == signal.SIGINT:
        assert process.returncode == 130
        assert f"--resume goes on with {folder}" in err
        assert "Traceback" not in err
    before = record(folder)["trials"]
    assert main([*words[:-2], "--resume"]) == 0
    after = record(folder)["trials"]
    assert [trial["values"] for trial in after] == [trial["values"] for trial in before]
    assert all(
        theirs["last"]["updates"] >= ours["last"].get("updates", 0) for theirs, ours in zip(after, before, strict=True)
    )
    assert "finished" in {trial["status"] for trial in after}


@pytest.mark.ray
def test_what_fails_stands_in_the_table_and_the_others_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "search"
    content = {
        "algorithm": "maskable-ppo",
        "problems": ["random-stable-set:n_min=4,n_max=6"],
        "environment": {"max_steps": 4},
        "policy": {"width": 8, "rounds": 1},
        "settings": {"n_steps": 16, "batch_size": 16, "n_epochs": 2, "learning_rate": "choice(0.001, 1.0e+40)"},
        **{"steps": 32, "log_every": 16, "held_out": 2, "held_out_every": 16},
    }
    (tmp_path / "small.yaml").write_text(yaml.safe_dump(content))
    assert tune(tmp_path / "small.yaml", folder, "--samples", "2") == 0
    by_rate = {trial["values"]["settings.learning_rate"]: trial for trial in record(folder)["trials"]}
    assert by_rate[0.001]["status"] in ("finished", "stopped")
    assert by_rate[1e40]["status"] == "failed"
    assert by_rate[1e40]["failure"].startswith("RuntimeError: value cannot be converted")
    assert "failed: RuntimeError: " in capsys.readouterr().out
    assert record(folder)["trials"][record(folder)["best"]] == by_rate[0.001]


@pytest.mark.ray
def test_another_search_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, config = tmp_path / "search", write(tmp_path / "small.yaml")
    folder.mkdir()
    (folder / "tune.json").write_text("{}")
    for arguments, message in [((), "there is a search already"), (("--resume",), "expected the record of a search")]:
        with pytest.raises(SystemExit) as caught:
            tune(config, folder, *arguments)
        assert caught.value.code == 2
        assert message in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["tune.json"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"settings": {}}, "expected a distribution somewhere"),
        ({"settings": {"step_sizes": "uniform(0, 1)"}}, "unknown setting 'step_sizes', did you mean 'step_size'?"),
        ({"settings": {"population": "integer(5, 5.5)"}}, "settings.population: expected integer(low, high)"),
        ({"held_out_every": 0}, "expected held_out_every of at least 1"),
        ({"updates": "integer(2, 100)"}, "expected the same length, problems"),
        ({"trials": {"steps_per_variable": "choice([1, 2], [3, 4])"}}, "expected the same length, problems"),
    ],
)
def test_a_search_that_cannot_be_made_is_told_in_one_line(
    changes: dict[str, Any], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write(tmp_path / "small.yaml", **changes)
    with pytest.raises(SystemExit) as caught:
        tune(config, tmp_path / "search", "--samples", "4")
    assert caught.value.code == 2
    err = capsys.readouterr().err
    assert f"{config}: " in err
    assert message in err
    assert err.count("\n") == 1
    assert not (tmp_path / "search").exists()


def test_a_trial_with_more_workers_than_processors_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ray would wait without end."""
    config = write(tmp_path / "small.yaml", workers=3)
    with pytest.raises(SystemExit) as caught:
        tune(config, tmp_path / "search")
    assert caught.value.code == 2
    assert "--processes 2: expected at least 3, as a trial has 3 workers" in capsys.readouterr().err
    assert not (tmp_path / "search").exists()
