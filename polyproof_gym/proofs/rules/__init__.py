"""Inference rules: the ways to derive new inequalities from known ones, one file each."""

from polyproof_gym.proofs.rules.action_blocks import ActionBlocks
from polyproof_gym.proofs.rules.products import VariableProducts
from polyproof_gym.proofs.rules.rule import Candidates, Extents, InferenceRule, Limits

__all__ = ["ActionBlocks", "Candidates", "Extents", "InferenceRule", "Limits", "VariableProducts"]
