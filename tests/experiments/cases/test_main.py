from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from experiments.cases.main import main


def case(name: str, objective: str, optimum: float, **more: Any) -> dict[str, Any]:
    content = {"sense": "min", "variables": ["x", "y"], "box": [["-1", "1"]] * 2, "constraints": [], "boolean": []}
    return {**content, "name": name, "objective": objective, "optimum": optimum, **more}


def write_cases(folder: Path, cases: list[dict[str, Any]]) -> Path:
    """A file of cases in a folder."""
    file = folder / "cases.json"
    file.write_text(json.dumps(cases))
    return file


def test_every_case_has_a_line_and_the_last_one_sums_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_cases(
        tmp_path,
        [
            case("inside", "x^2 + (y - 1/3)^2", 0),
            case("constrained", "x + y", 1, constraints=["x + y >= 1"]),
            case("rational", "1/x", 0),
            case("boolean", "x*y - x - y", -1, boolean=["x", "y"], box=[]),
        ],
    )
    assert main([str(file), "--json", str(tmp_path / "run.json")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:-1]] == ["inside", "constrained", "rational", "boolean"]
    assert "refused" in lines[2]
    assert lines[-1] == "3 of 3 within 0.0001, 0 past the optimum"
    run = json.loads((tmp_path / "run.json").read_text())
    assert run["totals"] == {"accepted": 3, "within": 3, "optimal": 3, "past": 0}
    assert [(row["name"], row["bound"], row["status"]) for row in run["rows"]] == [
        ("inside", 0, "optimal"),
        ("constrained", 1, "optimal"),
        ("rational", None, ""),
        ("boolean", -1, "optimal"),
    ]
    assert run["rows"][2]["note"]


def test_a_bound_past_the_optimum_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_cases(tmp_path, [case("wrong", "x^2 + y^2", -1), case("left-out", "x", -1)])
    assert main([str(file), "--only", "wrong", "--agent", "squares:seconds=5"]) == 1
    assert capsys.readouterr().out.endswith("1 of 1 within 0.0001, 1 past the optimum\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file"),
        ("[1]", "expected a JSON list of problems"),
        ("[]", "expected a case with the name 'one'"),
    ],
)
def test_files_that_have_no_such_cases(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, message: str
) -> None:
    file = tmp_path / "cases.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(SystemExit) as end:
        main([str(file), "--only", "one"])
    assert end.value.code == 2
    assert message in capsys.readouterr().err.splitlines()[-1]
