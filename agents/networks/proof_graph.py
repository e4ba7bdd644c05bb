"""The occupied part of a batch of observations, as a graph of inequalities, monomials and variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from agents.networks.layout import ObservationLayout


class ProofGraph(NamedTuple):
    """Which inequality has which terms, which monomial which factors, and which variables exclude each other.

    ``B`` is the size of the batch, ``K`` and ``M`` the largest number of inequalities and monomials in it, ``N`` the
    room for variables, ``E`` the number of terms of all inequalities of the batch. Whole numbers are int64, the rest
    has the type asked for.

    Attributes:
        has_inequality: Which inequalities there are, bool, shape ``(B, K)``.
        has_monomial: Which monomials there are, bool, shape ``(B, M)``.
        has_variable: Which variables occur in a monomial, bool, shape ``(B, N)``.
        term_inequality: The inequality of every term, numbered through the batch: ``b * K + j``, ascending, shape
            ``(E,)``.
        term_monomial: Its monomial, ``b * M + m``, shape ``(E,)``.
        term_coefficient: Its coefficient, shape ``(E,)``.
        factors: The variables of every monomial, with repetition; ``N`` in padding. Shape ``(B, M, D)``.
        exponents: The exponent of every variable in every monomial, shape ``(B, M, N)``.
        objective: The objective's coefficient of every monomial, shape ``(B, M)``.
        exclusive: 1 where the product of two variables is zero, shape ``(B, N, N)``.
        idempotent: 1 where ``x_i^2 = x_i``, shape ``(B, N)``.
    """

    has_inequality: Tensor
    has_monomial: Tensor
    has_variable: Tensor
    term_inequality: Tensor
    term_monomial: Tensor
    term_coefficient: Tensor
    factors: Tensor
    exponents: Tensor
    objective: Tensor
    exclusive: Tensor
    idempotent: Tensor

    @classmethod
    def of(cls, observations: Mapping[str, Tensor], layout: ObservationLayout, dtype: torch.dtype) -> ProofGraph:
        """Read a batch.

        Args:
            observations: The entries of the observations, shape ``(B, length)``; of any type that holds their values.
            layout: Lengths of the arrays.
            dtype: The floating point type of the result.
        """
        batch, variables = len(observations["idempotent"]), layout.variables
        num_inequalities, num_monomials = observations["num_inequalities"].long(), observations["num_monomials"].long()
        most_inequalities, most_monomials = int(num_inequalities.max()), int(num_monomials.max())
        device = num_inequalities.device
        has_inequality = torch.arange(most_inequalities, device=device) < num_inequalities
        has_monomial = torch.arange(most_monomials, device=device) < num_monomials

        occupied = most_inequalities * layout.terms
        coefficients = observations["inequality_coefficients"][:, :occupied].view(batch, -1, layout.terms)
        rows = observations["inequality_monomials"][:, :occupied].view(batch, -1, layout.terms)
        element, inequality, position = coefficients.nonzero(as_tuple=True)

        factors = observations["monomials"][:, : most_monomials * layout.degree].long().view(batch, -1, layout.degree)
        exponents = torch.zeros(batch, most_monomials, variables + 1, dtype=dtype, device=device)
        exponents.scatter_add_(2, factors, torch.ones_like(factors, dtype=dtype))
        exponents = exponents[:, :, :variables]

        given = observations["objective"][:, :most_monomials].to(dtype)
        objective = torch.zeros(batch, most_monomials, dtype=dtype, device=device)
        objective[:, : given.shape[1]] = given
        return cls(
            has_inequality=has_inequality,
            has_monomial=has_monomial,
            has_variable=exponents.any(dim=1),
            term_inequality=element * most_inequalities + inequality,
            term_monomial=element * most_monomials + rows[element, inequality, position].long(),
            term_coefficient=coefficients[element, inequality, position].to(dtype),
            factors=factors,
            exponents=exponents,
            objective=objective,
            exclusive=observations["exclusive"].to(dtype).view(batch, variables, variables),
            idempotent=observations["idempotent"].to(dtype),
        )

    def without(self, excluded: Tensor) -> ProofGraph:
        """The same graph without the terms of some inequalities, bool, shape ``(B, K)``."""
        kept = ~excluded.flatten()[self.term_inequality]
        return self._replace(
            term_inequality=self.term_inequality[kept],
            term_monomial=self.term_monomial[kept],
            term_coefficient=self.term_coefficient[kept],
        )

    @property
    def degree(self) -> Tensor:
        """The degree of every monomial, shape ``(B, M)``."""
        return self.exponents.sum(dim=2)

    @property
    def num_terms(self) -> Tensor:
        """The number of terms of every inequality, at least 1 so that it can be divided by, shape ``(B, K)``."""
        count = self.objective.new_zeros(self.has_inequality.numel())
        count.index_add_(0, self.term_inequality, torch.ones_like(self.term_coefficient))
        return count.view_as(self.has_inequality).clamp(min=1)

    @property
    def num_uses(self) -> Tensor:
        """The number of terms with every monomial, at least 1, shape ``(B, M)``."""
        count = self.objective.new_zeros(self.has_monomial.numel())
        count.index_add_(0, self.term_monomial, torch.ones_like(self.term_coefficient))
        return count.view_as(self.has_monomial).clamp(min=1)

    def sum_over_terms(self, values: Tensor, *, weighted: bool) -> Tensor:
        """For every inequality the sum, over its terms, of what is known of their monomials.

        Args:
            values: What is known of the monomials, shape ``(B, M, ...)``.
            weighted: Whether to multiply by the coefficients of the terms.

        Returns:
            The sums, shape ``(B, K, ...)``.
        """
        return self._gathered(values, self.term_monomial, self.term_inequality, self.has_inequality, weighted)

    def sum_over_uses(self, values: Tensor) -> Tensor:
        """For every monomial the sum of what is known of the inequalities with it, times its coefficients there.

        Args:
            values: What is known of the inequalities, shape ``(B, K, ...)``.

        Returns:
            The sums, shape ``(B, M, ...)``.
        """
        return self._gathered(values, self.term_inequality, self.term_monomial, self.has_monomial, True)

    def max_over_terms(self, values: Tensor) -> Tensor:
        """For every inequality the largest of some numbers of its monomials, shape ``(B, M, ...)``; at least 0."""
        return _largest(values, self.term_monomial, self.term_inequality, self.has_inequality)

    def max_over_negative_uses(self, values: Tensor) -> Tensor:
        """For every monomial the largest of some numbers of the inequalities that it has a negative coefficient in.

        Args:
            values: What is known of the inequalities, shape ``(B, K)``.

        Returns:
            Shape ``(B, M)``; at least 0.
        """
        negative = self.term_coefficient < 0
        return _largest(values, self.term_inequality[negative], self.term_monomial[negative], self.has_monomial)

    def _gathered(self, values: Tensor, source: Tensor, target: Tensor, like: Tensor, weighted: bool) -> Tensor:
        taken = values.flatten(0, 1)[source]
        if weighted:
            taken = taken * self.term_coefficient.view(-1, *[1] * (taken.dim() - 1))
        result = values.new_zeros(like.numel(), *values.shape[2:]).index_add(0, target, taken)
        return result.view(*like.shape, *values.shape[2:])


def _largest(values: Tensor, source: Tensor, target: Tensor, like: Tensor) -> Tensor:
    """The largest of the values that go to each target, at least 0."""
    taken = values.flatten(0, 1)[source]
    result = values.new_zeros(like.numel(), *values.shape[2:])
    index = target.view(-1, *[1] * (taken.dim() - 1)).expand_as(taken)
    result.scatter_reduce_(0, index, taken, "amax")
    return result.view(*like.shape, *values.shape[2:])
