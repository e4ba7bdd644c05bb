"""Programs that are commands too, what they say where an extra is missing, and what the tab key suggests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.cli.command_line import PROGRAMS
from tests.experiments.conftest import ROOT, CommandLine


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_are_commands(polyproof: CommandLine, name: str) -> None:
    result = polyproof(name, "--help")
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith(f"usage: polyproof {name} [-h]")
    assert f"\n    {name}" in polyproof("--help").out


def test_a_program_does_what_its_module_does(polyproof: CommandLine, workplace: Path) -> None:
    result = polyproof("compare", "--problems", "cycle:n=5", "--agents", "dual-guided", "--json", "out.json")
    assert result.status == 0
    assert "| cycle:n=5 | max | 2 | dual-guided | 2 |" in result.out
    assert json.loads(Path("out.json").read_text())["summary"]["rows"][0]["bounds"] == ["2"]


def test_a_wrong_command_line_of_a_program_is_one_line(polyproof: CommandLine) -> None:
    result = polyproof("compare", "--probelms", "cycle:n=5")
    assert (result.status, result.out) == (2, "")
    assert result.err == (
        "polyproof compare: unknown option '--probelms', did you mean '--problems'? (--help tells more)\n"
    )


NEEDS = {
    "train": (["train", "--config", "experiments/configs/quick.yaml"], "yaml", "agents"),
    "tune": (
        [
            "tune",
            "--config",
            "experiments/configs/quick.yaml",
            "--set=settings.step_size=uniform(1, 2)",
            "--out",
            "OUT",
        ],
        "ray",
        "tune",
    ),
    "compare": (["compare", "--problems", "cycle:n=5"], "tensorboard", "agents"),
    "evaluate": (["evaluate", "--n", "5"], "tensorboard", "agents"),
    "bench": (["bench", "--quick", "--only", "start"], "torch", "agents"),
    "ray": (["evaluate", "--n", "5", "--logdir", "OUT", "--executor", "ray"], "ray", "ray"),
    "replay": (["replay", "cycle:n=5", "--out", "OUT.gif"], "matplotlib", "render"),
}


@pytest.mark.parametrize("name", NEEDS)
def test_without_an_extra_a_command_says_what_to_install(name: str, tmp_path: Path) -> None:
    arguments, package, extra = NEEDS[name]
    words = [word.replace("OUT", str(tmp_path / "out")) for word in arguments]
    code = f"import sys; sys.modules[{package!r}] = None\nfrom experiments.cli import main; sys.exit(main({words!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert f"pip install 'polyproof-gym[{extra}]'" in done.stderr
    assert done.stderr.startswith("polyproof")


def test_an_import_error_of_another_kind_is_not_hidden() -> None:
    code = "import sys; sys.modules['numpy'] = None\nfrom experiments.cli import main; sys.exit(main(['compare']))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 2
    assert "numpy" in done.stderr


def suggested(line: str, folder: Path) -> set[str]:
    """What the shell would suggest after a line."""
    out = folder / "suggested"
    settings = {
        **os.environ,
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_IFS": "\n",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(out),
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "COMP_TYPE": "9",
        "PYTHONPATH": str(ROOT),
    }
    subprocess.run(
        [sys.executable, "-m", "experiments.cli"], cwd=folder, env=settings, check=False, capture_output=True
    )
    return {word.strip() for word in out.read_text().split("\n")}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("polyproof pro", {"problems", "prove"}),
        ("polyproof prove --ag", {"--agent"}),
        ("polyproof prove --agent dual", {"dual-guided"}),
        ("polyproof prove mycie", {"mycielski"}),
        ("polyproof export proof.json --format la", {"latex"}),
        ("polyproof compare --agents bfs neigh", {"neighbourhood-search"}),
        ("polyproof train --re", {"--resume"}),
        ("polyproof leaderboard ch", {"check"}),
        ("polyproof leaderboard make dual", {"dual-guided"}),
        ("polyproof robustness --model wine-l", {"wine-linear"}),
        ("polyproof prove petersen --rules products,sq", {"products,squares"}),
        ("polyproof prove pe", {"petersen", "pentagon.edges", "petersen.json", "people/"}),
        ("polyproof prove petersen --agent people/o", {"people/others/"}),
        ("polyproof train --config p", {"people/", "ppo.yaml", "ppo-stable-set"}),
        ("polyproof prove complete-bipartite:", {"complete-bipartite:a=", "complete-bipartite:b="}),
        ("polyproof prove random-polynomial:n=3,i", {"random-polynomial:n=3,index="}),
        ("polyproof prove no-such-problem:", {""}),
        ("polyproof prove petersen --agent greedy:", {"greedy:width="}),
        ("polyproof robustness --only cur", {"curves"}),
        ("polyproof bench --only repl", {"replay"}),
        ("polyproof verify pe", {"petersen.json", "people/"}),
    ],
)
def test_the_tab_key_suggests(line: str, expected: set[str], tmp_path: Path) -> None:
    pytest.importorskip("argcomplete")
    (tmp_path / "people" / "others").mkdir(parents=True)
    for name in ("pentagon.edges", "petersen.png", "ppo.yaml", "people/own.txt", "petersen.json"):
        (tmp_path / name).touch()
    assert suggested(line, tmp_path) == expected
