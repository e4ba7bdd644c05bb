"""What is peculiar to Ray, on a cluster of this machine's own."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from agents.pretrained import pretrained_agents
from agents.scoring.evolution import CMAES, TrialSettings
from experiments.executors import Executor, Processes, make_executor
from experiments.robustness.points import Examiner, PointSettings
from experiments.robustness.subjects import make_subject, own
from experiments.starting import INTERRUPTED
from experiments.trials import Task, TrialFile
from polyproof_gym import BadInput
from polyproof_gym.problems import RandomStableSet
from tests.experiments.conftest import ROOT
from tests.experiments.executors.functions import OfMissingModule, finished, use_a_missing_module

pytestmark = pytest.mark.ray


@pytest.fixture(scope="module")
def ray() -> Iterator[Executor]:
    with make_executor("ray", 2) as executor:
        yield executor


def test_trials_are_those_of_this_machine_also_without_the_agents_files(ray: Executor, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    shutil.copytree(pretrained_agents()["learned-polynomials"], saved)
    problems = [*(f"random-stable-set:n=12,index={index}" for index in range(12)), "petersen", "caprasse", "lv"]
    problems += [f"cycle:n={n}" for n in (5, 6, 7, 8, 9)]
    agents = ["random", "dual-guided", f"{saved}:sampled=1"]
    tasks = [Task(problem, agent, 8, seed) for problem in problems for agent in agents for seed in (0, 1)]
    assert len(tasks) == 120
    file = TrialFile(None, {}, False, tmp_path / "proofs")
    here = dict(finished(Processes(), file.work(tasks), tasks))
    work = file.work(tasks)
    shutil.rmtree(saved)
    there = dict(finished(ray, work, tasks))
    assert there.keys() == here.keys()
    for task, (trial, files) in here.items():
        assert replace(there[task].result, seconds=0.0) == replace(trial, seconds=0.0)
        assert there[task].files == files
        assert [*files] == [str(task.proof_file(Path()))]
    assert len({trial.exact_bound for trial, _ in here.values()}) > 10


def test_points_are_those_of_this_machine(ray: Executor) -> None:
    examiner = Examiner(make_subject("iris-quadratic:latent=2"), PointSettings("2", "normal", 0), keeps_proofs=True)
    here, there = (dict(finished(executor, examiner, range(4))) for executor in (Processes(), ray))
    for number, (result, files) in here.items():
        assert there[number].files == files
        assert len(files) == result.rivals == 2
        assert replace(there[number].result, seconds=0.0, attack_seconds=0.0) == replace(
            result, seconds=0.0, attack_seconds=0.0
        )


def test_functions_of_others_travel_as_well(ray: Executor) -> None:
    halves = own("halves", lambda data: data[:, 0], lambda latents: 2 * latents, 2)
    examiner = Examiner(halves, PointSettings("2", "normal", 0))
    here, there = (dict(finished(executor, examiner, range(2))) for executor in (Processes(), ray))
    assert [there[number].result.attack for number in (0, 1)] == [here[number].result.attack for number in (0, 1)]


def test_what_cannot_travel_is_told(ray: Executor) -> None:
    with socket.socket() as line, pytest.raises(BadInput, match=r"^ray: this cannot be sent to other machines \("):
        list(ray.outcomes(lambda number: (number, line.fileno()), [1]))


@pytest.mark.parametrize(("work", "item"), [(use_a_missing_module, 1), (bool, OfMissingModule())])
def test_a_module_that_a_node_does_not_have_is_told_with_the_node(
    ray: Executor, work: Callable[[object], object], item: object
) -> None:
    with pytest.raises(BadInput, match=r"^the node [0-9.]+ has no module missing_here: all nodes must have the same"):
        list(ray.outcomes(work, [item]))


def test_other_versions_are_told_with_the_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", lambda package: f"1.2.{len(package)}+cpu")
    with (
        make_executor("ray", 1) as executor,
        pytest.raises(BadInput, match=r"^the node [0-9.]+ has numpy [0-9.]+, not 1\.2\.5 as here: what it finds could"),
    ):
        list(executor.outcomes(abs, [1]))


def test_evolution_gives_the_same_weights(ray: Executor) -> None:
    settings = TrialSettings((RandomStableSet(7, 9),), 3, (0.5, 1.0), "ratio", 4)
    weights = []
    for run_trials in (map, ray.map):
        model = CMAES(settings, run_trials=run_trials, population=6)
        for _ in model.updates(3):
            pass
        weights.append(model.scorer().weights)
    np.testing.assert_array_equal(weights[0], weights[1])


def test_many_tiny_items_need_no_memory(ray: Executor) -> None:
    list(ray.outcomes(abs, range(1000)))
    before, total = resident_megabytes(), 0
    for _, value in finished(ray, abs, (-number for number in range(100_000))):
        total += value
    assert total == 99_999 * 50_000
    assert resident_megabytes() < before + 50


def test_more_memory_than_there_is_is_told() -> None:
    with make_executor("ray", 1, task_memory=10**9) as greedy, pytest.raises(BadInput, match=r"but [0-9]+$"):
        list(greedy.outcomes(abs, [1]))


def test_it_says_what_there_is(ray: Executor) -> None:
    ray.map(abs, [1])
    assert ray.resources() == "1 node, 2 CPUs"


def test_an_interrupt_leaves_nothing_behind(tmp_path: Path) -> None:
    """The program is in a session of its own, as are all processes that it starts."""
    path = tmp_path / "trials.json"
    words = ["--agents", "dual-guided", "--n", "16", "--graphs", "5000", "--steps", "30", "--executor", "ray"]
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "experiments.evaluate", *words, "--workers", "1", "--json", str(path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    finally:
        signal.signal(signal.SIGINT, former)
    journal = path.with_name("trials.json.journal")
    assert process.stderr is not None
    while not (journal.exists() and journal.read_text().count("\n") > 10):
        assert process.stderr.read(1), "ended too early"
    assert len(session(process.pid)) > 3
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    assert session(process.pid) == set()
    assert "dual-guided" in out
    last = err.replace("\r", "\n").splitlines()[-1]
    assert last.endswith(f"--resume goes on with {path}")
    assert "Traceback" not in err
    assert not journal.exists()


@pytest.mark.parametrize("address", ["", "nowhere", "host:port", "ray://host:10001", "//host:10001"])
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(BadInput, match=r"expected ray:HOST:PORT or ray:auto$"):
        make_executor(f"ray:{address}")


def test_an_address_where_nobody_answers_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match=rf"^ray:127.0.0.1:{port}: no cluster answers there \(connection refused\)$"):
            make_executor(f"ray:127.0.0.1:{port}")


def test_an_address_where_something_else_answers_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(BadInput, match=rf"^ray:127.0.0.1:{port}: no cluster answers there \(timed out\)$"):
            make_executor(f"ray:127.0.0.1:{port}")


@pytest.mark.parametrize("spec", ["ray", "ray:auto"])
def test_an_address_that_ray_finds_is_tried_as_well(spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        found = f"127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("RAY_ADDRESS", found)
        with pytest.raises(BadInput, match=rf"^{spec}: no cluster answers at {found} \(connection refused\)$"):
            make_executor(spec)
    monkeypatch.setenv("RAY_ADDRESS", "ray://head:10001")
    with pytest.raises(BadInput, match=rf"^{spec}: expected HOST:PORT as RAY_ADDRESS, got 'ray://head:10001'$"):
        make_executor(spec)


def resident_megabytes() -> float:
    """The memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def session(number: int) -> set[int]:
    """The processes of a session, but for those that have ended and are not asked for."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(of) == number and state != "Z":
            found.add(int(path.parent.name))
    return found
