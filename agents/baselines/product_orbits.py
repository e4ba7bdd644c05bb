"""Products of factors up to symmetry: which of them are images of products that were met before."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np
from numpy.typing import NDArray

from polyproof_gym import stopping
from polyproof_gym.problems.symmetry import Permutation

MAX_LISTED = 2000
"""Number of permutations up to which all of a group are listed, so that an orbit is found at once."""

MAX_ENTRIES = 1_000_000
"""Number of factors of all products that are permuted at once."""

Product = tuple[int, ...]
"""The numbers of the factors of a product, ascending.

``2 i`` stands for ``x_i``, ``2 i + 1`` for ``1 - x_i``; numbers from twice the number of variables on for constraints,
of which a product has one at most.
"""


class ProductOrbits:
    """The products of so many factors, of which whole orbits are marked as met."""

    def __init__(self, permutations: NDArray[np.intp], is_group: bool, num_bounds: int, num_factors: int) -> None:
        """Begin with none.

        Args:
            permutations: What permutations make of the factors, one a row: all of a group, or some that all others are
                products of.
            is_group: Whether they are all.
            num_bounds: The number of factors that are no constraints.
            num_factors: The number of factors of a product.
        """
        self._permutations, self._is_group = permutations, is_group
        self._most_members = max(1, MAX_ENTRIES // (len(permutations) * num_factors))
        # Products are numbered in colexicographic order, those with a constraint after the others.
        factors, constraints = permutations.shape[1], permutations.shape[1] - num_bounds
        self._shares = np.zeros((num_factors, factors), np.int64)
        for place in range(num_factors):
            self._shares[place, :num_bounds] = [comb(factor + place, place + 1) for factor in range(num_bounds)]
        without, beside = (comb(num_bounds + some - 1, some) for some in (num_factors, num_factors - 1))
        self._shares[-1, num_bounds:] = without + beside * np.arange(constraints)
        self._places = np.arange(num_factors)
        self._is_met = np.zeros(without + beside * constraints, np.bool_)

    def __contains__(self, product: Product) -> bool:
        """Whether a product was met."""
        return bool(self._is_met[self._shares[self._places, list(product)].sum()])

    def meet(self, product: Product) -> int:
        """Mark all that the group makes of a product that was not met; how many there are.

        Where a stop is requested, some of them may be left out.
        """
        pending = [np.array([product])]
        self._is_met[self._shares[self._places, pending[0]].sum(axis=1)] = True
        size = 1
        while pending and not stopping.requested():
            members = pending.pop()
            if len(members) > self._most_members:
                pending.append(members[self._most_members :])
                members = members[: self._most_members]
            images = np.sort(self._permutations[:, members].reshape(-1, len(self._places)), axis=1)
            numbers = self._shares[self._places, images].sum(axis=1)
            new = np.flatnonzero(~self._is_met[numbers])
            numbers, first = np.unique(numbers[new], return_index=True)
            self._is_met[numbers] = True
            size += len(numbers)
            if len(numbers) and not self._is_group:
                pending.append(images[new[first]])
        return size


def permutations_to_apply(generators: Sequence[Permutation], num_points: int) -> tuple[NDArray[np.intp], bool]:
    """All permutations of a group, if these are few enough to be listed, or else generators.

    Args:
        generators: Permutations that all of the group are products of.
        num_points: How many points they permute.

    Returns:
        The permutations, shape ``(permutations, num_points)``, and whether they are all.
    """
    identity = (*range(num_points),)
    found, pending = {identity: None}, [identity]
    while pending and len(found) <= MAX_LISTED:
        known = pending.pop()
        for generator in generators:
            image = tuple([generator[i] for i in known])
            if image not in found:
                found[image] = None
                pending.append(image)
    is_group = not pending and len(found) <= MAX_LISTED
    return np.array([*found] if is_group else generators, np.intp), is_group
