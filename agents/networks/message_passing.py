"""Rounds of messages between inequalities, monomials and variables."""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from agents.networks.proof_graph import ProofGraph


class Nodes(NamedTuple):
    """What is known of everything in a batch, one vector each.

    Attributes:
        inequalities: Shape ``(B, K, width)``.
        monomials: Shape ``(B, M, width)``.
        variables: Shape ``(B, N, width)``.
    """

    inequalities: Tensor
    monomials: Tensor
    variables: Tensor


class MessagePassing(nn.Module):
    """One round: first the monomials hear of inequalities and variables, then these hear of the monomials.

    All messages are means over neighbours, so that the order does not matter and their size does not grow with the
    proof's.
    """

    def __init__(self, width: int) -> None:
        """Make a round for vectors of some width."""
        super().__init__()
        self.monomials = _Update(width, messages=2)
        self.inequalities = _Update(width, messages=1)
        self.variables = _Update(width, messages=2)

    def forward(self, graph: ProofGraph, uses: ProofGraph, nodes: Nodes) -> Nodes:
        """What is known after the round.

        Args:
            graph: The batch.
            uses: The batch without the inequalities that monomials are not to hear of.
            nodes: What is known before.
        """
        membership = graph.exponents
        monomials = self.monomials(
            nodes.monomials,
            uses.sum_over_uses(nodes.inequalities) / uses.num_uses[..., None],
            (membership @ nodes.variables) / _divisor(membership),
        )
        inequalities = self.inequalities(
            nodes.inequalities, graph.sum_over_terms(monomials, weighted=True) / graph.num_terms[..., None]
        )
        transposed = membership.transpose(1, 2)
        variables = self.variables(
            nodes.variables,
            (transposed @ monomials) / _divisor(transposed),
            (graph.exclusive @ nodes.variables) / _divisor(graph.exclusive),
        )
        return Nodes(inequalities, monomials, variables)


class _Update(nn.Module):
    """New vectors of nodes from their own and from messages."""

    def __init__(self, width: int, messages: int) -> None:
        super().__init__()
        self.change = nn.Sequential(nn.Linear(width * (1 + messages), width), nn.ReLU(), nn.Linear(width, width))
        self.normalise = nn.LayerNorm(width)

    def forward(self, own: Tensor, *messages: Tensor) -> Tensor:
        return cast("Tensor", self.normalise(own + self.change(torch.cat([own, *messages], dim=-1))))


def _divisor(weights: Tensor) -> Tensor:
    """Sums of weights over the last axis, at least 1, which is kept."""
    return weights.sum(dim=-1, keepdim=True).clamp(min=1)
