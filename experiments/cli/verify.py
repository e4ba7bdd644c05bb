"""``polyproof verify``: the independent check of a proof file."""

from __future__ import annotations

import argparse

from experiments.cli.exit_status import OK
from experiments.cli.files import abridged
from experiments.cli.output import emit
from experiments.cli.parsing import whole_number
from polyproof_gym.errors import BadInput, InvalidProof, ResourceLimit
from polyproof_gym.printable import printable
from polyproof_gym.proofs import checker


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("file", metavar="FILE", help="a proof file")
    parser.add_argument(
        "--max-work",
        type=whole_number,
        default=checker.MAX_WORK,
        metavar="N",
        help="limit of the work, in units of some 0.3 microseconds (default: %(default)s)",
    )
    parser.add_argument(
        "--max-bytes",
        type=whole_number,
        default=checker.MAX_BYTES,
        metavar="N",
        help="limit of the file's size (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Check a proof file; the exit status."""
    try:
        content, bound = checker.verify(options.file, options.max_work, options.max_bytes)
    except checker.Unreadable as error:
        raise BadInput(f"{options.file}: {error}") from None
    except checker.Rejected as error:
        raise InvalidProof(f"{options.file}: rejected, {error}") from None
    except checker.ResourceLimit as error:
        raise ResourceLimit(f"{options.file}: too large to be checked, {error}") from None
    relation = ">=" if content["problem"]["sense"] == "min" else "<="
    name = abridged(printable(content["problem"]["name"]))
    emit(f"{printable(options.file)}: valid, proves f {relation} {abridged(str(bound))} for {name}")
    return OK
