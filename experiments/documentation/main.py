"""The tables of the README and the documentation: made from the files of ``docs/results``, checked, measured again.

``tables`` writes all tables; ``check`` says where pages and files disagree; ``measure`` runs the commands of files
again and keeps what they give; ``take`` keeps what a file holds that a program has written, as ``--json`` names it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.cli.parsing import Parser
from experiments.documentation import commands
from experiments.documentation.site import Site
from experiments.options import plain_parser
from experiments.outputs import make_folder
from experiments.reports import read_json
from experiments.starting import INTERRUPTED
from polyproof_gym import BadInput
from polyproof_gym.stopping import raised_on_sigterm

RUNS = Path("runs") / "documentation"
"""Where the files are that measured programs write."""


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = plain_parser("documentation", __doc__ or "")
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK", parser_class=Parser)
    tasks.add_parser("tables", help="write all tables")
    tasks.add_parser("check", help="say where pages and results disagree, a line each; 1 if they do")
    measure = tasks.add_parser("measure", help="run the commands of results again, then write the tables")
    measure.add_argument("names", nargs="+", metavar="NAME", help="a file of docs/results, without .json")
    measure.add_argument(
        "--only", type=int, nargs="+", metavar="K", help="numbers of the commands, from 0 (default: all)"
    )
    measure.add_argument(
        "--file",
        type=_file,
        action="append",
        default=[],
        metavar="WORD=PATH",
        help="a file outside the repository, and the word that stands for it in the commands",
    )
    take = tasks.add_parser("take", help="keep what a program has written with --json, then write the tables")
    take.add_argument("name", metavar="NAME", help="a file of docs/results, without .json")
    take.add_argument("file", type=Path, metavar="RUN", help="the file that the program has written")
    take.add_argument("--command", type=int, default=0, metavar="K", help="number of the command, from 0 (default: 0)")
    return parser


def _file(text: str) -> tuple[str, str]:
    word, equals, path = text.partition("=")
    if not (word and equals and Path(path).is_file()):
        raise argparse.ArgumentTypeError(f"expected WORD=PATH, with the path of a file, got {text!r}")
    return word, path


@raised_on_sigterm()
def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked for; the exit status, 1 where pages and results disagree."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    try:
        site = Site(Path.cwd())
        if options.task == "check":
            found = site.disagreements()
            print("\n".join(found), end="\n" if found else "", file=sys.stderr)
            return int(bool(found))
        if options.task == "measure":
            make_folder(RUNS)
            for name in options.names:
                if commit := site.result(name).commit:
                    raise BadInput(f"{name}: its commands are those of commit {commit}; take keeps what they write")
                numbers = range(len(site.result(name).commands)) if options.only is None else options.only
                for number in numbers:
                    command = site.command(name, number)
                    print(command, file=sys.stderr)
                    file = RUNS / f"{name}-{number}.json"
                    file.unlink(missing_ok=True)
                    given = commands.with_files(command, dict(options.file))
                    site.keep(name, number, site.kind(name).made(given, file))
        elif options.task == "take":
            site.keep(options.name, options.command, read_json(options.file))
        site.write_tables()
    except BadInput as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0
