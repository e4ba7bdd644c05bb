from __future__ import annotations

from pathlib import Path

import pytest

from experiments.documentation import commands
from polyproof_gym import BadInput


@pytest.mark.parametrize(
    "command",
    [
        "polyproof prove --poly 'x^2 - x' --box x=-1..1 --agent squares",
        "polyproof evaluate --graphs 3 --n 10",
        "python -m experiments.benchmark --only steps --quick",
        "python -m experiments.cases FILE --agent auto",
        "polyproof prove examples/meetings.col --out proof.json && polyproof verify proof.json",
    ],
)
def test_commands_that_there_are(command: str) -> None:
    commands.check(command)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("polyproof prove petersen --agnet bfs", "unknown option '--agnet'"),
        ("polyproof evaluate --graphs none", "expected a whole number"),
        ("python -m experiments.benchmark --only stepps", "stepps"),
        ("python -m experiments.nothing", "expected polyproof, make, or python -m with one of"),
        ("prove petersen", "expected polyproof, make, or python -m with one of"),
        ("polyproof doctor && polyproof nonsense", "nonsense"),
        ("make nonsense", "expected a target of the Makefile"),
    ],
)
def test_commands_that_there_are_not(command: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        commands.check(command)


def test_what_is_proved_comes_with_its_file_and_its_check(tmp_path: Path) -> None:
    found = commands.proved("polyproof prove cycle:n=5 --agent dual-guided", tmp_path / "proof.json")
    assert (found["exact_bound"], found["bytes"]) == ("2", (tmp_path / "proof.json").stat().st_size)
    assert found["lines"] > found["proof_steps"] > 0
    assert found["check"] > 0
    assert found["work"] > found["lines"]
    assert commands.made("polyproof prove cycle:n=5 --agent dual-guided", tmp_path / "p.json")["exact_bound"] == "2"


def test_words_stand_for_files() -> None:
    command = 'python -m experiments.cases FILE --agent "squares" --only FILES'
    assert commands.with_files(command, {}) == command
    assert commands.with_files(command, {"FILE": "a b.json"}) == (
        "python -m experiments.cases 'a b.json' --agent squares --only FILES"
    )


def test_a_run_leaves_its_results_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = commands.run("python -m experiments.evaluate --n 8 --graphs 1 --steps 5 --agents bfs", Path("run.json"))
    assert [row["agent"] for row in made["summary"]["rows"]] == ["bfs"]
    assert made["summary"]["command"].startswith("python -m experiments.evaluate --n 8")
    assert made["summary"]["machine"]["cores"] >= 1
