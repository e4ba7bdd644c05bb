"""Learning from search: a network imitates the proofs that neighbourhood search finds."""

from agents.imitation.demonstrations import Demonstration, demonstrate
from agents.imitation.training import ImitationSettings, ImitationTrainer

__all__ = ["Demonstration", "ImitationSettings", "ImitationTrainer", "demonstrate"]
