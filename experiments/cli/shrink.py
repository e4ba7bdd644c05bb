"""``polyproof shrink``: the same bound from fewer derivations."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from experiments.cli.exit_status import OK
from experiments.cli.files import abridged
from experiments.cli.output import emit
from experiments.cli.parsing import whole_number
from experiments.outputs import make_folder, require_output
from polyproof_gym import BadInput, Proof, load_proof
from polyproof_gym.printable import printable
from polyproof_gym.proofs import ProofTree, shrink
from polyproof_gym.stopping import StopOnSignals, abortable, exit_status


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("file", metavar="FILE", help="a proof file")
    parser.add_argument("--out", type=Path, metavar="F", required=True, help="write the shorter proof to this file")
    parser.add_argument(
        "--seconds",
        type=whole_number,
        default=20,
        help="time limit of the search for the shortest (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Write a shorter proof; the exit status."""
    require_output(options.out, options.file)
    proof = load_proof(options.file)
    with StopOnSignals() as stop:
        print(f"polyproof: shrinking {proof.num_derivations} derivations", file=sys.stderr)
        try:
            shorter: Proof | ProofTree = abortable(shrink, proof, options.seconds) or proof
        except (ValueError, OverflowError) as error:  # numbers beyond the range of floats
            raise BadInput(f"{options.file}: cannot be shrunk ({error})") from None
        if stop.number is not None:
            is_shorter = shorter is not proof
            what = "the shortest proof so far is written" if is_shorter else "nothing shorter found, nothing written"
            print(f"polyproof: interrupted; {what}", file=sys.stderr)
            if not is_shorter:
                return exit_status(stop.number)
        make_folder(options.out.parent)
        shorter.save(options.out)
        cases = f", {shorter.num_leaves} cases instead of {proof.num_leaves}" if proof.num_leaves > 1 else ""
        emit(
            f"{printable(str(options.out))}: {shorter.num_derivations} derivations instead of {proof.num_derivations}"
            f"{cases}, bound {abridged(str(shorter.bound))}"
        )
    return OK if stop.number is None else exit_status(stop.number)
