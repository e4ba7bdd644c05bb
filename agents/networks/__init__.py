"""Networks that score the products of a proof; they need PyTorch, which importing ``agents`` alone does not load."""

from agents.networks.agent import NetworkAgent
from agents.networks.layout import ObservationLayout
from agents.networks.proof_network import FeatureSet, ProofNetwork, Start
from agents.networks.trained_network import TrainedNetwork

__all__ = ["FeatureSet", "NetworkAgent", "ObservationLayout", "ProofNetwork", "Start", "TrainedNetwork"]
