"""``polyproof export``: a proof for people, or for a proof assistant."""

from __future__ import annotations

import argparse
from pathlib import Path

from experiments.cli.exit_status import OK
from experiments.cli.output import emit
from experiments.outputs import make_folder, require_output
from polyproof_gym import BadInput, InvalidProof, load_proof
from polyproof_gym.proofs.exports import EXPORTERS
from polyproof_gym.whole_file import write_whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("file", metavar="FILE", help="a proof file")
    parser.add_argument("--format", required=True, choices=EXPORTERS, help="what to write")
    parser.add_argument("--out", type=Path, metavar="F", help="write to this file instead of standard output")


def run(options: argparse.Namespace) -> int:
    """Write a proof out; the exit status."""
    require_output(options.out, options.file)
    try:
        proof = load_proof(options.file)
    except InvalidProof as error:
        raise BadInput(str(error)) from None
    try:
        text = EXPORTERS[options.format](proof)
    except ValueError as error:  # numbers that are computed from those in the file can be too long for text
        raise BadInput(f"{options.file}: cannot be exported ({error})") from None
    if options.out is None:
        emit(text, end="")
    else:
        make_folder(options.out.parent)
        write_whole(options.out, text)
    return OK
