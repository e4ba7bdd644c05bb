"""The command-line options that the experiments share."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from experiments.cli.parsing import Parser, positive
from experiments.executors.options import executor_options
from experiments.extras import require_extra
from experiments.outputs import require_folder, require_output
from experiments.starting import program
from polyproof_gym.errors import BadInput
from polyproof_gym.proofs.rules import DEFAULT_RULES, RULES, make_rules, rule_names

MAX_SEED = 2**32 - 1
"""Largest seed; Stable-Baselines3 takes no larger ones."""


def plain_parser(name: str, description: str) -> Parser:
    """A parser without options, whose errors take one line.

    Args:
        name: The experiment's module, without its package.
        description: What the experiment does; the first line is shown.
    """
    return Parser(prog=program(name), description=description.split("\n")[0])


def common_parser(name: str, description: str) -> Parser:
    """A parser with ``--seed``, ``--json`` and ``--logdir``; the arguments are those of :func:`plain_parser`."""
    parser = plain_parser(name, description)
    parser.add_argument("--seed", type=seed, default=0, help="seed of all that is random (default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the results to this file")
    logdir = Path("runs") / name
    parser.add_argument("--logdir", type=Path, default=logdir, help="TensorBoard (default: %(default)s)")
    return parser


def experiment_parser(name: str, description: str) -> Parser:
    """A parser with the options of :func:`common_parser`, ``--n`` and ``--steps``; the arguments are the same."""
    parser = common_parser(name, description)
    parser.add_argument("--n", type=positive, nargs="+", default=[25, 50], help="numbers of vertices (default: 25 50)")
    parser.add_argument("--steps", type=positive, default=100, help="derivations per proof (default: %(default)s)")
    return parser


def rules_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--rules``, whose value is read as the names of all rules with commas between."""
    parser.add_argument(
        "--rules",
        type=rules,
        default=",".join(rule_names(DEFAULT_RULES)),
        metavar="R,R",
        help=f"inference rules, of {', '.join(RULES)} (default: %(default)s)",
    )


def trial_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--rules`` and the options of :func:`many_options`, for experiments that make many trials."""
    rules_option(parser)
    many_options(
        parser, "trials", "; time steps with fewer than there are cores", " (agents are known by their spec alone)"
    )


def many_options(parser: argparse.ArgumentParser, what: str, advice: str = "", known: str = "") -> None:
    """Add the options of an executor and ``--resume``, for experiments that do much of the same.

    Args:
        parser: The parser.
        what: What they do much of.
        advice: What else to say of the number of processes.
        known: What else to say of how those in a file are known.
    """
    executor_options(parser, what, advice)
    parser.add_argument(
        "--resume",
        action="store_true",
        help=f"go on with the file of --json: {what} in it are not repeated{known}",
    )


def require_outputs(options: argparse.Namespace) -> None:
    """Check the outputs of :func:`common_parser`, before anything takes time.

    Raises:
        BadInput: If one cannot be written, or what writes it is not installed.
    """
    require_extra("agents", "torch", "tensorboard")
    require_output(options.json)
    require_folder(options.logdir)


def tell_of_logs(folder: Path) -> None:
    """Say on standard error what shows the logs in the folder of ``--logdir``."""
    print(f"to look at it: {shlex.join(['tensorboard', '--logdir', str(folder)])}", file=sys.stderr)


def rules(text: str) -> str:
    """Read the names of inference rules, see :func:`~polyproof_gym.proofs.make_rules`.

    Raises:
        argparse.ArgumentTypeError: If these are no such names.
    """
    try:
        return ",".join(rule_names(make_rules(text)))
    except BadInput as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def seed(text: str) -> int:
    """Read a seed.

    Raises:
        argparse.ArgumentTypeError: If it is something else.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= MAX_SEED):
        raise argparse.ArgumentTypeError(f"expected a seed from 0 to {MAX_SEED}, got {text!r}")
    return int(text)
