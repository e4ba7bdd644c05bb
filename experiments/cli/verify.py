"""``polyproof verify``: the independent check of proof files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from experiments.cli.exit_status import BAD_INPUT, INVALID, OK, TOO_LARGE
from experiments.cli.files import abridged
from experiments.cli.output import emit
from experiments.cli.parsing import whole_number
from experiments.executors.executor import ExecutorLost
from experiments.executors.options import executor_of, executor_options
from experiments.executors.registry import DEFAULT
from experiments.starting import INCOMPLETE
from polyproof_gym.printable import printable
from polyproof_gym.proofs import checker

WORST = (INVALID, BAD_INPUT, TOO_LARGE, INCOMPLETE, OK)
"""The exit statuses of single files, the one that counts most first."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="proof files")
    parser.add_argument(
        "--max-work",
        type=whole_number,
        default=checker.MAX_WORK,
        metavar="N",
        help="limit of the work for a file, in units of some 0.3 microseconds (default: %(default)s)",
    )
    parser.add_argument(
        "--max-bytes",
        type=whole_number,
        default=checker.MAX_BYTES,
        metavar="N",
        help="limit of a file's size (default: %(default)s)",
    )
    executor_options(parser, "files")


class Verdict(NamedTuple):
    """What comes of a file.

    Attributes:
        status: The exit status that it stands for.
        text: What there is to say.
    """

    status: int
    text: str


class _Sent(NamedTuple):
    """A file that is to be checked, perhaps on another machine.

    Attributes:
        number: Its place among the files.
        path: Where it stands.
        data: What stands in it, or why it is not checked.
    """

    number: int
    path: str
    data: bytes | Verdict


@dataclass(frozen=True)
class Check:
    """Checks files, within limits.

    Attributes:
        max_work: See :func:`~polyproof_gym.proofs.checker.check`.
        max_bytes: Limit of the size.
    """

    max_work: int
    max_bytes: int

    def sent(self, paths: Sequence[str]) -> Iterator[_Sent]:
        """The files as they are sent, read one by one."""
        for number, path in enumerate(paths):
            try:
                yield _Sent(number, path, checker.read(path, self.max_bytes))
            except (checker.Unreadable, checker.ResourceLimit) as error:
                yield _Sent(number, path, _failed(path, error))

    def __call__(self, sent: _Sent) -> Verdict:
        """Check a file."""
        if isinstance(sent.data, Verdict):
            return sent.data
        try:
            content = checker.parse(sent.data, self.max_bytes)
            bound = checker.check(content, self.max_work)
        except (checker.Rejected, checker.Unreadable, checker.ResourceLimit) as error:
            return _failed(sent.path, error)
        except MemoryError:
            return Verdict(TOO_LARGE, f"{sent.path}: too large to be checked, it takes more memory than there is")
        relation = ">=" if content["problem"]["sense"] == "min" else "<="
        name = abridged(printable(content["problem"]["name"]))  # which nobody checks, so that it is quoted
        return Verdict(OK, f"{sent.path}: valid, proves f {relation} {abridged(str(bound))} for '{name}'")


def _failed(path: str, error: Exception) -> Verdict:
    if isinstance(error, checker.Rejected):
        return Verdict(INVALID, f"{path}: rejected, {error}")
    if isinstance(error, checker.ResourceLimit):
        return Verdict(TOO_LARGE, f"{path}: too large to be checked, {error}")
    return Verdict(BAD_INPUT, f"{path}: {error}")


def run(options: argparse.Namespace) -> int:
    """Check proof files and say in their order what comes of them; the exit status, that of the worst."""
    check = Check(options.max_work, options.max_bytes)
    verdicts: dict[int, Verdict] = {}
    told: list[int] = []
    try:
        for number, verdict in _verdicts(check, options):
            verdicts[number] = verdict
            while len(told) in verdicts:
                told.append(_tell(verdicts.pop(len(told))))
    except ExecutorLost as lost:
        told.extend(_tell(verdict) for _, verdict in sorted(verdicts.items()))
        print(f"polyproof: {lost}, with {len(told)} of {len(options.files)} files checked", file=sys.stderr, flush=True)
        told.append(INCOMPLETE)
    return min(told, key=WORST.index)


def _verdicts(check: Check, options: argparse.Namespace) -> Iterator[tuple[int, Verdict]]:
    """What comes of every file, by its number, as soon as it is known.

    Raises:
        ExecutorLost: If what works on them is gone.
    """
    if len(options.files) == 1 and options.executor == DEFAULT and options.task_memory is None:
        for sent in check.sent(options.files):  # here, as to load what works on several takes longer
            yield sent.number, check(sent)
        return
    with executor_of(options) as executor:
        for sent, verdict in executor.outcomes(check, check.sent(options.files)):
            if not isinstance(verdict, Verdict):  # whatever worked on it has died of it
                verdict = Verdict(TOO_LARGE, f"{sent.path}: not checked, {verdict.reason}")
            yield sent.number, verdict


def _tell(verdict: Verdict) -> int:
    """Say what comes of a file; the exit status that it stands for."""
    if verdict.status == OK:
        emit(printable(verdict.text))
    else:
        print(f"polyproof: {printable(verdict.text)}", file=sys.stderr, flush=True)
    return verdict.status
