"""A score for every product and a value for the state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from agents.networks.features import DUAL_SIZES, PAPER_SIZES, dual_features, paper_features
from agents.networks.images import image_rows, random_keys
from agents.networks.layout import ObservationLayout
from agents.networks.message_passing import MessagePassing, Nodes
from agents.networks.proof_graph import ProofGraph
from polyproof_gym.errors import BadInput

REACH = 8
"""Number of sums over the variables that an inequality could still grow by, after each product."""

FeatureSet = Literal["dual", "paper"]
"""What a network is told: also what the linear program found, or not, as in "Learning dynamic polynomial proofs"."""


class ProofNetwork(nn.Module):
    """Scores every product of an inequality with ``x_i`` or ``1 - x_i``, and values the state.

    Inequalities, monomials and variables are nodes that exchange messages; a product is scored from the vectors of its
    inequality and its variable, what the multiplication does to the terms, and a summary of the state. Reordering
    inequalities, monomials or variables reorders the scores and changes nothing else, and padding has no influence.
    The weights fit observations of any size.
    """

    def __init__(
        self, layout: ObservationLayout, *, features: FeatureSet = "dual", width: int = 32, rounds: int = 2
    ) -> None:
        """Make a network with random weights.

        Args:
            layout: Lengths of the observations' arrays.
            features: What the network is told; with ``"paper"`` it reads nothing that the linear program found.
            width: Length of the vectors.
            rounds: How often messages are exchanged.

        Raises:
            BadInput: If ``features`` is unknown, or the observations lack what ``"dual"`` needs.
        """
        super().__init__()
        if features not in get_args(FeatureSet):
            raise BadInput(f"expected features {' or '.join(get_args(FeatureSet))}, got {features!r}")
        if features == "dual" and not layout.has_lp_features:
            raise BadInput("the features 'dual' need observations with lp_features=True")
        self.layout = layout
        self._describe = dual_features if features == "dual" else paper_features
        sizes = DUAL_SIZES if features == "dual" else PAPER_SIZES
        self.register_buffer("_keys", random_keys(layout.variables), persistent=False)
        self._keys: Tensor

        self.encode_inequality = nn.Linear(sizes.inequality, width)
        self.encode_monomial = nn.Linear(sizes.monomial, width)
        self.encode_variable = nn.Linear(sizes.variable, width)
        self.encode_state = nn.Linear(sizes.state, width, bias=False)
        self.rounds = nn.ModuleList(MessagePassing(width) for _ in range(rounds))
        self.summarise = nn.Sequential(nn.Linear(3 * width + sizes.state, width), nn.ReLU())
        self.value = nn.Linear(width, 1)
        # A linear layer on all that is known of a product, in parts, so that nothing is repeated for every product.
        self.product_inequality = nn.Linear(width, width)
        self.product_variable = nn.Linear(width, width, bias=False)
        self.product_summary = nn.Linear(width, width, bias=False)
        self.product_features = nn.Linear(sizes.product, width, bias=False)
        self.reach = nn.Linear(width, REACH)
        self.product_reach = nn.Linear(REACH, width, bias=False)
        self.score = nn.Sequential(nn.ReLU(), nn.Linear(width, 2))

    def forward(self, observations: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Score and value a batch.

        Args:
            observations: The entries of ``B`` observations, shape ``(B, length)``, in any type that holds their
                values: whole numbers may come as floats, but neither scaled nor one-hot.

        Returns:
            The scores, shape ``(B, actions)``, numbered like the actions, 0 where there is no inequality or variable;
            and the values, shape ``(B,)``.
        """
        graph = ProofGraph.of(observations, self.layout, self.value.weight.dtype)
        features = self._describe(observations, self.layout, graph, image_rows(graph, self._keys))
        nodes = Nodes(
            (self.encode_inequality(features.inequality) + self.encode_state(features.state)[:, None]).relu(),
            self.encode_monomial(features.monomial).relu(),
            self.encode_variable(features.variable).relu(),
        )
        for exchange in self.rounds:
            nodes = exchange(graph, nodes)
        kinds = (graph.has_inequality, graph.has_monomial, graph.has_variable)
        pools = [_mean(vectors, exists) for vectors, exists in zip(nodes, kinds, strict=True)]
        summary = self.summarise(torch.cat([*pools, features.state], dim=-1))
        scores = self.score(
            (self.product_inequality(nodes.inequalities) + self.product_summary(summary)[:, None])[:, :, None]
            + self.product_variable(nodes.variables)[:, None]
            + self.product_features(features.product)
            + self.product_reach(self._reach(graph, features.extends, nodes.variables))
        )
        exists = graph.has_inequality[:, :, None] & graph.has_variable[:, None]
        scores = scores.masked_fill(~exists[..., None], 0).flatten(1)
        room = self.layout.num_actions - scores.shape[1]
        return nn.functional.pad(scores, (0, room)), self.value(summary).squeeze(-1)

    def _reach(self, graph: ProofGraph, extends: Tensor, variables: Tensor) -> Tensor:
        """What could still be added to each inequality once it has been multiplied by the complement of a variable.

        Those variables can that extend the inequality and exclude the factor; each counts with weights that depend on
        what is known of it. Shape ``(B, K, N, REACH)``.
        """
        weights = self.reach(variables).relu()
        sums = torch.einsum("bjk,bkc,bki->bjic", extends, weights, graph.exclusive)
        return extends[..., None] * sums.log1p()


def _mean(vectors: Tensor, exists: Tensor) -> Tensor:
    """The mean of those vectors that exist, shape ``(B, width)``."""
    weights = exists.to(vectors.dtype)[..., None]
    return (vectors * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)
