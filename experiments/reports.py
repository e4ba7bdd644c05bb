"""Results as plain data, and files of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from polyproof_gym import Proof


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file, making its folder if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def describe(proof: Proof) -> dict[str, Any]:
    """What is reported of a proof that a search found, as ``polyproof prove --json`` prints it.

    Raises:
        ValueError: If the proof does not say how it was found.
    """
    problem, search = proof.problem, proof.search
    if search is None:
        raise ValueError("expected a proof with the record of its search")
    return {
        "problem": problem.name,
        "family": problem.family,
        "num_variables": problem.num_variables,
        "sense": problem.sense,
        "agent": search.agent,
        "seed": search.seed,
        "steps": search.steps,
        "bound": float(proof.bound),
        "exact_bound": str(proof.bound),
        "incumbent": None if problem.incumbent is None else float(problem.incumbent),
        "gap": None if proof.gap is None else float(proof.gap),
        "target": None if proof.target is None else float(proof.target),
        "status": proof.status,
        "inequalities": search.inequalities,
        "used_inequalities": len(proof.multipliers),
        "proof_steps": proof.num_derivations,
        "lp_rows": search.lp_rows,
        "lp_columns": search.lp_columns,
        "seconds": round(search.seconds, 6),
    }
