"""A cluster of Ray of several nodes, of which one dies, and whose driver does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from experiments.starting import INCOMPLETE
from tests.experiments.clusters import clusters
from tests.experiments.conftest import ROOT

pytestmark = pytest.mark.ray

GRAPHS = 60
WORDS = ["--agents", "dual-guided", "random", "--n", "14", "--steps", "20"]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Three nodes of one processor each."""
    yield from clusters()


@pytest.fixture
def doomed() -> Iterator[Any]:
    """The same, of which a part dies that it cannot do without."""
    yield from clusters()


def evaluation(folder: Path, *words: str, graphs: int = GRAPHS) -> subprocess.Popen[str]:
    """An evaluation that has begun, of all agents on so many graphs."""
    words = (*WORDS, "--graphs", str(graphs), "--json", str(folder / "trials.json"), *words)
    return subprocess.Popen(
        [sys.executable, "-m", "experiments.evaluate", *words],
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


@pytest.mark.parametrize(
    ("part", "number", "message"),
    [
        ("gcs_server", signal.SIGKILL, "the cluster at {} no longer answers, "),
        ("gcs_server", signal.SIGSTOP, "the cluster at {} no longer answers, "),
        ("raylet", signal.SIGKILL, "this machine is no longer part of the {}"),
    ],
)
def test_a_cluster_that_is_gone_is_told_and_what_it_has_done_is_kept(
    doomed: Any, part: str, number: signal.Signals, message: str, tmp_path: Path
) -> None:
    """Of the first node, which is that of the command, what all have in common dies or hangs, or what works dies."""
    process = evaluation(tmp_path, "--executor", f"ray:{doomed.address}", graphs=3000)
    until(process, tmp_path / "trials.json", 30)
    for started in doomed.head_node.all_processes[part]:
        started.process.send_signal(number)
    try:
        out, err = process.communicate(timeout=60)
    finally:
        for started in doomed.head_node.all_processes[part]:
            started.process.send_signal(signal.SIGCONT)
    assert process.returncode == INCOMPLETE, err
    last = err.splitlines()[-1]
    assert last.startswith(message.format(doomed.address if part == "gcs_server" else f"cluster at {doomed.address}"))
    assert last.endswith(f"--resume goes on with {tmp_path / 'trials.json'}")
    assert "Traceback" not in err
    assert out.startswith("alpha: ")
    before = {json.dumps(trial["task"]): trial for trial in trials(tmp_path)}
    assert f", with {len(before)} of 6000 trials finished; " in last
    again = evaluation(tmp_path, "--resume", "--processes", "2")
    again.communicate()
    assert again.returncode == 0
    after = {json.dumps(trial["task"]): trial for trial in trials(tmp_path)}
    assert len(after.keys() - before.keys()) == len(after) - len(before)
    assert {task: after[task] for task in before} == before


def test_the_check_of_files_tells_of_a_cluster_that_is_gone_in_one_line(doomed: Any, tmp_path: Path) -> None:
    path, words = tmp_path / "proof.json", [sys.executable, "-m", "experiments.cli"]
    subprocess.run([*words, "prove", "petersen", "--quiet", "--out", str(path)], cwd=ROOT, check=True)
    number = 20_000
    files = [path.name] * number
    results = tmp_path / "results.txt"
    with results.open("w") as out:
        process = subprocess.Popen(
            [*words, "verify", *files, "--executor", f"ray:{doomed.address}"],
            cwd=tmp_path,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    while not results.stat().st_size:
        assert process.poll() is None
        time.sleep(0.05)
    for started in doomed.head_node.all_processes["gcs_server"]:
        started.process.kill()
    _, err = process.communicate(timeout=60)
    assert process.returncode == INCOMPLETE, err
    checked = results.read_text().count("\n")
    told = f"polyproof: the cluster at {doomed.address} no longer answers, with {checked} of {number} files checked"
    assert err.splitlines() == [told]
