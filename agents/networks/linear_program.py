"""Solutions of the linear program behind a state: the one that was found, and one that needs the polynomials only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from agents.networks.proof_graph import ProofGraph
from polyproof_gym.proofs import estimated_solution


class Solution(NamedTuple):
    """A primal and a dual solution for every state of a batch.

    Attributes:
        moments: Pseudo-moments of the monomials, shape ``(B, M)``.
        multipliers: Multipliers of the inequalities, shape ``(B, K)``.
    """

    moments: Tensor
    multipliers: Tensor


def told(observations: Mapping[str, Tensor], graph: ProofGraph) -> Solution:
    """What the solver found, as the observations tell it: a vertex, or a ray where nothing is proved yet.

    Args:
        observations: The batch, with the entries ``multipliers`` and ``pseudo_moments``.
        graph: The same batch as a graph.
    """
    dtype = graph.objective.dtype
    return Solution(
        observations["pseudo_moments"][:, : graph.has_monomial.shape[1]].to(dtype),
        observations["multipliers"][:, : graph.has_inequality.shape[1]].to(dtype),
    )


def estimated(graph: ProofGraph, rounds: int) -> Solution:
    """What needs the polynomials only, see :func:`~polyproof_gym.proofs.estimated_solution`; without gradients.

    Monomials and inequalities exchange simple messages; so reordering these reorders the result. As for the solver, the
    objective counts without its constant, and divided by its largest coefficient. Padding says nothing.

    Args:
        graph: The batch; inequalities without terms have no say.
        rounds: How often messages are exchanged.
    """
    lengths = graph.term_inequality.bincount(minlength=graph.has_inequality.numel())
    degree = graph.degree
    objective = graph.objective.masked_fill(degree == 0, 0)
    largest = objective.abs().amax(dim=1, keepdim=True).clamp(min=torch.finfo(objective.dtype).tiny)
    moments, multipliers = estimated_solution(
        _array(nn.functional.pad(lengths.cumsum(0), (1, 0)), torch.int32),
        _array(graph.term_monomial, torch.int32),
        _array(graph.term_coefficient, torch.float64),
        _array(objective / largest, torch.float64),
        _array(degree, torch.int64),
        rounds,
    )
    like = graph.objective
    return Solution(
        torch.from_numpy(moments).to(like).view_as(like),
        torch.from_numpy(multipliers).to(like).view_as(graph.has_inequality),
    )


def _array(values: Tensor, dtype: torch.dtype) -> NDArray[Any]:
    """The numbers one after the other, for compiled loops."""
    array: NDArray[Any] = values.detach().flatten().to("cpu", dtype).numpy()
    return array
