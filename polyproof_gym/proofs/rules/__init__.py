"""Inference rules: the ways to derive new inequalities from known ones, one file each."""

from polyproof_gym.proofs.rules.action_blocks import ActionBlocks
from polyproof_gym.proofs.rules.constraints import ConstraintProducts
from polyproof_gym.proofs.rules.gaps import Gaps
from polyproof_gym.proofs.rules.line_rule import LineRule
from polyproof_gym.proofs.rules.products import ProductNumbers, VariableProducts
from polyproof_gym.proofs.rules.reasoned_rule import ReasonedRule
from polyproof_gym.proofs.rules.registry import DEFAULT_RULES, RULES, RuleEntry, make_rules, rule_names
from polyproof_gym.proofs.rules.renamings import Renamings
from polyproof_gym.proofs.rules.rule import Block, Extents, InferenceRule, Limits, LongConclusions, Oracle, View
from polyproof_gym.proofs.rules.slots import SlotRule
from polyproof_gym.proofs.rules.splits import Splits
from polyproof_gym.proofs.rules.squares import Squares

__all__ = [
    "DEFAULT_RULES",
    "RULES",
    "ActionBlocks",
    "Block",
    "ConstraintProducts",
    "Extents",
    "Gaps",
    "InferenceRule",
    "Limits",
    "LineRule",
    "LongConclusions",
    "Oracle",
    "ProductNumbers",
    "ReasonedRule",
    "Renamings",
    "RuleEntry",
    "SlotRule",
    "Splits",
    "Squares",
    "VariableProducts",
    "View",
    "make_rules",
    "rule_names",
]
