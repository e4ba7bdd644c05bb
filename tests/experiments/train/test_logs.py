from __future__ import annotations

import csv
from pathlib import Path

import pytest

from experiments.train.logs import CSVLog, make_log
from polyproof_gym import BadInput
from tests.experiments.train.small import rows, train, write

DESCRIPTION = {"config": {}, "seed": 0, "versions": {}}


def columns(path: Path) -> list[dict[str, float]]:
    with path.open(encoding="utf-8") as file:
        return [{key: float(value) for key, value in row.items() if value} for row in csv.DictReader(file)]


def test_the_csv_file_has_the_figures_of_the_run(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert train(write(tmp_path / "small.yaml", "ars"), folder, "--log", "csv") == 0
    assert columns(folder / "progress.csv") == rows(folder)


def test_a_csv_file_that_is_gone_on_with_has_what_was_written_before(tmp_path: Path) -> None:
    former, later = {"updates": 1.0, "return": 2.0}, {"updates": 2.0, "return": 3.0, "held_out_return": 4.0}
    log = CSVLog()
    log.begin(tmp_path, DESCRIPTION, [former])
    log.write(later)
    log.close()
    assert columns(tmp_path / "progress.csv") == [former, later]


@pytest.mark.parametrize("text", ["", "tsv", "wandb", "wandb:", "csv:x"])
def test_other_logs_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"--log .*: expected csv or wandb:PROJECT"):
        make_log(text)


def test_weights_and_biases_is_told_the_configuration_and_all_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wandb = pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    log = make_log("wandb:polyproof")
    log.begin(tmp_path, {**DESCRIPTION, "config": {"algorithm": "ars"}}, [])
    assert wandb.run.config["algorithm"] == "ars"
    log.write({"updates": 1.0, "return": 2.0})
    assert wandb.run.summary["return"] == 2.0
    log.close()
    assert wandb.run is None
