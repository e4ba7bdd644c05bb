"""Ctrl-C and SIGTERM, while all kinds of agents and commands are at work."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from polyproof_gym import load_proof
from tests.experiments.conftest import ROOT, command, run
from tests.experiments.test_cli import CONTRACT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")

LONG = [
    ("random-stable-set:n=50,index=0", "neighbourhood-search:rounds=100000"),
    ("random-stable-set:n=50,index=0", "learned:rounds=100000"),
    ("cycle:n=40", "planner:level=3"),
    ("cycle:n=60", "static-sherali-adams:level=3"),
    ("random-stable-set:n=100,index=0", "greedy:width=100000"),
    ("random-stable-set:n=200,index=0", "estimate-guided:rounds=10000"),
    ("heart", "random"),
    ("random-stable-set:n=200,p_min=0.05,p_max=0.05,index=0", "branch:seconds=1000"),
    ("random-stable-set:n=200,p_min=0.05,p_max=0.05,index=0", "branch:cases=0,seconds=1000"),
]
"""What takes much longer than the tests wait."""


def interruptible(*arguments: str, stdin: int | None = None) -> subprocess.Popen[str]:
    """A Python process that reacts to an interrupt even where the tests ignore that signal."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, former)


def started(*arguments: str) -> subprocess.Popen[str]:
    """A process that has begun its work."""
    process = interruptible(*command(*arguments)[1:])
    assert process.stderr is not None
    said = ""
    while "bound" not in said and "shrinking" not in said:
        character = process.stderr.read(1)
        assert character, f"ended too early: {said}"
        said += character
    return process


@pytest.mark.parametrize(
    ("number", "seconds"), [(signal.SIGINT, 1.0), pytest.param(signal.SIGTERM, 0.05, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize(("problem", "agent"), LONG)
def test_every_agent_ends_with_the_bound_so_far(
    problem: str, agent: str, number: signal.Signals, seconds: float, tmp_path: Path
) -> None:
    out = tmp_path / "proof.json"
    process = started(
        *("prove", problem, "--agent", agent, "--steps", "5000", "--max-degree", "6", "--json", "--out", str(out))
    )
    with process:
        time.sleep(seconds)
        process.send_signal(number)
        result, messages = process.communicate(timeout=60)
    assert "Traceback" not in messages
    assert process.returncode == 128 + number
    row = json.loads(result)
    assert row.keys() >= CONTRACT
    proof = load_proof(out)
    proof.verify()
    assert str(proof.bound) == row["exact_bound"]


BEALE = "(3/2 - x + x*y)^2 + (9/4 - x + x*y^2)^2 + (21/8 - x + x*y^3)^2"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    "arguments",
    [
        ["--poly", BEALE, "--box", "x=-30..30", "y=-30..30", "--agent", "cases:seconds=1000"],
        ["random-stable-set:n=300,p_min=0.05,p_max=0.05,index=0", "--agent", "branch:seconds=1000"],
    ],
    ids=["cases", "branch"],
)
def test_what_others_work_on_is_given_up(arguments: list[str], number: signal.Signals, tmp_path: Path) -> None:
    """Beale's function on a large box, where a case takes long, and a sparse graph."""
    out = tmp_path / "proof.json"
    process = started("prove", *arguments, "--processes", "3", "--json", "--out", str(out))
    with process:
        time.sleep(3.0)
        process.send_signal(number)
        result, messages = process.communicate(timeout=60)  # whose end the workers would delay
    assert "Traceback" not in messages
    assert process.returncode == 128 + number
    proof = load_proof(out)
    proof.verify()
    assert str(proof.bound) == json.loads(result)["exact_bound"]


def test_a_plan_is_not_lost() -> None:
    """The plan of an agent that would plan on for ever; at once is derived what it has planned."""
    process = started(
        *("prove", "random-stable-set:n=25,index=0", "--agent", "neighbourhood-search:rounds=100000"),
        *("--steps", "40", "--json"),
    )
    with process:
        time.sleep(3.0)
        process.send_signal(signal.SIGINT)
        row = json.loads(process.communicate(timeout=60)[0])
    assert process.returncode == 130
    guided = run("prove", "random-stable-set:n=25,index=0", "--steps", "40", "--json").json
    assert row["bound"] <= guided["bound"]
    assert row["steps"] > 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_shrinking_loses_and_overwrites_nothing(number: signal.Signals, tmp_path: Path) -> None:
    long, out = tmp_path / "long.json", tmp_path / "short.json"
    arguments = ("--agent", "random-closed", "--steps", "1500", "--out", str(long))
    assert run("prove", "random-stable-set:n=100,index=0", *arguments).status == 0
    content = long.read_text()
    out.write_text("old")
    process = started("shrink", str(long), "--out", str(out), "--seconds", "1000")
    with process:
        process.send_signal(number)
        result, messages = process.communicate(timeout=60)
    assert "Traceback" not in messages
    assert process.returncode == 128 + number
    assert long.read_text() == content
    if out.read_text() == "old":
        assert result == ""
        assert "nothing written" in messages
    else:
        shorter, proof = load_proof(out), load_proof(long)
        shorter.verify()
        assert shorter.bound == proof.bound
        assert shorter.num_derivations < proof.num_derivations


SIGNALLED = """
import os, sys
from importlib.abc import MetaPathFinder

class Signaller(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == {name!r}:
            os.kill(os.getpid(), {number})

sys.meta_path.insert(0, Signaller())
from experiments.cli import main
sys.exit(main())
"""
"""The command line, which gets a signal when it begins to load a module."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("loading", "problem"),
    [
        ("experiments.cli.command_line", "petersen"),
        ("argparse", "heart"),
        ("experiments.cli.prove", "random-stable-set:n=200,index=0"),
        ("numpy", "caprasse"),
        ("agents.search", "schwefel"),
        ("highspy", "petersen"),
    ],
)
def test_what_is_still_loading_ends_with_a_bound(
    loading: str, problem: str, number: signal.Signals, tmp_path: Path
) -> None:
    out = tmp_path / "proof.json"
    script = SIGNALLED.format(name=loading, number=int(number))
    with interruptible("-c", script, "prove", problem, "--agent", "random", "--json", "--out", str(out)) as process:
        result, messages = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert "polyproof: interrupted after 0 steps; the bound so far follows" in messages
    row = json.loads(result)
    assert row.keys() >= CONTRACT
    assert str(load_proof(out).bound) == row["exact_bound"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_while_the_problem_is_made_too(number: signal.Signals) -> None:
    script = (
        "import os, sys, experiments.cli.prove as prove\n"
        "from experiments.cli import main\n"
        "find_problem = prove.find_problem\n"
        f"prove.find_problem = lambda options: os.kill(os.getpid(), {int(number)}) or find_problem(options)\n"
        "sys.exit(main(['prove', 'petersen', '--json']))\n"
    )
    with interruptible("-c", script) as process:
        result, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert json.loads(result)["exact_bound"] == "10"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_before_there_is_a_problem_there_is_nothing_to_report(number: signal.Signals) -> None:
    """A second signal, or the first one while standard input is waited for."""
    twice = SIGNALLED.format(name="numpy", number=f"{int(number)}), os.kill(os.getpid(), {int(number)}")
    with interruptible("-c", twice, "prove", "petersen", "--json") as process:
        result, messages = process.communicate(timeout=60)
    assert process.returncode in (128 + number, 130)
    assert (result, messages) in (("", "interrupted\n"), ("", "polyproof: interrupted\n"))

    waiting = (
        "import os, sys, threading, experiments.cli.problem_source as source\n"
        "from experiments.cli import main\n"
        "former = source.interrupted_by_signals\n"
        "def interrupted_by_signals():\n"
        f"    threading.Timer(0.2, os.kill, (os.getpid(), {int(number)})).start()\n"
        "    return former()\n"
        "source.interrupted_by_signals = interrupted_by_signals\n"
        "sys.exit(main(['prove', '-', '--json']))\n"
    )
    with interruptible("-c", waiting, stdin=subprocess.PIPE) as process:
        process.wait(timeout=60)
        result, messages = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert (result, messages) == ("", "polyproof: interrupted\n")
