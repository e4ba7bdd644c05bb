from __future__ import annotations

import numpy as np
import pytest

from experiments.statistics import interquartile_mean, mean, mean_difference, seed_means


def test_the_interval_of_one_seed_is_that_of_the_mean_over_instances() -> None:
    values = np.random.default_rng(5).normal(3.0, 2.0, (1, 400))
    estimate = mean(values)
    half_width = 1.96 * values.std(ddof=1) / 20
    assert estimate.value == pytest.approx(values.mean())
    assert estimate.high - estimate.value == pytest.approx(half_width, rel=0.1)
    assert estimate.value - estimate.low == pytest.approx(half_width, rel=0.1)
    assert mean(values) == estimate


def test_seeds_are_drawn_as_well() -> None:
    values = np.repeat([[1.0], [2.0], [6.0]], 50, axis=1)
    estimate = mean(values)
    assert estimate.value == pytest.approx(3.0)
    assert [estimate.low, estimate.high] == pytest.approx([1.0, 6.0])
    assert seed_means(values) == [1.0, 2.0, 6.0]


def test_one_value_has_no_spread() -> None:
    estimate = mean(np.array([[4.0]]))
    assert (estimate.low, estimate.value, estimate.high) == (4.0, 4.0, 4.0)
    assert str(estimate) == "4.00 [4.00, 4.00]"


def test_differences_are_taken_instance_by_instance() -> None:
    hard = np.random.default_rng(6).normal(0.0, 10.0, (1, 60))
    difference = mean_difference(hard + 1.0, hard)
    assert [difference.low, difference.value, difference.high] == pytest.approx([1.0, 1.0, 1.0])
    seeds = mean_difference(np.vstack([hard + 1.0, hard + 2.0]), hard)
    assert seeds.value == pytest.approx(1.5)
    assert [seeds.low, seeds.high] == pytest.approx([1.0, 2.0])


def test_the_interquartile_mean_leaves_out_the_extremes() -> None:
    assert interquartile_mean(np.array([[1000.0, 2.0, 4.0, -1000.0]])) == pytest.approx(3.0)
    assert interquartile_mean(np.array([[0.0, 1.0], [2.0, 3.0]])) == pytest.approx(1.5)
