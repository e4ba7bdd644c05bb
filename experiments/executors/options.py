"""The command-line options that choose an executor."""

from __future__ import annotations

import argparse

from experiments.cli.parsing import positive
from experiments.executors.executor import Executor
from experiments.executors.registry import DEFAULT, EXECUTORS, make_executor


def executor_options(parser: argparse.ArgumentParser, what: str, advice: str = "") -> None:
    """Add ``--executor``, ``--processes`` and ``--task-memory``.

    Args:
        parser: The parser.
        what: What is worked on.
        advice: What else to say of the number of processes.
    """
    parser.add_argument(
        "--executor",
        default=DEFAULT,
        metavar="E",
        help=f"what works on the {what}: {', '.join(EXECUTORS)} or ray:HOST:PORT, a cluster (default: %(default)s)",
    )
    parser.add_argument(
        "--processes",
        "--workers",
        type=positive,
        metavar="P",
        help=f"{what} at a time (default: 1; with Ray, as many as the cluster has processors){advice}",
    )
    parser.add_argument(
        "--task-memory",
        type=positive,
        metavar="MB",
        help="kill a worker that holds more memory than this, the libraries' 300 MB or so included; what it worked on "
        "is tried once more (default: no limit)",
    )


def executor_of(options: argparse.Namespace) -> Executor:
    """What works on tasks, by the options of :func:`executor_options`.

    Raises:
        BadInput: See :func:`~experiments.executors.make_executor`.
    """
    return make_executor(options.executor, options.processes, options.task_memory)
