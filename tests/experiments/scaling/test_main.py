from __future__ import annotations

from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from experiments.executors import Processes
from experiments.scaling.main import Cost, Model, Pause, PauseFile, Run, held_for_row, length_of_batch, main, tables

SPENT, DRIVEN = Cost(0.0005, 0.004), Cost(0.0001, 0.003)


def made_up(executor: str, workers: int, task: float) -> Run:
    """A run that takes exactly what the model says."""
    length = length_of_batch(executor, workers, task)
    wall = 100 * (task + SPENT.of_row(length)) / workers
    return Run(executor, 1, workers, 100, task, 3.0, wall, 100 * DRIVEN.of_row(length), 0.0, 300_000.0)


def test_the_model_finds_what_rows_cost() -> None:
    runs = [made_up("ray", *run) for run in product((1, 2, 8), (0.0, 0.01, 0.1))]
    model = Model.of("ray", runs)
    assert model.spent == pytest.approx(SPENT, rel=1e-6)
    assert model.driven == pytest.approx(DRIVEN, rel=1e-6)
    assert (model.start, model.written) == (3.0, 3000.0)
    for run in runs:
        assert model.by_workers(run.workers, run.task) * run.rows == pytest.approx(run.wall)
        assert model.seconds(run.workers, run.task) * run.rows >= run.wall * (1 - 1e-9)


def test_processes_have_no_batches() -> None:
    model = Model.of("processes", [made_up("processes", 2, task) for task in (0.0, 0.1)])
    assert model.driven == pytest.approx(Cost(DRIVEN.of_row(1), 0.0))
    assert model.by_driver(1000, 0.01) == model.driven.row


def test_what_limits_a_thousand_workers() -> None:
    report = {
        "held": 2000.0,
        "runs": [asdict(made_up(name, 2, task)) for name in ("processes", "ray") for task in (0.0, 0.01, 0.1)],
    }
    found = tables(report)
    assert set(found) == {"runs", "model", "many", "sizes"}
    rows = [line.split(" | ") for line in found["many"].splitlines()[2:]]
    assert [row[4] for row in rows] == ["the driver"] * 3 + ["the workers"] * 2
    assert "| result file | 3.0 kB | 3.0 GB |" in found["sizes"]
    assert "| memory of the driver | 2.0 kB | 2.0 GB |" in found["sizes"]


def test_memory_of_a_row() -> None:
    assert 2000 < held_for_row("x" * 2000) < 3500


def test_a_file_of_pauses_is_written_whole(tmp_path: Path) -> None:
    file = PauseFile(tmp_path / "pauses.json", '{"row": 1}')
    assert file.complete([Pause(number, 0.001) for number in range(20)], Processes(2)).is_complete
    assert (tmp_path / "pauses.json").read_text().count('{"row": 1}') == 20


@pytest.mark.ray
def test_everything_runs(tmp_path: Path, capsys: Any) -> None:
    assert main(["--quick", "--json", str(tmp_path / "report.json")]) == 0
    assert sum(line.startswith("| ---") for line in capsys.readouterr().out.splitlines()) == 4
    assert (tmp_path / "report.json").stat().st_size > 500
