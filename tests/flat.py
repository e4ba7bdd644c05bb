"""Proofs without cases, for tests of what these are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import agents
import polyproof_gym
from polyproof_gym import Proof


def prove(problem: Any, agent: Any = "dual-guided", **settings: Any) -> Proof:
    """What ``agents.prove`` finds, which must be a proof without cases; by default one by products."""
    proof = agents.prove(problem, agent, **settings)
    assert isinstance(proof, Proof)
    return proof


def load_flat(path: Path) -> Proof:
    """The proof in a file, which must be one without cases."""
    proof = polyproof_gym.load_proof(path)
    assert isinstance(proof, Proof)
    return proof
