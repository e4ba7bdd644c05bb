"""The command line ``polyproof``: one module per command, loaded when the command is given."""

import sys
from collections.abc import Sequence

from experiments import starting

ANSWERING = "prove"
"""The command that has a result however early it is interrupted."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status.

    Args:
        arguments: The words after the program's name, by default those of the process.
    """
    words = [*(sys.argv[1:] if arguments is None else arguments)]
    return starting.run("experiments.cli.command_line", words, answers_signals=words[:1] == [ANSWERING])
