from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents import AGENTS
from agents.baselines import DualGuidedAgent
from agents.pretrained import pretrained_agents
from agents.registry import Entry
from experiments.executors import Processes
from experiments.result_file import Ending
from experiments.starting import INCOMPLETE
from experiments.trials import Task, Trial, TrialFile, agent_of, attempt
from polyproof_gym import BadInput
from tests.experiments.conftest import ROOT

TASK = Task("cycle:n=5", "dual-guided", 20, 0)
SETTINGS = {"experiment": "test", "steps": 20}


def without_times(trials: dict[Task, Trial]) -> list[Trial]:
    return [replace(trial, seconds=0.0) for trial in trials.values()]


def test_a_trial_says_what_was_proved() -> None:
    trial = attempt(TASK)
    assert trial.exact_bound == "2"
    assert trial.curve is not None
    assert trial.curve[0] == 5.0
    assert trial.curve[-1] == pytest.approx(trial.bound)
    assert len(trial.curve) == trial.steps + 1 < 21
    assert trial.columns == tuple(range(10, 11 + trial.steps))  # the ends of five intervals, and one more a step
    assert Trial.from_json(json.loads(trial.to_json())) == trial


def test_shortened_proofs_need_no_more_derivations() -> None:
    tasks = [Task(f"random-stable-set:n=12,index={index}", "dual-guided", 60, index) for index in range(3)]
    plain, short = ([attempt(replace(task, shrinking=shrinking)) for task in tasks] for shrinking in (False, True))
    assert [trial.exact_bound for trial in plain] == [trial.exact_bound for trial in short]
    assert sum(trial.derivations for trial in short) < sum(trial.derivations for trial in plain)


def test_a_relabelled_problem_has_the_same_optimum() -> None:
    trials = [attempt(replace(TASK, relabelling=seed)) for seed in (0, 1)]
    assert [trial.exact_bound for trial in trials] == ["2", "2"]


def test_a_static_system_has_no_curve() -> None:
    trial = attempt(Task("petersen", "static-sherali-adams:level=2", 10, 0))
    assert (trial.exact_bound, trial.curve) == ("5", None)


def test_agents_work_with_the_rules_of_a_task() -> None:
    bounds = [attempt(replace(TASK, problem="magnetism", rules=rules)).bound for rules in ("products", "squares")]
    assert bounds[0] < -1 < bounds[1] <= -0.25


def test_agents_are_made_once() -> None:
    assert agent_of("bfs") is agent_of("bfs")


def test_a_file_goes_on_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "new" / "trials.json"
    first = TrialFile(path, SETTINGS, resume=False)
    other = replace(TASK, agent="bfs")
    assert first.complete([other], Processes()).is_complete
    before = first.trials[other]
    second = TrialFile(path, SETTINGS, resume=True)
    assert second.complete([TASK, other], Processes()).is_complete
    assert second.trials[other] == before
    second.write({"rows": [1]})
    content = json.loads(path.read_text())
    assert (content["settings"], content["summary"]) == (SETTINGS, {"rows": [1]})
    assert [entry["task"]["agent"] for entry in content["trials"]] == ["dual-guided", "bfs"]
    third = TrialFile(path, SETTINGS, resume=True)
    assert third.trials == second.trials
    assert third.complete([other], Processes()).is_complete  # what is not asked for any more is kept
    assert set(TrialFile(path, SETTINGS, resume=True).trials) == {TASK, other}


def test_the_number_of_processes_changes_nothing(tmp_path: Path) -> None:
    tasks = [Task(f"cycle:n={n}", agent, 10, 3) for n in (5, 6, 7) for agent in ("random", "bfs")]
    files = [TrialFile(tmp_path / f"{processes}.json", SETTINGS, False) for processes in (1, 3)]
    for processes, file in zip((1, 3), files, strict=True):
        assert file.complete(tasks, Processes(processes)).is_complete
    assert without_times(files[0].trials) == without_times(files[1].trials)


class Impatient(DualGuidedAgent):
    """Presses Ctrl-C in its third trial."""

    trials = 0

    def require(self, problem: Any) -> None:
        Impatient.trials += 1
        if Impatient.trials == 3:
            raise KeyboardInterrupt


@pytest.fixture
def impatient() -> Iterator[str]:
    AGENTS["impatient"] = Entry(Impatient, (), "presses Ctrl-C")
    yield "impatient"
    del AGENTS["impatient"]


def test_ctrl_c_keeps_what_is_finished(tmp_path: Path, impatient: str) -> None:
    path = tmp_path / "trials.json"
    tasks = [Task(f"cycle:n={n}", impatient, 5, 0) for n in (4, 5, 6, 7)]
    assert TrialFile(path, SETTINGS, resume=False).complete(tasks, Processes()) == Ending(True, {})
    again = TrialFile(path, SETTINGS, resume=True)
    assert list(again.trials) == tasks[:2]
    assert again.complete(tasks, Processes()).is_complete
    assert list(again.trials) == tasks


class Deadly(DualGuidedAgent):
    """Ends the process that it works in."""

    def require(self, problem: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def deadly() -> Iterator[str]:
    AGENTS["deadly"] = Entry(Deadly, (), "ends its process")
    agent_of.cache_clear()
    yield "deadly"
    AGENTS.pop("deadly", None)


def test_what_workers_die_of_is_missing_and_tried_again(
    tmp_path: Path, deadly: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trials.json"
    tasks = [Task(f"cycle:n={n}", agent, 5, 0) for n in (4, 5) for agent in (deadly, "bfs")]
    ending = TrialFile(path, SETTINGS, resume=False).complete(tasks, Processes(2))
    assert (ending.is_interrupted, ending.is_complete, set(ending.failures)) == (False, False, {tasks[0], tasks[2]})
    capsys.readouterr()
    assert ending.report("the table is of the others", path) == INCOMPLETE == 6
    assert capsys.readouterr().err == f"2 missing; the table is of the others; --resume goes on with {path}\n"
    again = TrialFile(path, SETTINGS, resume=True)
    assert set(again.trials) == {tasks[1], tasks[3]}
    AGENTS[deadly] = AGENTS["dual-guided"]
    assert again.complete(tasks, Processes(2)).is_complete
    assert list(again.trials) == tasks


def test_every_trial_that_is_finished_is_on_the_disk_at_once(tmp_path: Path) -> None:
    """As a process that is killed leaves it: the file as it was at first, and the journal."""
    path, journal = tmp_path / "trials.json", tmp_path / "trials.json.journal"
    tasks = [Task(f"cycle:n={n}", "bfs", 5, 0) for n in (4, 5, 6)]

    class Ended(Processes):
        """Leaves when two trials are finished, with what is on the disk then."""

        def outcomes(self, work: Any, items: Any) -> Any:
            for number, outcome in enumerate(super().outcomes(work, items)):
                if number == 2:
                    (tmp_path / "kept").mkdir()
                    for file in (path, journal):
                        shutil.copy(file, tmp_path / "kept")
                yield outcome

    assert TrialFile(path, SETTINGS, resume=False).complete(tasks, Ended()).is_complete
    assert not journal.exists()
    kept = tmp_path / "kept" / "trials.json"
    assert json.loads(kept.read_text())["trials"] == []
    with (tmp_path / "kept" / "trials.json.journal").open("a") as file:
        file.write('{"task": {"prob')  # a line that is not whole
    again = TrialFile(kept, SETTINGS, resume=True)
    assert list(again.trials) == tasks[:2]
    assert not (tmp_path / "kept" / "trials.json.journal").exists()
    assert [trial["task"]["problem"] for trial in json.loads(kept.read_text())["trials"]] == ["cycle:n=4", "cycle:n=5"]


def test_a_journal_of_others_is_left_out(tmp_path: Path) -> None:
    path, journal = tmp_path / "trials.json", tmp_path / "trials.json.journal"
    journal.write_text('{"experiment": "other"}\n{"task": 3}\n')
    assert TrialFile(path, SETTINGS, resume=True).trials == {}
    assert not journal.exists()
    journal.write_text(f'{json.dumps(SETTINGS)}\n{{"task": 3}}\n')
    with pytest.raises(BadInput, match=r"trials.json.journal: expected a file that this experiment has written"):
        TrialFile(path, SETTINGS, resume=True)


def test_a_saved_agent_is_what_it_was_when_the_work_was_begun(tmp_path: Path) -> None:
    folder = tmp_path / "agents"
    for name in ("learned", "learned-polynomials"):  # the one uses the other
        shutil.copytree(pretrained_agents()[name], folder / name)
    task = Task("caprasse", str(folder / "learned"), 6, 0)
    expected = attempt(task)
    work = TrialFile(None, {}, False).work([task])
    shutil.rmtree(folder)
    trial, files = pickle.loads(pickle.dumps(work))(task)
    assert replace(trial, seconds=0.0) == replace(expected, seconds=0.0)
    assert files == {}


WRITTEN = {"problem": "cycle:n=5", "agent": "bfs", "steps": 5, "seed": 0, "shrinking": False, "relabelling": None}


def _with_trial(**changes: Any) -> str:
    """A file with a trial that is as it should be but for some entries."""
    trial = {
        "task": WRITTEN,
        "exact_bound": "2",
        "curve": [2.5],
        "steps": 1,
        "derivations": 1,
        "seconds": 0.5,
        "columns": [9],
        **changes,
    }
    return json.dumps({"settings": SETTINGS, "summary": None, "trials": [trial]})


def test_a_file_that_is_as_it_should_be_is_read(tmp_path: Path) -> None:
    path = tmp_path / "trials.json"
    path.write_text(_with_trial())
    (trial,) = TrialFile(path, SETTINGS, resume=True).trials.values()
    assert (trial.bound, trial.curve) == (2.0, (2.5,))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "cannot be read"),
        ("[]", "expected a file that this experiment has written"),
        ('{"settings": {}, "summary": null, "trials": [{"task": {}}]}', "expected a file that this experiment"),
        ('{"settings": {"experiment": "test", "steps": 30}, "summary": null, "trials": []}', "found experiment=test"),
        ('{"settings": 3, "summary": null, "trials": []}', "expected a file that this experiment has written"),
        ("[" * 100_000, "cannot be read"),
        (_with_trial(exact_bound="1/0"), "expected a file that this experiment has written"),
        (_with_trial(exact_bound=3), "expected a file that this experiment has written"),
        (_with_trial(steps="many"), "expected a file that this experiment has written"),
        (_with_trial(seconds=None), "expected a file that this experiment has written"),
        (_with_trial(columns=[9, 10]), "expected a file that this experiment has written"),
        (_with_trial(columns=9), "expected a file that this experiment has written"),
        (_with_trial(curve=[1.0, "x"]), "expected a file that this experiment has written"),
        (_with_trial(task={**WRITTEN, "problem": ["cycle:n=5"]}), "expected a file that this experiment has written"),
        (_with_trial(task={**WRITTEN, "rules": ["products"]}), "expected a file that this experiment has written"),
        (_with_trial(task={**WRITTEN, "seed": 0.5}), "expected a file that this experiment has written"),
    ],
)
def test_other_files_are_refused_and_kept(content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(BadInput, match=message):
        TrialFile(path, SETTINGS, resume=True)
    with pytest.raises(BadInput, match="there is a file already"):
        TrialFile(path, SETTINGS, resume=False)
    assert path.read_text() == content


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="cannot be written"):
        TrialFile(tmp_path / "file" / "out.json", SETTINGS, resume=False)
    with pytest.raises(BadInput, match="cannot be read"):
        TrialFile(tmp_path, SETTINGS, resume=True)
    with pytest.raises(BadInput, match="expected --json"):
        TrialFile(None, SETTINGS, resume=True)


def test_problems_of_files_travel_without_their_files(tmp_path: Path) -> None:
    path = tmp_path / "mine.poly"
    path.write_text((ROOT / "examples" / "budget.poly").read_text())
    task = Task(str(path), "dual-guided", 5, 0)
    expected = attempt(task)
    sent = pickle.dumps(TrialFile(None, {}, resume=False).work([task]))
    path.unlink()
    made = pickle.loads(sent)(task)
    assert replace(made.result, seconds=0.0) == replace(expected, seconds=0.0)
