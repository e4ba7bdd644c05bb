from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents import AGENTS
from experiments.evaluate.main import main


def arguments(folder: Path, *further: str) -> list[str]:
    return ["--n", "6", "8", "--graphs", "3", "--steps", "12", "--logdir", str(folder / "logs"), *further]


def test_table_file_picture_and_logs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, picture = tmp_path / "out.json", tmp_path / "new" / "curves.png"
    agents = ["--agents", "bfs", "static-sherali-adams:level=2", "dual-guided"]
    options = [*agents, "--against", "dual-guided", "bfs", "--shrink", "--json", str(out), "--curves", str(picture)]
    assert main(arguments(tmp_path, *options)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("alpha: ")
    assert lines[2].index("minus dual-guided") < lines[2].index("minus bfs")
    assert [line.split(" | ")[0] for line in lines[4:]] == [f"| {agent}" for agent in agents[1:]] * 2
    content = json.loads(out.read_text())
    assert len(content["trials"]) == 18
    rows = {(row["agent"], row["n"]): row for row in content["summary"]["rows"]}
    mine, other = rows["dual-guided", 8], rows["bfs", 8]
    assert mine["minus"]["bfs"]["value"] == pytest.approx(mine["ratio"]["value"] - other["ratio"]["value"])
    assert mine["minus"]["bfs"]["value"] < 0
    assert len(mine["curve"]) == 13
    assert set(content["summary"]["alphas"].values()) <= set(range(1, 9))
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert len(list((tmp_path / "logs").rglob("events.out.tfevents.*"))) == 6


def test_an_evaluation_goes_on_with_more_graphs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.json"
    options = arguments(tmp_path, "--agents", "bfs", "random", "--json", str(out))
    assert main([*options, "--graphs", "2"]) == 0
    before = json.loads(out.read_text())["trials"]
    assert main([*options, "--processes", "2", "--resume"]) == 0
    resumed = capsys.readouterr().out.splitlines()[-6:]
    after = json.loads(out.read_text())["trials"]
    assert len(after) == 12
    assert all(trial in after for trial in before)
    out.unlink()
    assert main(options) == 0
    at_once = capsys.readouterr().out.splitlines()[-6:]
    assert [line.split("|")[:-2] for line in resumed] == [line.split("|")[:-2] for line in at_once]  # without times


def test_other_graphs_than_the_first(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    options = arguments(tmp_path, "--agents", "bfs", "--first", "5000", "--json", str(out))
    assert main(options) == 0
    problems = {trial["task"]["problem"] for trial in json.loads(out.read_text())["trials"]}
    assert problems == {f"random-stable-set:n={n},index={5000 + k}" for n in (6, 8) for k in range(3)}


def test_training_seeds_are_one_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(AGENTS, "net-seed0", AGENTS["bfs"])
    monkeypatch.setitem(AGENTS, "net-seed1", AGENTS["dual-guided"])
    out = tmp_path / "out.json"
    agents = ["--agents", "net-seed0", "bfs", "net-seed1", "dual-guided"]
    assert main(arguments(tmp_path, *agents, "--against", "net", "--json", str(out))) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[0] for line in lines[4:7]] == ["| net (2 seeds)", "| bfs", "| dual-guided"]
    assert "minus net (2 seeds)" in lines[2]
    both, first, second = json.loads(out.read_text())["summary"]["rows"][:3]
    assert both["seed_means"] == [first["bound"]["value"], second["bound"]["value"]]
    assert both["bound"]["low"] < both["bound"]["value"] < both["bound"]["high"]


def test_rules_are_those_of_the_option(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    assert main(arguments(tmp_path, "--agents", "bfs", "--rules", "products,squares:slots=4", "--json", str(out))) == 0
    content = json.loads(out.read_text())
    assert content["settings"]["rules"] == "products,squares:slots=4"
    assert {trial["task"]["rules"] for trial in content["trials"]} == {"products,squares:slots=4"}


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (["--graphs", "0"], "at least 1"),
        (["--seed", "-1"], "expected a seed from 0"),
        (["--first", "-1"], "--first: expected a whole number"),
        (["--processes", "0"], "at least 1"),
        (["--agents", "nobody"], "unknown agent"),
        (["--agents", "static-sherali-adams:level=101"], "expected at most"),
        (["--agents", "bfs", "--against", "random"], "expected random among the agents"),
        (["--curves", "curves.txt"], "expected a file that ends in"),
        (["--resume"], "expected --json FILE"),
        (["--rules", "square"], "--rules: unknown rule 'square', did you mean 'squares'?"),
    ],
)
def test_bad_arguments(bad: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments(tmp_path, *bad))
    assert caught.value.code == 2
    captured = capsys.readouterr()
    assert message in captured.err.splitlines()[-1]
    assert not captured.out
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.json"
    out.write_text("dear")
    with pytest.raises(SystemExit):
        main(arguments(tmp_path, "--json", str(out)))
    assert "there is a file already" in capsys.readouterr().err
    assert out.read_text() == "dear"
