"""Results as plain data, and files of them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from experiments.outputs import make_folder
from polyproof_gym import BadInput, Problem, Proof, ProofTree
from polyproof_gym.proofs import Axiom
from polyproof_gym.whole_file import write_whole


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file, which is whole at any time, making its folder if need be.

    Raises:
        BadInput: If it cannot be written.
    """
    make_folder(path.parent)
    write_whole(path, json.dumps(content, indent=1) + "\n")


def read_json(path: Path) -> Any:
    """The content of a JSON file.

    Raises:
        BadInput: If it cannot be read.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None


def describe(proof: Proof | ProofTree) -> dict[str, Any]:
    """What is reported of a proof that a search found, as ``polyproof prove --json`` prints it.

    Raises:
        ValueError: If the proof does not say how it was found.
    """
    problem, search = proof.problem, proof.search
    flat = proof if isinstance(proof, Proof) else None
    if search is None:
        raise ValueError("expected a proof with the record of its search")
    return {
        "problem": problem.name,
        "family": problem.family,
        "num_variables": problem.num_variables,
        "sense": problem.sense,
        "agent": search.agent,
        "rules": list(search.rules),
        "seed": search.seed,
        "steps": search.steps,
        "bound": float(proof.bound),
        "exact_bound": str(proof.bound),
        "rounded": proof.rounded,
        "incumbent": None if problem.incumbent is None else float(problem.incumbent),
        "gap": None if proof.gap is None else float(proof.gap),
        "target": None if proof.target is None else float(proof.target),
        "status": proof.status,
        "counterexample": feasible_point(problem) if proof.status == "refuted" else None,
        "stopped": search.stopped,
        "max_degree": None if search.limits is None else search.limits.max_degree,
        "max_terms": None if search.limits is None else search.limits.max_terms,
        "limited_by": list(search.limited_by),
        "inequalities": search.inequalities,
        "used_inequalities": proof.num_combined,
        "proof_steps": proof.num_derivations,
        "leaves": proof.num_leaves,
        "derived_by": dict(Counter(reason.plural for reason in proof.all_reasons() if not isinstance(reason, Axiom))),
        "lp_rows": search.lp_rows,
        "lp_columns": search.lp_columns,
        "lp_bound": flat and flat.promised,
        "loss": flat and flat.loss,
        "cold_solves": search.cold_solves,
        "solver_limits": search.solver_limits,
        "solver_failures": search.solver_failures,
        "mismatches": search.mismatches,
        "seconds": round(search.seconds, 6),
        "findings": dict(search.findings),
    }


def feasible_point(problem: Problem) -> dict[str, str]:
    """The exact coordinates of the feasible point that is known, by the problem's own variables; empty if none is."""
    if problem.feasible_point is None:
        return {}
    return dict(zip(problem.variables, map(str, problem.to_own_coordinates(problem.feasible_point)), strict=True))
