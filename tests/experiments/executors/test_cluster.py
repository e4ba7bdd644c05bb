"""A cluster of Ray of several nodes, of which one dies, and whose driver does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.experiments.conftest import ROOT

pytestmark = pytest.mark.ray

GRAPHS = 60
WORDS = ["--agents", "dual-guided", "random", "--n", "14", "--graphs", str(GRAPHS), "--steps", "20"]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Three nodes of one processor each."""
    cluster_utils = pytest.importorskip("ray.cluster_utils")
    made = cluster_utils.Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    for _ in range(2):
        made.add_node(num_cpus=1)
    yield made
    made.shutdown()


def evaluation(folder: Path, *words: str) -> subprocess.Popen[str]:
    """An evaluation that has begun."""
    return subprocess.Popen(
        [sys.executable, "-m", "experiments.evaluate", *WORDS, "--json", str(folder / "trials.json"), *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def until(process: subprocess.Popen[str], path: Path, rows: int) -> None:
    """Wait until so many rows are in the journal of a file."""
    journal = path.with_name(f"{path.name}.journal")
    assert process.stderr is not None
    while not (journal.exists() and journal.read_text().count("\n") > rows):
        assert process.stderr.read(1), "ended too early"


def trials(folder: Path) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = json.loads((folder / "trials.json").read_text())["trials"]
    return content


def without_times(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**trial, "seconds": 0.0} for trial in found]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What comes of it on this machine alone."""
    folder = tmp_path_factory.mktemp("here")
    process = evaluation(folder, "--logdir", str(folder / "log"))
    process.communicate()
    assert process.returncode == 0
    assert len(trials(folder)) == 2 * GRAPHS
    return without_times(trials(folder))


def test_a_node_that_dies_loses_nothing_and_doubles_nothing(
    cluster: Any, expected: list[dict[str, Any]], tmp_path: Path
) -> None:
    lost = cluster.add_node(num_cpus=1)
    process = evaluation(tmp_path, "--executor", f"ray:{cluster.address}", "--logdir", str(tmp_path / "log"))
    until(process, tmp_path / "trials.json", 10)
    cluster.remove_node(lost, allow_graceful=False)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert without_times(trials(tmp_path)) == expected
    assert out.startswith("alpha: ")
    assert "raylet" not in out + err


def test_a_driver_that_is_killed_is_gone_on_with(cluster: Any, expected: list[dict[str, Any]], tmp_path: Path) -> None:
    words = ["--executor", f"ray:{cluster.address}", "--logdir", str(tmp_path / "log")]
    process = evaluation(tmp_path, *words)
    until(process, tmp_path / "trials.json", 30)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    before = {json.dumps(trial["task"]): trial for trial in trials(tmp_path)}
    for line in (tmp_path / "trials.json.journal").read_text().split("\n")[1:-1]:
        trial = json.loads(line)
        before[json.dumps(trial["task"])] = trial
    assert 30 <= len(before) < 2 * GRAPHS
    again = evaluation(tmp_path, *words, "--resume")
    _, err = again.communicate(timeout=120)
    assert again.returncode == 0, err
    after = {json.dumps(trial["task"]): trial for trial in trials(tmp_path)}
    assert without_times(trials(tmp_path)) == expected
    assert {task: after[task] for task in before} == before  # times included: nothing was done again
