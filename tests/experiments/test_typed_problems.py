"""Problems that are stated on the command line, in a text file, or on standard input."""

from __future__ import annotations

import io
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from polyproof_gym import load_proof
from tests.experiments.conftest import ROOT, CommandLine, command

BUDGET = "max x*y\nsubject to\n  x + 2y <= 4\nbounds\n  x >= 0\n  y >= 0\n"


def test_a_polynomial_on_the_command_line(polyproof: CommandLine) -> None:
    result = polyproof("prove", "--poly", "x^2 + y^2 - x*y", "--box", "x=-1..1", "y=-1..1", "--quiet")
    assert result.status == 0
    lines = result.out.splitlines()
    assert lines[0].startswith("x^2 + y^2 - x*y: proved x^2 - x*y + y^2 >= ")
    assert "the proof combines" in result.out
    assert lines[-1].startswith("next, keep the proof: polyproof prove --poly 'x^2 + y^2 - x*y' --box x=-1..1 ")
    assert lines[-1].endswith(" --out proof.json")


def test_what_to_type_next_is_found_by_a_shell(polyproof: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [".venv/bin/polyproof"])
    monkeypatch.setenv("PATH", "")
    result = polyproof("prove", "cycle:n=5", "--quiet")
    assert result.out.splitlines()[-1].startswith("next, keep the proof: .venv/bin/polyproof prove cycle:n=5 ")


def test_every_option_counts(polyproof: CommandLine) -> None:
    words = ["--box", "x=0..2", "--boolean", "z", "--constraint", "x + z <= 2", "--constraint", "-x<=-1", "--max"]
    result = polyproof("prove", "--poly", "-x+3z", *words, "--box", "y=-1/2..1e1", "--json", "--quiet")
    assert result.status == 0
    assert result.json["num_variables"] == 3
    assert (result.json["sense"], result.json["exact_bound"]) == ("max", "2")


def test_integer_variables(polyproof: CommandLine, workplace: Path) -> None:
    words = ["--box", "a=0..100", "b=0..100", "--constraint", "a^2 <= 12b", "--constraint", "a + 3b <= 15"]
    options = ["--integer", "a", "b", "--rules", "products,gaps", "--json", "--quiet", "--out", "proof.json"]
    result = polyproof("prove", "--poly", "(a-9)^2 + (b-3)^2", *words, *options)
    assert (result.status, result.json["exact_bound"], result.json["status"]) == (0, "9", "optimal")
    assert polyproof("verify", "proof.json").status == 0
    for form in ("text", "latex", "html", "coq", "lean"):
        assert polyproof("export", "proof.json", "--format", form).status == 0
    result = polyproof("prove", "--poly", "a^2 + a", "--box", "a=-3..4", "--integer", "a", "--steps", "0", "--round")
    assert "rounded from -29, since values are multiples of 2 apart" in result.out


def test_ends_may_be_left_to_the_constraints(polyproof: CommandLine) -> None:
    words = ["--box", "x=0..", "y=0..", "--constraint", "x + 2y <= 4", "--max"]
    result = polyproof("prove", "--poly", "x + y", *words, "--json", "--quiet")
    assert (result.status, result.json["exact_bound"]) == (0, "4")
    result = polyproof("prove", "--poly", "x + y", *words, "--quiet")
    assert "implied by the constraints: 0 <= x <= 4, 0 <= y <= 2\n" in result.out


def test_what_is_printed_next_can_be_typed(polyproof: CommandLine, workplace: Path) -> None:
    result = polyproof("prove", "--poly", "-x*y", "--box", "x=-1..1", "y=0..1", "--quiet")
    for _ in range(2):
        words = shlex.split(result.out.splitlines()[-1].partition(": ")[2])
        assert words[0] == "polyproof"
        result = polyproof(*words[1:])
        assert result.status == 0
    assert result.out.startswith("proof.json: valid")


def test_the_unit_box(polyproof: CommandLine) -> None:
    result = polyproof("prove", "--poly", "a - b", "--box", "unit", "--json", "--quiet")
    assert (result.status, result.json["exact_bound"]) == (0, "-1")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "expected a PROBLEM"),
        (["petersen", "--poly", "x"], "either PROBLEM or --poly"),
        (["petersen", "--box", "x=0..1"], "--box with --poly only"),
        (["petersen", "--max"], "--max with --poly only"),
        (["--poly", "x^2"], "x has no lower and no upper bound"),
        (["--poly", "x*yy", "--box", "x=0..1", "y=0..1"], "did you mean 'y'"),
        (["--poly", "exp(x)", "--box", "x=0..1"], "function"),
        (["--poly", "x", "--box", "x"], "expected NAME=LOW..HIGH"),
        (["--poly", "x", "--box", "x=0-1"], "expected NAME=LOW..HIGH"),
        (["--poly", "x", "--box", "x=1..0"], "low < high for x, got (1, 0)"),
        (["--poly", "x*y", "--box", "x=0..1,y=0..1"], "such as x=-1..1 y=0..2, or unit, got 'x=0..1,y=0..1'"),
        (["--poly", "x", "--box", "x=0...5"], "expected NAME=LOW..HIGH"),
        (["--poly", "x", "--box", "x=0..5", "--target", "1_000"], "target"),
        (["--poly", "x", "--box", "x=0..1", "--box", "x=0..2"], "a second one"),
        (["--poly", "x", "--box", "x=0..1", "--constraint", "x < 1"], ""),
        (["--poly", "x", "--box", "x=0..1", "--constraint", "x*z <= 1"], "'z'"),
        (["--poly", "x", "--box", "x=0..1", "--min", "--max"], "not allowed"),
        (["petersen", "--integer", "x0"], "--integer with --poly only"),
        (["--poly", "x", "--integer", "x"], "x has no lower and no upper bound"),
        (["--poly", "x", "--integer", "x", "--box", "x=1/3..5/3"], "holds only 1"),
    ],
)
def test_what_cannot_be_meant_is_one_line(polyproof: CommandLine, words: list[str], message: str) -> None:
    result = polyproof("prove", *words)
    assert result.status == 2
    assert result.out == ""
    assert result.err.count("\n") == 1
    assert message in result.err


def test_a_text_file(polyproof: CommandLine, workplace: Path) -> None:
    Path("budget.poly").write_text(BUDGET)
    result = polyproof("prove", "budget.poly", "--json", "--quiet", "--out", "proof.json")
    assert (result.status, result.json["problem"]) == (0, "budget.poly")
    assert result.json["bound"] >= 2
    assert load_proof("proof.json").problem.box == ((0, 4), (0, 2))
    Path("budget.poly").write_text("max x\nsubject to\n x <== 4\n")
    result = polyproof("prove", "budget.poly")
    assert result.status == 2
    assert result.err.startswith("polyproof: budget.poly:3: ")


def test_standard_input(polyproof: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + BUDGET.encode())))
    result = polyproof("prove", "-", "--json", "--quiet")
    assert (result.status, result.json["problem"]) == (0, "x*y")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"nonsense")))
    result = polyproof("prove", "-")
    assert result.status == 2
    assert result.err.startswith("polyproof: standard input: line 1: ")


def test_standard_input_that_is_no_text() -> None:
    done = subprocess.run(command("prove", "-"), input=b"\xff\xfe\x00", cwd=ROOT, capture_output=True, timeout=120)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert done.stderr.count(b"\n") == 1
