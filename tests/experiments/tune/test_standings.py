from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from experiments.tune.standings import RECORD, TABLE, Standings
from polyproof_gym import BadInput

DESCRIPTION: dict[str, Any] = {"config": {"algorithm": "ars"}, "seed": 1, "versions": {}, "command": "tune --now"}
VALUES = [{"settings.n_delta": number} for number in (2, 4, 8)]


def standings(folder: Path, **changes: Any) -> Standings:
    """Those of three trials."""
    made = Standings(folder, {**DESCRIPTION, **changes}, "updates", VALUES)
    return made


def agent(name: str, number: int) -> dict[str, bytes]:
    return dict.fromkeys(("weights.npz", "agent.json"), f"{name} of trial {number}".encode())


def row(updates: int, figure: float) -> dict[str, float]:
    return {"updates": updates, "held_out_return": figure, "held_out_bound": 4.0, "seconds": 2.0}


def test_the_agent_of_the_best_figures_is_kept(tmp_path: Path) -> None:
    made = standings(tmp_path)
    assert made.best() is None
    for number, updates, figure in [(1, 1, 0.5), (0, 1, 0.25), (0, 2, 0.75), (0, 3, 0.5), (1, 2, 0.75)]:
        made.note(number, row(updates, figure), agent(f"{figure}", number))
    assert made.best() == 0
    for name in ("weights.npz", "agent.json"):
        assert (tmp_path / name).read_text() == "0.75 of trial 0"
    assert json.loads((tmp_path / RECORD).read_text())["best"] == 0


def test_the_table_has_the_best_first(tmp_path: Path) -> None:
    made = standings(tmp_path)
    made.note(0, row(2, 0.5), agent("untrained", 0))
    made.note(1, row(2, 0.75), agent("untrained", 1))
    made.note(1, row(3, 0.25), agent("untrained", 1))
    made.end(0, 3)
    made.end(1, 3)
    assert made.table().splitlines() == [
        "| trial | settings.n_delta | updates | held-out return | held-out bound | at | seconds | status |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        "| 1 | 4 | 3 | 0.75 | 4 | 2 | 2 | finished |",
        "| 0 | 2 | 2 | 0.5 | 4 | 2 | 2 | stopped |",
        "| 2 | 8 | 0 |  |  |  |  | waiting |",
    ]
    assert (tmp_path / TABLE).read_text() == f"{made.table()}\nMade by `tune --now`.\n"
    made.end(2, 3, "there was no room")
    assert "| 2 | 8 | 0 |  |  |  |  | failed: there was no room |" in made.table().splitlines()


def test_a_search_goes_on_where_it_was(tmp_path: Path) -> None:
    made = standings(tmp_path)
    made.note(0, row(1, 0.5), agent("untrained", 0))
    made.note(1, row(1, 0.25), agent("untrained", 1))
    made.end(1, 3)
    again = standings(tmp_path)
    assert again.is_begun
    again.resume()
    assert again.trials == made.trials
    assert [again.is_stopped(number) for number in range(3)] == [False, True, False]
    again.note(0, row(1, 0.5), agent("later", 0))  # which is told again
    assert (tmp_path / "agent.json").read_text() == "untrained of trial 0"


def test_another_search_is_not_mixed_up(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nothing to resume there"):
        standings(tmp_path).resume()
    standings(tmp_path).write()
    for changes in ({"seed": 2}, {"config": {"algorithm": "cma-es"}}):
        with pytest.raises(BadInput, match="expected a search of the same configuration and seed to resume"):
            standings(tmp_path, **changes).resume()
    with pytest.raises(BadInput, match="expected at least 3 samples"):
        Standings(tmp_path, DESCRIPTION, "updates", VALUES[:2]).resume()
    for text in ("", "[]", '{"config": {}, "seed": 1}', '{"config": {}, "seed": 1, "trials": [3]}'):
        (tmp_path / RECORD).write_text(text)
        with pytest.raises(BadInput, match="expected the record of a search, as JSON"):
            standings(tmp_path).resume()
