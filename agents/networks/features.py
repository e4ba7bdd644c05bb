"""What a network is told of inequalities, monomials, variables, products and the state as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from agents.networks.images import ABSENT, ZERO
from agents.networks.layout import ObservationLayout
from agents.networks.proof_graph import ProofGraph


class FeatureSizes(NamedTuple):
    """How many numbers describe each thing."""

    inequality: int
    monomial: int
    variable: int
    product: int
    state: int


PAPER_SIZES = FeatureSizes(inequality=3, monomial=5, variable=2, product=7, state=2)
DUAL_SIZES = FeatureSizes(inequality=5, monomial=6, variable=2, product=10, state=3)

ABSENT_SHARE, LENGTH, EXTENDS, EXTENSIONS = 1, 4, 5, 6
"""Places of some features of products: the share of terms without a row, the logarithm of the number of terms of the
inequality, whether the variable extends it, and if so, the logarithm of one more than the number of those that could
extend it next."""


class Features(NamedTuple):
    """Descriptions of everything in a batch; the last axis numbers the features.

    Attributes:
        inequality: Shape ``(B, K, features)``.
        monomial: Shape ``(B, M, features)``.
        variable: Shape ``(B, N, features)``.
        product: Of every inequality with every variable, shape ``(B, K, N, features)``.
        state: Shape ``(B, features)``.
        extends: 1 where the variable annihilates every term of the inequality but the constant, so that multiplying by
            its complement only adds a term, shape ``(B, K, N)``. The variables that a clique can grow by, for example.
        superseded: The inequalities that monomials need not hear of, bool, shape ``(B, K)``: those of which such an
            extension is known, which together with ``x_i >= 0`` implies them, so that the linear program does not need
            them; and those without a constant that a variable annihilates, as ``x_i >= 0`` of a vertex with neighbours.
    """

    inequality: Tensor
    monomial: Tensor
    variable: Tensor
    product: Tensor
    state: Tensor
    extends: Tensor
    superseded: Tensor


def paper_features(
    observations: Mapping[str, Tensor], layout: ObservationLayout, graph: ProofGraph, images: Tensor
) -> Features:
    """What can be said without the linear program's solution, of which it tells the bound alone.

    Args:
        observations: The batch.
        layout: Lengths of its arrays.
        graph: The same batch as a graph.
        images: Rows of the monomials' products with variables, see :func:`~agents.networks.images.image_rows`.
    """
    dtype = graph.objective.dtype
    degree, count = graph.degree, graph.num_terms
    is_one = degree == 0
    divides = graph.exponents > 0
    is_zero, is_absent = images == ZERO, images == ABSENT
    raised = ~(divides & (graph.idempotent > 0)[:, None])
    image_degree = (degree[:, :, None] + raised).masked_fill(is_zero, 0)
    counted = torch.stack([is_zero, is_absent, divides], dim=-1).to(dtype)
    sums = graph.sum_over_terms(counted, weighted=False)
    others = count - graph.sum_over_terms((is_one & graph.has_monomial).to(dtype), weighted=False)
    extends = ((sums[..., 0] == others[:, :, None]) & (others > 0)[:, :, None]).to(dtype)
    complements = observations["action_mask"].view(len(count), -1, layout.variables, 2)[:, : count.shape[1], :, 1]
    superseded = ((extends > 0) & (complements == 0) & (graph.exponents.sum(dim=1) > 0)[:, None]).any(dim=2)
    uses = graph.without(superseded)
    length = count.log()
    remaining = 1 - observations["step"].to(dtype) / layout.max_steps
    return Features(
        inequality=torch.stack([graph.max_over_terms(degree), count.log1p(), superseded.to(dtype)], dim=-1),
        monomial=torch.stack(
            [degree, is_one.to(dtype), graph.objective, uses.num_uses.log(), uses.max_over_negative_uses(length)],
            dim=-1,
        ),
        variable=torch.stack([graph.idempotent, graph.exclusive.sum(dim=2).log1p()], dim=-1),
        product=torch.cat(
            [
                sums / count[:, :, None, None],
                torch.stack(
                    [
                        graph.max_over_terms(image_degree),
                        length[:, :, None].expand_as(extends),
                        extends,
                        extends * (extends @ graph.exclusive).log1p(),
                    ],
                    dim=-1,
                ),
            ],
            dim=-1,
        ),
        state=torch.cat([observations["bound"].to(dtype).log1p(), remaining], dim=-1),
        extends=extends,
        superseded=superseded,
    )


def dual_features(
    observations: Mapping[str, Tensor], layout: ObservationLayout, graph: ProofGraph, images: Tensor
) -> Features:
    """The same, and what the linear program's solution says of each thing; arguments as of :func:`paper_features`."""
    dtype = graph.objective.dtype
    plain = paper_features(observations, layout, graph, images)
    moments = known_moments(observations, graph)
    multipliers = compressed(observations["multipliers"][:, : graph.has_inequality.shape[1]].to(dtype))
    has_bound = observations["has_lp_bound"].to(dtype)
    expectation = graph.sum_over_terms(moments, weighted=True)
    is_closed = (plain.product[..., 1] == 0).to(dtype)
    return plain._replace(
        inequality=torch.cat([plain.inequality, torch.stack([multipliers, compressed(expectation)], dim=-1)], dim=-1),
        monomial=torch.cat([plain.monomial, compressed(moments)[..., None]], dim=-1),
        product=torch.cat(
            [
                plain.product,
                torch.stack(
                    [
                        multipliers[:, :, None].expand_as(is_closed),
                        is_closed,
                        has_bound[:, :, None].expand_as(is_closed),
                    ],
                    dim=-1,
                ),
            ],
            dim=-1,
        ),
        state=torch.cat([plain.state, has_bound], dim=-1),
    )


def known_moments(observations: Mapping[str, Tensor], graph: ProofGraph) -> Tensor:
    """The pseudo-moments that the linear program found, shape ``(B, M)``."""
    return observations["pseudo_moments"][:, : graph.has_monomial.shape[1]].to(graph.objective.dtype)


def expectations(moments: Tensor, graph: ProofGraph, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Pseudo-expectations of the inequalities, of their products with ``x_i`` and ``1 - x_i``, and of the variables.

    The moment of a product ``x_i * m`` that has no row yet is guessed as that of ``x_i`` times that of ``m``, as if the
    two were independent; that of a variable without a row, as one half.

    Args:
        moments: Pseudo-moments of the monomials, shape ``(B, M)``.
        graph: The batch.
        images: Rows of the monomials' products with variables.

    Returns:
        Shapes ``(B, K)``, ``(B, K, N, 2)`` and ``(B, N)``.
    """
    known = moments.gather(1, images.clamp(min=0).flatten(1)).view(images.shape)
    is_one = graph.has_monomial & (graph.degree == 0)
    of_variables = known.masked_fill(images == ABSENT, 0.5).masked_fill(~is_one[:, :, None], 0).sum(dim=1)
    of_images = torch.where(images == ABSENT, moments[:, :, None] * of_variables[:, None], known)
    expectation = graph.sum_over_terms(moments, weighted=True)
    of_products = graph.sum_over_terms(of_images.masked_fill(images == ZERO, 0), weighted=True)
    both = torch.stack([of_products, expectation[:, :, None] - of_products], dim=-1)
    return expectation, both, of_variables


def compressed(values: Tensor) -> Tensor:
    """Numbers of any size brought to a moderate one, with their sign; small ones hardly change."""
    return values.sign() * values.abs().log1p()
