"""``polyproof prove``: a bound on a problem."""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from agents import Search, agent_names, make_agent
from agents.agent import Agent, ParallelAgent
from experiments.cli.agents import DEFAULT
from experiments.cli.exit_status import OK, REFUTED, UNDECIDED
from experiments.cli.output import emit
from experiments.cli.parsing import whole_number
from experiments.cli.problem_source import STANDARD_INPUT, add_problem_arguments, find_problem
from experiments.cli.progress import ProgressBar
from experiments.cli.report import report
from experiments.executors import DEFAULT as IN_PROCESSES
from experiments.executors import Executor, ExecutorLost, Failure
from experiments.executors.options import executor_of, executor_options
from experiments.options import rules_option
from experiments.outputs import make_folder, require_output
from experiments.reports import describe
from experiments.starting import INCOMPLETE
from polyproof_gym.errors import BadInput
from polyproof_gym.stopping import StopOnSignals, exit_status

PROGRAM = "polyproof"
"""The name of the command."""

UNFINISHED = ("bounded", "undecided")
"""Statuses of proofs to which more work might have added."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    add_problem_arguments(parser)
    parser.add_argument("--agent", default=DEFAULT, help=f"one of {', '.join(agent_names())} (default: %(default)s)")
    rules_option(parser)
    parser.add_argument("--steps", type=whole_number, default=200, help="the most derivations (default: %(default)s)")
    parser.add_argument(
        "--seconds", type=whole_number, metavar="N", help="the most time (default: the agent's own, 20)"
    )
    parser.add_argument("--target", help="the bound to prove, a number such as 20, -0.25 or -104/5")
    parser.add_argument(
        "--seed", type=whole_number, default=0, help="seed of the agent's choices (default: %(default)s)"
    )
    parser.add_argument("--round", action="store_true", help="round the bound to a value that the objective may have")
    parser.add_argument("--max-degree", type=whole_number, help="largest degree of a derived inequality")
    parser.add_argument("--max-terms", type=whole_number, help="largest number of terms of a derived inequality")
    executor_options(parser, "cases", "; of the agents auto, branch and cases, and the proof stays the same")
    parser.add_argument("--out", type=Path, metavar="F", help="write the proof to this file")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def run(options: argparse.Namespace) -> int:
    """Prove a bound and report it; the exit status."""
    require_output(options.out, options.problem)
    problem, agent = find_problem(options), make_agent(options.agent)
    given_up: list[Failure] = []
    executor = _shared_with(agent, options, given_up)
    search = Search(
        problem,
        agent,
        max_steps=options.steps,
        seconds=options.seconds,
        target=options.target,
        seed=options.seed,
        rounded=options.round,
        max_degree=options.max_degree,
        max_terms=options.max_terms,
        rules=options.rules,
    )
    with executor, StopOnSignals() as stop:
        with ProgressBar(options.steps, search, options.quiet) as bar:
            proof = search.run(bar.show)
        if stop.number is not None:
            print(
                f"polyproof: interrupted after {search.leaves.steps} steps; the bound so far follows", file=sys.stderr
            )
        is_saved = False
        try:
            if options.out is not None and proof.status == "refuted":
                print(f"polyproof: the target is not proved, so {options.out} is not written", file=sys.stderr)
            elif options.out is not None:
                make_folder(options.out.parent)
                proof.save(options.out)
                is_saved = True
        finally:  # the result is reported even if it cannot be saved
            result = describe(proof)
            emit(json.dumps(result) if options.json else report(proof, result, _next_step(options, is_saved)))
    if stop.number is not None:
        return exit_status(stop.number)
    if given_up and proof.status in UNFINISHED:
        return INCOMPLETE
    return {"undecided": UNDECIDED, "refuted": REFUTED}.get(proof.status, OK)


def _shared_with(agent: Agent, options: argparse.Namespace, given_up: list[Failure]) -> Executor:
    """What an agent's work is shared out to, if that is asked for.

    Args:
        agent: The agent.
        options: The command's options.
        given_up: Where it is noted that work was given up.

    Raises:
        BadInput: If it cannot be shared out, or there is no such executor.
    """
    executor = executor_of(options)
    if options.executor != IN_PROCESSES or options.task_memory is not None or (options.processes or 1) > 1:
        if not isinstance(agent, ParallelAgent):
            raise BadInput(
                f"{agent.name} works alone: expected the agent auto, branch or cases with --processes or --executor"
            )
        agent.work_with(partial(_outcomes, executor, given_up))
    return executor


def _outcomes(
    executor: Executor, given_up: list[Failure], work: Callable[[Any], Any], tasks: Iterable[Any]
) -> Iterator[tuple[Any, Any | Failure]]:
    """The outcomes of tasks; what is given up is noted, and people are told."""
    try:
        for task, outcome in executor.outcomes(work, tasks):
            if isinstance(outcome, Failure):
                given_up.append(outcome)
                _tell(f"a case is given up, and the search with it: {outcome.reason}")
            yield task, outcome
    except ExecutorLost as lost:
        _tell(f"{lost}; the bound so far follows")
        given_up.append(Failure(str(lost)))
        yield None, given_up[-1]


def _tell(text: str) -> None:
    """Tell people something in a line of its own, also while a progress bar is shown."""
    from tqdm import tqdm  # here, since most proofs need none

    tqdm.write(f"polyproof: {text}", file=sys.stderr)


def _next_step(options: argparse.Namespace, is_saved: bool) -> str | None:
    """What to type next: what checks the proof that was written, or writes it."""
    if is_saved:
        return "check the proof: " + shlex.join([_command(), "verify", str(options.out)])
    if options.out is not None or options.problem == STANDARD_INPUT or not all(map(str.isprintable, options.words)):
        return None
    return "keep the proof: " + shlex.join([_command(), *options.words, "--out", "proof.json"])


def _command() -> str:
    """What a shell finds this program by: its name, or the path by which it was called."""
    called = sys.argv[0]
    return called if Path(called).name == PROGRAM and shutil.which(PROGRAM) is None else PROGRAM
