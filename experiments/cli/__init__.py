"""The command line ``polyproof``: one module per command, loaded when the command is given."""

from experiments.cli.main import main

__all__ = ["main"]
