from __future__ import annotations

import json
from pathlib import Path

import pytest

from experiments.leaderboard.board import Board
from experiments.leaderboard.main import main

PAGE = """# Board

<!-- table: leaderboard/standings -->
<!-- end -->

<!-- table: leaderboard/records -->
<!-- end -->
"""


@pytest.fixture
def entry(tmp_path: Path) -> Path:
    """An entry for one suite."""
    path = tmp_path / "entry.json"
    words = ["make", "clique-cover", "--name", "cover", "--suites", "odd-cycles", "--steps", "30", "--out", str(path)]
    assert main(words) == 0
    return path


@pytest.fixture
def places(tmp_path: Path) -> list[str]:
    """Options that name the file and the page."""
    (tmp_path / "board.md").write_text(PAGE)
    return ["--board", str(tmp_path / "board.json"), "--page", str(tmp_path / "board.md")]


def test_an_entry_is_made_checked_and_added(
    entry: Path, places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(entry)]) == 0
    printed = capsys.readouterr().out
    assert "9 certificates, all valid and of the suites' problems" in printed
    score = printed.splitlines()[-1]
    assert score.startswith("score 0.1")
    assert "(graphs 0.000, odd-cycles 0." in score
    assert main(["add", str(entry), *places]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"{entry}: accepted as cover, place 1 of 1 in {tmp_path / 'board.md'}")
    assert printed.splitlines()[-1] == score
    page = (tmp_path / "board.md").read_text()
    assert "| cover | **0." in page
    assert "| odd-cycles | `cycle:n=5` | 5 | 2 | 3 | 0.666 |" in page
    assert next(found.command for found in Board.load(tmp_path / "board.json").entries).startswith(
        "polyproof leaderboard make clique-cover --name cover --suites odd-cycles"
    )


def test_a_forged_certificate_changes_nothing(
    entry: Path, places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = json.loads(entry.read_text())
    content["certificates"][2]["bound"] = "1"
    entry.write_text(json.dumps(content))
    capsys.readouterr()
    for words in (["check", str(entry)], ["add", str(entry), *places]):
        assert main(words) == 1
        printed = capsys.readouterr()
        assert (printed.out, printed.err.count("\n")) == ("", 1)
        assert "certificate 3: rejected" in printed.err
    assert not (tmp_path / "board.json").exists()
    assert (tmp_path / "board.md").read_text() == PAGE


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["chek", "x"], "unknown task 'chek', did you mean 'check'?"),
        (["check", "nowhere.json"], "nowhere.json: expected a file that can be read"),
        (["make", "nobody", "--out", "x.json"], "unknown agent 'nobody'"),
        (["make", "bfs", "--suites", "cycles", "--out", "x.json"], "did you mean 'odd-cycles'?"),
        (["add", "nowhere.json"], "nowhere.json: expected a file that can be read"),
    ],
)
def test_bad_arguments(
    words: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err.splitlines()[-1]
    assert not list(tmp_path.iterdir())
