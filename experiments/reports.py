"""Results as plain data, and files and TensorBoard logs of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from experiments.outputs import make_folder
from polyproof_gym import Problem, Proof, ProofTree
from polyproof_gym.proofs import Axiom
from polyproof_gym.whole_file import write_whole


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file, which is whole at any time, making its folder if need be.

    Raises:
        BadInput: If it cannot be written.
    """
    make_folder(path.parent)
    write_whole(path, json.dumps(content, indent=1) + "\n")


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


def as_file_name(text: str) -> str:
    """A text, such as a spec string, with a dash for every character that file names had better not have."""
    return "".join(character if character.isalnum() or character in "._=-" else "-" for character in text)


def log_scalars(folder: Path, scalars: Iterable[tuple[str, float, int]]) -> None:
    """Write one TensorBoard run of ``(name, value, step)``.

    Raises:
        BadInput: If the folder cannot be made.
    """
    from torch.utils.tensorboard import SummaryWriter

    make_folder(folder)
    with SummaryWriter(str(folder)) as writer:
        for name, value, step in scalars:
            writer.add_scalar(name, value, step)


def log_proof(folder: Path, proof: Proof | ProofTree) -> None:
    """Write one TensorBoard run of a search: the bound after every step, and the final figures.

    ``proof/bound`` is the bound of the LP after each derivation, in the problem's own sense; ``final/...`` are the
    figures of :func:`describe`.
    """
    row = describe(proof)
    bounds = proof.search.bounds if proof.search else ()
    final = ("bound", "gap", "lp_columns", "proof_steps", "seconds")
    log_scalars(
        folder,
        [
            *(("proof/bound", bound, step) for step, bound in enumerate(bounds)),
            *((f"final/{key}", row[key], 0) for key in final if row[key] is not None),
        ],
    )
