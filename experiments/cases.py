"""Problems from a file, each tried by an agent: which bounds are within a tolerance of the optimum, and which past it.

``python -m experiments.cases FILE --agent squares:seconds=20`` reads a JSON list of problems with ``name, objective,
sense, variables, box, constraints, boolean, optimum`` and perhaps ``integer``, and prints a line for each.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from agents import prove
from polyproof_gym import BadInput, Problem, ResourceLimit, polynomial

PAST = 1e-6
"""Relative difference by which optima in a file may be worse than the true ones."""


class Outcome(NamedTuple):
    """What came of a problem.

    Attributes:
        bound: The proved bound, in floats; ``None`` where there is none.
        gap: Its distance to the optimum, relative to the size of this from 1 on; negative past it.
        seconds: What making the problem, and proving the bound, took.
        note: Why there is none.
    """

    bound: float | None
    gap: float | None
    seconds: tuple[float, float]
    note: str = ""


def problem_of(case: dict[str, Any]) -> Problem:
    """The problem that a case states.

    Raises:
        BadInput: If it is none.
    """
    intervals = zip(case["variables"], case["box"], strict=False)
    return polynomial(
        case["objective"],
        box={name: tuple(ends) for name, ends in intervals if name not in case["boolean"]},
        sense=case["sense"],
        constraints=case["constraints"],
        variables=case["variables"],
        boolean=case["boolean"],
        integer=case.get("integer", ()),
        name=case["name"],
    )


def read_cases(path: Path, names: Collection[str] = ()) -> list[dict[str, Any]]:
    """The cases of a file, or those with given names.

    Raises:
        BadInput: If the file cannot be read, or has no case of one of the names.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        found = {case["name"]: case for case in content}
    except (OSError, ValueError, RecursionError, KeyError, TypeError) as error:
        reason = getattr(error, "strerror", None) or "expected a JSON list of problems"
        raise BadInput(f"{path}: cannot be read ({reason})") from None
    missing = sorted({*names} - found.keys())
    if missing:
        raise BadInput(f"{path}: expected a case with the name {missing[0]!r}")
    return [case for case in content if not names or case["name"] in names]


def boxes(path: Path, names: Collection[str] = ()) -> list[dict[str, Any]]:
    """The cases of a file, or those with given names, which must be polynomials on boxes without anything else.

    Raises:
        BadInput: If one is something else.
    """
    cases = read_cases(path, names)
    for case in cases:
        problem = problem_of(case)
        if problem.constraints or not problem.ring.is_free:
            raise BadInput(f"{case['name']}: expected a polynomial on a box, without constraints and Boolean variables")
    return cases


def outcome(case: dict[str, Any], agent: str) -> Outcome:
    """What an agent proves of a case."""
    started = time.perf_counter()
    try:
        problem = problem_of(case)
        made = time.perf_counter()
        proof = prove(problem, agent)
        proof.verify()
    except (BadInput, ResourceLimit) as error:
        return Outcome(None, None, (time.perf_counter() - started, 0.0), str(error))
    ended = time.perf_counter()
    optimum, bound = float(case["optimum"]), float(proof.bound)
    gap = problem.sign * (optimum - bound) / max(1.0, abs(optimum))
    return Outcome(bound, gap, (made - started, ended - made))


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="the problems, as JSON")
    parser.add_argument("--agent", default="squares", help="spec string of the agent (default: squares)")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="largest relative gap that counts as none")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="names of problems to try")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Try all cases and print what came of them; 1 if a bound is past an optimum."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    try:
        cases = read_cases(options.file, options.only)
    except BadInput as error:
        parser.error(str(error))
    accepted = within = past = 0
    for case in cases:
        found = outcome(case, options.agent)
        if found.bound is None or found.gap is None:
            print(f"{case['name']:32s} refused: {found.note}", flush=True)
            continue
        accepted += 1
        within += found.gap <= options.tolerance
        past += found.gap < -PAST
        print(
            f"{case['name']:32s} {'within' if found.gap <= options.tolerance else 'gap':6s} {found.gap:9.1e}"
            f"  bound {found.bound:.10g}  optimum {float(case['optimum']):.10g}"
            f"  made in {found.seconds[0]:.2f} s, proved in {found.seconds[1]:.2f} s",
            flush=True,
        )
    print(f"{within} of {accepted} within {options.tolerance:g}, {past} past the optimum")
    return int(past > 0)


if __name__ == "__main__":
    sys.exit(main())
