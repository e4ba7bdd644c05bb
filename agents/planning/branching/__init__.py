"""Branch and bound for stable sets, and the proofs that its trees come to."""

from agents.planning.branching.cases import proof_by_cases
from agents.planning.branching.exclusions import Exclusions
from agents.planning.branching.products import LiteralProducts
from agents.planning.branching.search import BranchSearch
from agents.planning.branching.sharing import Sharing
from agents.planning.branching.tree import BranchNode, BranchTree, WeightedClique

__all__ = [
    "BranchNode",
    "BranchSearch",
    "BranchTree",
    "Exclusions",
    "LiteralProducts",
    "Sharing",
    "WeightedClique",
    "proof_by_cases",
]
