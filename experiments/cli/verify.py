"""``polyproof verify``: the independent check of a proof file."""

from __future__ import annotations

import argparse

from experiments.cli.exit_status import OK
from experiments.cli.files import abridged
from polyproof_gym.errors import BadInput, InvalidProof
from polyproof_gym.proofs import checker


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("file", metavar="FILE", help="a proof file")


def run(options: argparse.Namespace) -> int:
    """Check a proof file; the exit status."""
    try:
        content = checker.read(options.file)
        bound = checker.check(content)
    except checker.Unreadable as error:
        raise BadInput(f"{options.file}: {error}") from None
    except checker.Rejected as error:
        raise InvalidProof(f"{options.file}: rejected, {error}") from None
    relation = ">=" if content["problem"]["sense"] == "min" else "<="
    name = "".join(character if character.isprintable() else "?" for character in content["problem"]["name"])
    print(f"{options.file}: valid, proves f {relation} {abridged(str(bound))} for {name}")
    return OK
