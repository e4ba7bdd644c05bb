from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import pytest

from polyproof_gym import solver, stopping
from polyproof_gym.solver import LIMITS, Solver
from polyproof_gym.stopping import StopOnSignals

ROOT = Path(__file__).parents[2]
OPTIMAL, STOPPED = highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInterrupt
AT_ITERATION_LIMIT, AT_TIME_LIMIT = highspy.HighsModelStatus.kIterationLimit, highspy.HighsModelStatus.kTimeLimit


def program(size: int = 40, **options: Any) -> Solver:
    """``max sum x`` under random inequalities with positive coefficients."""
    rng = np.random.default_rng(0)
    made = Solver({"presolve": "off", **options})
    columns = np.arange(size, dtype=np.int32)
    made.addVars(size, np.zeros(size), np.full(size, 5.0))
    made.changeColsCost(size, columns, -np.ones(size))
    for _ in range(size):
        made.addRow(-highspy.kHighsInf, size, size, columns, rng.uniform(0.5, 2.0, size))
    return made


def long_program(size: int = 80) -> Solver:
    """The fewest of some columns that cover rows, which takes much longer than the tests wait."""
    rng = np.random.default_rng(0)
    made = Solver({})
    columns = np.arange(size, dtype=np.int32)
    made.addVars(size, np.zeros(size), np.ones(size))
    made.changeColsCost(size, columns, np.ones(size))
    made.changeColsIntegrality(size, columns, np.array([highspy.HighsVarType.kInteger] * size))
    for _ in range(4 * size):
        chosen = rng.choice(columns, 6, replace=False)
        made.addRow(3.0, highspy.kHighsInf, 6, chosen, rng.uniform(1.0, 2.0, 6))
    return made


def test_it_solves() -> None:
    made = program()
    made.run()
    assert made.getModelStatus() == OPTIMAL
    value = made.getObjectiveValue()
    made.clearSolver()
    made.run(stoppable=True)
    assert made.getObjectiveValue() == pytest.approx(value)


def test_iterations_are_limited_by_the_size() -> None:
    made = program()
    made.limit_iterations()
    made.run()
    assert made.getModelStatus() == OPTIMAL
    assert 80 < int(made.getOptionValue("simplex_iteration_limit")[1]) < 2**31 - 1


@pytest.mark.parametrize("stoppable", [False, True])
def test_a_run_ends_at_its_limits(stoppable: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    made = program(simplex_iteration_limit=3)
    made.run(stoppable=stoppable)
    assert made.getModelStatus() == AT_ITERATION_LIMIT
    monkeypatch.setattr(solver, "SECONDS", 0.0)
    monkeypatch.setattr(solver, "SECONDS_PER_ENTRY", 0.0)
    made = program()
    made.run(stoppable=stoppable)
    assert made.getModelStatus() == AT_TIME_LIMIT
    assert {AT_ITERATION_LIMIT, AT_TIME_LIMIT} == {*LIMITS}


def test_every_run_has_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of HiGHS runs on from one run to the next."""
    monkeypatch.setattr(solver, "SECONDS", 0.2)
    monkeypatch.setattr(solver, "SECONDS_PER_ENTRY", 0.0)
    made = program()
    while made.getRunTime() < 0.6:
        made.clearSolver()
        made.run()
        assert made.getModelStatus() == OPTIMAL


def test_a_run_takes_no_more_time_than_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    made = program()
    monkeypatch.setattr(stopping, "GRACE", 0.0)
    for seconds, status in ((0.0, AT_TIME_LIMIT), (1000.0, OPTIMAL), (-1.0, AT_TIME_LIMIT)):
        with stopping.time_limit(seconds):
            made.clearSolver()
            made.run()
        assert made.getModelStatus() == status
    made.run()
    assert made.getModelStatus() == OPTIMAL


def test_a_request_to_stop_ends_a_run_when_the_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    made = program()
    with StopOnSignals():
        signal.raise_signal(signal.SIGINT)
        made.run(stoppable=True)
        assert made.getModelStatus() == OPTIMAL
        monkeypatch.setattr(stopping, "GRACE", -1.0)
        made.clearSolver()
        made.run()
        assert made.getModelStatus() == OPTIMAL  # small ones are left alone
        made.clearSolver()
        made.run(stoppable=True)
        assert made.getModelStatus() == STOPPED
        monkeypatch.setattr(solver, "LARGE", 100)
        made.run()
        assert made.getModelStatus() == STOPPED
    made.run()
    assert made.getModelStatus() == OPTIMAL


def test_a_request_to_stop_ends_a_mixed_integer_program_with_the_best_point() -> None:
    made = long_program()
    with StopOnSignals() as stop:
        sender = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
        sender.start()
        made.run_mip(60.0)
        sender.join()
        assert stop.number == signal.SIGINT
    assert made.getModelStatus() == STOPPED
    assert made.getSolution().value_valid


def test_a_mixed_integer_program_keeps_to_its_time() -> None:
    made = long_program()
    made.run_mip(0.2)
    assert made.getModelStatus() == AT_TIME_LIMIT


def test_an_interrupt_comes_after_the_run_that_it_ends() -> None:
    """No exception may pass through HiGHS; without anybody who takes signals for requests, it comes afterwards."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    made = long_program()
    sender = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    sender.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            made.run_mip(60.0)
    finally:
        sender.join()
        signal.signal(signal.SIGINT, former)
    assert not stopping.requested()
    made.run_mip(0.1)
    assert made.getSolution().value_valid


def test_it_prints_nothing() -> None:
    """Also the first one of a process, whatever the version of HiGHS says when it starts, to its own descriptor."""
    script = (
        "import os, highspy\n"
        "made = highspy.Highs.__init__\n"
        "def talkative(self):\n"
        "    os.write(1, b'Running a solver\\n')\n"
        "    made(self)\n"
        "highspy.Highs.__init__ = talkative\n"
        "from agents import prove\n"
        "print(prove('cycle:n=5').bound)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "2\n", "")


def test_others_may_run_highs_in_more_threads() -> None:
    """In a process of its own, as the number of threads is that of the whole process."""
    script = (
        "import highspy, numpy as np\n"
        "other = highspy.Highs()\n"
        "other.setOptionValue('output_flag', False)\n"
        "other.setOptionValue('threads', 3)\n"
        "other.addVars(2, np.zeros(2), np.ones(2))\n"
        "other.changeColIntegrality(0, highspy.HighsVarType.kInteger)\n"
        "other.addRow(1.5, 9.0, 2, np.array([0, 1], np.int32), np.ones(2))\n"
        "other.run()\n"
        "from agents import prove\n"
        "proof = prove('petersen')\n"
        "print(proof.bound, proof.search.solver_failures)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.splitlines()[-1:], done.stderr) == (0, ["4 0"], "")


NARROW = {
    "x in [3 - 1e-6, 3]": ("x2 <= 2*x1^4-8*x1^3+8*x1^2+2", ("2.999999", "3"), ("3.9999", "4")),
    "x in [3 - 1e-5, 3]": ("x2 <= 2*x1^4-8*x1^3+8*x1^2+2", ("2.99999", "3"), ("3.9999999", "4")),
    "a disc": ("x1^4 + x2^2 <= 1", ("2.9999", "3"), ("3.99999", "4")),
}
"""Constraints of ``x1`` and ``x2`` and small boxes on which HiGHS cycles at some step of some agent."""


@pytest.mark.parametrize("agent", ["dual-guided", "random", "random-closed", "bfs"])
@pytest.mark.parametrize("case", NARROW)
def test_ill_conditioned_programs_do_not_hang(case: str, agent: str) -> None:
    first, *box = NARROW[case]
    second = "x1*x2 >= 2" if case == "a disc" else "x2 <= 4*x1^4-32*x1^3+88*x1^2-96*x1+36"
    assert_does_not_hang("-x1-x2", box, [first, second], agent)


@pytest.mark.parametrize("agent", ["dual-guided", "random"])
def test_programs_that_people_met_do_not_hang(agent: str) -> None:
    file = ROOT.parent / "shared" / "cases" / "hang.json"
    if not file.exists():
        pytest.skip(f"needs the problems in {file}")
    for case in json.loads(file.read_text()):
        assert_does_not_hang(case["objective"], case["box"], case["constraints"], agent)


def assert_does_not_hang(objective: str, box: Any, constraints: list[str], agent: str) -> None:
    """A process of its own, which can be killed, gives a proof that holds."""
    script = (
        "import json, sys, polyproof_gym\n"
        "from agents import prove\n"
        "objective, box, constraints, agent = json.loads(sys.argv[1])\n"
        "box = [tuple(side) for side in box]\n"
        "problem = polyproof_gym.polynomial(objective, box=box, constraints=constraints, sense='min')\n"
        "proof = prove(problem, agent, max_steps=60)\n"
        "proof.verify()\n"
        "print(proof.bound)\n"
    )
    content = json.dumps([objective, box, constraints, agent])
    command = [sys.executable, "-c", script, content]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stderr == ""
    assert done.returncode == 0
    assert done.stdout
