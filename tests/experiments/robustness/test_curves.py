from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from experiments.robustness.curves import STANDARD_ERRORS, Curve, excess, most_by_chance, out_of_order
from polyproof_gym.robustness import ClassProbabilities, RobustnessLimit, Status


def half_spaces(count: int, seed: int) -> list[float]:
    """Distances to the boundary of a half-space, which attain the limit."""
    distances: list[float] = np.abs(np.random.default_rng(seed).normal(size=count)).tolist()
    return distances


GRID = np.linspace(0, 4, 801).tolist()
LIMIT = RobustnessLimit(ClassProbabilities.known(["1/2", "1/2"])).fraction_beyond(GRID).tolist()
"""Of two equally frequent classes."""


def test_shares_beyond_a_distance() -> None:
    curve = Curve("attack", Status.ESTIMATED, (0.25, 0.5, 0.5, math.inf))
    assert [curve.beyond(t) for t in (0.0, 0.25, 0.4, 0.5, 9.0)] == [1.0, 0.75, 0.75, 0.25, 0.25]
    assert curve.legend == "attack (estimated)"
    assert curve.mean == math.inf


def test_what_attains_the_limit_is_above_it_by_chance_hardly_ever() -> None:
    """At one distance 3 standard errors are rare enough; at one of as many distances as there are points, they are not.

    The limit is looked up on a grid, which is so fine that it changes little.
    """
    found = [excess(half_spaces(100, seed), GRID, LIMIT) for seed in range(1000)]
    assert sum(number > most_by_chance(100) for number in found) <= 3
    assert sum(number > STANDARD_ERRORS for number in found) > 10


def test_what_is_further_than_the_limit_is_above_it() -> None:
    distances = half_spaces(400, 0)
    assert excess([1.5 * distance for distance in distances], GRID, LIMIT) > most_by_chance(400)
    assert excess([0.9 * distance for distance in distances], GRID, LIMIT) <= STANDARD_ERRORS
    assert excess([*distances[:20], math.inf], [*GRID, 1e300], [*LIMIT, 0.0]) == math.inf


def test_between_the_distances_of_the_grid_the_limit_is_that_of_the_one_before() -> None:
    assert excess([0.99], [0.0, 0.5, 1.0], [1.0, 0.25, 0.125]) == pytest.approx(norm.isf(0.25))
    assert excess([1.0], [0.0, 0.5, 1.0], [1.0, 0.25, 0.125]) == pytest.approx(norm.isf(0.125))


def test_standard_errors_are_those_of_the_normal_distribution_where_there_are_many_points() -> None:
    count, limit, share = 100_000, 0.5, 0.508
    distances = [0.0] * round(count * (1 - share)) + [1.0] * round(count * share)
    found = excess(distances, [0.0, 1.0], [1.0, limit])
    assert found == pytest.approx((share - limit) / math.sqrt(limit * (1 - limit) / count), rel=0.02)


def test_one_point_far_out_is_chance_where_that_is_likely_enough() -> None:
    """Of 100 points one is where one in 1000 is expected: 3.0 standard errors, but with the probability 0.095."""
    found = excess([0.0] * 99 + [1.0], [0.0, 1.0], [1.0, 1e-3])
    assert found == pytest.approx(norm.isf(1 - (1 - 1e-3) ** 100))
    assert found < STANDARD_ERRORS


def test_points_that_are_certified_beyond_an_attack_are_named() -> None:
    assert out_of_order([1, 2, None, 3], [1, 1, 0, None]) == [1]
