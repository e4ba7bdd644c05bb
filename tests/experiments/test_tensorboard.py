from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2

from agents import prove
from experiments.case_picture import picture_of_cases
from experiments.tensorboard import FIGURES, MAX_CHARACTERS, as_code, log_trial, picture_of, share_closed
from experiments.trials import Attempts, Task
from polyproof_gym import ProofTree, load_proof

TAGS = {"proof/bound", "proof/gap_closed", "proof/lp_columns", "proof/derivations", "time/seconds", "time/ms_per_step"}


def logged(task: Task, folder: Path) -> Any:
    """What TensorBoard reads of the run of a task."""
    trial, files = Attempts({}, keeps_proofs=True)(task)
    for place, text in files.items():
        file = folder / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    problem = task.make_problem()
    best = None if problem.incumbent is None else float(problem.incumbent)
    log_trial(task.run_folder(folder), trial, problem, best, load_proof(task.proof_file(folder)))
    accumulator = EventAccumulator(str(task.run_folder(folder)))
    accumulator.Reload()
    return accumulator


@pytest.mark.parametrize("problem", ["cycle:n=5", "caprasse"])
@pytest.mark.parametrize("agent", ["dual-guided", "static-sherali-adams:level=2", "squares"])
def test_all_agents_and_problems_have_the_same_tags(problem: str, agent: str, tmp_path: Path) -> None:
    run = logged(Task(problem, agent, 12, 0), tmp_path)
    assert set(run.Tags()["scalars"]) == TAGS
    assert run.Tags()["images"] == ["proof/picture"]
    assert run.Tags()["tensors"] == ["proof/text/text_summary"]


def test_curves_are_those_of_the_search(tmp_path: Path) -> None:
    run = logged(Task("cycle:n=5", "dual-guided", 20, 0), tmp_path)
    bounds = [event.value for event in run.Scalars("proof/bound")]
    shares = [event.value for event in run.Scalars("proof/gap_closed")]
    assert (bounds[0], bounds[-1]) == (5.0, pytest.approx(2.0))
    assert (shares[0], shares[-1]) == (0.0, pytest.approx(1.0))
    assert shares == pytest.approx([(5 - bound) / 3 for bound in bounds])
    assert run.Scalars("time/seconds")[0].step == len(bounds) - 1


def test_static_systems_are_lines_across_the_budget(tmp_path: Path) -> None:
    run = logged(Task("petersen", "static-sherali-adams:level=2", 30, 0), tmp_path)
    assert [(event.step, event.value) for event in run.Scalars("proof/bound")] == [(0, 5.0), (30, 5.0)]


def test_a_run_has_one_row_of_settings_and_figures(tmp_path: Path) -> None:
    run = logged(Task("petersen", "bfs", 9, 4), tmp_path)
    content = run.summary_metadata
    start = plugin_data_pb2.HParamsPluginData.FromString(
        content["_hparams_/session_start_info"].plugin_data.content
    ).session_start_info.hparams
    assert {name: start[name].string_value for name in start if name != "variables"} == {
        "problem": "petersen",
        "agent": "bfs",
        "rules": "products",
        "steps": "9",
        "seed": "4",
    }
    assert start["variables"].number_value == 10
    experiment = plugin_data_pb2.HParamsPluginData.FromString(
        content["_hparams_/experiment"].plugin_data.content
    ).experiment
    assert tuple(metric.name.tag for metric in experiment.metric_infos) == FIGURES


def test_a_run_replaces_the_former_one(tmp_path: Path) -> None:
    for _ in range(2):
        run = logged(Task("cycle:n=5", "bfs", 5, 0), tmp_path)
    assert len(run.Scalars("proof/bound")) == 6
    assert len(list(tmp_path.rglob("events.out.tfevents.*"))) == 1


def test_the_share_of_the_gap_that_is_closed() -> None:
    assert share_closed(4.0, 10.0, 4.0) == 1.0
    assert share_closed(10.0, 10.0, 4.0) == 0.0
    assert share_closed(-2.0, -4.0, 0.0) == 0.5
    assert share_closed(3.0, 3.0, 3.0) == 1.0


def test_proofs_have_the_picture_of_the_environment_and_proofs_by_cases_one_of_their_tree(tmp_path: Path) -> None:
    picture = picture_of(prove("petersen", "dual-guided", max_steps=5))
    assert picture is not None
    assert picture.dtype == np.uint8
    assert picture.shape == (400, 1000, 3)
    by_cases = prove("cycle:n=9", "branch")
    assert isinstance(by_cases, ProofTree)
    drawn = picture_of(by_cases)
    assert drawn is not None
    assert np.array_equal(drawn, picture_of_cases(by_cases))
    run = logged(Task("cycle:n=9", "branch", 12, 0), tmp_path)
    assert run.Tags()["images"] == ["proof/picture"]
    assert (run.Images("proof/picture")[0].height, run.Images("proof/picture")[0].width) == drawn.shape[:2]


def test_very_long_proofs_have_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("experiments.tensorboard.MAX_CASES", 1)
    monkeypatch.setattr("experiments.tensorboard.MAX_DERIVATIONS", 1)
    assert picture_of(prove("cycle:n=9", "branch")) is None
    assert picture_of(prove("petersen", "dual-guided", max_steps=5)) is None


def test_long_texts_are_cut() -> None:
    assert as_code("a *b*\n\nc") == "    a *b*\n    \n    c"
    assert len(as_code("x" * (2 * MAX_CHARACTERS))) < MAX_CHARACTERS + 100
