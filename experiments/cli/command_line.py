"""Reading the command line, and what becomes of errors."""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from collections.abc import Sequence

import polyproof_gym
from experiments import starting
from experiments.cli.exit_status import BAD_INPUT, INVALID, OK, TOO_LARGE
from experiments.cli.output import only_results
from experiments.cli.parsing import CommandParser, Parser
from experiments.extras import advice
from polyproof_gym.errors import InvalidProof, PolyProofError, ResourceLimit
from polyproof_gym.printable import printable
from polyproof_gym.stopping import Terminated, exit_status, raised_on_sigterm

COMMANDS: dict[str, tuple[str, str, str]] = {
    "problems": ("problems", "list the named problems", "List the named problems."),
    "agents": ("agents", "list the agents", "List the agents."),
    "rules": ("rules", "list the inference rules", "List the inference rules."),
    "prove": (
        "prove",
        "prove a bound on a problem",
        "Prove a bound. Exit status: 0 proved, bounded, optimal or infeasible; 3 target not reached; 4 target refuted"
        " by a feasible point; 2 bad input.",
    ),
    "verify": (
        "verify",
        "check proof files",
        "Check proof files, exactly and independently. Exit status: 0 valid, 1 rejected, 2 unreadable, 5 too large; of"
        " several files, that of the worst.",
    ),
    "export": (
        "export",
        "write a proof out for people or for a proof assistant",
        "Write a proof out for people or for a proof assistant.",
    ),
    "replay": (
        "replay",
        "show a proof step by step, as a page or as an animated picture",
        "Show a proof file, or the search of an agent on a problem, step by step: as a web page or as an animated GIF.",
    ),
    "shrink": (
        "shrink",
        "make a proof shorter",
        "Write a proof of the same bound with fewer derivations, if one is found among the lines.",
    ),
    "doctor": ("doctor", "versions and platform, for bug reports", "Print versions and platform."),
}
"""The module of every command, what it does in a few words, and in a sentence or two."""

PROGRAMS: dict[str, tuple[str, str]] = {
    "train": ("experiments.train.main", "train an agent as a configuration file says"),
    "tune": ("experiments.tune.main", "try many configurations of a training on Ray, and keep the best agent"),
    "evaluate": ("experiments.evaluate.main", "try agents on the held-out graphs of the paper's protocol"),
    "compare": ("experiments.compare.main", "try agents side by side on named problems"),
    "leaderboard": ("experiments.leaderboard.main", "make, check and list entries of the leaderboard"),
    "robustness": ("experiments.robustness.main", "radii around points of data within which classes are certain"),
    "bench": ("experiments.benchmark.main", "measure times, memory and bounds"),
}
"""Programs that are commands too: the module with their ``main``, and what they do in a few words."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status.

    Args:
        arguments: The words after the program's name, by default those of the process.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    words = [*(sys.argv[1:] if arguments is None else arguments)]
    if "_ARGCOMPLETE" in os.environ:  # the shell asks what could be typed next
        from experiments.cli.completion import complete

        complete(make_parser())
    if words and words[0] in PROGRAMS:
        return starting.run(PROGRAMS[words[0]][0], words[1:], f"polyproof {words[0]}")
    options = make_parser().parse_args(words, argparse.Namespace(words=words))
    with raised_on_sigterm():
        return _run(options)


def _run(options: argparse.Namespace) -> int:
    try:
        with only_results(), starting.interrupts_of_imports():
            status: int = options.run(options)
        return status
    except PolyProofError as error:
        print(f"polyproof: {printable(str(error))}", file=sys.stderr)
        if isinstance(error, ResourceLimit):
            return TOO_LARGE
        return INVALID if isinstance(error, InvalidProof) else BAD_INPUT
    except ImportError as error:
        reason = advice(error)
        if reason is None:
            raise
        print(f"polyproof: {reason}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt as interrupt:
        print("polyproof: interrupted", file=sys.stderr)
        return exit_status(signal.SIGTERM if isinstance(interrupt, Terminated) else signal.SIGINT)
    except BrokenPipeError:  # the reader of our output has gone
        return OK
    except OSError as error:
        print(f"polyproof: {printable(str(error))}", file=sys.stderr)
        return BAD_INPUT


def make_parser() -> Parser:
    """The command line."""
    parser = Parser(prog="polyproof", description="Prove bounds on polynomials, exactly.")
    parser.add_argument("--version", action="version", version=f"polyproof {polyproof_gym.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=CommandParser)
    for name, (module, summary, description) in COMMANDS.items():
        commands.add_parser(name, module=f"experiments.cli.{module}", help=summary, description=description)
    for name, (module, summary) in PROGRAMS.items():
        commands.add_parser(name, module=module, help=summary)
    return parser
