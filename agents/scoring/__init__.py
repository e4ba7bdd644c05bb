"""Learned scores of candidates: what there is to choose from, linear scores of it, and the agent that follows them."""

from agents.scoring.agent import TEMPERATURE, ScoringAgent
from agents.scoring.candidates import FEATURES, Shortlist, shortlist
from agents.scoring.scorer import Scorer, prior_weights

__all__ = ["FEATURES", "TEMPERATURE", "Scorer", "ScoringAgent", "Shortlist", "prior_weights", "shortlist"]
