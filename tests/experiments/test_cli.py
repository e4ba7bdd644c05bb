from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest

import polyproof_gym
from agents import agent_names
from experiments.cli import progress
from polyproof_gym.problems import REGISTRY, Entry
from polyproof_gym.proofs.rules import RULES
from tests.experiments.conftest import ROOT, CommandLine, command, run
from tests.polyproof_gym.envs.helpers import without_incumbent

KARATE = ROOT.parent / "shared" / "data" / "stable_set" / "karate.gph"

CONTRACT = {
    "problem",
    "family",
    "num_variables",
    "sense",
    "agent",
    "rules",
    "seed",
    "steps",
    "bound",
    "exact_bound",
    "incumbent",
    "gap",
    "target",
    "status",
    "stopped",
    "inequalities",
    "used_inequalities",
    "proof_steps",
    "lp_rows",
    "lp_columns",
    "seconds",
}


# problems -------------------------------------------------------------------------------------------------------------


def test_problems_lists_the_registry(polyproof: CommandLine) -> None:
    result = polyproof("problems")
    assert result.status == 0
    assert result.err == ""
    lines = result.out.splitlines()
    assert len(lines) == 3 + len(REGISTRY)
    for line, (name, entry) in zip(lines[1:-2], REGISTRY.items(), strict=True):
        assert line.startswith(name)
        assert line.endswith(", index") == entry.is_random
    assert lines[-1].startswith("index=K names the held-out problem number K")


def test_problems_as_json(polyproof: CommandLine) -> None:
    result = polyproof("problems", "--json")
    assert result.status == 0
    rows = {row["name"]: row for row in json.loads(result.out)}
    assert rows.keys() == REGISTRY.keys()
    for row in rows.values():
        assert {"name", "family", "num_variables", "degree", "sense", "optimum"} <= row.keys()
    expected = {"family": "stable-set", "num_variables": 10, "degree": 1, "sense": "max", "optimum": 4.0}
    assert {key: rows["petersen"][key] for key in expected} == expected
    expected = {"family": "box-polynomial", "num_variables": 7, "degree": 2, "sense": "min", "optimum": -0.25}
    assert {key: rows["magnetism"][key] for key in expected} == expected
    assert rows["random-stable-set"]["optimum"] is None


def test_every_example_in_the_list_can_be_proved_about(polyproof: CommandLine) -> None:
    for row in json.loads(polyproof("problems", "--json").out):
        result = polyproof("prove", row["example"], "--steps", "1", "--json", "--quiet")
        assert result.status == 0
        assert result.json["num_variables"] == row["num_variables"]


def test_agents_lists_the_agents(polyproof: CommandLine) -> None:
    lines = polyproof("agents").out.splitlines()
    assert [line.split()[0] for line in lines] == [*agent_names()]
    rows = json.loads(polyproof("agents", "--json").out)
    assert [row["name"] for row in rows] == [*agent_names()]
    assert [row["name"] for row in rows if row["default"]] == ["auto"]
    assert {row["name"]: row["settings"] for row in rows}["greedy"] == ["width"]


def test_a_name_may_have_a_fraction(polyproof: CommandLine) -> None:
    name = "robust-margin:model=iris-linear,latent=2,generator=linear,radius=1/3,norm=inf,index=0"
    result = polyproof("prove", name, "--steps", "1", "--json", "--quiet")
    assert result.status == 0
    assert result.json["problem"] == name


def test_rules_lists_the_rules(polyproof: CommandLine) -> None:
    lines = polyproof("rules").out.splitlines()
    assert [line.split()[0] for line in lines] == [*RULES]
    rows = json.loads(polyproof("rules", "--json").out)
    assert [row["name"] for row in rows] == [*RULES]
    assert [row["name"] for row in rows if row["default"]] == ["products"]


# prove ----------------------------------------------------------------------------------------------------------------

AGENTS = [
    "dual-guided",
    "greedy",
    "greedy:width=5",
    "random",
    "random-closed",
    "bfs",
    "clique-cover",
    "static-sherali-adams",
    "static-sherali-adams:level=3",
]


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("problem", ["cycle:n=5", "complete:n=6", "random-stable-set:n=8,index=1"])
def test_result_keeps_the_contract(polyproof: CommandLine, problem: str, agent: str) -> None:
    result = polyproof("prove", problem, "--agent", agent, "--steps", "30", "--seed", "3", "--json")
    assert result.status == 0
    assert result.out.count("\n") == 1
    row = result.json
    assert row.keys() >= CONTRACT
    assert row["problem"].startswith(problem.partition(":")[0])
    assert (row["family"], row["sense"], row["seed"]) == ("stable-set", "max", 3)
    assert row["agent"].startswith(agent.partition(":")[0])
    exact = Fraction(row["exact_bound"])
    assert row["bound"] == float(exact)
    assert row["gap"] == pytest.approx(row["bound"] - row["incumbent"])
    assert row["gap"] >= 0
    assert row["target"] is None
    assert row["status"] == ("optimal" if row["gap"] == 0 else "bounded")
    assert row["inequalities"] == row["lp_columns"] == 2 * row["num_variables"] + row["steps"]
    assert 0 <= row["proof_steps"] <= row["steps"]
    assert 0 <= row["used_inequalities"] <= row["inequalities"]
    assert row["lp_rows"] > row["num_variables"]
    assert row["seconds"] >= 0


def test_progress_of_searches_that_take_a_while(polyproof: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "DELAY", 0.0)
    assert re.search(r"100%\|.* 5/5 .*bound", polyproof("prove", "petersen", "--steps", "5").err)
    assert polyproof("prove", "petersen", "--steps", "5", "--quiet").err == ""


def test_progress_of_searches_that_do_more_than_their_steps(
    polyproof: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "DELAY", 0.0)
    told = polyproof("prove", "rd", "--agent", "auto", "--steps", "5").err
    assert re.search(r"1 steps, 00:0\d, bound -36.712691, products", told)
    assert "%" not in told  # of the steps, which are but the first thing that is tried


def test_quiet_leaves_nothing_on_standard_error(polyproof: CommandLine) -> None:
    assert polyproof("prove", "petersen", "--steps", "5", "--quiet").err == ""


@pytest.mark.parametrize("agent", ["random", "dual-guided", "greedy"])
def test_same_seed_gives_the_same_result(polyproof: CommandLine, agent: str) -> None:
    rows = [
        polyproof("prove", "petersen", "--agent", agent, "--steps", "40", "--seed", "5", "--json").json
        for _ in range(2)
    ]
    for row in rows:
        row.pop("seconds")
    assert rows[0] == rows[1]


@pytest.mark.parametrize(
    ("arguments", "bound", "status"),
    [
        (["petersen", "--target", "4"], "4", "proved"),
        (["cycle:n=5", "--agent", "static-sherali-adams:level=3"], "2", "optimal"),
        (["complete:n=6", "--agent", "static-sherali-adams:level=2"], "3", "bounded"),
        (["complete:n=6", "--agent", "clique-cover", "--target", "1"], "1", "proved"),
        (["lv", "--target", "-104/5"], "-104/5", "proved"),
        (["lv", "--target=-20.8"], "-104/5", "proved"),
        (["magnetism", "--target", "-14/3"], "-14/3", "proved"),
        (["butcher", "--agent", "static-sherali-adams:level=3"], "-2159/1500", "optimal"),
        (["petersen", "--steps", "0"], "10", "bounded"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_known_bounds_are_proved_exactly(polyproof: CommandLine, arguments: list[str], bound: str, status: str) -> None:
    result = polyproof("prove", *arguments, "--json")
    assert result.status == 0
    assert result.json["exact_bound"] == bound
    assert result.json["status"] == status


@pytest.mark.parametrize("target", ["-0.25", "-1/4", "-.25"])
def test_target_that_is_not_reached(polyproof: CommandLine, target: str) -> None:
    """The minimum is in the interior, where no product proof is tight."""
    result = polyproof("prove", "magnetism", "--target", target, "--steps", "60", "--json")
    assert result.status == 3
    assert result.json["status"] == "undecided"
    assert result.json["target"] == -0.25
    assert -40 <= result.json["bound"] < -0.25


def test_a_refuted_target_leaves_an_earlier_proof_as_it_is(polyproof: CommandLine, tmp_path: Path) -> None:
    out = tmp_path / "proof.json"
    assert polyproof("prove", "petersen", "--out", str(out)).status == 0
    before = out.read_bytes()
    result = polyproof("prove", "petersen", "--target", "3", "--out", str(out))
    assert result.status == 4
    assert f"{out} is not written" in result.err
    assert out.read_bytes() == before


@pytest.mark.parametrize("rounding", [[], ["--round"]])
def test_target_beyond_a_feasible_value_is_refuted_at_once(polyproof: CommandLine, rounding: list[str]) -> None:
    arguments = ["complete:n=4", "--target", "999/1000", *rounding]
    result = polyproof("prove", *arguments, "--json")
    assert (result.status, result.json["status"], result.json["steps"]) == (4, "refuted", 0)
    assert result.json["counterexample"] == {"x0": "1", "x1": "0", "x2": "0", "x3": "0"}
    words = polyproof("prove", *arguments, "--quiet").out
    assert "REFUTED: the target 0.999 does not hold, as f = 1 at x0 = 1, x1 = 0, x2 = 0, x3 = 0\n" in words


def test_the_point_that_refutes_is_in_the_own_coordinates(polyproof: CommandLine) -> None:
    result = polyproof("prove", "lv", "--target", "-20", "--json")
    assert (result.status, result.json["status"]) == (4, "refuted")
    x1, x2, x3, x4 = (Fraction(value) for value in result.json["counterexample"].values())
    assert x1 * x2**2 + x1 * x3**2 + x1 * x4**2 - Fraction(11, 10) * x1 + 1 < -20


def test_of_many_coordinates_those_that_are_not_zero_are_listed(polyproof: CommandLine) -> None:
    words = polyproof("prove", "complete:n=30", "--target", "1/2", "--quiet").out
    assert "f = 1 at x0 = 1, all others 0\n" in words
    words = polyproof("prove", "cycle:n=60", "--target", "20", "--quiet").out
    assert words.splitlines()[0].endswith(", ... (60 variables; --json lists them all)")


@pytest.mark.parametrize(
    ("arguments", "stopped", "words"),
    [
        (["petersen"], "goal", "this is the optimum"),
        (["petersen", "--target", "9"], "goal", "PROVED"),
        (["petersen", "--steps", "3"], "steps", "gap"),
        (["magnetism", "--steps", "900"], "limits", "up to degree 3 is known; --max-degree 4 admits more"),
        (
            ["motzkin", "--max-degree", "6", "--max-terms", "9", "--steps", "900"],
            "limits",
            "--max-terms 18 admits more",
        ),
        (["cycle:n=3", "--agent", "bfs", "--target", "1/2"], "goal", "REFUTED"),
        (["cycle:n=7", "--agent", "clique-cover"], "agent", "found nothing more that helps"),
        (["cycle:n=5", "--agent", "static-sherali-adams", "--steps", "1"], "agent", "found nothing more that helps"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_why_the_search_ended(polyproof: CommandLine, arguments: list[str], stopped: str, words: str) -> None:
    assert polyproof("prove", *arguments, "--json").json["stopped"] == stopped
    out = polyproof("prove", *arguments, "--quiet").out
    assert words in out
    assert ("stopped: " in out) == (stopped in ("limits", "agent"))


def test_no_point_satisfies_the_constraints(
    polyproof: CommandLine, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = partial(polyproof_gym.polynomial, "x", box=[(-1, 1)], constraints=["x^2 == -1"], name="empty")
    monkeypatch.setitem(REGISTRY, "empty", Entry("empty", "box-polynomial", {}, {}, build, "empty"))
    for target in ([], ["--target", "5"]):
        result = polyproof("prove", "empty", "--json", "--out", "empty.json", *target)
        assert (result.status, result.json["status"], result.json["stopped"]) == (0, "infeasible", "goal")
        assert (result.json["incumbent"], result.json["gap"]) == (None, None)
    assert "INFEASIBLE: no point satisfies the constraints" in polyproof("prove", "empty", "--quiet").out
    verified = polyproof("verify", "empty.json")
    assert verified.status == 0
    assert verified.out == "empty.json: valid, proves f >= 2 for 'empty'\n"
    assert "-1 >= 0" in polyproof("export", "empty.json", "--format", "text").out
    assert polyproof("shrink", "empty.json", "--out", "short.json").status == 0
    assert polyproof_gym.load_proof("short.json").status == "infeasible"


def test_without_a_known_point_it_is_said(polyproof: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    build = partial(
        without_incumbent, polyproof_gym.polynomial("x*y", box="unit", constraints=["x + y >= 1"], name="open")
    )
    monkeypatch.setitem(REGISTRY, "open", Entry("open", "box-polynomial", {}, {}, build, "open"))
    result = polyproof("prove", "open", "--steps", "10")
    assert result.status == 0
    assert "no feasible point known" in result.out
    assert polyproof("prove", "open", "--steps", "10", "--json").json["status"] == "bounded"


@pytest.mark.parametrize(("target", "status", "word"), [(None, 0, "optimum"), ("4", 0, "PROVED")])
def test_result_in_words(polyproof: CommandLine, target: str | None, status: int, word: str) -> None:
    result = polyproof("prove", "petersen", *([] if target is None else ["--target", target]))
    assert result.status == status
    assert "petersen: proved alpha(Petersen) <= 4" in result.out
    assert word in result.out


def test_limits_are_respected(polyproof: CommandLine) -> None:
    row = polyproof("prove", "petersen", "--agent", "random", "--steps", "50", "--max-degree", "1", "--json").json
    assert row["lp_rows"] == 11


def test_karate_club_is_proved(polyproof: CommandLine) -> None:
    if not KARATE.is_file():
        pytest.skip(f"the graph files are not at {KARATE.parent}")
    result = polyproof("prove", KARATE, "--agent", "dual-guided", "--steps", "200", "--json")
    assert result.status == 0
    assert result.json["exact_bound"] == "20"
    assert result.json["num_variables"] == 34
    assert result.json["gap"] == 0


@pytest.mark.parametrize("suffix", [".col", ".clq", ".gph", ".COL"])
def test_problem_from_a_file(polyproof: CommandLine, workplace: Path, suffix: str) -> None:
    file = workplace / f"triangle{suffix}"
    file.write_text("c a triangle\np edge 3 3\ne 1 2\ne 2 3\ne 1 3\n")
    for name in (str(file), file.name):
        result = polyproof("prove", name, "--json")
        assert result.status == 0
        assert result.json["exact_bound"] == "1"


def without_seconds(text: str) -> str:
    return re.sub(r"\d\S* s;|\"seconds\": [^,}]*", "", text)


# --out ----------------------------------------------------------------------------------------------------------------


def test_proof_file(polyproof: CommandLine, workplace: Path) -> None:
    result = polyproof("prove", "petersen", "--out", "proof.json", "--json")
    assert result.status == 0
    assert os.listdir(workplace) == ["proof.json"]
    content = json.loads((workplace / "proof.json").read_text())
    assert (content["format"], content["version"]) == ("polyproof-certificate", 1)
    assert content["problem"]["name"] == "petersen"
    assert content["bound"] == result.json["exact_bound"] == "4"
    assert len(content["multipliers"]) == result.json["used_inequalities"]


def test_proof_file_holds_no_float(polyproof: CommandLine, workplace: Path) -> None:
    polyproof("prove", "caprasse", "--steps", "100", "--out", "proof.json")

    def refuse(text: str) -> float:
        raise AssertionError(f"a float in the file: {text}")

    content = json.loads((workplace / "proof.json").read_text(), parse_float=refuse, parse_constant=refuse)
    assert Fraction(content["bound"]) < -3


def test_proof_file_replaces_an_older_one(polyproof: CommandLine, workplace: Path) -> None:
    (workplace / "proof.json").write_text("something older")
    assert polyproof("prove", "cycle:n=5", "--steps", "3", "--out", "proof.json").status == 0
    assert json.loads((workplace / "proof.json").read_text())["problem"]["name"] == "cycle:n=5"
    assert os.listdir(workplace) == ["proof.json"]


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_result_that_cannot_be_saved_is_reported_all_the_same(
    polyproof: CommandLine, workplace: Path, monkeypatch: pytest.MonkeyPatch, form: list[str]
) -> None:
    def fail(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    printed = polyproof("prove", "petersen", "--quiet", *form).out
    monkeypatch.setattr(os, "replace", fail)
    result = polyproof("prove", "petersen", "--quiet", "--out", "proof.json", *form)
    assert result.status == 2
    assert without_seconds(result.out) == without_seconds(printed).partition("next, ")[0]
    assert result.err.startswith("polyproof: proof.json: cannot be written (no space left")
    assert result.err.count("\n") == 1
    assert os.listdir() == []


# Bad input ------------------------------------------------------------------------------------------------------------

BAD_INPUT: dict[str, tuple[list[str], str]] = {
    "no command": ([], "COMMAND"),
    "unknown command": (["proof", "petersen"], "unknown command 'proof', did you mean 'prove'"),
    "unknown word among a few": (
        ["export", "proof.json", "--format", "htm"],
        "unknown value 'htm', did you mean 'html'",
    ),
    "misspelt option": (["prove", "petersen", "--agnet", "bfs"], "unknown option '--agnet', did you mean '--agent'"),
    "beginning of a name": (["prove", "petersen", "--agent", "dual"], "did you mean 'dual-guided'"),
    "no problem": (["prove"], "PROBLEM"),
    "unknown option": (["prove", "petersen", "--frobnicate"], "--frobnicate"),
    "unknown option of doctor": (["doctor", "--json"], "--json"),
    "superfluous word": (["prove", "petersen", "cycle:n=5"], "cycle:n=5"),
    "unknown problem": (["prove", "petersson"], "did you mean 'petersen'"),
    "unlike any problem": (["prove", "qqqq"], "polyproof problems"),
    "empty problem": (["prove", ""], "unknown problem"),
    "long problem": (["prove", "x" * 400], "unknown problem"),
    "setting missing": (["prove", "cycle"], "n="),
    "setting unknown": (["prove", "cycle:m=3"], "m=3"),
    "setting not a number": (["prove", "cycle:n=five"], "five"),
    "setting out of range": (["prove", "cycle:n=2"], "n >= 3"),
    "setting where there is none": (["prove", "petersen:n=10"], "n=10"),
    "negative index": (["prove", "random-stable-set:n=5,index=-1"], "index"),
    "no file": (["prove", "nowhere/graph.col"], "nowhere/graph.col"),
    "unknown kind of file": (["prove", "graph.txt"], "graph.txt"),
    "directory": (["prove", "./"], "expected a file"),
    "a rule twice": (["prove", "petersen", "--rules", "products,products"], "expected every inference rule once"),
    "unknown rule": (["prove", "petersen", "--rules", "product"], "did you mean 'products'"),
    "unknown agent": (["prove", "petersen", "--agent", "gredy"], "did you mean 'greedy'"),
    "unlike any agent": (["prove", "petersen", "--agent", "qqqq"], "expected one of"),
    "agent's setting unknown": (["prove", "petersen", "--agent", "greedy:depth=2"], "depth=2"),
    "agent's setting not a number": (
        ["prove", "petersen", "--agent", "greedy:width=x"],
        "a whole number for 'width'",
    ),
    "no width": (["prove", "petersen", "--agent", "greedy:width=0"], "width"),
    "no level": (["prove", "petersen", "--agent", "static-sherali-adams:level=0"], "level"),
    "too many products": (["prove", "petersen", "--agent", "static-sherali-adams:level=30"], "products"),
    "agent for other problems": (["prove", "caprasse", "--agent", "clique-cover"], "stable set"),
    "target not a number": (["prove", "petersen", "--target", "four"], "four"),
    "target not finite": (["prove", "petersen", "--target", "nan"], "nan"),
    "target infinite": (["prove", "petersen", "--target=-inf"], "-inf"),
    "target over zero": (["prove", "petersen", "--target", "1/0"], "1/0"),
    "target beyond floats": (["prove", "petersen", "--target", "1e400"], "1e400"),
    "target missing": (["prove", "petersen", "--target"], "--target"),
    "steps not a number": (["prove", "petersen", "--steps", "many"], "many"),
    "steps negative": (["prove", "petersen", "--steps", "-3"], "-3"),
    "steps not whole": (["prove", "petersen", "--steps", "2.5"], "2.5"),
    "steps too large": (["prove", "petersen", "--steps", "9" * 30], "999"),
    "seed negative": (["prove", "petersen", "--seed", "-1"], "-1"),
    "degree too low": (["prove", "caprasse", "--max-degree", "3"], "degree"),
    "terms too few": (["prove", "petersen", "--max-terms", "1"], "terms"),
    "folder of the result in a file": (
        ["prove", "petersen", "--out", f"{__file__}/b/proof.json"],
        "expected a folder, found a file at",
    ),
    "result is a directory": (["prove", "petersen", "--out", "."], "expected a file"),
}


@pytest.mark.parametrize("kind", BAD_INPUT)
def test_bad_input_is_reported_in_one_line(polyproof: CommandLine, workplace: Path, kind: str) -> None:
    arguments, hint = BAD_INPUT[kind]
    if arguments[:1] == ["prove"] and len(arguments) > 1 and "--out" not in arguments:
        arguments = [arguments[0], "--out", "proof.json", *arguments[1:]]
    result = polyproof(*arguments)
    assert result.status == 2
    assert result.out == ""
    assert len(result.err.splitlines()) == 1
    assert result.err.endswith("\n")
    assert result.err.startswith("polyproof")
    assert hint in result.err
    assert os.listdir(workplace) == []


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", ":1:"),
    "no text": (b"\xff\xfe\x00p edge", "UTF-8"),
    "no problem line": (b"e 1 2\n", ":1:"),
    "vertex out of range": (b"p edge 3 1\ne 1 4\n", ":2:"),
    "loop": (b"p edge 3 1\n\ne 2 2\n", ":3:"),
    "not a number": (b"p edge three 1\n", ":1:"),
    "too large": (b"p edge 99999999 0\n", ":1:"),
    "unknown line": (b"p edge 3 1\nz\n", ":2:"),
    "negative weight": (b"p edge 2 0\nn 1 -5\n", ":2:"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_unreadable_graph_is_reported_with_file_and_line(polyproof: CommandLine, workplace: Path, kind: str) -> None:
    content, hint = BAD_FILES[kind]
    (workplace / "graph.col").write_bytes(content)
    result = polyproof("prove", "graph.col", "--out", "proof.json")
    assert (result.status, result.out) == (2, "")
    assert len(result.err.splitlines()) == 1
    assert result.err.startswith("polyproof: graph.col")
    assert hint in result.err
    assert os.listdir(workplace) == ["graph.col"]


def test_directory_that_looks_like_a_graph(polyproof: CommandLine, workplace: Path) -> None:
    (workplace / "graph.col").mkdir()
    result = polyproof("prove", "graph.col")
    assert (result.status, result.out) == (2, "")
    assert len(result.err.splitlines()) == 1


# doctor and help ------------------------------------------------------------------------------------------------------


def test_doctor_prints_versions(polyproof: CommandLine) -> None:
    result = polyproof("doctor")
    assert result.status == 0
    assert result.out.startswith(f"polyproof-gym {polyproof_gym.__version__}\n")
    for package in ("Python", "gymnasium", "highspy", "numba", "numpy", "torch"):
        assert re.search(rf"^{package} (\d+\.|not installed)", result.out, re.MULTILINE)


def test_version(polyproof: CommandLine) -> None:
    result = polyproof("--version")
    assert (result.status, result.out) == (0, f"polyproof {polyproof_gym.__version__}\n")


@pytest.mark.parametrize("arguments", [[], ["prove"], ["problems"], ["rules"], ["doctor"]], ids=" ".join)
def test_help(polyproof: CommandLine, arguments: list[str]) -> None:
    result = polyproof(*arguments, "--help")
    assert result.status == 0
    assert result.out.startswith("usage: polyproof")


# As a process ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["prove", "petersen", "--json"], 0),
        (["prove", "magnetism", "--target", "-0.25", "--steps", "20", "--json"], 3),
        (["prove", "petersson"], 2),
        (["prove", "petersen", "--steps"], 2),
        (["doctor"], 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_exit_status_of_the_process(arguments: list[str], status: int) -> None:
    result = run(*arguments)
    assert result.status == status
    assert "Traceback" not in result.err
    assert (result.out == "") is (status == 2)
    if "--json" in arguments:
        assert result.json.keys() >= CONTRACT


def test_reader_that_goes_away_is_no_error() -> None:
    with subprocess.Popen(
        command("problems"), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=60) == 0


def _start_and_wait_for_progress(*arguments: str) -> subprocess.Popen[str]:
    """A process that has made some steps; it reacts to an interrupt even where the tests ignore that signal."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            command(*arguments), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
    finally:
        signal.signal(signal.SIGINT, previous)
    assert process.stderr is not None
    progress = ""
    while not re.search(r"[1-9]\d*/5000 ", progress):
        character = process.stderr.read(1)
        assert character, f"ended too early: {progress}"
        progress += character
    return process


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("problem", ["random-stable-set:n=50,index=0", "caprasse"])
def test_interrupt_still_gives_the_result_so_far(tmp_path: Path, problem: str) -> None:
    _assert_interrupt_gives_a_result(
        tmp_path, "prove", problem, "--agent", "greedy", "--steps", "5000", "--max-degree", "6"
    )


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("milliseconds", range(0, 400, 10))
def test_interrupt_at_any_moment(tmp_path: Path, milliseconds: int) -> None:
    """Short steps, so that the signal often comes in the middle of an update of the proof."""
    arguments = ("prove", "heart", "--agent", "random", "--steps", "5000", "--max-degree", "6")
    _assert_interrupt_gives_a_result(tmp_path, *arguments, delay=milliseconds / 1000)


def _assert_interrupt_gives_a_result(tmp_path: Path, *arguments: str, delay: float = 0.0) -> None:
    out = tmp_path / "proof.json"
    process = _start_and_wait_for_progress(*arguments, "--json", "--out", str(out))
    with process:
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        result, messages = process.communicate(timeout=120)
    assert "Traceback" not in messages
    assert process.returncode == 130
    row = json.loads(result)
    assert row.keys() >= CONTRACT
    assert row["status"] == "bounded"
    assert 0 < row["steps"] < 5000
    assert json.loads(out.read_text())["bound"] == row["exact_bound"]
    assert os.listdir(tmp_path) == ["proof.json"]


def test_what_proved_a_bound_is_counted(polyproof: CommandLine) -> None:
    counts = polyproof("prove", "motzkin", "--agent", "auto", "--json", "--quiet").json["derived_by"]
    assert set(counts) == {"squares", "products"}
    shown = polyproof("prove", "cycle:n=5", "--agent", "auto", "--quiet").out
    assert "the proof tells 2 cases apart, combines 3 inequalities and needs 3 derivations (cliques: 3)" in shown
