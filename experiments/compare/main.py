"""Agents side by side on named problems: exact bounds, steps to the optimum, and the derivations that proofs need.

``python -m experiments.compare`` lets every agent work on every problem and checks every proof exactly. With
``--relabel R`` it does so in ``R`` random orders of the variables and axioms, and gives the worst and the median
figure: what an agent owes to a lucky order shows. Agents that cannot work on a problem have a dash.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from experiments.cli.parsing import positive
from experiments.executors.options import executor_of
from experiments.options import common_parser, require_outputs, tell_of_logs, trial_options
from experiments.origin import origin
from experiments.starting import INTERRUPTED
from experiments.tables import markdown
from experiments.tensorboard import log_trial
from experiments.trials import Task, Trial, TrialFile, agent_of, problem_of
from polyproof_gym import BadInput, Problem, Proof, ProofTree, load_proof
from polyproof_gym.polynomials import Rational
from polyproof_gym.stopping import raised_on_sigterm

DEFAULT_PROBLEMS = (
    "cycle:n=5",
    "cycle:n=7",
    "cycle:n=9",
    "cycle-complement:n=7",
    "petersen",
    "mycielski:k=4",
    "caprasse",
    "lv",
    "butcher",
)

DEFAULT_AGENTS = ("dual-guided", "planner")

TOLERANCE = 1e-7
"""How far a bound in floats may be from a goal that it has reached, relative to one more than the goal's size."""

MAX_LENGTH = 14
"""Longest exact number that the table shows; others are rounded there."""


def steps_to(trial: Trial, goal: float, sign: int) -> int | None:
    """The number of steps after which a bound is at least as good as the goal.

    Args:
        trial: What an agent did. One that makes all derivations at once needs all of them.
        goal: The bound to reach.
        sign: 1 where larger bounds are better, -1 where smaller ones are.

    Returns:
        The number of steps; ``None`` if the goal is not reached.
    """
    bounds = {trial.steps: trial.bound} if trial.curve is None else dict(enumerate(trial.curve))
    least = sign * goal - TOLERANCE * (1 + abs(goal))
    return next((step for step, bound in bounds.items() if sign * bound >= least), None)


@dataclass(frozen=True)
class Row:
    """One agent on one problem. Lists have one entry for every order of the variables and axioms.

    Attributes:
        problem: Spec string of the problem.
        sense: ``"min"`` for lower bounds, ``"max"`` for upper ones.
        optimum: The known optimum, or the value of a feasible point that some bound meets, as ``"p/q"``.
        agent: Spec string of the agent.
        is_able: Whether the agent can work on the problem; if not, the lists are empty.
        bounds: The exact bounds at the end, as ``"p/q"``.
        steps_to_optimum: Steps after which the bound is the optimum, ``None`` if never.
        steps_to_reference: Steps after which it is as good as the reference's last one, likewise.
        steps: Derivations made.
        derivations: Derivations that the shortened proof needs.
        milliseconds: Search time per step, the agent's own included.
    """

    problem: str
    sense: str
    optimum: str | None
    agent: str
    is_able: bool
    bounds: list[str]
    steps_to_optimum: list[int | None]
    steps_to_reference: list[int | None]
    steps: list[int]
    derivations: list[int]
    milliseconds: list[float]


def known_optimum(problem: Problem, trials: Iterable[Trial]) -> Rational | None:
    """The optimum that is on record, or else the value of the feasible point if a bound meets it."""
    if problem.optimum is not None:
        return problem.optimum
    exact = {Fraction(trial.exact_bound) for trial in trials}
    return problem.incumbent if problem.incumbent in exact else None


def row(
    problem: Problem, agent: str, trials: Sequence[Trial], optimum: Rational | None, reference: Sequence[Trial]
) -> Row:
    """Sum up the trials of one agent on one problem.

    Args:
        problem: The problem in its own order, whose name is the spec string.
        agent: The agent.
        trials: Its trials, one for every order; none if it cannot work on the problem.
        optimum: The optimum where it is known.
        reference: The trials of another agent in the same orders, to be caught up with; none if there is no other.
    """
    sign = problem.sign
    return Row(
        problem=problem.name,
        sense=problem.sense,
        optimum=None if optimum is None else str(optimum),
        agent=agent,
        is_able=bool(trials),
        bounds=[trial.exact_bound for trial in trials],
        steps_to_optimum=[] if optimum is None else [steps_to(trial, float(optimum), sign) for trial in trials],
        steps_to_reference=[
            steps_to(mine, theirs.bound, sign) for mine, theirs in zip(trials, reference, strict=False)
        ],
        steps=[trial.steps for trial in trials],
        derivations=[trial.derivations for trial in trials],
        milliseconds=[1e3 * trial.seconds / max(1, trial.steps) for trial in trials],
    )


def exact(number: Rational) -> str:
    """An exact number where it is short, and a rounded one after a tilde otherwise."""
    text = str(number)
    return text if len(text) <= MAX_LENGTH else f"~{float(number):.9g}"


Number = TypeVar("Number", Fraction, float)


def worst_and_median(values: Sequence[Number], show: Callable[[Number], str], sign: int = 1) -> str:
    """The worst and the median of several values, or the only one.

    Args:
        values: The values, at least one.
        show: How one is written.
        sign: 1 where the largest is the worst, -1 where the smallest is.
    """
    if len(values) == 1:
        return show(values[0])
    return f"{show(max(values, key=lambda value: sign * value))} / {show(statistics.median(values))}"


def _steps(value: float) -> str:
    return "never" if math.isinf(value) else f"{value:g}"


def _numbers(show: Callable[[float], str], values: Callable[[Row], Sequence[float | None]], row: Row) -> str:
    """A cell of figures of which small ones are better; ``None`` is infinitely large."""
    numbers = [math.inf if value is None else value for value in values(row)]
    return worst_and_median(numbers, show) if numbers else "" if row.is_able else "-"


def _bound(row: Row) -> str:
    if not row.is_able:
        return "-"
    bounds = [Fraction(bound) for bound in row.bounds]
    return worst_and_median(bounds, exact, 1 if row.sense == "max" else -1)


def table(rows: Sequence[Row], reference: str | None) -> str:
    """The rows as a Markdown table.

    Args:
        rows: One for every problem and agent.
        reference: The agent to be caught up with, if any.
    """
    several = any(len(row.bounds) > 1 for row in rows)
    note = " (worst / median)" if several else ""
    columns: dict[str, Callable[[Row], str]] = {
        "problem": lambda row: row.problem,
        "sense": lambda row: row.sense,
        "optimum": lambda row: "" if row.optimum is None else exact(Fraction(row.optimum)),
        "agent": lambda row: row.agent,
        f"bound{note}": _bound,
        "steps to the optimum": partial(_numbers, _steps, lambda row: row.steps_to_optimum),
    }
    if reference is not None:
        columns[f"steps to the bound of {reference}"] = partial(_numbers, _steps, lambda row: row.steps_to_reference)
    columns["steps"] = partial(_numbers, _steps, lambda row: row.steps)
    columns["derivations needed"] = partial(_numbers, _steps, lambda row: row.derivations)
    columns["ms per step"] = partial(_numbers, lambda value: f"{value:.2f}", lambda row: row.milliseconds)
    return markdown(columns, rows)


def is_able(agent: str, problem: Problem) -> bool:
    """Whether an agent can work on a problem.

    Raises:
        BadInput: If there is no such agent.
    """
    made = agent_of(agent)
    try:
        made.require(problem)
    except BadInput as error:
        print(f"{problem.name}: {error}", file=sys.stderr)
        return False
    return True


def tasks_of(options: argparse.Namespace, problem: str, agent: str) -> list[Task]:
    """What one agent is to do on one problem: once, or in several orders, which are the same for all agents."""
    if not options.relabel:
        return [Task(problem, agent, options.steps, options.seed, shrinking=True, rules=options.rules)]
    orders = np.random.SeedSequence(options.seed).generate_state(options.relabel).tolist()
    return [
        Task(
            problem, agent, options.steps, options.seed + number, shrinking=True, relabelling=order, rules=options.rules
        )
        for number, order in enumerate(orders)
    ]


def rows_of(
    problems: Sequence[Problem], plan: Mapping[tuple[str, str], Sequence[Task]], reference: str | None, file: TrialFile
) -> list[Row]:
    """Sum up what has been finished, problem by problem.

    Args:
        problems: The problems in their own order; their names are the spec strings.
        plan: What is to be done, by problem and agent; nothing where the agent cannot work on the problem.
        reference: The agent to be caught up with, if any.
        file: The trials that are finished.
    """
    finished = {
        key: [file.trials[task] for task in tasks]
        for key, tasks in plan.items()
        if all(task in file.trials for task in tasks)
    }
    rows = []
    for problem in problems:
        here = {agent: trials for (name, agent), trials in finished.items() if name == problem.name}
        optimum = known_optimum(problem, (trial for trials in here.values() for trial in trials))
        theirs = here.get(reference, []) if reference else []
        rows += [row(problem, agent, trials, optimum, theirs) for agent, trials in here.items()]
    return rows


def log_trials(folder: Path, trials: Iterable[Trial], rows: Iterable[Row]) -> None:
    """Write one TensorBoard run per trial, see :mod:`experiments.tensorboard`, with the proofs that the folder holds.

    Args:
        folder: The folder for all runs.
        trials: The trials.
        rows: What tells the optima of the problems.
    """
    optima = {row.problem: row.optimum for row in rows}
    for trial in trials:
        task = trial.task
        problem, optimum = task.make_problem(), optima.get(task.problem)
        best = problem.incumbent if optimum is None else Fraction(optimum)
        log_trial(
            task.run_folder(folder), trial, problem, None if best is None else float(best), kept_proof(folder, task)
        )


def kept_proof(folder: Path, task: Task) -> Proof | ProofTree | None:
    """The proof that a trial left in a folder; ``None`` if there is none, as where the trial is an older one."""
    file = task.proof_file(folder)
    return load_proof(file) if file.is_file() else None


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = common_parser("compare", __doc__ or "")
    parser.add_argument(
        "--problems",
        nargs="+",
        default=DEFAULT_PROBLEMS,
        metavar="PROBLEM",
        help="spec strings such as cycle:n=9, see `polyproof problems`, and files (default: some small ones)",
    )
    parser.add_argument(
        "--agents", nargs="+", default=DEFAULT_AGENTS, metavar="AGENT", help="default: dual-guided planner"
    )
    parser.add_argument("--steps", type=positive, default=60, help="derivations per proof (default: %(default)s)")
    parser.add_argument(
        "--relabel",
        type=positive,
        metavar="R",
        help="work in R random orders of the variables and axioms instead; gives the worst and the median figure",
    )
    parser.add_argument(
        "--reference", metavar="AGENT", help="also give the steps until the last bound of this agent is reached"
    )
    trial_options(parser)
    return parser


@raised_on_sigterm()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison; the exit status."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    try:
        require_outputs(options)
        executor = executor_of(options)
        if options.reference is not None and options.reference not in options.agents:
            raise BadInput(f"expected {options.reference} among the agents, to compare with it")
        problems = {problem.name: problem for problem in map(problem_of, options.problems)}
        plan = {
            (name, agent): tasks_of(options, name, agent) if is_able(agent, problem) else []
            for name, problem in problems.items()
            for agent in dict.fromkeys(options.agents)
        }
        settings = {"experiment": "compare", **{key: getattr(options, key) for key in ("steps", "seed", "rules")}}
        file = TrialFile(options.json, settings, options.resume, folder=options.logdir)
        with executor:
            ending = file.complete([task for tasks in plan.values() for task in tasks], executor)
        rows = rows_of([*problems.values()], plan, options.reference, file)
        file.write({**origin(parser.prog, arguments), "rows": [asdict(entry) for entry in rows]})
        if rows:
            print(table(rows, options.reference))
        if not ending.is_interrupted:  # otherwise the end is to come soon
            planned = {task for tasks in plan.values() for task in tasks}
            log_trials(options.logdir, (trial for task, trial in file.trials.items() if task in planned), rows)
            tell_of_logs(options.logdir)
    except BadInput as error:
        parser.error(str(error))
    except KeyboardInterrupt:  # before the trials, or after them, when they are in the file
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    return ending.report("the table is of what is finished", options.json)
