"""Branch and bound for stable sets, and the proofs that its trees come to."""

from agents.planning.branching.exclusions import Exclusions
from agents.planning.branching.products import LiteralProducts
from agents.planning.branching.search import BranchNode, BranchSearch, BranchTree, WeightedClique

__all__ = ["BranchNode", "BranchSearch", "BranchTree", "Exclusions", "LiteralProducts", "WeightedClique"]
