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
