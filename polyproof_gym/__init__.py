"""PolyProof: proving polynomial inequalities as a Gymnasium environment.

Importing this package registers ``PolyProof-v0``; ``PolyProof-StableSet15-v0`` to ``PolyProof-StableSet50-v0``, the
sizes of the paper's protocol; five polynomials on boxes, such as ``PolyProof-Caprasse-v0``; and
``PolyProof-RobustMargin-v0``, margins of a classifier. What it exports is loaded when it is first used.
"""

from typing import TYPE_CHECKING

from polyproof_gym.errors import BadInput, InvalidProof, PolyProofError, ResourceLimit
from polyproof_gym.lazy import names_of_modules
from polyproof_gym.registration import register_when_loaded

if TYPE_CHECKING:
    from polyproof_gym.problems import (
        Problem,
        load_problem,
        make_problem,
        make_source,
        polynomial,
        problem_from_text,
    )
    from polyproof_gym.problems.stable_set import stable_set
    from polyproof_gym.proofs import Proof, ProofState, ProofTree, certify, load_proof
else:
    __getattr__ = names_of_modules(
        __name__,
        {
            "problems": "Problem load_problem make_problem make_source polynomial problem_from_text stable_set",
            "proofs": "Proof ProofState ProofTree certify load_proof",
        },
    )

__version__ = "0.1.0"

__all__ = [
    "BadInput",
    "InvalidProof",
    "PolyProofError",
    "Problem",
    "Proof",
    "ProofState",
    "ProofTree",
    "ResourceLimit",
    "certify",
    "load_problem",
    "load_proof",
    "make_problem",
    "make_source",
    "polynomial",
    "problem_from_text",
    "stable_set",
]

register_when_loaded()
