"""Learned scores of candidates: features of the most promising actions, and a small network on them."""

from agents.scoring.agent import ScoringAgent
from agents.scoring.features import FEATURES, Described, describe
from agents.scoring.scorer import Scorer

__all__ = ["FEATURES", "Described", "Scorer", "ScoringAgent", "describe"]
