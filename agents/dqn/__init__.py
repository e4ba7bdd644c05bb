"""Deep Q-learning where only some actions are valid, for Stable-Baselines3."""

from agents.dqn.masked_dqn import MaskedDQN
from agents.dqn.policies import MASK, MaskedMultiInputPolicy, ProofPolicy

__all__ = ["MASK", "MaskedDQN", "MaskedMultiInputPolicy", "ProofPolicy"]
