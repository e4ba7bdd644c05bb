"""What a network is told of inequalities, monomials, variables, products and the state as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from agents.networks.images import ABSENT, ZERO
from agents.networks.layout import ObservationLayout
from agents.networks.linear_program import Solution
from agents.networks.proof_graph import ProofGraph


class FeatureSizes(NamedTuple):
    """How many numbers describe each thing."""

    inequality: int
    monomial: int
    variable: int
    product: int
    state: int

    @classmethod
    def of(cls, solutions: int) -> FeatureSizes:
        """The sizes of :func:`plain_features` with some solutions of the linear program."""
        return cls(
            inequality=3 + 2 * solutions,
            monomial=5 + solutions,
            variable=2,
            product=8 + solutions,
            state=2 + 2 * solutions,
        )


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
        is_closed: Whether a product brings no new monomial, bool, shape ``(B, K, N)``.
        uses: The batch without the inequalities that monomials need not hear of: those with a constant of which such an
            extension is known, which together with ``x_i >= 0`` implies them, so that the linear program does not need
            them.
    """

    inequality: Tensor
    monomial: Tensor
    variable: Tensor
    product: Tensor
    state: Tensor
    extends: Tensor
    is_closed: Tensor
    uses: ProofGraph

    def with_solution(self, solution: Solution, expected: Expectations, possible: Tensor) -> Features:
        """The same, and what a solution of the linear program says of each thing.

        Args:
            solution: The solution.
            expected: Its pseudo-expectations, compressed.
            possible: Which products may be derived, bool, shape ``(B, K, N, 2)``.
        """
        multipliers = compressed(solution.multipliers)
        closed = self.is_closed[..., None]
        largest = [_largest(-expected.of_products, possible & which) for which in (closed, ~closed)]
        return self._replace(
            inequality=torch.cat(
                [self.inequality, torch.stack([multipliers, expected.of_inequalities], dim=-1)], dim=-1
            ),
            monomial=torch.cat([self.monomial, compressed(solution.moments)[..., None]], dim=-1),
            product=torch.cat(
                [self.product, multipliers[:, :, None, None].expand(-1, -1, self.product.shape[2], 1)], dim=-1
            ),
            state=torch.cat([self.state, torch.stack(largest, dim=-1)], dim=-1),
        )


class Expectations(NamedTuple):
    """Pseudo-expectations by a solution of the linear program.

    Attributes:
        of_inequalities: Shape ``(B, K)``.
        of_products: Of the products with ``x_i`` and ``1 - x_i``, shape ``(B, K, N, 2)``.
        of_variables: Shape ``(B, N)``.
    """

    of_inequalities: Tensor
    of_products: Tensor
    of_variables: Tensor

    def compressed(self) -> Expectations:
        """The same with those of inequalities and products compressed; those of variables are moderate anyway."""
        return Expectations(compressed(self.of_inequalities), compressed(self.of_products), self.of_variables)


def plain_features(
    observations: Mapping[str, Tensor], layout: ObservationLayout, graph: ProofGraph, images: Tensor
) -> Features:
    """What can be said without a solution of the linear program, of which it tells the bound alone.

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
    extended = ((extends > 0) & (complements == 0) & (graph.exponents.sum(dim=1) > 0)[:, None]).any(dim=2)
    # Without a constant an extension adds nothing, and one that is too long is not known but refused.
    superseded = extended & (others < count) & (count < layout.terms)
    uses = graph.without(superseded)
    length = count.log()
    is_closed = sums[..., 1] == 0
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
                        is_closed.to(dtype),
                    ],
                    dim=-1,
                ),
            ],
            dim=-1,
        ),
        state=torch.cat([observations["bound"].to(dtype).log1p(), remaining], dim=-1),
        extends=extends,
        is_closed=is_closed,
        uses=uses,
    )


def expectations(moments: Tensor, graph: ProofGraph, images: Tensor) -> Expectations:
    """Pseudo-expectations of the inequalities, of their products with ``x_i`` and ``1 - x_i``, and of the variables.

    The moment of a product ``x_i * m`` that has no row yet is guessed as that of ``x_i`` times that of ``m``, as if the
    two were independent; that of a variable without a row, as one half.

    Args:
        moments: Pseudo-moments of the monomials, shape ``(B, M)``.
        graph: The batch.
        images: Rows of the monomials' products with variables.
    """
    known = moments.gather(1, images.clamp(min=0).flatten(1)).view(images.shape)
    is_one = graph.has_monomial & (graph.degree == 0)
    of_variables = known.masked_fill(images == ABSENT, 0.5).masked_fill(~is_one[:, :, None], 0).sum(dim=1)
    of_images = torch.where(images == ABSENT, moments[:, :, None] * of_variables[:, None], known)
    expectation = graph.sum_over_terms(moments, weighted=True)
    of_products = graph.sum_over_terms(of_images.masked_fill(images == ZERO, 0), weighted=True)
    both = torch.stack([of_products, expectation[:, :, None] - of_products], dim=-1)
    return Expectations(expectation, both, of_variables)


def _largest(values: Tensor, counts: Tensor) -> Tensor:
    """The largest of the values that count, at least 0, shape ``(B,)``."""
    return values.masked_fill(~counts, 0).flatten(1).amax(dim=1).clamp(min=0)


def compressed(values: Tensor) -> Tensor:
    """Numbers of any size brought to a moderate one, with their sign; small ones hardly change."""
    return values.sign() * values.abs().log1p()
