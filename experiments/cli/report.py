"""What ``polyproof prove`` tells people."""

from __future__ import annotations

from typing import Any

from agents.planning.orbit_levels import lacks_package
from experiments.cli.files import abridged
from experiments.cli.theorem import stated
from polyproof_gym import Problem, Proof, ProofTree
from polyproof_gym.printable import printable
from polyproof_gym.problems.symmetry import INSTALL

MAX_COORDINATES = 20
"""Most coordinates of a point that are listed, and most intervals."""


def report(proof: Proof | ProofTree, result: dict[str, Any], next_step: str | None) -> str:
    """What a search proved, for people.

    Args:
        proof: The proof.
        result: What :func:`~experiments.reports.describe` says of it.
        next_step: What to do next with the proof, and how, if there is something.
    """
    lines = [f"{printable(proof.problem.name)}: {_answer(proof, result)}"]
    lines += _about_the_box(proof.problem)
    if proof.status not in ("infeasible", "refuted"):
        lines += _about_the_bound(proof, result)
    lines += _why_it_stopped(proof.problem, result)
    cases = f"tells {result['leaves']} cases apart, " if result["leaves"] > 1 else ""
    kinds = ", ".join(f"{kind}: {count}" for kind, count in result["derived_by"].items())
    lines.append(
        f"{result['agent']}: {''.join(f'{name} {number}, ' for name, number in result['findings'].items())}"
        f"{result['steps']} steps, {result['seconds']:.3g} s; LP with {result['lp_rows']} rows and"
        f" {result['lp_columns']} columns; the proof {cases}combines"
        f" {_counted(result['used_inequalities'], 'inequality', 'inequalities')} and needs"
        f" {_counted(result['proof_steps'], 'derivation', 'derivations')}{f' ({kinds})' if kinds else ''}"
    )
    if next_step is not None and proof.status != "refuted":
        lines.append(f"next, {printable(next_step)}")
    return "\n".join(lines)


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def _answer(proof: Proof | ProofTree, result: dict[str, Any]) -> str:
    """What is shown, in one line."""
    if proof.status == "infeasible":
        return "INFEASIBLE: no point satisfies the constraints; proved, as -1 >= 0 follows from them"
    if proof.status == "refuted":
        value, point = abridged(str(proof.problem.incumbent)), _listed(result["counterexample"])
        return f"REFUTED: the target {result['target']:.10g} does not hold, as f = {value} at {point}"
    approximately = "" if proof.bound.denominator == 1 else f", about {result['bound']:.10g}"
    return f"proved {stated(proof.problem, proof.bound)}{approximately}"


def _about_the_box(problem: Problem) -> list[str]:
    """The intervals of which ends were not given."""
    variables = sorted({i for i, _ in problem.implied})
    if not variables:
        return []
    shown = [f"{problem.box[i][0]} <= {problem.variables[i]} <= {problem.box[i][1]}" for i in variables]
    more = ", ..." if len(shown) > MAX_COORDINATES else ""
    return [f"implied by the constraints: {printable(', '.join(shown[:MAX_COORDINATES]))}{more}"]


def _about_the_bound(proof: Proof | ProofTree, result: dict[str, Any]) -> list[str]:
    """What is to be said beside the bound."""
    lines = []
    if proof.rounded:
        values = proof.problem.values
        every = "every value is a whole number" if values.is_whole else f"values are multiples of {values.step} apart"
        lines.append(f"rounded from {abridged(str(proof.combination_bound))}, since {every}")
    if isinstance(proof, Proof) and proof.differs_from_lp:
        lines.append(f"NOTE: the LP's bound was {proof.promised:.10g}; what is proved exactly is another")
    if proof.gap is None:
        lines.append("no feasible point known")
    else:
        closed = "this is the optimum" if proof.gap == 0 else f"gap {result['gap']:.10g}"
        lines.append(f"best feasible value known: {result['incumbent']:.10g}; {closed}")
    if proof.status == "undecided":
        lines.append(f"UNDECIDED: the target {result['target']:.10g} was not reached; it may or may not hold")
    elif proof.status == "proved":
        lines.append(f"PROVED: the target {result['target']:.10g} is reached")
    return lines


def _listed(point: dict[str, str]) -> str:
    """The coordinates of a point; of a long one, those that are not 0."""
    shown = point if len(point) <= MAX_COORDINATES else {name: value for name, value in point.items() if value != "0"}
    names = list(shown)[:MAX_COORDINATES]
    text = ", ".join(f"{name} = {abridged(shown[name])}" for name in names)
    if len(names) < len(shown):
        return f"{text}, ... ({len(point)} variables; --json lists them all)"
    return text if len(shown) == len(point) else f"{text}{', ' if text else ''}all others 0"


def _why_it_stopped(problem: Problem, result: dict[str, Any]) -> list[str]:
    """Why an agent ended before its steps, and what would let it go on, if it did."""
    if result["stopped"] == "limits":
        names = {"max_degree": "degree", "max_terms": "number of terms"}
        wider = {"max_degree": result["max_degree"] + 1, "max_terms": 2 * result["max_terms"]}
        limits = " and ".join(f"{names[limit]} {result[limit]}" for limit in result["limited_by"])
        options = " ".join(f"--{limit.replace('_', '-')} {wider[limit]}" for limit in result["limited_by"])
        return [f"stopped: all that can be derived up to {limits} is known; {options} admits more"]
    if result["stopped"] == "seconds" or (result["stopped"] == "agent" and result["agent"].startswith("auto")):
        more = f"; {INSTALL} lets it use symmetries of the problem" if lacks_package(problem) else ""
        return [f"stopped: the time is over; --seconds N gives more{more}"]
    if result["stopped"] == "exhausted":
        return ["stopped: all that can be derived is known"]
    return ["stopped: the agent found nothing more that helps"] if result["stopped"] == "agent" else []
