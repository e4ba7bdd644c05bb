"""Agents that learn nothing."""

from agents.baselines.clique_cover import CliqueCoverAgent
from agents.baselines.dual_guided import DualGuidedAgent
from agents.baselines.estimate_guided import EstimateGuidedAgent
from agents.baselines.greedy import GreedyAgent
from agents.baselines.orbits import OrbitsAgent
from agents.baselines.simple import BreadthFirstAgent, RandomAgent, RandomClosedAgent
from agents.baselines.static_sherali_adams import StaticSheraliAdamsAgent

__all__ = [
    "BreadthFirstAgent",
    "CliqueCoverAgent",
    "DualGuidedAgent",
    "EstimateGuidedAgent",
    "GreedyAgent",
    "OrbitsAgent",
    "RandomAgent",
    "RandomClosedAgent",
    "StaticSheraliAdamsAgent",
]
