"""Networks that score the products of a proof; they need PyTorch, which importing ``agents`` alone does not load."""

from agents.networks.layout import ObservationLayout
from agents.networks.proof_network import FeatureSet, ProofNetwork

__all__ = ["FeatureSet", "ObservationLayout", "ProofNetwork"]
