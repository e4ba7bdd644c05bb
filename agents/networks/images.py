"""What multiplication by each variable makes of each monomial, for a batch of observations."""

from __future__ import annotations

import torch
from torch import Tensor

from agents.networks.proof_graph import ProofGraph

ZERO, ABSENT = -1, -2
"""In place of a row: the product is zero, or has no row yet."""

_NO_MONOMIAL = torch.iinfo(torch.int64).max
"""Stands in for the sum of keys where there is no monomial."""


def random_keys(variables: int) -> Tensor:
    """A random word for every variable and 0 for the padding, int64, shape ``(variables + 1,)``; always the same.

    The sum of these, modulo 2^64, tells monomials apart but for a chance of about 2^-64 per pair.
    """
    limits = torch.iinfo(torch.int64)
    generator = torch.Generator().manual_seed(0)
    keys = torch.randint(limits.min, limits.max, (variables + 1,), generator=generator)
    keys[variables] = 0
    return keys


def image_rows(graph: ProofGraph, keys: Tensor) -> Tensor:
    """The row of ``x_i * m`` in the list of monomials of its observation, or :data:`ZERO`, or :data:`ABSENT`.

    Args:
        graph: The batch.
        keys: Words of the variables, see :func:`random_keys`.

    Returns:
        Rows, int64, shape ``(B, M, N)``; ``ABSENT`` where there is no monomial ``m``.
    """
    batch, monomials, variables = graph.exponents.shape
    divides = graph.exponents > 0
    raised = ~(divides & (graph.idempotent > 0)[:, None])
    own = keys[graph.factors].sum(dim=2)
    wanted = own[:, :, None] + raised * keys[:variables]
    table, order = own.masked_fill(~graph.has_monomial, _NO_MONOMIAL).sort(dim=1)
    place = torch.searchsorted(table, wanted.flatten(1)).clamp(max=monomials - 1)
    is_found = table.gather(1, place) == wanted.flatten(1)
    rows = torch.where(is_found, order.gather(1, place), ABSENT).view(batch, monomials, variables)
    is_zero = divides.to(graph.exclusive.dtype) @ graph.exclusive > 0
    return rows.masked_fill(is_zero, ZERO).masked_fill(~graph.has_monomial[:, :, None], ABSENT)
