"""A score for every product and a value for the state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

import torch
from torch import Tensor, nn

from agents.networks.features import (
    ABSENT_SHARE,
    DUAL_SIZES,
    EXTENDS,
    EXTENSIONS,
    LENGTH,
    PAPER_SIZES,
    Features,
    compressed,
    dual_features,
    expectations,
    known_moments,
    paper_features,
)
from agents.networks.images import image_rows, random_keys
from agents.networks.layout import ObservationLayout
from agents.networks.message_passing import MessagePassing, Nodes
from agents.networks.proof_graph import ProofGraph
from polyproof_gym.errors import BadInput

REACH = 8
"""Number of sums over the variables that an inequality could still grow by, after each product."""

FeatureSet = Literal["dual", "paper"]
"""What a network is told: also what the linear program found, or not, as in "Learning dynamic polynomial proofs"."""

DIRECT = ("violation", "absent", "length", "extensions")
"""What enters the scores of products directly, beside what the network makes of it: minus the pseudo-expectation, the
share of terms without a row, and for pure extensions the logarithms of the number of terms, and of one more than the
number of further extensions. Without weights at first."""

GAIN = 0.03
"""What the rest of a score is multiplied by where it starts from dual guidance, relative to the weight of that:
learning is to improve on it, not to drown it, and first targets and advantages are rough."""

DUAL_GUIDANCE: Mapping[FeatureSet, tuple[float, ...]] = {
    "dual": (1.0, -0.5, 0.02, 0.005),
    "paper": (1.0, -1.0, 0.25, 0.0),
}
"""The weights of these that make dual guidance, relative to that of the violation.

The last two break ties where the pseudo-moments are known. Imagined ones are rough, and length counts for more.
"""


class _Known(NamedTuple):
    """What is known of a batch before its products are looked at.

    Attributes:
        graph: The batch.
        features: Its description.
        summary: Of the state as a whole, shape ``(B, width)``.
        of_inequalities: What each inequality adds to the vectors of its products, shape ``(B, K, head)``.
        of_variables: What each variable adds, shape ``(B, N, head)``.
        weights: What each variable counts where inequalities could grow by it, shape ``(B, N, REACH + 1)``.
        moments: Pseudo-moments of the monomials, the linear program's or imagined, shape ``(B, M)``.
        expectations: Those of products with ``x_i`` and ``1 - x_i`` by these moments, shape ``(B, K, N, 2)``.
    """

    graph: ProofGraph
    features: Features
    summary: Tensor
    of_inequalities: Tensor
    of_variables: Tensor
    weights: Tensor
    moments: Tensor
    expectations: Tensor


class ProofNetwork(nn.Module):
    """Scores every product of an inequality with ``x_i`` or ``1 - x_i``, and values the state.

    Inequalities, monomials and variables are nodes that exchange messages; a product is scored from the vectors of its
    inequality and its variable, what the multiplication does to the terms, its pseudo-expectation, and a summary of the
    state. With the features ``"paper"``, which do not tell the pseudo-moments, the network imagines some by itself;
    where the true ones are at hand in training, it is taught by them (:meth:`taught`).

    Reordering inequalities, monomials or variables reorders the scores and changes nothing else, and padding has no
    influence. The weights fit observations of any size.
    """

    def __init__(
        self, layout: ObservationLayout, *, features: FeatureSet = "dual", width: int = 32, rounds: int = 2
    ) -> None:
        """Make a network with random weights.

        Args:
            layout: Lengths of the observations' arrays.
            features: What the network is told; with ``"paper"`` it reads nothing that the linear program found but the
                bound.
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
        self._is_told = features == "dual"
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
        # There are so many of these that their vectors are shorter.
        head = width // 2
        self.product_inequality = nn.Linear(width, head)
        self.product_variable = nn.Linear(width, head, bias=False)
        self.product_summary = nn.Linear(width, head, bias=False)
        self.product_features = nn.Linear(sizes.product, head, bias=False)
        self.reach = nn.Linear(width, REACH)
        self.product_reach = nn.Linear(REACH + 1, head, bias=False)
        self.product_expectations = nn.Linear(2, head, bias=False)
        self.direct = nn.Linear(len(DIRECT), 1, bias=False)
        nn.init.zeros_(self.direct.weight)
        self.register_buffer("gain", torch.ones(()))
        self.gain: Tensor
        if not self._is_told:
            self.imagine = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1))
        self.score = nn.Sequential(nn.ReLU(), nn.Linear(head, 2))

    @torch.no_grad()
    def start_from_dual_guidance(self, weight: float) -> None:
        """Let the scores be those of dual guidance, by the moments told or imagined; what is learned is added to that.

        Args:
            weight: That of a product's violation; the others are in proportion, see :data:`DUAL_GUIDANCE`.
        """
        self.direct.weight.copy_(weight * torch.tensor([DUAL_GUIDANCE["dual" if self._is_told else "paper"]]))
        self.gain.fill_(weight * GAIN)
        nn.init.zeros_(self.score[-1].weight)  # type: ignore[arg-type]
        nn.init.zeros_(self.score[-1].bias)  # type: ignore[arg-type]

    def forward(self, observations: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Score and value a batch.

        Args:
            observations: The entries of ``B`` observations, shape ``(B, length)``, in any type that holds their
                values: whole numbers may come as floats, but neither scaled nor one-hot.

        Returns:
            The scores, shape ``(B, actions)``, numbered like the actions, 0 where there is no inequality or variable;
            and the values, shape ``(B,)``.
        """
        known = self._known(observations)
        graph = known.graph
        product = known.features.product
        scores = self.direct(_direct(product, known.expectations)).squeeze(-1) + self.gain * self.score(
            known.of_inequalities[:, :, None]
            + known.of_variables[:, None]
            + self.product_features(product)
            + self.product_expectations(known.expectations)
            + self.product_reach(
                known.features.extends[..., None] * self._reach(graph, known.features.extends, known.weights)
            )
        )
        exists = graph.has_inequality[:, :, None] & graph.has_variable[:, None]
        scores = scores.masked_fill(~exists[..., None], 0).flatten(1)
        room = self.layout.num_actions - scores.shape[1]
        return nn.functional.pad(scores, (0, room)), self.value(known.summary).squeeze(-1)

    def taught(self, observations: Mapping[str, Tensor], actions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What Q-learning needs: score and value of one action of each observation, and how wrong the moments are.

        Single scores cost far less than all.

        Args:
            observations: As of :meth:`forward`.
            actions: Valid actions, int64, shape ``(B,)``.

        Returns:
            The scores and the values of the states, shape ``(B,)`` both; and the mean squared error of the imagined
            pseudo-moments, a scalar, 0 where none are imagined or the observations do not tell the true ones.
        """
        known = self._known(observations)
        graph, features = known.graph, known.features
        products, signs = actions // 2, actions % 2
        j, i = products // self.layout.variables, products % self.layout.variables
        rows = torch.arange(len(actions), device=actions.device)
        reach = self._reach(
            graph._replace(exclusive=graph.exclusive[rows, :, i, None]), features.extends[rows, None, j], known.weights
        )
        product, values = features.product[rows, j, i], known.expectations[rows, j, i]
        hidden = (
            known.of_inequalities[rows, j]
            + known.of_variables[rows, i]
            + self.product_features(product)
            + self.product_expectations(values)
            + self.product_reach(features.extends[rows, j, i, None] * reach[:, 0, 0])
        )
        scores = self.direct(_direct(product, values)).squeeze(-1) + self.gain * self.score(hidden)
        return scores[rows, signs], self.value(known.summary).squeeze(-1), self._error(observations, known)

    def _error(self, observations: Mapping[str, Tensor], known: _Known) -> Tensor:
        if self._is_told or not self.layout.has_lp_features:
            return known.moments.new_zeros(())
        graph = known.graph
        counts = graph.has_monomial & (graph.degree > 0) & (observations["has_lp_bound"] > 0)
        errors = known.moments - known_moments(observations, graph).clamp(-1, 2)
        return (errors.square() * counts).sum() / counts.sum().clamp(min=1)

    def _known(self, observations: Mapping[str, Tensor]) -> _Known:
        """What the messages tell of a batch."""
        graph = ProofGraph.of(observations, self.layout, self.value.weight.dtype)
        images = image_rows(graph, self._keys)
        features = self._describe(observations, self.layout, graph, images)
        nodes = Nodes(
            (self.encode_inequality(features.inequality) + self.encode_state(features.state)[:, None]).relu(),
            self.encode_monomial(features.monomial).relu(),
            self.encode_variable(features.variable).relu(),
        )
        uses = graph.without(features.superseded)
        for exchange in self.rounds:
            nodes = exchange(graph, uses, nodes)
        if self._is_told:
            moments = given = known_moments(observations, graph)
        else:
            moments = given = self.imagine(nodes.monomials).squeeze(-1).masked_fill(graph.degree == 0, 1)
            if self.layout.has_lp_features:
                # The vectors are to serve the moments that are taught; scores and values read them as they are.
                nodes, given = nodes.detached(), moments.detach()
        kinds = (graph.has_inequality, graph.has_monomial, graph.has_variable)
        pools = [_mean(vectors, exists) for vectors, exists in zip(nodes, kinds, strict=True)]
        summary = self.summarise(torch.cat([*pools, features.state], dim=-1))
        _, of_products, of_variables = expectations(given, graph, images)
        return _Known(
            graph=graph,
            features=features,
            summary=summary,
            of_inequalities=self.product_inequality(nodes.inequalities) + self.product_summary(summary)[:, None],
            of_variables=self.product_variable(nodes.variables),
            weights=torch.cat([self.reach(nodes.variables), of_variables[..., None]], dim=-1).relu(),
            moments=moments,
            expectations=compressed(of_products),
        )

    @staticmethod
    def _reach(graph: ProofGraph, extends: Tensor, weights: Tensor) -> Tensor:
        """What could still be added to inequalities once they have been multiplied by the complement of a variable.

        Those variables can that extend the inequality and exclude the factor; each counts with weights that depend on
        what is known of it. Shape ``(B, K, N, REACH + 1)``, of as many inequalities and factors as are given.
        """
        batch, inequalities, variables = extends.shape
        counted = (extends[:, :, None] * weights.transpose(1, 2)[:, None]).reshape(batch, -1, variables)
        sums = (counted @ graph.exclusive).view(batch, inequalities, weights.shape[2], -1)
        return sums.log1p().transpose(2, 3)


def _direct(product: Tensor, values: Tensor) -> Tensor:
    """The features :data:`DIRECT` of products with ``x_i`` and ``1 - x_i``, shape ``(..., 2, len(DIRECT))``."""
    absent = product[..., ABSENT_SHARE, None].expand_as(values)
    length = product[..., LENGTH] * product[..., EXTENDS]
    none = torch.zeros_like(length)
    of_extensions = (torch.stack([none, number], dim=-1) for number in (length, product[..., EXTENSIONS]))
    return torch.stack([-values, absent, *of_extensions], dim=-1)


def _mean(vectors: Tensor, exists: Tensor) -> Tensor:
    """The mean of those vectors that exist, shape ``(B, width)``."""
    weights = exists.to(vectors.dtype)[..., None]
    return (vectors * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)
