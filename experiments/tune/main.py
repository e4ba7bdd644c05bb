"""The command line."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import experiments.tune
from experiments.cli.parsing import positive
from experiments.executors import ExecutorLost, make_executor
from experiments.executors.ray import RayCluster
from experiments.extras import require_extra
from experiments.options import plain_parser
from experiments.outputs import make_folder, require_folder
from experiments.starting import INCOMPLETE, INTERRUPTED
from experiments.train.options import config_options, configuration, folder_of
from experiments.train.training import Training, make_training
from experiments.tune.space import distributions_in, draw
from experiments.tune.standings import Standings, number_in
from experiments.tune.trial import Plan, Trial
from polyproof_gym import BadInput
from polyproof_gym.stopping import raised_on_sigterm

SAMPLES = 16
"""The number of trials if nothing else is asked for."""

MOST_SAMPLES = 1_000
"""The most configurations of a search."""


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = plain_parser("tune", experiments.tune.__doc__ or "")
    config_options(
        parser,
        "tune",
        "or draw it: choice(A, B, ...), integer(LOW, HIGH), uniform(LOW, HIGH) or loguniform(LOW, HIGH), which the file"
        " may hold as well",
        "what is drawn and of every training",
    )
    parser.add_argument(
        "--samples", type=positive, metavar="N", help=f"trials (default: {SAMPLES}, or as many as there are)"
    )
    parser.add_argument("--seconds", type=positive, metavar="S", help="stop after this time, about (default: no limit)")
    parser.add_argument(
        "--executor", default="ray", metavar="E", help="ray, or ray:HOST:PORT, a cluster (default: %(default)s)"
    )
    parser.add_argument(
        "--processes",
        "--workers",
        type=positive,
        metavar="P",
        help="processors to use, of this machine (default: all); every trial takes as many as it has `workers`",
    )
    return parser


@raised_on_sigterm()
def main(arguments: Sequence[str] | None = None) -> int:
    """Search; the exit status."""
    parser = make_parser()
    words = sys.argv[1:] if arguments is None else arguments
    options = parser.parse_args(words)
    folder = folder_of(options).absolute()
    command = shlex.join([*parser.prog.split(), *words])
    is_begun = False
    try:
        require_folder(folder)
        samples = options.samples or (number_in(folder) if options.resume else SAMPLES)
        with configuration(options) as content:
            drawn = draw(content, distributions_in(content), min(samples, MOST_SAMPLES), options.seed)
            trainings = [make_training(each, options.seed) for _, each in drawn]
            _require_comparable(trainings)
            processors = _processors(trainings)
        cluster = _cluster(options.executor, options.processes, processors)
        from experiments.train.run import description_of  # here, since it loads PyTorch
        from experiments.tune.search import search

        description = description_of(content, options.seed, command, "ray")
        first = trainings[0]
        unit, total = f"{first.unit}s", first.total
        standings = Standings(folder, description, unit, [values for values, _ in drawn])
        if options.resume:
            standings.resume()
        elif standings.is_begun:
            raise BadInput(f"{folder}: there is a search already; --resume goes on with it")
        make_folder(folder)
        standings.write()
        is_begun = True
        plan = Plan(options.seed, unit, total, command, os.getcwd())
        trials = [
            Trial(number, each, str(standings.folder(number)), standings.is_stopped(number), plan)
            for number, (_, each) in enumerate(drawn)
        ]
        with cluster, cluster.start().guarding(partial(_tell, folder)):
            search(standings, trials, processors, min(first.held_out_every, total), options.seconds)
        standings.write()
        print(standings.table(), end="")
    except BadInput as error:
        parser.error(str(error))
    except ExecutorLost as lost:
        return _tell(folder, lost)
    except KeyboardInterrupt:
        print(f"interrupted; --resume goes on with {folder}" if is_begun else "interrupted", file=sys.stderr)
        return INTERRUPTED
    return 0


def _tell(folder: Path, lost: ExecutorLost) -> int:
    """Tell of a cluster that is lost; the exit status."""
    print(f"\n{lost}; --resume goes on with {folder}", file=sys.stderr, flush=True)
    return INCOMPLETE


def _require_comparable(trainings: Sequence[Training]) -> None:
    """Check that what is said of one agent during its training can be compared with what is said of the others.

    Raises:
        BadInput: If it cannot.
    """
    if not trainings[0].held_out_every:
        raise BadInput(
            "expected held_out_every of at least 1: trials are compared on the held-out problems while they train"
        )
    if any(_measure(training) != _measure(trainings[0]) for training in trainings):
        raise BadInput(
            "expected the same length, problems, held_out, held_out_every, step budgets, reward and target of all"
            " trials, by which they are compared"
        )


def _measure(training: Training) -> tuple[Any, ...]:
    """What figures on the held-out problems depend on, beside the agent."""
    held_out, environment = training.held_out, training.config.get("environment", {})
    problems = training.config["problems"], held_out.problems, held_out.steps, training.held_out_every
    return training.unit, training.total, *problems, environment.get("reward"), environment.get("target")


def _processors(trainings: Sequence[Training]) -> int:
    """How many processors a trial takes."""
    return max(int(training.config.get("workers", 1)) for training in trainings)


def _cluster(spec: str, processors: int | None, needed: int) -> RayCluster:
    """The cluster for the trials.

    Args:
        spec: The executor.
        processors: How many processors may be used, if that is limited.
        needed: How many a trial takes: Ray would wait for more without end.

    Raises:
        BadInput: If it is none of Ray's, is too small, or what is needed is not installed.
    """
    if processors is not None and processors < needed:
        raise BadInput(f"--processes {processors}: expected at least {needed}, as a trial has {needed} workers")
    require_extra("tune", "ray", "pyarrow")
    executor = make_executor(spec, processors)
    if not isinstance(executor, RayCluster):
        raise BadInput(f"expected ray or ray:HOST:PORT as executor, got {spec!r}: Ray Tune needs Ray")
    return executor
