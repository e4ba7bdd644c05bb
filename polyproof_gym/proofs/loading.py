"""Reading proof files."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from polyproof_gym.arguments import file_path, whole
from polyproof_gym.errors import BadInput, InvalidProof, ResourceLimit
from polyproof_gym.problems.json_form import problem_from_json
from polyproof_gym.problems.problem import Problem
from polyproof_gym.proofs import checker
from polyproof_gym.proofs.proof import Proof, multipliers_from_json
from polyproof_gym.proofs.reasons import reason_from_json
from polyproof_gym.proofs.tree import ProofTree, node_from_json, whole_case


def load_proof(
    path: str | Path, max_work: int = checker.MAX_WORK, max_bytes: int = checker.MAX_BYTES
) -> Proof | ProofTree:
    """Read a proof from a file, and check it.

    Args:
        path: The file.
        max_work: Limit of the work that the check takes, in the units of :data:`checker.MAX_WORK`.
        max_bytes: Limit of the size of the file.

    Raises:
        BadInput: If there is no proof file, or its problem is one that this package cannot hold.
        InvalidProof: If it does not prove what it claims.
        ResourceLimit: If it is too large for the limits.
    """
    path = file_path(path)
    max_work, max_bytes = whole(max_work, "max_work", 0), whole(max_bytes, "max_bytes", 0)
    try:
        content, _ = checker.verify(str(path), max_work, max_bytes)
        return _proof(content, problem_from_json(content["problem"]))
    except checker.Rejected as error:
        raise InvalidProof(f"{path}: {error}") from None
    except checker.ResourceLimit as error:
        raise ResourceLimit(f"{path}: {error}") from None
    except RecursionError:
        raise BadInput(f"{path}: the cases are nested too deep") from None
    except (checker.Unreadable, ValueError) as error:
        raise BadInput(f"{path}: {error}") from None


def _proof(content: dict[str, Any], problem: Problem) -> Proof | ProofTree:
    """The proof that the content of a file holds."""
    rounded = "rounded_from" in content
    if "split" in content:
        claimed = Fraction(content["rounded_from" if rounded else "bound"])
        return ProofTree(problem, node_from_json(content, whole_case(problem)), claimed, rounded=rounded)
    reasons = tuple(reason_from_json(text, problem) for text in content["lines"])
    return Proof(problem, reasons, multipliers_from_json(content["multipliers"]), rounded=rounded)
