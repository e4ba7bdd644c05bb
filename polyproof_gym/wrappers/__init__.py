"""Wrappers that bring observations of ``PolyProof-v0`` into the form that other tools expect; none needs PyTorch.

Each changes the observation alone, so that they compose with each other and with those of Gymnasium, and
``gymnasium.wrappers.vector.VectorizeTransformObservation`` applies them to vector environments.
"""

from polyproof_gym.wrappers.boolean_mask import BooleanMask
from polyproof_gym.wrappers.compact_observation import CompactObservation

__all__ = ["BooleanMask", "CompactObservation"]
