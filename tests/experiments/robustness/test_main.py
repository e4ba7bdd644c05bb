from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from experiments.result_file import Made
from experiments.robustness import main as robustness
from experiments.robustness.examination import DISTANCES
from experiments.robustness.points import Examiner, PointResult
from experiments.robustness.sections import SECTIONS
from experiments.sections import Section
from experiments.starting import INTERRUPTED
from polyproof_gym import load_proof
from tests.experiments.conftest import ROOT

SMALL = ("--model", "iris-quadratic:latent=2", "--samples", "2000")
"""What takes a fraction of a second a point."""

OWN = """
import numpy as np

def halves():
    return lambda data: data[:, 0], lambda latents: 2 * latents, 2
"""


def run(*arguments: str | Path) -> int:
    return robustness.main([*SMALL, *map(str, arguments)])


def points_of(path: Path) -> list[dict[str, Any]]:
    points: list[dict[str, Any]] = json.loads(path.read_text())["points"]
    return points


def test_one_command_gives_a_table_json_certificates_a_picture_and_logs(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = ("--json", "out/results.json", "--certificates", "out/proofs", "--plot", "out/curves.svg")
    assert run("--points", "3", *outputs) == 0
    out, err = capsys.readouterr()
    assert "3/3" in err
    assert "iris-quadratic:latent=2, norm 2: 3 points (normal)" in out
    table = [line for line in out.splitlines() if line.startswith("|")]
    assert len(table) == 2 + len(DISTANCES)
    assert {line.count("|") for line in table} == {7}
    content = json.loads((workplace / "out" / "results.json").read_text())
    assert content["settings"]["model"] == "iris-quadratic:latent=2"
    assert content["summary"]["command"].startswith("python -m experiments.robustness --model iris-quadratic")
    curves = content["summary"]["sections"]["curves"]
    assert (curves["points"], curves["proofs"], curves["status"]) == (3, 6, "certified")
    assert [point["task"] for point in content["points"]] == [0, 1, 2]
    for point in content["points"]:
        for path in sorted((workplace / "out" / "proofs" / f"point-{point['task']}").iterdir()):
            load_proof(path).verify()
    picture = (workplace / "out" / "curves.svg").read_text()
    for legend in (*(found["legend"] for found in curves["found"]), curves["limit"]["legend"]):
        assert f"<!-- {legend} -->" in picture
        assert any(f"({status}" in legend for status in ("exact", "certified", "estimated"))
    assert list((workplace / "runs" / "robustness").glob("events*"))


def test_points_that_are_done_are_kept(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("--points", "2", "--json", "results.json") == 0
    first = points_of(Path("results.json"))
    examined: list[int] = []
    examine = Examiner.__call__

    def noted(self: Examiner, task: int) -> Made[PointResult]:
        examined.append(task)
        return examine(self, task)

    monkeypatch.setattr(Examiner, "__call__", noted)
    assert run("--points", "4", "--json", "results.json", "--resume") == 0
    assert examined == [2, 3]
    assert points_of(Path("results.json"))[:2] == first
    assert run("--points", "3", "--first", "1", "--json", "results.json", "--resume") == 0
    assert json.loads(Path("results.json").read_text())["summary"]["sections"]["curves"]["points"] == 3


def test_the_number_of_processes_changes_nothing(workplace: Path) -> None:
    for processes in ("1", "2"):
        assert run("--points", "4", "--json", f"{processes}.json", "--workers", processes) == 0
    times = {"seconds": 0, "attack_seconds": 0}
    one, two = ([{**point, **times} for point in points_of(Path(name))] for name in ("1.json", "2.json"))
    assert one == two


def test_sections_are_added_to_the_file(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--quick", "--only", "classes,dimension", "--json", "results.json", "--plot", "picture.svg") == 0
    out = capsys.readouterr().out
    assert out.index("dimension\n") < out.index("classes\n")
    assert "norm 2" not in out
    content = json.loads(Path("results.json").read_text())
    assert set(content["summary"]["sections"]) == {"classes", "dimension"}
    assert content["points"] == []
    picture = Path("picture.svg").read_text()
    assert "<!-- limit (exact) -->" in picture
    assert "<!-- limit, L = 1 (certified) -->" in picture
    assert run("--quick", "--only", "curves", "--json", "results.json", "--resume") == 0
    assert set(json.loads(Path("results.json").read_text())["summary"]["sections"]) == {
        "classes",
        "dimension",
        "curves",
    }


def test_what_is_one_s_own(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("own.py").write_text(OWN)
    arguments = ("--model", "own.py:halves", "--points", "3")
    assert run(*arguments) == 0
    out = capsys.readouterr().out
    assert "attack (estimated)" in out
    assert "distance of data (estimated)" in out
    assert "| certified" not in out
    assert run(*arguments, "--require", "certified") == 3
    captured = capsys.readouterr()
    assert not captured.out
    assert "expected nothing that is estimated, got: modulus 2 (estimated; " in captured.err
    assert "attacks in floats (estimated)" in captured.err


def test_a_model_is_trained_anew(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sklearn")
    arguments = ("--model", "iris-linear:latent=1", "--train", "--points", "1", "--source", "data")
    assert run(*arguments, "--json", "results.json") == 0
    assert "iris-linear:latent=1 (trained), norm 2: 1 points (data)" in capsys.readouterr().out
    assert json.loads(Path("results.json").read_text())["settings"]["train"] is True


def test_what_is_certified_passes(workplace: Path) -> None:
    assert run("--points", "1", "--require", "certified") == 0


def test_torch_layers_are_certified_without_points(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    Path("own.py").write_text(
        "from torch import nn\n"
        "def network():\n"
        "    return nn.Linear(5, 3), nn.Sequential(nn.Linear(2, 5), nn.Tanh()), 2\n"
    )
    assert run("--model", "own.py:network", "--points", "0", "--require", "certified") == 0
    assert "(certified; product of the norms of 2 layers)" in capsys.readouterr().out
    assert run("--model", "own.py:network", "--points", "1", "--require", "certified") == 3


def test_a_wrong_order_is_an_error(
    workplace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    examine = Examiner.__call__
    wrong = lambda self, task: Made(replace(examine(self, task).result, certified="4"), {})  # noqa: E731
    monkeypatch.setattr(Examiner, "__call__", wrong)
    assert run("--points", "2", "--json", "results.json") == 1
    err = capsys.readouterr().err
    assert "error: point 1 is certified beyond what an attack has found" in err
    assert json.loads(Path("results.json").read_text())["summary"]["sections"]["curves"]["out_of_order"] == [0, 1]


def test_ctrl_c_in_a_section_keeps_what_is_finished(
    workplace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(**_: Any) -> Any:
        raise KeyboardInterrupt

    (classes,) = (section for section in SECTIONS if section.name == "classes")
    monkeypatch.setattr(robustness, "SECTIONS", (classes, Section("transfer", interrupted)))
    assert run("--quick", "--only", "classes,transfer", "--json", "results.json") == INTERRUPTED
    assert set(json.loads(Path("results.json").read_text())["summary"]["sections"]) == {"classes"}
    assert "--resume goes on with results.json" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("processes", ["1", "2"])
def test_ctrl_c_keeps_the_points_that_are_finished(processes: str, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    words = [
        *SMALL,
        "--points",
        "5000",
        "--json",
        str(path),
        "--logdir",
        str(tmp_path / "logs"),
        "--workers",
        processes,
    ]
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "experiments.robustness", *words],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, former)
    with process:
        assert process.stderr is not None
        said = ""
        while not re.search(r" [1-9]\d*/5000", said):
            character = process.stderr.read(1)
            assert character, f"ended too early: {said}"
            said += character
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    assert "Traceback" not in err
    assert "the tables are of what is finished; --resume goes on with" in err
    assert "points (normal); shares beyond t" in out
    content = json.loads(path.read_text())
    assert content["summary"]["sections"]["curves"]["points"] == len(content["points"]) >= 1


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (["--model", "digit-quadratic"], "did you mean"),
        (["--model", "iris-quadratic:latent=9"], "expected latent as one of"),
        (["--model", "none.py:halves"], "none.py: there is no such file"),
        (["--model", "none.py:halves", "--train"], "expected a model that comes with the package"),
        (["--norm", "1"], "unknown value"),
        (["--points", "-1"], "expected a whole number"),
        (["--source", "data", "--points", "1000"], "points of held-out data"),
        (["--source", "border", "--model", "none.py:halves"], "none.py: there is no such file"),
        (["--tolerance", "fine"], "tolerance"),
        (["--no-squares", "--model", "digits-quartic:latent=4"], "expected a classifier of degree 2 at most"),
        (["--samples", "0"], "at least 1"),
        (["--confidence", "1"], "between 0 and 1"),
        (["--confidence", "sure"], "confidence"),
        (["--only", "curves,everything"], "expected names of curves, dimension"),
        (["--plot", "picture.txt"], "expected a file that ends in"),
        (["--resume"], "expected --json FILE"),
        (["--require", "exact"], "unknown value"),
        (["--certificates", "file/proofs"], "expected a folder"),
        (["--json", "file/results.json"], "expected a folder"),
    ],
)
def test_bad_arguments(bad: list[str], message: str, workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("file").touch()
    with pytest.raises(SystemExit) as caught:
        run("--points", "1", *bad)
    assert caught.value.code == 2
    captured = capsys.readouterr()
    assert message in captured.err.splitlines()[-1]
    assert not captured.out


def test_a_file_is_of_one_set_of_settings(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--points", "1", "--json", "results.json") == 0
    for other in (
        ["--norm", "inf"],
        ["--seed", "1"],
        ["--no-squares"],
        ["--tolerance", "1/64"],
        ["--model", "iris-linear:latent=2"],
    ):
        with pytest.raises(SystemExit):
            run("--points", "1", "--json", "results.json", "--resume", *other)
        assert "expected a file of the settings experiment=robustness" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        run("--points", "1", "--json", "results.json")
    assert "--resume goes on with it" in capsys.readouterr().err


def test_a_file_is_of_one_model_also_where_its_name_stays(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("own.py")
    path.write_text(OWN)
    arguments = ("--model", "own.py:halves", "--points", "1", "--json", "results.json")
    assert run(*arguments) == 0
    assert run(*arguments, "--resume", "--only", "classes", "--require", "certified") == 3
    path.write_text(OWN.replace("data[:, 0]", "data[:, 1]"))
    with pytest.raises(SystemExit):
        run(*arguments, "--resume")
    assert "fingerprint=function" in capsys.readouterr().err.splitlines()[-1]


def test_a_damaged_file_is_refused(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--points", "1", "--json", "results.json") == 0
    content = json.loads(Path("results.json").read_text())
    damages: list[dict[str, Any]] = [
        {"points": [{"task": 0}]},
        {"summary": [1]},
        {"summary": {"sections": {"curves": {}}}},
    ]
    for damage in damages:
        Path("results.json").write_text(json.dumps({**content, **damage}))
        with pytest.raises(SystemExit) as caught:
            run("--points", "1", "--json", "results.json", "--resume")
        assert caught.value.code == 2
        assert "expected a file that this experiment has written" in capsys.readouterr().err
