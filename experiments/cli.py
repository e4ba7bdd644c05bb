"""The command line ``polyproof``."""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import re
import signal
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from tqdm import tqdm

import polyproof_gym
from agents import Search, agent_names
from experiments.reports import describe
from polyproof_gym import (
    BadInput,
    InvalidProof,
    PolyProofError,
    Problem,
    Proof,
    load_problem,
    load_proof,
    make_problem,
)
from polyproof_gym.problems import REGISTRY
from polyproof_gym.proofs import ProofState, checker, shrink
from polyproof_gym.proofs.exports import EXPORTERS
from polyproof_gym.whole_file import write_whole

OK, INVALID, BAD_INPUT, UNDECIDED, INTERRUPTED = 0, 1, 2, 3, 130


class _Parser(argparse.ArgumentParser):
    """Reports a wrong command line in one line."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        # Lets a negative fraction be the value of an option: --target -104/5.
        self._negative_number_matcher = re.compile(r"^-[\d.]\S*$")

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: {message} (--help tells more)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status.

    Args:
        arguments: The words after the program's name, by default those of the process.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except PolyProofError as error:
        print(f"polyproof: {error}".replace("\n", "\\n"), file=sys.stderr)
        return INVALID if isinstance(error, InvalidProof) else BAD_INPUT
    except KeyboardInterrupt:
        print("polyproof: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone
        sys.stderr.close()
        return OK
    except OSError as error:
        print(f"polyproof: {error}".replace("\n", "\\n"), file=sys.stderr)
        return BAD_INPUT


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="polyproof", description="Prove bounds on polynomials, exactly.")
    parser.add_argument("--version", action="version", version=f"polyproof {polyproof_gym.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    problems = commands.add_parser("problems", help="list the named problems")
    problems.add_argument("--json", action="store_true", help="print one JSON array")
    problems.set_defaults(run=_problems)

    prove = commands.add_parser(
        "prove",
        help="prove a bound on a problem",
        description="Prove a bound. Exit status: 0 proved or bounded, 3 target not reached, 2 bad input.",
    )
    prove.add_argument("problem", metavar="PROBLEM", help="a name such as petersen or cycle:n=9, or a file")
    prove.add_argument(
        "--agent", default="dual-guided", help=f"one of {', '.join(agent_names())} (default: %(default)s)"
    )
    prove.add_argument("--steps", type=_whole, default=200, help="the most derivations (default: %(default)s)")
    prove.add_argument("--target", help="the bound to prove, a number such as 20, -0.25 or -104/5")
    prove.add_argument("--seed", type=_whole, default=0, help="seed of the agent's choices (default: %(default)s)")
    prove.add_argument(
        "--round", action="store_true", help="round the bound to a whole number, as the values are (stable sets)"
    )
    prove.add_argument("--max-degree", type=_whole, help="largest degree of a derived inequality")
    prove.add_argument("--max-terms", type=_whole, help="largest number of terms of a derived inequality")
    prove.add_argument("--out", type=Path, metavar="F", help="write the proof to this file")
    prove.add_argument("--json", action="store_true", help="print one JSON object")
    prove.add_argument("--quiet", action="store_true", help="no progress bar")
    prove.set_defaults(run=_prove)

    verify = commands.add_parser(
        "verify",
        help="check a proof file",
        description="Check a proof file, exactly and independently. Exit status: 0 valid, 1 rejected, 2 unreadable.",
    )
    verify.add_argument("file", metavar="FILE", help="a proof file")
    verify.set_defaults(run=_verify)

    export = commands.add_parser("export", help="write a proof out for people or for a proof assistant")
    export.add_argument("file", metavar="FILE", help="a proof file")
    export.add_argument("--format", required=True, choices=EXPORTERS, help="what to write")
    export.add_argument("--out", type=Path, metavar="F", help="write to this file instead of standard output")
    export.set_defaults(run=_export)

    shrink = commands.add_parser(
        "shrink",
        help="make a proof shorter",
        description="Write a proof of the same bound with fewer derivations, if one is found among the lines.",
    )
    shrink.add_argument("file", metavar="FILE", help="a proof file")
    shrink.add_argument("--out", type=Path, metavar="F", required=True, help="write the shorter proof to this file")
    shrink.add_argument(
        "--seconds", type=_whole, default=20, help="time limit of the search for the shortest (default: %(default)s)"
    )
    shrink.set_defaults(run=_shrink)

    doctor = commands.add_parser("doctor", help="versions and platform, for bug reports")
    doctor.set_defaults(run=_doctor)
    return parser


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise argparse.ArgumentTypeError(f"expected a whole number, got {text!r}")
    return int(text)


# problems -----------------------------------------------------------------------------------------------------------


def problem_rows() -> list[dict[str, Any]]:
    """One row per name of the registry, described by its example."""
    rows = []
    for name, entry in REGISTRY.items():
        problem = make_problem(entry.example)
        rows.append(
            {
                "name": name,
                "family": problem.family,
                "settings": list(entry.types),
                "example": entry.example,
                "num_variables": problem.num_variables,
                "degree": problem.objective.degree,
                "sense": problem.sense,
                "optimum": None if problem.optimum is None else float(problem.optimum),
            }
        )
    return rows


def _problems(options: argparse.Namespace) -> int:
    rows = problem_rows()
    if options.json:
        print(json.dumps(rows, indent=1))
        return OK
    print(f"{'example':36} {'family':15} {'n':>3} {'degree':>6} {'sense':>5} {'optimum':>14}  settings")
    for row in rows:
        optimum = "-" if row["optimum"] is None else f"{row['optimum']:.10g}"
        settings = ", ".join(row["settings"])
        print(
            f"{row['example']:36} {row['family']:15} {row['num_variables']:3} {row['degree']:6} {row['sense']:>5}"
            f" {optimum:>14}  {settings}".rstrip()
        )
    return OK


# prove --------------------------------------------------------------------------------------------------------------


def _find_problem(text: str) -> Problem:
    looks_like_a_file = "/" in text or "\\" in text or re.search(r"\.\w+$", text.partition(":")[0])
    return load_problem(text) if looks_like_a_file or os.path.isfile(text) else make_problem(text)


def _require_writable(out: Path, source: str) -> None:
    if (out.exists() and not out.is_file()) or not out.parent.is_dir():
        raise BadInput(f"{out}: expected a file in an existing directory")
    if out.exists() and os.path.isfile(source) and out.samefile(source):
        raise BadInput(f"{out}: expected another file than the one that is read")


class _Interrupt:
    """Turns the first Ctrl-C into a wish to stop at the next step; a second one interrupts as usual."""

    def __init__(self) -> None:
        self.wished = False

    def __enter__(self) -> _Interrupt:
        self._before = signal.signal(signal.SIGINT, self._wish)
        return self

    def _wish(self, number: int, frame: FrameType | None) -> None:
        self.wished = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def __exit__(self, *error: object) -> None:
        signal.signal(signal.SIGINT, self._before)


def _prove(options: argparse.Namespace) -> int:
    if options.out is not None:
        _require_writable(options.out, options.problem)
    search = Search(
        _find_problem(options.problem),
        options.agent,
        max_steps=options.steps,
        target=options.target,
        seed=options.seed,
        rounded=options.round,
        max_degree=options.max_degree,
        max_terms=options.max_terms,
    )
    with _Interrupt() as interrupt:
        with tqdm(total=options.steps, unit="step", file=sys.stderr, disable=options.quiet) as bar:
            bar.set_postfix_str(f"bound {search.state.bound:.8g}")

            def show(state: ProofState) -> bool:
                bar.set_postfix_str(f"bound {state.bound:.8g}", refresh=False)
                bar.update(state.steps - bar.n)
                return not interrupt.wished

            proof = search.run(show)
            bar.refresh()
        if interrupt.wished:
            print(f"polyproof: interrupted after {search.state.steps} steps; the bound so far follows", file=sys.stderr)
        try:
            if options.out is not None:
                proof.save(options.out)
        finally:  # the result is reported even if it cannot be saved
            result = describe(proof)
            print(json.dumps(result) if options.json else _report(proof, result), flush=True)
    if interrupt.wished:
        return INTERRUPTED
    return UNDECIDED if proof.status == "undecided" else OK


def _report(proof: Proof, result: dict[str, Any]) -> str:
    problem = proof.problem
    relation = ">=" if problem.sense == "min" else "<="
    exact = result["exact_bound"]
    approximately = "" if "/" not in exact else f", about {result['bound']:.10g}"
    lines = [f"{problem.name}: proved f {relation} {_abridged(exact)}{approximately}"]
    if proof.rounded:
        lines.append(f"rounded from {_abridged(str(proof.combination_bound))}, since every value is a whole number")
    if proof.gap is not None:
        closed = "this is the optimum" if proof.gap == 0 else f"gap {result['gap']:.10g}"
        lines.append(f"best feasible value known: {result['incumbent']:.10g}; {closed}")
    if proof.status == "undecided":
        lines.append(f"UNDECIDED: the target {result['target']:.10g} was not reached; {_what_of_the_target(proof)}")
    elif proof.status == "proved":
        lines.append(f"PROVED: the target {result['target']:.10g} is reached")
    lines.append(
        f"{result['agent']}: {result['steps']} steps, {result['seconds']:.3g} s; LP with {result['lp_rows']} rows and"
        f" {result['lp_columns']} columns; the proof combines {result['used_inequalities']} inequalities and needs"
        f" {result['proof_steps']} derivations"
    )
    return "\n".join(lines)


def _what_of_the_target(proof: Proof) -> str:
    """What the best feasible value known says of a target that was not reached."""
    incumbent, target, sign = proof.problem.incumbent, proof.target, proof.problem.sign
    refuted = incumbent is not None and target is not None and sign * incumbent < sign * target
    return "it does not hold" if refuted else "it may or may not hold"


def _abridged(number: str) -> str:
    return number if len(number) <= 60 else f"{number[:28]}...{number[-28:]}"


# proof files --------------------------------------------------------------------------------------------------------


def _verify(options: argparse.Namespace) -> int:
    try:
        content = checker.read(options.file)
        bound = checker.check(content)
    except checker.Unreadable as error:
        raise BadInput(f"{options.file}: {error}") from None
    except checker.Rejected as error:
        raise InvalidProof(f"{options.file}: rejected, {error}") from None
    relation = ">=" if content["problem"]["sense"] == "min" else "<="
    name = "".join(character if character.isprintable() else "?" for character in content["problem"]["name"])
    print(f"{options.file}: valid, proves f {relation} {_abridged(str(bound))} for {name}")
    return OK


def _export(options: argparse.Namespace) -> int:
    if options.out is not None:
        _require_writable(options.out, options.file)
    try:
        proof = load_proof(options.file)
    except InvalidProof as error:
        raise BadInput(str(error)) from None
    try:
        text = EXPORTERS[options.format](proof)
    except ValueError as error:  # numbers that are computed from those in the file can be too long for text
        raise BadInput(f"{options.file}: cannot be exported ({error})") from None
    if options.out is None:
        print(text, end="")
    else:
        write_whole(options.out, text)
    return OK


def _shrink(options: argparse.Namespace) -> int:
    _require_writable(options.out, options.file)
    proof = load_proof(options.file)
    print(f"polyproof: shrinking {proof.num_derivations} derivations", file=sys.stderr)
    try:
        shorter = shrink(proof, options.seconds)
    except (ValueError, OverflowError) as error:  # no variables, or numbers beyond the range of floats
        raise BadInput(f"{options.file}: cannot be shrunk ({error})") from None
    shorter.save(options.out)
    print(
        f"{options.out}: {shorter.num_derivations} derivations instead of {proof.num_derivations},"
        f" bound {_abridged(str(shorter.bound))}"
    )
    return OK


# doctor -------------------------------------------------------------------------------------------------------------

_PACKAGES = (
    "gymnasium",
    "highspy",
    "numpy",
    "scipy",
    "numba",
    "networkx",
    "python-flint",
    "tqdm",
    "matplotlib",
    "torch",
    "stable-baselines3",
    "sb3-contrib",
    "tensorboard",
    "sympy",
)


def _doctor(options: argparse.Namespace) -> int:
    print(f"polyproof-gym {polyproof_gym.__version__}")
    print(f"Python {platform.python_version()} ({platform.python_implementation()}), {platform.platform()}")
    for package in _PACKAGES:
        try:
            version = metadata.version(package)
        except metadata.PackageNotFoundError:
            version = "not installed"
        print(f"{package} {version}")
    return OK


if __name__ == "__main__":
    sys.exit(main())
