"""Proofs: known inequalities, the rules that derive more, the bound LP, and exact certificates.

What it exports is loaded when it is first used, so that the checker can be used without the rest.
"""

from typing import TYPE_CHECKING

from polyproof_gym.lazy import names_of_modules

if TYPE_CHECKING:
    from polyproof_gym.proofs.bound_lp import BoundLP, LPSolution, LPStatus, SolverCounts
    from polyproof_gym.proofs.candidate_features import FEATURES, PHASES
    from polyproof_gym.proofs.certificate import certify
    from polyproof_gym.proofs.checkable import require_checkable
    from polyproof_gym.proofs.claim import Claim, Status
    from polyproof_gym.proofs.estimates import ESTIMATE_ROUNDS, MAX_ESTIMATE_ROUNDS, estimated_solution
    from polyproof_gym.proofs.limits import default_limits
    from polyproof_gym.proofs.loading import load_proof
    from polyproof_gym.proofs.memory import Memory
    from polyproof_gym.proofs.open_leaves import OpenLeaves
    from polyproof_gym.proofs.proof import Proof
    from polyproof_gym.proofs.reasons import Axiom, Clique, Gap, Reason, Renamed, Square, Times, TimesLine
    from polyproof_gym.proofs.rules import (
        DEFAULT_RULES,
        Block,
        Extents,
        InferenceRule,
        Limits,
        ProductNumbers,
        ReasonedRule,
        VariableProducts,
        View,
        make_rules,
        rule_names,
    )
    from polyproof_gym.proofs.search_record import SearchRecord, Stop
    from polyproof_gym.proofs.shrinking import shrink
    from polyproof_gym.proofs.state import ProofState
    from polyproof_gym.proofs.tree import Branching, Leaf, ProofTree
else:
    __getattr__ = names_of_modules(
        __name__,
        {
            "bound_lp": "BoundLP LPSolution LPStatus SolverCounts",
            "candidate_features": "FEATURES PHASES",
            "certificate": "certify",
            "checkable": "require_checkable",
            "estimates": "ESTIMATE_ROUNDS MAX_ESTIMATE_ROUNDS estimated_solution",
            "memory": "Memory",
            "claim": "Claim Status",
            "limits": "default_limits",
            "loading": "load_proof",
            "open_leaves": "OpenLeaves",
            "proof": "Proof",
            "reasons": "Axiom Clique Gap Reason Renamed Square Times TimesLine",
            "rules": "DEFAULT_RULES Block Extents InferenceRule Limits ProductNumbers ReasonedRule VariableProducts"
            " View make_rules rule_names",
            "search_record": "SearchRecord Stop",
            "shrinking": "shrink",
            "state": "ProofState",
            "tree": "Branching Leaf ProofTree",
        },
    )

__all__ = [
    "DEFAULT_RULES",
    "ESTIMATE_ROUNDS",
    "FEATURES",
    "MAX_ESTIMATE_ROUNDS",
    "PHASES",
    "Axiom",
    "Block",
    "BoundLP",
    "Branching",
    "Claim",
    "Clique",
    "Extents",
    "Gap",
    "InferenceRule",
    "LPSolution",
    "LPStatus",
    "Leaf",
    "Limits",
    "Memory",
    "OpenLeaves",
    "ProductNumbers",
    "Proof",
    "ProofState",
    "ProofTree",
    "Reason",
    "ReasonedRule",
    "Renamed",
    "SearchRecord",
    "SolverCounts",
    "Square",
    "Status",
    "Stop",
    "Times",
    "TimesLine",
    "VariableProducts",
    "View",
    "certify",
    "default_limits",
    "estimated_solution",
    "load_proof",
    "make_rules",
    "require_checkable",
    "rule_names",
    "shrink",
]
