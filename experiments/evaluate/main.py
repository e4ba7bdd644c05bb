"""Agents on the fixed held-out graphs of the paper's protocol: bounds, curves and paired comparisons.

``python -m experiments.evaluate`` lets every agent work on the same graphs ``G(n, p)``, ``p`` uniform in ``[0.5, 1]``,
given by their index. Every bound is checked exactly, and against the stability number found by exhaustive search.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from experiments.cli.parsing import positive, whole_number
from experiments.evaluate.contenders import Contender, contenders
from experiments.evaluate.curves import draw
from experiments.evaluate.rows import Row, Yardstick, row, table
from experiments.executors.options import executor_of
from experiments.options import experiment_parser, require_outputs, tell_of_logs, trial_options
from experiments.origin import origin
from experiments.outputs import as_file_name, make_folder, require_picture
from experiments.starting import INTERRUPTED
from experiments.tensorboard import Value, log_scalars, log_settings, run_writer
from experiments.trials import Task, Trial, TrialFile, agent_of
from polyproof_gym import BadInput, InvalidProof, make_problem
from polyproof_gym.stopping import raised_on_sigterm

FAMILY = "random-stable-set"
"""The family of the paper's protocol."""

DEFAULT_AGENTS = ("random", "random-closed", "bfs", "clique-cover", "dual-guided")


def graph(family: str, n: int, index: int) -> str:
    """The spec string of a held-out problem of a family."""
    return f"{family}{',' if ':' in family else ':'}n={n},index={index}"


def tasks_of(options: argparse.Namespace, n: int, index: int) -> dict[str, Task]:
    """What all agents are to do on one graph, by the agent."""
    seed = options.seed + index
    return {
        agent: Task(graph(options.family, n, index), agent, options.steps, seed, options.shrink, rules=options.rules)
        for agent in options.agents
    }


def rows_of(
    options: argparse.Namespace, entrants: Sequence[Contender], trials: Mapping[Task, Trial]
) -> tuple[list[Row], dict[str, float]]:
    """Sum up the trials, size by size, on the graphs that all agents have finished.

    Args:
        options: Those of the command line.
        entrants: The agents.
        trials: What has been finished.

    Returns:
        One row for every size and agent, and the best values of the problems, of graphs the stability numbers.

    Raises:
        InvalidProof: If a bound is beyond the best value known.
    """
    rows, numbers = [], {}
    for n in options.n:
        finished: dict[int, dict[str, Trial]] = {}
        for index in range(options.first, options.first + options.graphs):
            tasks = tasks_of(options, n, index)
            if all(task in trials for task in tasks.values()):
                finished[index] = {agent: trials[task] for agent, task in tasks.items()}
        if not finished:
            continue
        problems = {index: make_problem(graph(options.family, n, index)) for index in finished}
        yardsticks = {index: Yardstick.of(problem) for index, problem in problems.items()}
        for index, by_agent in finished.items():
            best, sign = yardsticks[index].best, problems[index].sign
            numbers[graph(options.family, n, index)] = best
            for trial in by_agent.values():
                if sign * trial.bound > sign * best:
                    raise InvalidProof(f"{trial.task}: the bound {trial.bound} is beyond {best}")
        by_entrant = {
            entrant: [[by_agent[spec] for by_agent in finished.values()] for spec in entrant.specs]
            for entrant in entrants
        }
        references = {e: by_entrant[e] for name in options.against for e in entrants if e.is_called(name)}
        rows += [row(e, n, by_entrant[e], [*yardsticks.values()], references) for e in entrants]
    return rows, numbers


def log_curves(folder: Path, family: str, rows: Sequence[Row]) -> None:
    """Write one TensorBoard run per row, see :mod:`experiments.tensorboard`: all figures are means over the graphs."""
    for entry in rows:
        steps = len(entry.curve or ())
        curve = enumerate(entry.curve) if entry.curve else [(0, entry.bound.value)]
        figures = {
            "proof/exact_bound": entry.bound.value,
            "proof/ratio": entry.ratio.value,
            "proof/derivations": entry.derivations,
        }
        settings: dict[str, Value] = {"family": family, "n": entry.n, "agent": entry.agent, "graphs": entry.graphs}
        with run_writer(folder / f"n={entry.n}" / as_file_name(entry.agent)) as writer:
            log_settings(writer, settings, figures)
            log_scalars(writer, [("proof/bound", bound, step) for step, bound in curve])
            log_scalars(writer, [(tag, value, max(0, steps - 1)) for tag, value in figures.items()])


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = experiment_parser("evaluate", __doc__ or "")
    parser.add_argument(
        "--agents",
        nargs="+",
        default=DEFAULT_AGENTS,
        metavar="AGENT",
        help="agents; trained ones that differ only in -seedK are one row (default: the cheap baselines)",
    )
    parser.add_argument(
        "--family",
        default=FAMILY,
        metavar="SPEC",
        help="random problems, without their size, such as random-stable-set:max_weight=10 (default: %(default)s)",
    )
    parser.add_argument("--graphs", type=positive, default=30, help="graphs per size (default: %(default)s)")
    parser.add_argument(
        "--first",
        type=whole_number,
        default=0,
        metavar="K",
        help="number of the first graph (default: %(default)s); 0 to 99 are for final results, "
        "develop on others, for example from 5000",
    )
    parser.add_argument(
        "--against", nargs="+", default=[], metavar="AGENT", help="compare all agents with these, graph by graph"
    )
    parser.add_argument("--shrink", action="store_true", help="shorten proofs before derivations are counted (slow)")
    parser.add_argument("--curves", type=Path, metavar="OUT", help="draw the mean bounds over the steps (.png)")
    trial_options(parser)
    return parser


def check(options: argparse.Namespace, entrants: Sequence[Contender]) -> None:
    """Check the options before anything takes time.

    Raises:
        BadInput: If something cannot be used.
    """
    require_outputs(options)
    for name in options.against:
        if not any(entrant.is_called(name) for entrant in entrants):
            raise BadInput(f"expected {name} among the agents, to compare with it")
    for n in options.n:
        problem = make_problem(graph(options.family, n, options.first))
        for agent in options.agents:
            agent_of(agent).require(problem)
    require_picture(options.curves)


@raised_on_sigterm()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the evaluation; the exit status."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    options.n, options.agents = [*dict.fromkeys(options.n)], [*dict.fromkeys(options.agents)]
    entrants = contenders(options.agents)
    try:
        executor = executor_of(options)
        check(options, entrants)
        keys = ("steps", "seed", "shrink", "rules")
        settings = {"experiment": "evaluate", **{key: getattr(options, key) for key in keys}}
        file = TrialFile(options.json, settings, options.resume)
        indices = range(options.first, options.first + options.graphs)
        tasks = [task for n in options.n for index in indices for task in tasks_of(options, n, index).values()]
        with executor:
            ending = file.complete(tasks, executor)
        rows, alphas = rows_of(options, entrants, file.trials)
        file.write({**origin(parser.prog, arguments), "alphas": alphas, "rows": [asdict(entry) for entry in rows]})
        if rows:
            means = {entry.n: f"{entry.alpha:.2f} (n = {entry.n}, {entry.graphs} graphs)" for entry in rows}
            measure = "bound / alpha" if options.family.startswith(FAMILY) else "open gap at the end"
            print(f"alpha: {', '.join(means.values())}\n\n{table(rows, options.steps, measure)}")
        if rows and not ending.is_interrupted:  # otherwise the end is to come soon
            log_curves(options.logdir, options.family, rows)
            tell_of_logs(options.logdir)
        if rows and options.curves is not None:
            make_folder(options.curves.parent)
            draw(rows, options.curves)
    except BadInput as error:
        parser.error(str(error))
    except KeyboardInterrupt:  # before the trials, or after them, when they are in the file
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    finished = "the table is of the graphs" if rows else "there is no graph"
    return ending.report(f"{finished} that all agents have finished", options.json)
