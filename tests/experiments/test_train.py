from __future__ import annotations

import json
from pathlib import Path

import pytest

from experiments.train import main

CONFIG = """
algorithm: policy-gradient
problems: ["random-stable-set:n_min=5,n_max=8", "random-stable-set:n=6,p_min=0.2,p_max=0.5"]
settings: {updates: 3, groups: 2, rollouts: 2, hidden: 4, workers: 2}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(CONFIG)
    return path


def train(config: Path, folder: Path, *arguments: str) -> int:
    return main(["--config", str(config), "--out", str(folder), *arguments])


def test_a_run_folder_holds_everything(config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert train(config, folder, "--seed", "3") == 0
    run = json.loads((folder / "run.json").read_text())
    assert run["seed"] == 3
    assert run["config"]["settings"]["updates"] == 3
    assert run["config"]["settings"]["learning_rate"] > 0  # those that were not given as well
    assert {"python", "torch", "highspy"} <= set(run["versions"])
    assert run["command"].startswith("python -m experiments.train")
    figures = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert [row["update"] for row in figures] == [1, 2, 3]
    assert (folder / "scorer.npz").is_file()
    assert list(folder.glob("events.out.tfevents.*"))


def test_a_run_that_was_cut_short_goes_on_as_if_it_had_not_been(config: Path, tmp_path: Path) -> None:
    from agents.scoring.training import Trainer
    from experiments.train import Config

    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert train(config, whole) == 0
    content = Config.load(config)
    trainer = Trainer(content.generators(), content.settings, 0)
    next(trainer.run())  # the first update, after which the process is gone
    assert train(config, cut) == 0
    trainer.save(cut / "checkpoint.pt")
    (cut / "scorer.npz").unlink()
    assert train(config, cut, "--resume") == 0
    assert (cut / "scorer.npz").read_bytes() == (whole / "scorer.npz").read_bytes()


def test_another_run_is_neither_overwritten_nor_mixed_up(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    assert train(config, folder) == 0
    before = (folder / "scorer.npz").read_bytes()
    for arguments, message in [
        ((), "there is a run already"),
        (("--resume", "--seed", "1"), "same configuration and seed"),
    ]:
        with pytest.raises(SystemExit) as caught:
            train(config, folder, *arguments)
        assert caught.value.code == 2
        assert message in capsys.readouterr().err
    assert (folder / "scorer.npz").read_bytes() == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("policy-gradient", "magic"), "expected the algorithm policy-gradient"),
        (("problems", "puzzles"), "expected the keys"),
        (("updates: 3", "updates: 0"), "at least 1 as updates"),
        (("updates: 3", "updates: many"), "at least 1 as updates"),
        (("rollouts: 2", "rollouts: 1"), "at least 2 as rollouts"),
        (("updates: 3", "epochs: 3"), "expected settings among"),
        (("hidden: 4", "steps_per_variable: [2, 1]"), "steps_per_variable"),
        (("hidden: 4", "learning_rate: -1"), "learning_rate"),
        (('"random-stable-set:n_min=5,n_max=8"', "petersen"), "expected random problems"),
        (('"random-stable-set:n_min=5,n_max=8"', "petersem"), "petersem"),
        (("settings: {", "settings: {{"), "expected a YAML file"),
    ],
)
def test_bad_configurations_are_refused_in_one_line(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str], message: str
) -> None:
    config.write_text(CONFIG.replace(*change))
    with pytest.raises(SystemExit) as caught:
        train(config, tmp_path / "run")
    assert caught.value.code == 2
    lines = capsys.readouterr().err.splitlines()
    assert message in lines[-1]
    assert not (tmp_path / "run").exists()


def test_a_configuration_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        train(tmp_path / "absent.yaml", tmp_path / "run")
    assert caught.value.code == 2
    assert "absent.yaml: No such file" in capsys.readouterr().err


def test_there_is_nothing_to_resume(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        train(config, tmp_path / "run", "--resume")
    assert caught.value.code == 2
    assert "nothing to resume" in capsys.readouterr().err
