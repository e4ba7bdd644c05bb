"""Proximal policy optimisation with the equivariant network, for sb3-contrib's ``MaskablePPO``."""

from agents.ppo.policies import ProofActorCriticPolicy

__all__ = ["ProofActorCriticPolicy"]
