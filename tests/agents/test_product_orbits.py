from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
import pytest

from agents.baselines.product_orbits import MAX_LISTED, ProductOrbits, permutations_to_apply
from polyproof_gym import stopping
from polyproof_gym.problems.symmetry import Permutation, orbit

NUM_BOUNDS = 6
"""Factors 0 to 5 are bounds, 6 to 8 constraints."""

GENERATORS: list[Permutation] = [(2, 3, 4, 5, 0, 1, 7, 8, 6), (2, 3, 0, 1, 4, 5, 7, 6, 8)]


def products(num_factors: int) -> list[tuple[int, ...]]:
    """All with one constraint at most."""
    chosen = combinations_with_replacement(range(9), num_factors)
    return [product for product in chosen if sum(factor >= NUM_BOUNDS for factor in product) <= 1]


@pytest.mark.parametrize("num_factors", [1, 2, 3, 4])
@pytest.mark.parametrize("generators", [GENERATORS, GENERATORS[:1], []])
@pytest.mark.parametrize("is_listed", [True, False])
def test_orbits_are_those_that_the_generators_make(
    num_factors: int, generators: list[Permutation], is_listed: bool
) -> None:
    listed, is_group = permutations_to_apply(generators, 9)
    assert is_group
    permutations = listed if is_listed else np.array(generators or [(*range(9),)])
    met = ProductOrbits(permutations, is_listed, NUM_BOUNDS, num_factors)
    seen: set[tuple[int, ...]] = set()
    for product in products(num_factors):
        assert (product in met) == (product in seen)
        if product not in seen:
            members = orbit(product, generators).keys()
            assert met.meet(product) == len(members)
            seen |= members


def test_small_groups_are_listed_and_large_ones_are_not() -> None:
    rotation: Permutation = (*range(1, 8), 0)
    permutations, is_group = permutations_to_apply([rotation], 8)
    assert (permutations.shape, is_group) == ((8, 8), True)
    swap: Permutation = (1, 0, *range(2, 8))  # together all 40320
    permutations, is_group = permutations_to_apply([rotation, swap], 8)
    assert (permutations.tolist(), is_group) == ([[*rotation], [*swap]], False)
    assert MAX_LISTED < 40320


def test_large_orbits_are_found_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.baselines.product_orbits.MAX_ENTRIES", 20)
    permutations, _ = permutations_to_apply([(*range(1, 12), 0), (1, 0, *range(2, 12))], 12)
    assert ProductOrbits(permutations, False, 12, 4).meet((0, 1, 2, 3)) == 495


def test_a_stop_ends_the_search_for_members() -> None:
    permutations, is_group = permutations_to_apply([(*range(1, 8), 0)], 8)
    with stopping.time_limit(-1):
        assert ProductOrbits(permutations, is_group, 8, 2).meet((0, 1)) == 1
