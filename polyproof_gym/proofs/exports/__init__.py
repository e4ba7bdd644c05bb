"""Proofs written out for people."""

from collections.abc import Callable

from polyproof_gym.proofs.exports.html import to_html
from polyproof_gym.proofs.exports.latex import to_latex
from polyproof_gym.proofs.exports.text import to_text
from polyproof_gym.proofs.proof import Proof

EXPORTERS: dict[str, Callable[[Proof], str]] = {"text": to_text, "latex": to_latex, "html": to_html}
"""The function that writes a proof, for every format."""
