"""What ``polyproof prove`` tells people."""

from __future__ import annotations

from typing import Any

from experiments.cli.files import abridged
from polyproof_gym import Proof


def report(proof: Proof, result: dict[str, Any]) -> str:
    """What a search proved, for people.

    Args:
        proof: The proof.
        result: What :func:`~experiments.reports.describe` says of it.
    """
    problem = proof.problem
    relation = ">=" if problem.sense == "min" else "<="
    exact = result["exact_bound"]
    approximately = "" if "/" not in exact else f", about {result['bound']:.10g}"
    lines = [f"{problem.name}: proved f {relation} {abridged(exact)}{approximately}"]
    if proof.rounded:
        lines.append(f"rounded from {abridged(str(proof.combination_bound))}, since every value is a whole number")
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
