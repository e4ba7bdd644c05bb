"""Reading proof files in tests."""

from __future__ import annotations

from pathlib import Path

from polyproof_gym import Proof, load_proof


def load_flat(path: Path) -> Proof:
    """The proof in a file, which must be one without cases."""
    proof = load_proof(path)
    assert isinstance(proof, Proof)
    return proof
