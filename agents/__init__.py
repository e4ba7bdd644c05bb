"""Agents that prove, on top of ``polyproof_gym``: baselines, and the means to run them."""

from agents.agent import Agent, StepAgent
from agents.registry import AGENTS, agent_names, make_agent
from agents.search import Search, prove

__all__ = ["AGENTS", "Agent", "Search", "StepAgent", "agent_names", "make_agent", "prove"]
