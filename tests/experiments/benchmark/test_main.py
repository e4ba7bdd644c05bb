from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from experiments.benchmark import main as benchmark
from experiments.benchmark.plot import PANELS
from experiments.benchmark.sections import SECTIONS
from experiments.documentation.result import Result
from experiments.sections import Section
from experiments.starting import INTERRUPTED
from tests.experiments.conftest import ROOT

RESULTS, PICTURE = ROOT / "docs" / "results" / "performance.json", ROOT / "docs" / "performance.png"


@pytest.fixture
def report() -> dict[str, Any]:
    """What the benchmark has written for the page."""
    kept: dict[str, Any] = Result.load(RESULTS).data
    return kept


@pytest.fixture
def report_file(report: dict[str, Any], workplace: Path) -> Path:
    """The same, as a file of the benchmark."""
    file = workplace / "report.json"
    file.write_text(json.dumps(report))
    return file


def run(*arguments: str | Path) -> int:
    return benchmark.main([str(argument) for argument in arguments])


def test_one_command_gives_json_tables_and_logs(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--quick", "--only", "memory", "--json", "out/results.json") == 0
    report = json.loads((workplace / "out" / "results.json").read_text())
    assert report["command"].startswith("python -m experiments.benchmark --quick --only memory")
    assert report["machine"]["cores"] >= 1
    assert list(report["sections"]) == ["memory"]
    assert list((workplace / "runs" / "benchmark").glob("events*"))
    out = capsys.readouterr().out
    assert all(table in out for table in benchmark.tables(report).values())


def test_tables_can_be_made_again_without_measuring(
    report: dict[str, Any], report_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(benchmark, "SECTIONS", tuple(Section(s.name, never, s.table) for s in SECTIONS))
    assert run("--from-json", report_file, "--plot", "picture.png") == 0
    out = capsys.readouterr().out
    assert all(table in out for table in benchmark.tables(report).values())
    assert (report_file.parent / "picture.png").read_bytes().startswith(b"\x89PNG")


def never(**_: Any) -> Any:
    raise AssertionError("nothing was to be measured")


def test_ctrl_c_keeps_what_is_finished(
    workplace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(**_: Any) -> Any:
        raise KeyboardInterrupt

    (memory,) = (section for section in SECTIONS if section.name == "memory")
    last = Section("reliability", interrupted)
    monkeypatch.setattr(benchmark, "SECTIONS", (memory, last))
    assert run("--quick", "--json", "results.json") == INTERRUPTED
    assert list(json.loads(Path("results.json").read_text())["sections"]) == ["memory"]
    assert "interrupted; finished: memory" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file"),
        ("{", "cannot be read"),
        ("[]", "expected a JSON file that the benchmark has written"),
        ('{"sections": {}}', "expected a JSON file that the benchmark has written"),
    ],
)
def test_files_that_are_no_results(
    workplace: Path, capsys: pytest.CaptureFixture[str], content: str | None, message: str
) -> None:
    if content is not None:
        Path("results.json").write_text(content)
    with pytest.raises(SystemExit) as end:
        run("--from-json", "results.json")
    assert end.value.code == 2
    assert message in capsys.readouterr().err.lower().replace("json file", "JSON file")


@pytest.mark.parametrize("option", ["--json", "--plot"])
def test_files_that_cannot_be_written(workplace: Path, capsys: pytest.CaptureFixture[str], option: str) -> None:
    Path("file").touch()
    only = next(section.name for section in SECTIONS if section.name in PANELS)
    with pytest.raises(SystemExit) as end:
        run("--quick", "--only", only, option, "file/out.png")
    assert end.value.code == 2
    assert "file" in capsys.readouterr().err.splitlines()[-1]


def test_a_negative_seed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        run("--seed", "-1")
    assert end.value.code == 2
    assert "expected a seed from 0 to 4294967295, got '-1'" in capsys.readouterr().err


def test_an_unknown_section(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        run("--only", "everything")
    assert end.value.code == 2
    assert "everything" in capsys.readouterr().err


# The committed page --------------------------------------------------------------------------------------------------


def test_the_results_have_every_section(report: dict[str, Any]) -> None:
    assert set(report["sections"]) == {section.name for section in SECTIONS}


def test_the_picture_is_small() -> None:
    assert PICTURE.read_bytes().startswith(b"\x89PNG")
    assert PICTURE.stat().st_size < 150_000
