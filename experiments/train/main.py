"""The command line."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from contextlib import nullcontext

import experiments.train
from experiments.executors import DEFAULT, ExecutorLost, make_executor
from experiments.options import plain_parser
from experiments.outputs import require_folder
from experiments.starting import INCOMPLETE, INTERRUPTED
from experiments.train.checkpoints import is_begun
from experiments.train.logs import make_log
from experiments.train.options import config_options, configuration, folder_of
from experiments.train.training import make_training
from polyproof_gym import BadInput
from polyproof_gym.stopping import raised_on_sigterm


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = plain_parser("train", experiments.train.__doc__ or "")
    config_options(parser, "train", "such as updates=10 or settings.learning_rate=0.01", "all randomness")
    parser.add_argument(
        "--executor",
        default=DEFAULT,
        metavar="E",
        help="what makes the episodes of evolution strategies: processes, as many as the configuration's `workers`,"
        " ray, all processors of this machine, or ray:HOST:PORT, those of a cluster (default: %(default)s)",
    )
    parser.add_argument(
        "--log",
        action="append",
        default=[],
        metavar="L",
        help="write the figures there as well: csv, which is progress.csv in the folder, or wandb:PROJECT, which is"
        " Weights & Biases; repeatable",
    )
    return parser


@raised_on_sigterm()
def main(arguments: Sequence[str] | None = None) -> int:
    """Train; the exit status."""
    parser = make_parser()
    words = sys.argv[1:] if arguments is None else arguments
    options = parser.parse_args(words)
    folder = folder_of(options)
    try:
        require_folder(folder)
        logs = [make_log(text) for text in options.log]
        executor = None if options.executor == DEFAULT else make_executor(options.executor)
        with configuration(options) as content:
            training = make_training(content, options.seed, executor)
        from experiments.train.run import describe, summary, train  # here, since it loads PyTorch

        description = describe(content["algorithm"], training, options.seed, shlex.join([*parser.prog.split(), *words]))
        with executor or nullcontext():
            train(training, description, folder, options.resume, logs=logs)
        print(summary(training, folder))
    except BadInput as error:
        parser.error(str(error))
    except ExecutorLost as lost:
        print(f"{lost}; --resume goes on with {folder}", file=sys.stderr)
        return INCOMPLETE
    except KeyboardInterrupt:
        print(f"interrupted; --resume goes on with {folder}" if is_begun(folder) else "interrupted", file=sys.stderr)
        return INTERRUPTED
    return 0
