"""Proofs: known inequalities, the rules that derive more, the bound LP, and exact certificates."""

from polyproof_gym.proofs.bound_lp import BoundLP, LPSolution, LPStatus
from polyproof_gym.proofs.certificate import certify
from polyproof_gym.proofs.checkable import require_checkable
from polyproof_gym.proofs.estimates import ESTIMATE_ROUNDS, MAX_ESTIMATE_ROUNDS, estimated_solution
from polyproof_gym.proofs.memory import Axiom, Memory, Reason, Times
from polyproof_gym.proofs.products import VariableProducts
from polyproof_gym.proofs.proof import Proof, SearchRecord, Status, Stop, load_proof
from polyproof_gym.proofs.rules import Candidates, Extents, Growth, InferenceRule, Limits
from polyproof_gym.proofs.shrinking import shrink
from polyproof_gym.proofs.state import DEFAULT_RULES, ProofState, default_limits

__all__ = [
    "DEFAULT_RULES",
    "ESTIMATE_ROUNDS",
    "MAX_ESTIMATE_ROUNDS",
    "Axiom",
    "BoundLP",
    "Candidates",
    "Extents",
    "Growth",
    "InferenceRule",
    "LPSolution",
    "LPStatus",
    "Limits",
    "Memory",
    "Proof",
    "ProofState",
    "Reason",
    "SearchRecord",
    "Status",
    "Stop",
    "Times",
    "VariableProducts",
    "certify",
    "default_limits",
    "estimated_solution",
    "load_proof",
    "require_checkable",
    "shrink",
]
