"""Agents that plan a whole proof before its first step."""

from agents.planning.neighbourhood_search import NeighbourhoodSearch, NeighbourhoodSearchAgent
from agents.planning.plan import Plan, PlanningAgent, by_multiplier
from agents.planning.planner import PlannerAgent

__all__ = [
    "NeighbourhoodSearch",
    "NeighbourhoodSearchAgent",
    "Plan",
    "PlannerAgent",
    "PlanningAgent",
    "by_multiplier",
]
