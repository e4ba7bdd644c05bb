from __future__ import annotations

import json
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from experiments.benchmark import main as benchmark
from experiments.benchmark.peers import comparison, squares
from experiments.benchmark.peers.answer import Answer
from experiments.benchmark.peers.comparison import METHODS, measure, table
from polyproof_gym import make_problem, polynomial

OURS = METHODS[0].name
OTHERS = [method.name for method in METHODS if method.package is not None]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the packages of others, wherever the tests run."""
    monkeypatch.setattr(comparison, "METHODS", tuple(method for method in METHODS if method.package is None))


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = tuple(
        method if method.package is None else comparison.Method(method.name, never, method.certifies, "no_such_package")
        for method in METHODS
    )
    monkeypatch.setattr(comparison, "METHODS", absent)


def never(*_: Any) -> Any:
    raise AssertionError("what is missing was not to be used")


def case(name: str, objective: str, **more: Any) -> dict[str, Any]:
    content = {"sense": "min", "variables": ["x", "y"], "box": [["-1", "1"]] * 2, "constraints": [], "boolean": []}
    return {**content, "name": name, "objective": objective, "optimum": 0, **more}


@pytest.mark.usefixtures("nothing_installed")
def test_without_the_packages_of_others_their_cells_are_dashes(capsys: pytest.CaptureFixture[str]) -> None:
    result = measure(named=("magnetism",), repetitions=1)
    (row,) = result.rows
    assert row.outcomes[OURS].gap == 0
    for name in OTHERS:
        assert row.outcomes[name] == comparison.Outcome()
    heading, _, line = table(json.loads(json.dumps(asdict(result)))).splitlines()
    assert line.split(" | ").count("-") + line.endswith("| - |") == len(OTHERS)
    assert f"{OURS} (certificate)" in heading
    assert "pip install 'polyproof-gym[bench]'" in capsys.readouterr().err


@pytest.mark.usefixtures("alone")
def test_our_bounds_are_exact_and_checked_and_those_of_the_relaxation_close() -> None:
    cases = (case("one", "x^2 + (y - 1/2)^2"), case("other", "x*y", sense="max"))
    for row in measure(named=("lv",), cases=cases, repetitions=2).rows:
        ours, relaxed = (row.outcomes[method.name] for method in comparison.METHODS)
        assert ours.gap == 0
        assert ours.seconds is not None
        assert ours.check is not None
        assert 0 < ours.check < ours.seconds
        assert relaxed.gap == pytest.approx(0, abs=1e-6)
        assert relaxed.check is None


def test_a_method_that_finds_nothing_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def lost(problem: Any, limit: float) -> Answer:
        asked.append(problem.name)
        return Answer(None, limit)

    monkeypatch.setattr(comparison, "METHODS", (comparison.Method("lost", lost, False),))
    result = measure(named=("rd",), repetitions=3, time_limit=2.0)
    assert asked == ["motzkin", "rd"]
    assert result.rows[0].outcomes["lost"] == comparison.Outcome(None, 2.0)
    assert table(asdict(result)).endswith("| rd | none, 2.00 s |")


def test_names_without_a_file(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        benchmark.main(["--quick", "--only", "peers", "--names", "one"])
    assert end.value.code == 2
    assert "--names: expected a file of cases" in capsys.readouterr().err


def test_gaps_are_relative_from_1_on_and_negative_past_the_value() -> None:
    large, small = make_problem("lv"), make_problem("motzkin")
    assert Answer(Fraction(-104, 5), 0.0).gap(large) == 0
    assert Answer(-22.88, 0.0).gap(large) == pytest.approx(0.1)
    assert Answer(-0.25, 0.0).gap(small) == 0.25
    assert Answer(0.25, 0.0).gap(small) == -0.25
    assert Answer(None, 0.0).gap(small) is None


def test_bounds_are_those_of_the_minimised_objective() -> None:
    problem = polynomial("x*(1 - x)", box={"x": (0, 1)}, sense="max")
    for answer in (squares.proved(problem, 5.0), squares.relaxed(problem, 5.0)):
        assert answer.bound == pytest.approx(-0.25, abs=1e-6)


def test_the_relaxation_stops_at_the_limit() -> None:
    assert squares.relaxed(make_problem("heart"), 0.001).bound is None


def test_cases_from_a_file_are_chosen_by_name(
    workplace: Path, monkeypatch: pytest.MonkeyPatch, alone: None, capsys: pytest.CaptureFixture[str]
) -> None:
    file = workplace / "cases.json"
    file.write_text(json.dumps([case("one", "x^2"), case("two", "x^2 + y"), case("bad", "x", constraints=["x >= y"])]))
    arguments = ["--quick", "--only", "peers", "--json", "out.json", "--cases", str(file), "--names"]
    assert benchmark.main([*arguments, "two"]) == 0
    rows = json.loads(Path("out.json").read_text())["sections"]["peers"]["rows"]
    assert [row["problem"] for row in rows] == ["rd", "two"]
    for name, message in (("three", "expected a case with the name 'three'"), ("bad", "bad: expected a polynomial on")):
        with pytest.raises(SystemExit) as end:
            benchmark.main([*arguments, name])
        assert end.value.code == 2
        assert message in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("method", [method for method in METHODS if method.package], ids=lambda method: method.name)
def test_the_methods_of_others_do_not_pass_a_value(method: comparison.Method) -> None:
    pytest.importorskip(method.package or "")
    for spec in ("rd", "motzkin"):
        answer = method.answer(make_problem(spec), 5.0)
        gap = answer.gap(make_problem(spec))
        assert gap is not None
        assert gap == pytest.approx(0, abs=2e-3)
