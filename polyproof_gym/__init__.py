"""PolyProof: proving polynomial inequalities as a Gymnasium environment.

Importing this package registers ``PolyProof-v0``; ``PolyProof-StableSet15-v0`` to ``PolyProof-StableSet50-v0``, the
sizes of the paper's protocol; and five polynomials on boxes, such as ``PolyProof-Caprasse-v0``.
"""

import gymnasium as _gym

from polyproof_gym.errors import BadInput, InvalidProof, PolyProofError, ResourceLimit
from polyproof_gym.problems import (
    Problem,
    load_problem,
    make_problem,
    make_source,
    polynomial,
    problem_from_text,
    stable_set,
)
from polyproof_gym.proofs import Proof, ProofState, certify, load_proof

__version__ = "0.1.0"

__all__ = [
    "BadInput",
    "InvalidProof",
    "PolyProofError",
    "Problem",
    "Proof",
    "ProofState",
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

_ENTRY_POINT = "polyproof_gym.envs.polyproof_env:PolyProofEnv"
_VECTOR_ENTRY_POINT = "polyproof_gym.envs.vector_env:PolyProofVectorEnv"

_gym.register("PolyProof-v0", entry_point=_ENTRY_POINT, vector_entry_point=_VECTOR_ENTRY_POINT)
for _n in range(15, 51, 5):
    _gym.register(
        f"PolyProof-StableSet{_n}-v0",
        entry_point=_ENTRY_POINT,
        vector_entry_point=_VECTOR_ENTRY_POINT,
        kwargs={"problem": f"random-stable-set:n={_n},p_min=0.5,p_max=1.0", "max_steps": 100},
    )
for _name in ("caprasse", "butcher", "heart", "lv", "magnetism"):
    _gym.register(
        f"PolyProof-{_name.capitalize()}-v0",
        entry_point=_ENTRY_POINT,
        vector_entry_point=_VECTOR_ENTRY_POINT,
        kwargs={"problem": _name, "max_steps": 100},
    )
