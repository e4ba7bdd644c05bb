"""The command line ``polyproof``: one module per command, loaded when the command is given."""

from collections.abc import Sequence

from experiments import starting


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status.

    Args:
        arguments: The words after the program's name, by default those of the process.
    """
    return starting.run("experiments.cli.command_line", arguments)
