"""Proofs written out for people and for proof assistants."""

from collections.abc import Callable

from polyproof_gym.proofs.exports.coq import to_coq
from polyproof_gym.proofs.exports.html import to_html
from polyproof_gym.proofs.exports.latex import to_latex
from polyproof_gym.proofs.exports.lean import to_lean
from polyproof_gym.proofs.exports.text import to_text
from polyproof_gym.proofs.proof import Proof
from polyproof_gym.proofs.tree import ProofTree

EXPORTERS: dict[str, Callable[[Proof | ProofTree], str]] = {
    "text": to_text,
    "latex": to_latex,
    "html": to_html,
    "coq": to_coq,
    "lean": to_lean,
}
"""The function that writes a proof, for every format."""
