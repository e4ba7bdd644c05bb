"""The command-line options that the experiments share."""

from __future__ import annotations

import argparse
from pathlib import Path


def common_parser(name: str, description: str) -> argparse.ArgumentParser:
    """A parser with ``--seed``, ``--json`` and ``--logdir``.

    Args:
        name: The experiment's module, without its package.
        description: What the experiment does; the first line is shown.
    """
    parser = argparse.ArgumentParser(prog=f"python -m experiments.{name}", description=description.split("\n")[0])
    parser.add_argument("--seed", type=int, default=0, help="seed of random agents (default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the results to this file")
    logdir = Path("runs") / name
    parser.add_argument("--logdir", type=Path, default=logdir, help="TensorBoard (default: %(default)s)")
    return parser


def experiment_parser(name: str, description: str) -> argparse.ArgumentParser:
    """A parser with the options of :func:`common_parser`, ``--n`` and ``--steps``; the arguments are the same."""
    parser = common_parser(name, description)
    parser.add_argument("--n", type=int, nargs="+", default=[25, 50], help="numbers of vertices (default: 25 50)")
    parser.add_argument("--steps", type=int, default=100, help="derivations per proof (default: %(default)s)")
    return parser


def trial_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--processes`` and ``--resume``, for experiments that make many trials."""
    parser.add_argument(
        "--processes",
        type=positive,
        default=1,
        metavar="P",
        help="trials at a time (default: %(default)s); time steps with fewer than there are cores",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with the file of --json: trials in it are not repeated (agents are known by their spec alone)",
    )


def positive(text: str) -> int:
    """Read a whole number of at least 1.

    Raises:
        argparse.ArgumentTypeError: If it is something else.
    """
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= 1):
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return int(text)
