"""Learning from search without a network: boosted trees tell which candidates a found proof would derive."""

from agents.trees.agent import BoostedTreesAgent
from agents.trees.training import TreesSettings, TreesTrainer

__all__ = ["BoostedTreesAgent", "TreesSettings", "TreesTrainer"]
