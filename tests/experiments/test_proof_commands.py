from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from experiments.starting import INCOMPLETE
from polyproof_gym import load_proof, make_problem, polynomial
from polyproof_gym.polynomials import Polynomial
from polyproof_gym.printable import printable
from polyproof_gym.problems.cases import Split
from polyproof_gym.proofs import Branching, Leaf, ProofTree
from polyproof_gym.proofs.exports import EXPORTERS
from polyproof_gym.proofs.tree import Node
from tests.experiments.conftest import ROOT, CommandLine, Result, command, run
from tests.flat import prove
from tests.polyproof_gym.proofs.exports.examples import example
from tests.polyproof_gym.proofs.trees import paired, tree

PROBLEMS = ["petersen", "cycle:n=9", "caprasse", "rd"]


@pytest.fixture
def proof_file(workplace: Path) -> Path:
    path = workplace / "proof.json"
    prove("petersen").save(path)
    return path


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_folders_of_results_are_made(polyproof: CommandLine, proof_file: Path) -> None:
    (proof_file.parent / "file").touch()
    for words, name in (
        (["prove", "cycle:n=5"], "proof.json"),
        (["shrink", proof_file], "short.json"),
        (["export", proof_file, "--format", "text"], "proof.txt"),
        (["replay", proof_file], "steps.html"),
        (["leaderboard", "make", "bfs", "--suites", "odd-cycles", "--steps", "1"], "entry.json"),
    ):
        out = Path("new") / name.partition(".")[0] / name
        assert polyproof(*words, "--out", out).status == 0
        assert out.is_file()
        refused = polyproof(*words, "--out", Path("file") / "new" / name)
        assert refused.status == 2
        assert "file/new: expected a folder, found a file at " in refused.err


# verify ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("problem", PROBLEMS)
def test_what_prove_writes_is_valid(polyproof: CommandLine, workplace: Path, problem: str) -> None:
    exact = polyproof("prove", problem, "--steps", "60", "--out", "proof.json", "--json").json["exact_bound"]
    result = polyproof("verify", "proof.json")
    assert result.status == 0
    assert result.out.startswith("proof.json: valid, proves f ")
    assert result.out.endswith(f" {exact} for '{problem}'\n")
    assert result.err == ""


@pytest.mark.parametrize("name", ["petersen", "cycle:n=7", "\n$ alpha(C5) <= 1"])
def test_another_name_is_only_quoted(polyproof: CommandLine, workplace: Path, name: str) -> None:
    proof = prove("cycle:n=5")
    replace(proof, problem=replace(proof.problem, name=name)).save("proof.json")
    result = polyproof("verify", "proof.json")
    assert (result.status, result.err) == (0, "")
    assert result.out == f"proof.json: valid, proves f <= 2 for {name!r}\n"
    text = polyproof("export", "proof.json", "--format", "text").out
    assert "alpha(G) <= 2" in text


def test_a_bound_on_some_vertices_is_none_on_the_graph_of_the_name(polyproof: CommandLine, workplace: Path) -> None:
    petersen = make_problem("petersen")
    one = Polynomial(petersen.ring, {(0,): 1})
    proof = prove(replace(petersen, objective=one))
    assert proof.bound == 1
    proof.save("proof.json")
    assert "Petersen" not in polyproof("export", "proof.json", "--format", "text").out


def test_a_rejected_proof(polyproof: CommandLine, proof_file: Path) -> None:
    spoil(proof_file, '"bound": "4"', '"bound": "3"')
    result = polyproof("verify", proof_file)
    assert result.status == 1
    assert result.out == ""
    assert result.err == f"polyproof: {proof_file}: rejected, bound: the combination of the lines does not prove it\n"


@pytest.mark.parametrize("processes", ["1", "2"])
def test_several_files_are_told_of_in_their_order(polyproof: CommandLine, workplace: Path, processes: str) -> None:
    prove("petersen").save("first.json")
    prove("petersen").save("spoilt.json")
    prove("cycle:n=30").save("last.json")
    spoil(Path("spoilt.json"), '"bound": "4"', '"bound": "3"')
    result = polyproof("verify", "last.json", "spoilt.json", "missing.json", "first.json", "--processes", processes)
    assert result.status == 1
    assert [line.partition(": valid, ")[0] for line in result.out.splitlines()] == ["last.json", "first.json"]
    rejected, unreadable = result.err.splitlines()
    assert rejected == "polyproof: spoilt.json: rejected, bound: the combination of the lines does not prove it"
    assert unreadable.startswith("polyproof: missing.json: expected a file that can be read")
    assert polyproof("verify", "first.json", "last.json", "--processes", processes).status == 0


@pytest.mark.parametrize(
    ("files", "status"),
    [("good", 0), ("good huge", 5), ("huge text good", 2), ("good missing huge", 2), ("missing spoilt huge", 1)],
)
def test_the_worst_of_several_files_counts(polyproof: CommandLine, workplace: Path, files: str, status: int) -> None:
    for name in ("good", "spoilt"):
        prove("petersen").save(name)
    spoil(Path("spoilt"), '"bound": "4"', '"bound": "3"')
    Path("text").write_text("no proof")
    Path("huge").write_bytes(Path("good").read_bytes() + b" " * 10**5)
    result = polyproof("verify", *files.split(), "--max-bytes", "50000")
    assert result.status == status
    assert len(result.out.splitlines()) == files.count("good")
    assert len(result.err.splitlines()) == len(files.split()) - files.count("good")


HYPERBOLAS = [
    *("prove", "--poly", "2*x + y", "--box", "x=0..1", "y=0..1", "--constraint", "16*x*y >= 1"),
    *("--constraint", "4*x^2 + 4*y^2 >= 1", "--agent", "cases:seconds=1000", "--quiet"),
]
"""``st_e08`` of MINLPLib, which takes eight cases."""


@pytest.mark.parametrize(
    "executor",
    [
        ["--processes", "2"],
        ["--processes", "3", "--task-memory", "5000"],
        pytest.param(["--executor", "ray", "--processes", "2"], marks=pytest.mark.ray),
    ],
)
def test_the_file_is_the_same_whoever_explores_the_cases(
    polyproof: CommandLine, workplace: Path, executor: list[str]
) -> None:
    assert polyproof(*HYPERBOLAS, "--out", "alone.json", "--json").json["leaves"] == 8
    assert polyproof(*HYPERBOLAS, "--out", "shared.json", *executor).status == 0
    assert Path("shared.json").read_bytes() == Path("alone.json").read_bytes()
    assert polyproof("verify", "shared.json").status == 0


@pytest.mark.parametrize(
    "executor", [["--processes", "2"], pytest.param(["--executor", "ray", "--processes", "2"], marks=pytest.mark.ray)]
)
def test_the_file_is_the_same_whoever_branches(polyproof: CommandLine, workplace: Path, executor: list[str]) -> None:
    """A graph that takes more cases than one process opens before it shares them out."""
    arguments = ["prove", "random-stable-set:n=100,p_min=0.25,p_max=0.25,index=0", "--agent", "branch:seconds=1000"]
    alone = polyproof(*arguments, "--quiet", "--out", "alone.json", "--json").json
    assert (alone["status"], alone["leaves"] > 200) == ("optimal", True)
    assert polyproof(*arguments, "--quiet", "--out", "shared.json", *executor).status == 0
    assert Path("shared.json").read_bytes() == Path("alone.json").read_bytes()
    assert polyproof("verify", "shared.json").status == 0


def test_it_is_told_when_workers_die_of_a_case(polyproof: CommandLine, workplace: Path) -> None:
    """They may hold less memory than what they are forked from."""
    result = polyproof(*HYPERBOLAS, "--out", "proof.json", "--processes", "2", "--task-memory", "1")
    assert result.status == INCOMPLETE
    assert "polyproof: a case is given up, and the search with it: 2 workers have died of it" in result.err
    assert polyproof("verify", "proof.json").status == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--agent", "bfs", "--processes", "2"], "bfs works alone: expected the agent auto, branch or cases with"),
        (["--executor", "processors"], "unknown executor 'processors', did you mean 'processes'?"),
    ],
)
def test_what_cannot_be_shared_out(polyproof: CommandLine, arguments: list[str], message: str) -> None:
    result = polyproof("prove", "petersen", *arguments)
    assert result.status == 2
    assert result.err.startswith(f"polyproof: {message}")
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"format": "other"}', "\x00", "NaN"])
@pytest.mark.parametrize("arguments", [["verify"], ["export", "--format", "text"], ["shrink", "--out", "other.json"]])
def test_unreadable_files(polyproof: CommandLine, workplace: Path, content: str | None, arguments: list[str]) -> None:
    if content is not None:
        (workplace / "proof.json").write_text(content)
    before = sorted(os.listdir(workplace))
    result = polyproof(arguments[0], "proof.json", *arguments[1:])
    assert result.status == 2
    assert result.err.startswith("polyproof: proof.json: ")
    assert result.err.count("\n") == 1
    assert sorted(os.listdir(workplace)) == before


# export ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", EXPORTERS)
def test_export_to_a_file_or_to_standard_output(polyproof: CommandLine, proof_file: Path, kind: str) -> None:
    printed = polyproof("export", proof_file, "--format", kind)
    assert printed.status == 0
    assert len(printed.out) > 500
    assert "petersen" in printed.out
    written = polyproof("export", proof_file, "--format", kind, "--out", "export")
    assert (written.status, written.out, written.err) == (0, "", "")
    assert Path("export").read_text() == printed.out
    assert sorted(os.listdir()) == ["export", "proof.json"]


@pytest.mark.parametrize("kind", EXPORTERS)
def test_a_name_that_has_no_place_in_a_file_is_escaped(polyproof: CommandLine, proof_file: Path, kind: str) -> None:
    spoil(proof_file, '"name": "petersen"', '"name": "\\ud800"')
    assert polyproof("export", proof_file, "--format", kind, "--out", "export").status == 0
    assert Path("export").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", EXPORTERS)
def test_numbers_too_long_for_text_are_not_exported(polyproof: CommandLine, workplace: Path, kind: str) -> None:
    """The file has ``x^2`` on the box from 0 to 10^3000, which is ``10^6000 * u^2`` in unit coordinates."""
    end = 10**3000
    prove(polynomial("x^2", box=[(0, 2)])).save("proof.json")
    content = json.loads(Path("proof.json").read_text())
    content["problem"]["box"] = [["0", f"{end}"]]
    content["problem"]["axioms"] = [[[f"1/{end}", [0]]], [["1", []], [f"-1/{end}", [0]]]]
    content |= {"lines": [], "multipliers": [], "bound": "0"}
    Path("proof.json").write_text(json.dumps(content))
    assert polyproof("verify", "proof.json").status == 0
    result = polyproof("export", "proof.json", "--format", kind, "--out", "export")
    assert result.status == 2
    assert result.err.startswith("polyproof: proof.json: cannot be exported (")
    assert result.err.count("\n") == 1
    assert os.listdir() == ["proof.json"]


def test_a_rejected_proof_is_not_exported(polyproof: CommandLine, proof_file: Path) -> None:
    spoil(proof_file, '"bound": "4"', '"bound": "3"')
    result = polyproof("export", proof_file, "--format", "text", "--out", "export")
    assert result.status == 2
    assert "does not prove it" in result.err
    assert os.listdir() == ["proof.json"]


@pytest.mark.parametrize("arguments", [["--format", "word"], [], ["--format", "text", "--out", "proof.json"]])
def test_exports_that_cannot_be(polyproof: CommandLine, proof_file: Path, arguments: list[str]) -> None:
    before = proof_file.read_text()
    result = polyproof("export", "proof.json", *arguments)
    assert result.status == 2
    assert result.err.count("\n") == 1
    assert proof_file.read_text() == before


@pytest.mark.parametrize("kind", EXPORTERS)
def test_export_of_a_proof_by_cases(polyproof: CommandLine, workplace: Path, kind: str) -> None:
    tree(make_problem("petersen"), 2).save("proof.json")
    result = polyproof("export", "proof.json", "--format", kind)
    assert (result.status, result.err) == (0, "")
    assert "petersen" in result.out


@pytest.mark.parametrize("kind", EXPORTERS)
def test_cases_within_many_cases_are_exported(polyproof: CommandLine, workplace: Path, kind: str) -> None:
    """As deep as a file may be that can be read."""
    problem = polynomial("x", box=[(0, 1)], variables="x")
    leaf = Leaf((), {})
    node: Node = leaf
    for k in range(200, 1, -1):
        node = Branching(Split(0, Fraction(1, k)), node, leaf)
    ProofTree(problem, node, Fraction(0)).save("proof.json")
    assert polyproof("export", "proof.json", "--format", kind, "--out", "export").status == 0


# shrink ---------------------------------------------------------------------------------------------------------------


def test_shrinking_a_static_proof(polyproof: CommandLine, workplace: Path) -> None:
    prove("caprasse", agent="static-sherali-adams:level=4").save("long.json")
    result = polyproof("shrink", "long.json", "--out", "short.json")
    assert result.status == 0
    assert result.out.startswith("short.json: ")
    long, short = load_proof("long.json"), load_proof("short.json")
    assert short.bound == long.bound == Fraction(-181, 48)
    assert short.num_derivations < long.num_derivations
    assert f"{short.num_derivations} derivations instead of {long.num_derivations}" in result.out


def test_shrinking_a_proof_by_cases(polyproof: CommandLine, workplace: Path) -> None:
    tree(polynomial("x^2*y - x*y^2 - 2*x", box=[(-1, 1)] * 2), 3, paired).save("long.json")
    result = polyproof("shrink", "long.json", "--out", "short.json")
    assert result.status == 0
    long, short = load_proof("long.json"), load_proof("short.json")
    assert short.bound == long.bound
    assert short.num_leaves < long.num_leaves == 8
    derivations = f"{short.num_derivations} derivations instead of {long.num_derivations}"
    assert f"short.json: {derivations}, {short.num_leaves} cases instead of 8, bound " in result.out


def test_shrinking_a_rounded_proof(polyproof: CommandLine, workplace: Path) -> None:
    assert polyproof("prove", "cycle:n=9", "--round", "--out", "long.json").status == 0
    assert polyproof("shrink", "long.json", "--out", "short.json").status == 0
    assert load_proof("short.json").rounded
    assert load_proof("short.json").bound == 4


def test_shrinking_a_proof_with_a_line_that_says_nothing(polyproof: CommandLine, workplace: Path) -> None:
    example("zero_line").save("long.json")
    assert polyproof("shrink", "long.json", "--out", "short.json").status == 0
    assert load_proof("short.json").bound == 1


@pytest.mark.parametrize(
    "problem",
    [
        {"variables": [], "box": [], "idempotent": [], "exclusive": [], "objective": [["5", []]], "axioms": []},
        {"axioms": [[["1", [0]]], [["1", []], ["-1", [0]]], [["-1" + "0" * 3000, [0]]]]},
    ],
)
def test_valid_proofs_that_cannot_be_shrunk(
    polyproof: CommandLine, workplace: Path, problem: dict[str, object]
) -> None:
    prove(polynomial("x", box="unit"), max_steps=0).save("proof.json")
    content = json.loads(Path("proof.json").read_text())
    content["problem"] |= problem
    content |= {"lines": [], "multipliers": [], "bound": "0"}
    Path("proof.json").write_text(json.dumps(content))
    assert polyproof("verify", "proof.json").status == 0
    result = polyproof("shrink", "proof.json", "--out", "short.json")
    assert result.status in (0, 2)
    assert "Traceback" not in result.err
    assert (result.status == 0) == Path("short.json").exists()


def test_a_rejected_proof_is_not_shrunk(polyproof: CommandLine, proof_file: Path) -> None:
    spoil(proof_file, '"bound": "4"', '"bound": "3"')
    result = polyproof("shrink", proof_file, "--out", "short.json")
    assert result.status == 1
    assert os.listdir() == ["proof.json"]


def test_the_file_that_is_read_is_not_overwritten(polyproof: CommandLine, proof_file: Path) -> None:
    before = proof_file.read_text()
    assert polyproof("shrink", proof_file, "--out", proof_file).status == 2
    assert proof_file.read_text() == before


# rounding -------------------------------------------------------------------------------------------------------------


def test_rounding_on_the_command_line(polyproof: CommandLine, workplace: Path) -> None:
    result = polyproof("prove", "cycle:n=5", "--round", "--target", "2", "--out", "proof.json", "--json")
    assert result.status == 0
    assert result.json["exact_bound"] == "2"
    assert result.json["rounded"] is True
    content = json.loads(Path("proof.json").read_text())
    assert (content["rounded_from"], content["bound"]) == ("5/2", "2")
    assert polyproof("verify", "proof.json").status == 0
    assert "rounded from 5/2" in polyproof("prove", "cycle:n=5", "--round").out


def test_what_cannot_be_rounded(polyproof: CommandLine) -> None:
    result = polyproof("prove", "caprasse", "--round")
    assert result.status == 2
    assert "Boolean variables" in result.err
    assert result.err.count("\n") == 1


# Processes ------------------------------------------------------------------------------------------------------------


def test_exit_statuses_of_the_process(tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    prove("cycle:n=5").save(path)
    assert run("verify", str(path)).status == 0
    assert run("export", str(path), "--format", "text").status == 0
    spoil(path, '"bound": "2"', '"bound": "1"')
    assert run("verify", str(path)).status == 1
    assert run("verify", str(tmp_path)).status == 2


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_process_leaves_the_old_file_or_the_new_one(tmp_path: Path, number: signal.Signals) -> None:
    """The moments are spread over the whole run, and close around its end, when the file is written.

    A search that is interrupted writes what it has proved so far.
    """
    path = tmp_path / "proof.json"
    arguments = command("prove", "petersen", "--quiet", "--out", str(path))
    for _ in range(2):  # the first run may have to compile the inner loops
        started = time.monotonic()
        subprocess.run(arguments, cwd=ROOT, check=True, capture_output=True)
        length = time.monotonic() - started
    new = path.read_text()
    seen = set()
    for k in range(60):
        path.write_text("old")
        with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            time.sleep(length * (k / 60 if k % 2 else 0.85 + k / 200))
            process.send_signal(number)
            process.communicate(timeout=60)
        content = path.read_text()
        if content in ("old", new):
            seen.add(content)
        else:
            assert number is signal.SIGINT
            load_proof(path).verify()
    assert seen == {"old", new}


# limits ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["verify"], ["export", "--format", "text"], ["shrink", "--out", "other.json"]])
def test_files_beyond_the_limits_have_a_status_of_their_own(
    polyproof: CommandLine, proof_file: Path, arguments: list[str]
) -> None:
    spoil(proof_file, '"bound": "4"', f'"bound": "{"4" * 4001}"')
    result = polyproof(arguments[0], "proof.json", *arguments[1:])
    assert (result.status, result.out) == (5, "")
    assert result.err.startswith("polyproof: proof.json: ")
    assert result.err.endswith("more than 4000 digits\n")
    assert "rejected" not in result.err
    assert os.listdir() == ["proof.json"]


def test_limits_of_verification(polyproof: CommandLine, proof_file: Path) -> None:
    size = proof_file.stat().st_size
    for option in (["--max-work", "100"], ["--max-bytes", str(size - 1)]):
        result = polyproof("verify", proof_file, *option)
        assert (result.status, result.out) == (5, "")
        assert result.err.startswith(f"polyproof: {proof_file}: too large to be checked, ")
        assert result.err.count("\n") == 1
    for option in (["--max-work", "999999999"], ["--max-bytes", str(10 * size)], []):
        assert polyproof("verify", proof_file, *option).status == 0
    assert polyproof("verify", proof_file, "--max-work", "many").status == 2


# names ----------------------------------------------------------------------------------------------------------------

HOSTILE_NAME = "\x1b[31m\u202egnp\u2066\u200b\u2028\n\0</h1><script>"


def shown_to_people(result: Result) -> str:
    text = result.out + result.err
    assert printable(text.replace("\n", "")) == text.replace("\n", "")
    return text


def test_names_in_files_cannot_disguise_themselves(polyproof: CommandLine, workplace: Path) -> None:
    path = Path("proof.json")
    prove("cycle:n=5").save(path)
    content = json.loads(path.read_text())
    content["problem"]["name"] = HOSTILE_NAME
    path.write_text(json.dumps(content))
    assert "\\x1b[31m\\u202egnp" in shown_to_people(polyproof("verify", path))
    shown_to_people(polyproof("shrink", path, "--out", "short.json"))
    for kind in EXPORTERS:
        shown_to_people(polyproof("export", path, "--format", kind))


@pytest.mark.parametrize(
    "command_line", [["verify"], ["export", "--format", "text"], ["shrink", "--out", "s"], ["prove"]]
)
def test_names_of_files_cannot_disguise_themselves(
    polyproof: CommandLine, workplace: Path, command_line: list[str]
) -> None:
    name = HOSTILE_NAME.replace("\0", "").replace("/", "") + ".json"
    for missing in (True, False):
        if not missing:
            Path(name).write_text("{")
        result = polyproof(command_line[0], name, *command_line[1:])
        assert result.status == 2
        assert result.err.count("\n") == 1
        assert "\\u202e" in shown_to_people(result)
    result = polyproof(*command_line, name, f"--{HOSTILE_NAME}")
    assert result.status == 2
    shown_to_people(result)


def test_a_graph_from_a_file_of_that_name(polyproof: CommandLine, workplace: Path) -> None:
    name = "\x1b[31m\u202e.col"
    Path(name).write_text("p edge 3 2\ne 1 2\ne 2 3\n")
    result = polyproof("prove", name, "--quiet", "--out", "proof.json")
    assert result.status == 0
    assert "\\x1b[31m\\u202e" in shown_to_people(result)
    shown_to_people(polyproof("verify", "proof.json"))


def test_a_problem_too_large_for_a_proof_file(polyproof: CommandLine, workplace: Path) -> None:
    terms = " + ".join(f"x{i}/{10**999 + 2 * i + 1}" for i in range(6))
    box = [f"x{i}=0..1" for i in range(6)]
    result = polyproof("prove", "--poly", terms, "--box", *box, "--out", "proof.json")
    assert (result.status, result.out) == (2, "")
    assert "cannot be written to a proof file" in result.err
    assert result.err.count("\n") == 1
    assert os.listdir() == []
