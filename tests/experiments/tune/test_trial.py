from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from experiments.train.training import make_training
from experiments.tune.trial import FAILURE, METRIC, Row, known_rows, rows_of
from tests.experiments.train.small import rows as all_rows
from tests.experiments.train.small import train
from tests.experiments.tune.small import CONTENT, trial


def timeless(rows: list[Row]) -> list[Row]:
    return [{**row, "seconds": 0} for row in rows]


def test_a_trial_is_a_training_like_any_other(tmp_path: Path) -> None:
    told = list(rows_of(trial(tmp_path / "trial")))
    assert [(row["updates"], is_last) for row, is_last in told] == [(1, False), (2, False), (3, True)]
    (tmp_path / "config.yaml").write_text(json.dumps(CONTENT))
    assert train(tmp_path / "config.yaml", tmp_path / "training") == 0
    for name in ("weights.npz", "held_out.json"):
        theirs, ours = ((tmp_path / folder / name).read_bytes() for folder in ("training", "trial"))
        if name == "held_out.json":
            theirs, ours = (json.dumps(json.loads(text)["problems"]).encode() for text in (theirs, ours))
        assert theirs == ours
    assert timeless([row for row, _ in told]) == timeless(all_rows(tmp_path / "training"))
    records = [json.loads((tmp_path / folder / "run.json").read_text()) for folder in ("training", "trial")]
    assert [record["config"] for record in records] == [{"algorithm": "cma-es", **make_training(CONTENT, 0).config}] * 2


def test_a_trial_waits_for_leave_and_goes_on_later_as_if_it_had_not_been_stopped(tmp_path: Path) -> None:
    whole, cut = trial(tmp_path / "whole"), trial(tmp_path / "cut")
    list(rows_of(whole))
    running = rows_of(cut)
    assert next(running)[0]["updates"] == 1
    running.close()
    assert [row["updates"] for row in known_rows(tmp_path / "cut", "updates")] == [1]
    assert [path.name for path in (tmp_path / "cut").glob("checkpoint-*")] == ["checkpoint-1"]
    told = [row for row, _ in rows_of(cut)]
    assert [row["updates"] for row in told] == [1, 2, 3]
    assert timeless(told) == timeless(known_rows(tmp_path / "whole", "updates"))
    assert (tmp_path / "cut" / "weights.npz").read_bytes() == (tmp_path / "whole" / "weights.npz").read_bytes()


def test_what_is_stopped_for_good_is_only_told_again(tmp_path: Path) -> None:
    running = rows_of(trial(tmp_path / "trial"))
    told = [next(running)[0], next(running)[0]]
    running.close()
    again = list(rows_of(trial(tmp_path / "trial", is_stopped=True)))
    assert again == [(told[0], False), (told[1], True)]
    assert METRIC in told[0]


def test_a_trial_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    ((row, is_last),) = rows_of(trial(tmp_path / "trial", settings={"population": 5}))
    assert is_last
    assert row == {FAILURE: "settings: expected an even number of at least 4 as population"}


def test_a_trial_whose_process_dies_says_so(tmp_path: Path) -> None:
    running = rows_of(trial(tmp_path / "trial"))
    next(running)
    for process in _children():
        os.kill(process, signal.SIGKILL)
    assert next(running) == ({FAILURE: "killed by SIGKILL"}, True)
    assert [row["updates"] for row, _ in rows_of(trial(tmp_path / "trial"))] == [1, 2, 3]


def _children() -> list[int]:
    """The processes of trials that this process has started."""
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    numbers = [int(number) for task in tasks for number in task.read_text().split()]
    return [number for number in numbers if b"experiments.tune.trial" in Path(f"/proc/{number}/cmdline").read_bytes()]
