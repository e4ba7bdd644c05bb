"""A score for every product and a value for the state."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from agents.networks import linear_program
from agents.networks.features import Features, FeatureSizes, expectations, plain_features
from agents.networks.images import image_rows, random_keys
from agents.networks.layout import ObservationLayout
from agents.networks.message_passing import MessagePassing, Nodes
from agents.networks.proof_graph import ProofGraph
from agents.scoring.scorer import SHAPE
from polyproof_gym.arguments import whole
from polyproof_gym.errors import BadInput
from polyproof_gym.proofs import ESTIMATE_ROUNDS, MAX_ESTIMATE_ROUNDS

REACH = 8
"""Number of sums over the variables that an inequality could still grow by, after each product."""

MAX_WIDTH, MAX_ROUNDS = 4096, 100
"""More would take long to make, let alone to use."""

FAR = -100.0
"""The score of products that are no candidates, before it is divided by the temperature; candidates have no less."""

NEWER = 1e-6
"""How much more a candidate counts than the next older one: ties go to the newest."""

MAX_GAIN = 1e6
"""Largest gain of a start."""

COLDEST = 1e-3
"""Least temperature of a start, with which all scores are well within single precision."""

FeatureSet = Literal["dual", "paper"]
"""What a network is told: also what the linear program found, or not, as in "Learning dynamic polynomial proofs"."""


class Start(NamedTuple):
    """Where a network starts from: the scores of a :class:`~agents.scoring.Scorer`, to which it adds what it learns.

    Attributes:
        weights: The scorer's, shape :data:`~agents.scoring.scorer.SHAPE`.
        temperature: What its scores are divided by.
        gain: What the network's own part of a score is multiplied by.
    """

    weights: NDArray[np.float64]
    temperature: float = 1.0
    gain: float = 1.0


class _Known(NamedTuple):
    """What is known of a batch before its products are looked at.

    Attributes:
        graph: The batch.
        features: Its description.
        summary: Of the state as a whole, shape ``(B, width)``.
        of_inequalities: What each inequality adds to the vectors of its products, shape ``(B, K, head)``.
        of_variables: What each variable adds, shape ``(B, N, head)``.
        weights: What each variable counts where inequalities could grow by it, shape ``(B, N, REACH + solutions)``.
        expectations: Of products with ``x_i`` and ``1 - x_i`` by every solution, shape ``(B, K, N, 2 * solutions)``.
    """

    graph: ProofGraph
    features: Features
    summary: Tensor
    of_inequalities: Tensor
    of_variables: Tensor
    weights: Tensor
    expectations: Tensor


class ProofNetwork(nn.Module):
    """Scores every product of an inequality with ``x_i`` or ``1 - x_i``, and values the state.

    Inequalities, monomials and variables are nodes that exchange messages; a product is scored from the vectors of its
    inequality and its variable, what the multiplication does to the terms, its pseudo-expectation, and a summary of the
    state. Pseudo-moments and multipliers are first estimated from the polynomials, by simpler messages that take no
    weights (:func:`~agents.networks.linear_program.estimated`); with the features ``"dual"`` the network is also told
    those that the solver found. With candidates, what it finds is added to linear scores of these, see :class:`Start`.

    Reordering inequalities, monomials or variables reorders the scores and changes nothing else, and padding has no
    influence. The weights fit observations of any size.
    """

    def __init__(
        self,
        layout: ObservationLayout,
        *,
        features: FeatureSet = "dual",
        width: int = 32,
        rounds: int = 2,
        estimate_rounds: int = ESTIMATE_ROUNDS,
        candidates: bool = False,
    ) -> None:
        """Make a network with random weights.

        Args:
            layout: Lengths of the observations' arrays.
            features: What the network is told; with ``"paper"`` it reads nothing that the linear program found but the
                bound.
            width: Length of the vectors.
            rounds: How often messages are exchanged.
            estimate_rounds: How often before that, for the estimates; 0 to do without these.
            candidates: Whether it also scores the candidates that observations list, by their features.

        Raises:
            BadInput: If ``features`` is unknown, a number out of range, or the observations lack what ``"dual"`` or
                ``candidates`` need.
        """
        super().__init__()
        if features not in get_args(FeatureSet):
            raise BadInput(f"expected features {' or '.join(get_args(FeatureSet))}, got {features!r}")
        if features == "dual" and not layout.has_lp_features:
            raise BadInput("the features 'dual' need observations with lp_features=True")
        if candidates and not layout.has_candidates:
            raise BadInput("candidates=True needs observations that list candidates")
        width = whole(width, "width", 2, MAX_WIDTH)
        rounds = whole(rounds, "rounds", 0, MAX_ROUNDS)
        estimate_rounds = whole(estimate_rounds, "estimate_rounds", 0, MAX_ESTIMATE_ROUNDS)
        self.layout = layout
        self._estimate_rounds = estimate_rounds
        self._is_told = features == "dual"
        solutions = 2 if self._is_told else 1
        sizes = FeatureSizes.of(solutions)
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
        self.product_reach = nn.Linear(REACH + solutions, head, bias=False)
        self.product_expectations = nn.Linear(2 * solutions, head, bias=False)
        self._has_candidates = candidates
        if candidates:
            self.direct = nn.Parameter(torch.zeros(SHAPE))
            self.register_buffer("sharpness", torch.ones(()))
            self.sharpness: Tensor
        self.register_buffer("gain", torch.ones(()))
        self.gain: Tensor
        self.score = nn.Sequential(nn.ReLU(), nn.Linear(head, 2))

    @torch.no_grad()
    def start_from(self, start: Start) -> None:
        """Let the scores be those of a scorer; what is learned is added to that.

        Raises:
            BadInput: If the network has no candidates to score, the weights have another shape, or a number is out of
                range: the temperature from :data:`COLDEST` up, the gain up to :data:`MAX_GAIN`.
        """
        if not self._has_candidates:
            raise BadInput("a start needs a network with candidates=True")
        if not COLDEST <= start.temperature < math.inf:
            raise BadInput(f"expected a temperature of at least {COLDEST:g}, got {start.temperature}")
        if not 0 <= start.gain <= MAX_GAIN:
            raise BadInput(f"expected a gain from 0 to {MAX_GAIN:g}, got {start.gain}")
        if np.shape(start.weights) != SHAPE:
            raise BadInput(f"expected weights of shape {SHAPE} to start from, got {np.shape(start.weights)}")
        self.direct.copy_(torch.as_tensor(start.weights))
        self.sharpness.fill_(1 / start.temperature)
        self.gain.fill_(start.gain)
        nn.init.zeros_(self.score[-1].weight)  # type: ignore[arg-type]
        nn.init.zeros_(self.score[-1].bias)  # type: ignore[arg-type]

    def forward(self, observations: Mapping[str, Tensor], noise: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Score and value a batch.

        Args:
            observations: The entries of ``B`` observations, shape ``(B, length)``, in any type that holds their
                values: whole numbers may come as floats, but neither scaled nor one-hot.
            noise: What is added to the weights of the candidates' features for each of them, shape ``(B, *SHAPE)``.

        Returns:
            The scores, shape ``(B, actions)``, numbered like the actions, those of candidates aside 0 where there is no
            inequality or variable; and the values, shape ``(B,)``.
        """
        known = self._known(observations)
        graph = known.graph
        product = known.features.product
        scores = self.gain * self.score(
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
        scores = nn.functional.pad(scores, (0, room)) + self._of_candidates(observations, noise)
        return scores, self.value(known.summary).squeeze(-1)

    def score_of(self, observations: Mapping[str, Tensor], actions: Tensor) -> tuple[Tensor, Tensor]:
        """Score one action of each observation, and value the states; single scores cost far less than all.

        Args:
            observations: As of :meth:`forward`.
            actions: Valid actions, int64, shape ``(B,)``.

        Returns:
            The scores and the values, shape ``(B,)`` both.
        """
        known = self._known(observations)
        graph, features = known.graph, known.features
        j, i, signs = self.layout.products.parts(actions)
        rows = torch.arange(len(actions), device=actions.device)
        reach = self._reach(
            graph._replace(exclusive=graph.exclusive[rows, :, i, None]), features.extends[rows, None, j], known.weights
        )
        product = features.product[rows, j, i]
        hidden = (
            known.of_inequalities[rows, j]
            + known.of_variables[rows, i]
            + self.product_features(product)
            + self.product_expectations(known.expectations[rows, j, i])
            + self.product_reach(features.extends[rows, j, i, None] * reach[:, 0, 0])
        )
        scores = (self.gain * self.score(hidden))[rows, signs]
        if self._has_candidates:
            scores = scores + self._of_candidates(observations)[rows, actions]
        return scores, self.value(known.summary).squeeze(-1)

    def _of_candidates(self, observations: Mapping[str, Tensor], noise: Tensor | None = None) -> Tensor:
        """Linear scores of the actions, relative to the best, shape ``(B, actions)``; 0 if candidates do not count."""
        if not self._has_candidates:
            return self.gain.new_zeros(())
        features, phases, actions = (observations[key] for key in ("candidate_features", "phases", "candidates"))
        weights = self.direct if noise is None else self.direct + noise
        of_features = phases.to(weights)[:, None] @ weights
        scores = (features.to(weights) @ of_features.transpose(1, 2)).squeeze(-1)
        # All that are no candidates get a place of their own, which is cut off.
        actions = actions.long().clamp(max=self.layout.num_actions)
        scores = scores.masked_fill(actions == self.layout.num_actions, torch.finfo(scores.dtype).min)
        age = NEWER * torch.arange(scores.shape[1], device=scores.device)
        relative = (scores - scores.amax(dim=1, keepdim=True) - age).clamp(min=FAR)
        places = scores.new_full((len(scores), self.layout.num_actions + 1), FAR)
        return self.sharpness * places.scatter(1, actions, relative)[:, :-1]

    def _known(self, observations: Mapping[str, Tensor]) -> _Known:
        """What the messages tell of a batch."""
        graph = ProofGraph.of(observations, self.layout, self.value.weight.dtype)
        images = image_rows(graph, self._keys)
        features = plain_features(observations, self.layout, graph, images)
        solutions = [linear_program.estimated(features.uses, self._estimate_rounds)]
        if self._is_told:
            solutions.append(linear_program.told(observations, graph))
        expected = [expectations(solution.moments, graph, images).compressed() for solution in solutions]
        possible = self._possible(observations, graph)
        for solution, of_solution in zip(solutions, expected, strict=True):
            features = features.with_solution(solution, of_solution, possible)
        nodes = Nodes(
            (self.encode_inequality(features.inequality) + self.encode_state(features.state)[:, None]).relu(),
            self.encode_monomial(features.monomial).relu(),
            self.encode_variable(features.variable).relu(),
        )
        for exchange in self.rounds:
            nodes = exchange(graph, features.uses, nodes)
        kinds = (graph.has_inequality, graph.has_monomial, graph.has_variable)
        pools = [_mean(vectors, exists) for vectors, exists in zip(nodes, kinds, strict=True)]
        summary = self.summarise(torch.cat([*pools, features.state], dim=-1))
        return _Known(
            graph=graph,
            features=features,
            summary=summary,
            of_inequalities=self.product_inequality(nodes.inequalities) + self.product_summary(summary)[:, None],
            of_variables=self.product_variable(nodes.variables),
            weights=torch.cat(
                [self.reach(nodes.variables), *(each.of_variables[..., None] for each in expected)], dim=-1
            ).relu(),
            expectations=torch.cat([each.of_products for each in expected], dim=-1),
        )

    def _possible(self, observations: Mapping[str, Tensor], graph: ProofGraph) -> Tensor:
        """Which products may be derived, bool, shape ``(B, K, N, 2)``."""
        batch, inequalities = graph.has_inequality.shape
        return observations["action_mask"].view(batch, -1, self.layout.variables, 2)[:, :inequalities] > 0

    @staticmethod
    def _reach(graph: ProofGraph, extends: Tensor, weights: Tensor) -> Tensor:
        """What could still be added to inequalities once they have been multiplied by the complement of a variable.

        Those variables can that extend the inequality and exclude the factor; each counts with weights that depend on
        what is known of it. Shape ``(B, K, N, REACH + solutions)``, of as many inequalities and factors as are given.
        """
        batch, inequalities, variables = extends.shape
        counted = (extends[:, :, None] * weights.transpose(1, 2)[:, None]).reshape(batch, -1, variables)
        sums = (counted @ graph.exclusive).view(batch, inequalities, weights.shape[2], -1)
        return sums.log1p().transpose(2, 3)


def _mean(vectors: Tensor, exists: Tensor) -> Tensor:
    """The mean of those vectors that exist, shape ``(B, width)``."""
    weights = exists.to(vectors.dtype)[..., None]
    return (vectors * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)
