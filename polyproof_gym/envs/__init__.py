"""The Gymnasium environment and what it is composed of."""

from polyproof_gym.envs.observation import ObservationSizes
from polyproof_gym.envs.polyproof_env import PolyProofEnv
from polyproof_gym.envs.vector_env import PolyProofVectorEnv

__all__ = ["ObservationSizes", "PolyProofEnv", "PolyProofVectorEnv"]
