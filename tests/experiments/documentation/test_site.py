from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from experiments.documentation.main import main
from experiments.documentation.site import RESULTS, Site
from polyproof_gym import BadInput
from tests.experiments.cases.test_main import case, write_cases

PAGE = """# Page

It takes 4.5 seconds with one
egg.

<!-- table: eggs/times -->

| eggs | seconds |
| --- | --- |
| 1 | 4.5 |
| 2 | 9 |

<!-- end -->
"""

EGGS: dict[str, Any] = {
    "kind": "cells",
    "commands": ["make test"],
    "origin": {"date": "2026-01-01"},
    "tables": {},
    "quotations": [
        {"page": "docs/page.md", "text": "{0} seconds with one egg", "cells": [["times", "1", "seconds"]]},
    ],
    "data": {"times": [["eggs", "seconds"], [1, 4.5], [2, 9]]},
}

PROOFS: dict[str, Any] = {
    "kind": "proofs",
    "commands": ["polyproof prove cycle:n=5 --agent dual-guided", "polyproof prove cycle:n=7 --agent dual-guided"],
    "origin": {},
    "tables": {
        "bounds": {
            "columns": {"problem": "`{problem}`", "bound": "{exact_bound:exact}", "squares": "{derived_by[squares]}"},
            "rows": [
                {"item": 0},
                {"item": 1, "cells": {"squares": "{first[exact_bound]} {word}"}, "beside": {"first": 0}, "word": "x"},
            ],
        }
    },
    "data": [],
}


def write(root: Path, name: str, content: Any) -> None:
    (root / RESULTS).mkdir(parents=True, exist_ok=True)
    (root / RESULTS / f"{name}.json").write_text(json.dumps(content))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a page that agrees with its results."""
    write(tmp_path, "eggs", EGGS)
    (tmp_path / "docs" / "page.md").write_text(PAGE)
    (tmp_path / "README.md").write_text("# Read me\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_site_that_agrees(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert main(["tables"]) == 0
    assert capsys.readouterr() == ("", "")
    assert (root / "docs" / "page.md").read_text() == PAGE


def test_every_disagreement_has_a_line(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = {"times": [["eggs", "seconds"], [1, 5], [2, 9]], "more": [["a"], ["b"]]}
    write(root, "eggs", {**EGGS, "data": data})
    (root / "README.md").write_text("<!-- table: eggs/none -->\n<!-- end -->\n")
    assert main(["check"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "README.md: there are no results for the table eggs/none",
        "docs/page.md: the table eggs/times is not that of its results; make tables writes it",
        "docs/page.md: expected the words '5 seconds with one egg', as docs/results/eggs.json has it",
        "docs/results/eggs.json: no page shows eggs/more",
    ]


def test_every_table_ends(root: Path) -> None:
    (root / "README.md").write_text("<!-- table: eggs/times -->\n")
    assert Site(root).disagreements() == [
        "README.md: expected one line '<!-- end -->' after every line '<!-- table: ... -->'"
    ]


def test_tables_are_written_and_prose_stays(root: Path) -> None:
    page = root / "docs" / "page.md"
    page.write_text(PAGE.replace("| 2 | 9 |", "| 2 | 8 |"))
    assert main(["tables"]) == 0
    assert page.read_text() == PAGE


def test_commands_are_measured_again(root: Path) -> None:
    write(root, "proofs", PROOFS)
    (root / "README.md").write_text("<!-- table: proofs/bounds -->\n<!-- end -->\n")
    assert main(["measure", "proofs"]) == 0
    assert "| `cycle:n=5` | 2 | 0 |\n| `cycle:n=7` | 3 | 2 x |" in (root / "README.md").read_text()
    kept = json.loads((root / RESULTS / "proofs.json").read_text())
    assert [proof["status"] for proof in kept["data"]] == ["optimal", "optimal"]
    assert kept["origin"]["machine"]["cores"] >= 1
    assert main(["measure", "proofs", "--only", "1"]) == 0
    assert main(["check"]) == 0


def test_a_file_of_ones_own_stands_for_a_word_of_the_commands(root: Path) -> None:
    file = write_cases(root, [case("inside", "x^2 + (y - 1/3)^2", 0)])
    view = {"columns": {"bound": "{bound:figure}"}, "rows": [{"item": [0, "cases", "inside"]}]}
    command = "python -m experiments.cases FILE --agent squares"
    content = {"kind": "proofs", "commands": [command], "origin": {}, "tables": {"bounds": view}, "data": []}
    write(root, "own", content)
    (root / "README.md").write_text("<!-- table: own/bounds -->\n<!-- end -->\n")
    assert main(["measure", "own", "--file", f"FILE={file}"]) == 0
    assert "| bound |\n| --- |\n| 0 |" in (root / "README.md").read_text()
    assert str(root) not in (root / RESULTS / "own.json").read_text()


def test_what_a_program_has_written_is_taken(root: Path) -> None:
    view = {"value": "bound", "first": "agent", "columns": {"n = 8": 8}, "rows": {"BFS": ["bfs"], "optimum": []}}
    command = "python -m experiments.evaluate --n 8 --graphs 1 --steps 5 --agents bfs"
    write(
        root,
        "graphs",
        {"kind": "evaluation", "commands": [command], "origin": {}, "tables": {"bounds": view}, "data": []},
    )
    row = {"agent": "bfs", "n": 8, "graphs": 1, "alpha": 2.0, "minus": {}, "milliseconds": 1.0, "curve": None}
    estimate = {"value": 3.25, "low": 3.0, "high": 3.5}
    summary = {"rows": [{**row, "bound": estimate, "ratio": estimate}], "machine": {"cores": 7}, "date": "today"}
    (root / "run.json").write_text(json.dumps({"summary": summary}))
    (root / "README.md").write_text("<!-- table: graphs/bounds -->\n<!-- end -->\n")
    assert main(["take", "graphs", "run.json"]) == 0
    assert "| BFS | 3.25 [3.00, 3.50] |\n| optimum | 2.00 |" in (root / "README.md").read_text()
    assert Site(root).result("graphs").origin == {"machine": {"cores": 7}, "date": "today"}


ABLATION: dict[str, Any] = {
    "kind": "ablation",
    "commands": ["python -m experiments.ablation"],
    "commit": "e937767",
    "origin": {},
    "tables": {
        "arms": {"columns": {"arm": "{name}", "bound": "{bound[value]:.2f}"}, "rows": [{"item": 1}, {"item": 0}]}
    },
    "data": [],
}


def test_commands_of_former_commits_are_not_run_but_taken(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, "arms", ABLATION)
    with pytest.raises(SystemExit) as end:
        main(["measure", "arms"])
    assert end.value.code == 2
    assert "arms: its commands are those of commit e937767; take keeps what they write" in capsys.readouterr().err
    rows = [{"name": name, "bound": {"value": value}, "minus": None} for name, value in (("bfs", 2.0), ("ppo", 1.5))]
    (root / "run.json").write_text(json.dumps({"rows": rows, "results": []}))
    (root / "README.md").write_text("<!-- table: arms/arms -->\n<!-- end -->\n")
    assert main(["take", "arms", "run.json"]) == 0
    assert "| ppo | 1.50 |\n| bfs | 2.00 |" in (root / "README.md").read_text()
    kept = Site(root).result("arms")
    assert (kept.commit, [row["name"] for row in kept.data]) == ("e937767", ["bfs", "ppo"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["measure", "eggs"], "eggs: its commands write docs/results/eggs.json themselves"),
        (["measure", "eggs", "--file", "FILE=nowhere"], "expected WORD=PATH, with the path of a file"),
        (["measure", "hens"], "expected one of eggs, got 'hens'"),
        (["take", "eggs", "nowhere.json"], "nowhere.json: cannot be read"),
        (["chek"], "did you mean 'check'?"),
    ],
)
def test_bad_arguments(root: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "eggs.json: expected results of the documentation"),
        ({**EGGS, "kind": "eggs"}, "expected a kind of cells"),
        ({**EGGS, "colour": "white"}, "eggs.json: expected results of the documentation"),
        ({**EGGS, "data": 3}, "eggs.json: its tables cannot be made"),
        (
            {**EGGS, "quotations": [{"page": "docs/page.md", "text": "{0}", "cells": [["times", "3", "seconds"]]}]},
            "expected a row '3' and a column 'seconds' in the table eggs/times",
        ),
    ],
)
def test_files_that_are_no_results(root: Path, content: Any, message: str) -> None:
    write(root, "eggs", content)
    with pytest.raises(BadInput, match=message):
        Site(root).disagreements()
