"""The leaderboard: make an entry, check one, or accept one.

``make`` lets an agent work on the suites and writes an entry; ``check`` verifies every certificate of an entry, made by
whatever program; ``add`` accepts it after that check and writes the tables.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.cli.exit_status import INVALID
from experiments.cli.parsing import Parser, positive, whole_number
from experiments.documentation.page import with_tables
from experiments.executors.options import executor_of, executor_options
from experiments.leaderboard.board import Board, share, tables
from experiments.leaderboard.entries import Entry, make_entry, read_entry
from experiments.leaderboard.suites import SUITES
from experiments.options import plain_parser, rules_option
from experiments.outputs import require_output
from experiments.reports import write_json
from experiments.starting import INCOMPLETE, INTERRUPTED
from polyproof_gym import BadInput, InvalidProof, ResourceLimit
from polyproof_gym.printable import printable
from polyproof_gym.stopping import raised_on_sigterm
from polyproof_gym.whole_file import write_whole

BOARD, PAGE = Path("docs") / "results" / "leaderboard.json", Path("docs") / "leaderboard.md"


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = plain_parser("leaderboard", __doc__ or "")
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK", parser_class=Parser)
    make = tasks.add_parser("make", help="let an agent work on the suites, and write an entry")
    make.add_argument("agent", metavar="AGENT", help="spec string of the agent")
    make.add_argument("--out", type=Path, required=True, metavar="ENTRY", help="write the entry to this file (.json)")
    make.add_argument("--name", help="what the entry is called (default: the agent)")
    make.add_argument("--suites", nargs="+", choices=SUITES, default=[*SUITES], metavar="SUITE", help=", ".join(SUITES))
    make.add_argument("--steps", type=positive, default=100, help="derivations per proof (default: %(default)s)")
    make.add_argument("--seed", type=whole_number, default=0, help="seed of random agents (default: %(default)s)")
    rules_option(make)
    executor_options(make, "problems", "; agents with a limit of time get further with fewer than there are cores")
    check = tasks.add_parser("check", help="verify every certificate of an entry")
    check.add_argument("entry", type=Path, metavar="ENTRY", help="an entry")
    add = tasks.add_parser("add", help="accept an entry after its check, and write the tables")
    add.add_argument("entry", type=Path, metavar="ENTRY", help="an entry")
    add.add_argument("--board", type=Path, default=BOARD, metavar="FILE", help="default: %(default)s")
    add.add_argument("--page", type=Path, default=PAGE, metavar="PAGE", help="default: %(default)s")
    return parser


@raised_on_sigterm()
def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked for; the exit status, 1 where a certificate is refused."""
    parser = make_parser()
    words = sys.argv[1:] if arguments is None else arguments
    options = parser.parse_args(words)
    try:
        if options.task == "make":
            return _make(options, shlex.join(["polyproof", "leaderboard", *words]))
        if options.task == "check":
            entry = read_entry(options.entry)
            print(f"{options.entry}: {len(entry.bounds)} certificates, all valid and of the suites' problems")
            print(_scores(Board.empty(), entry))
        else:
            _add(options)
    except InvalidProof as error:
        print(f"{parser.prog}: {printable(str(error))}", file=sys.stderr)
        return INVALID
    except (BadInput, ResourceLimit) as error:
        parser.error(str(error))
    except OSError as error:
        parser.error(f"{error.filename}: {(error.strerror or '').lower()}")
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _add(options: argparse.Namespace) -> None:
    """Accept an entry, and say where it stands."""
    require_output(options.board)
    require_output(options.page)
    board = Board.load(options.board) if options.board.exists() else Board.empty()
    entry = read_entry(options.entry)
    board = board.accepting(entry)
    named = {f"leaderboard/{name}": table for name, table in tables(board).items()}
    text = with_tables(options.page.read_text(encoding="utf-8"), named)
    board.save(options.board)
    write_whole(options.page, text)
    place = board.ranking().index(entry) + 1
    print(f"{options.entry}: accepted as {entry.name}, place {place} of {len(board.entries)} in {options.page}")
    print(_scores(board, entry))


def _scores(board: Board, entry: Entry) -> str:
    """The score of an entry, and those of its suites."""
    suites = ", ".join(f"{suite} {share(board.score(entry, suite))}" for suite in board.goals)
    return f"score {share(board.total(entry))} ({suites})"


def _make(options: argparse.Namespace, command: str) -> int:
    """Write an entry; the exit status."""
    require_output(options.out)
    specs = [spec for suite in options.suites for spec in SUITES[suite]]
    with executor_of(options) as executor:
        content, num_missing = make_entry(
            options.agent,
            specs,
            name=options.name or options.agent,
            max_steps=options.steps,
            seed=options.seed,
            rules=options.rules,
            command=command,
            executor=executor,
        )
    write_json(options.out, content)
    print(f"{options.out}: {len(content['certificates'])} certificates in {content['cost']['seconds']} s")
    return INCOMPLETE if num_missing else 0
