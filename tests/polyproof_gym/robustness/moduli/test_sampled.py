from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from polyproof_gym import BadInput
from polyproof_gym.robustness import Status, sampled_modulus


def linear(points: np.ndarray) -> np.ndarray:
    return np.array(points @ np.array([[3.0, 0, 0], [0, 1, 0]]))


def test_it_is_below_the_truth_and_near_in_few_dimensions() -> None:
    modulus = sampled_modulus(linear, 2, pairs=2500)
    assert 2.9 < float(modulus.constant) <= 3 + 1e-9
    assert modulus.status is Status.ESTIMATED
    assert "2500 random pairs" in modulus.source
    assert 2.9 < float(sampled_modulus(linear, 2, pairs=2500, norm="inf").constant) <= 3 + 1e-9


def test_the_seed_decides() -> None:
    one, other = (sampled_modulus(linear, 2, pairs=10, seed=seed).constant for seed in (0, 1))
    assert one != other
    assert sampled_modulus(linear, 2, pairs=10, seed=0).constant == one


def test_images_of_any_shape_are_flattened() -> None:
    modulus = sampled_modulus(lambda points: points.reshape(-1, 2, 2), 4, pairs=10)
    assert float(modulus.constant) == pytest.approx(1)


@pytest.mark.parametrize(
    "generator",
    [lambda _: None, lambda points: points[:1], lambda points: points[:, 0], lambda points: points * np.nan],
)
def test_generators_without_a_row_for_each_point_are_refused(generator: Any) -> None:
    with pytest.raises(BadInput, match="expected a generator that returns a finite row for each"):
        sampled_modulus(generator, 2, pairs=2)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(BadInput, match="expected a function of latent points as generator"):
        sampled_modulus(3, 2)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="as pairs"):
        sampled_modulus(linear, 2, pairs=0)
    with pytest.raises(BadInput, match="as distance"):
        sampled_modulus(linear, 2, distance=0)
