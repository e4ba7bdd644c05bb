"""Problems from a file, each tried by an agent: which bounds are within a tolerance of the optimum, and which past it.

``python -m experiments.cases FILE --agent squares:seconds=20`` reads a JSON list of problems with ``name, objective,
sense, variables, box, constraints, boolean, optimum`` and perhaps ``integer``, and prints a line for each.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from agents import prove
from experiments.options import plain_parser
from experiments.origin import origin
from experiments.outputs import require_output
from experiments.reports import write_json
from polyproof_gym import BadInput, Problem, ResourceLimit, polynomial

PAST = 1e-6
"""Relative difference by which optima in a file may be worse than the true ones."""


class Outcome(NamedTuple):
    """What came of a problem.

    Attributes:
        bound: The proved bound, in floats; ``None`` where there is none.
        gap: Its distance to the optimum, relative to the size of this from 1 on; negative past it.
        seconds: What making the problem, and proving the bound, took.
        status: That of the proof: whether it meets the best feasible value known, among others.
        leaves: The number of its cases.
        note: Why there is none.
    """

    bound: float | None
    gap: float | None
    seconds: tuple[float, float]
    status: str = ""
    leaves: int = 0
    note: str = ""


@dataclass
class Totals:
    """What came of all problems.

    Attributes:
        accepted: The number of those that were not refused.
        within: Of those whose bound is within the tolerance.
        optimal: Of those whose bound is that of a feasible point, exactly.
        past: Of those whose bound is past the optimum.
    """

    accepted: int = 0
    within: int = 0
    optimal: int = 0
    past: int = 0

    def add(self, found: Outcome, tolerance: float) -> None:
        """Count an outcome."""
        if found.gap is not None:
            self.accepted += 1
            self.within += found.gap <= tolerance
            self.optimal += found.status == "optimal"
            self.past += found.gap < -PAST


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
        return Outcome(None, None, (time.perf_counter() - started, 0.0), note=str(error))
    ended = time.perf_counter()
    optimum, bound = float(case["optimum"]), float(proof.bound)
    gap = problem.sign * (optimum - bound) / max(1.0, abs(optimum))
    return Outcome(bound, gap, (made - started, ended - made), proof.status, proof.num_leaves)


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = plain_parser("cases", __doc__ or "")
    parser.add_argument("file", type=Path, help="the problems, as JSON")
    parser.add_argument("--agent", default="squares", help="spec string of the agent (default: squares)")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="largest relative gap that counts as none")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="names of problems to try")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the results to this file")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Try all cases and print what came of them; 1 if a bound is past an optimum."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    totals, rows = Totals(), []
    try:
        require_output(options.json)
        for case in read_cases(options.file, options.only):
            found = outcome(case, options.agent)
            totals.add(found, options.tolerance)
            rows.append({"name": case["name"], "optimum": float(case["optimum"]), **found._asdict()})
            print(_line(case, found, options.tolerance), flush=True)
        if options.json is not None:
            content = {**origin(parser.prog, arguments), "tolerance": options.tolerance, "totals": asdict(totals)}
            write_json(options.json, {**content, "rows": rows})
    except BadInput as error:
        parser.error(str(error))
    print(f"{totals.within} of {totals.accepted} within {options.tolerance:g}, {totals.past} past the optimum")
    return int(totals.past > 0)


def _line(case: Mapping[str, Any], found: Outcome, tolerance: float) -> str:
    if found.bound is None or found.gap is None:
        return f"{case['name']:32s} refused: {found.note}"
    return (
        f"{case['name']:32s} {'within' if found.gap <= tolerance else 'gap':6s} {found.gap:9.1e}"
        f"  bound {found.bound:.10g}  optimum {float(case['optimum']):.10g}"
        f"  made in {found.seconds[0]:.2f} s, proved in {found.seconds[1]:.2f} s"
    )
