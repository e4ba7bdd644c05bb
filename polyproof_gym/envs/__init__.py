"""The Gymnasium environment and what it is composed of."""

from polyproof_gym.envs.observation import ObservationSizes
from polyproof_gym.envs.polyproof_env import PolyProofEnv

__all__ = ["ObservationSizes", "PolyProofEnv"]
