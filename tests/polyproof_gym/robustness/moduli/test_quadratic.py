from __future__ import annotations

import itertools
from fractions import Fraction
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym import BadInput
from polyproof_gym.robustness import Status, linear_modulus, quadratic_modulus
from polyproof_gym.robustness.modulus import Norm


def random_generator(seed: int, outputs: int, dimension: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(-20, 21, (outputs, dimension)), rng.integers(-9, 10, (outputs, dimension, dimension))


def derivative_norm(linear: np.ndarray, quadratic: np.ndarray, z: np.ndarray, norm: str) -> float:
    derivative = linear + np.einsum("kij,j->ki", quadratic + quadratic.transpose(0, 2, 1), z)
    return float(np.linalg.norm(derivative, 2) if norm == "2" else np.linalg.norm(derivative, axis=1).max())


@settings(deadline=None)
@given(seed=st.integers(0, 10**6), outputs=st.integers(1, 4), dimension=st.integers(1, 4))
@pytest.mark.parametrize("norm", ["2", "inf"])
def test_it_is_the_largest_norm_at_a_vertex(seed: int, outputs: int, dimension: int, norm: Norm) -> None:
    linear, quadratic = random_generator(seed, outputs, dimension)
    box = [(Fraction(-1 - i, 2), Fraction(3 + i, 3)) for i in range(dimension)]
    modulus = quadratic_modulus(linear, quadratic, box, norm)
    vertices = [np.array(vertex, float) for vertex in itertools.product(*box)]
    largest = max(derivative_norm(linear, quadratic, vertex, norm) for vertex in vertices)
    assert modulus.status is Status.CERTIFIED
    assert float(modulus.constant) == pytest.approx(largest, rel=1e-7, abs=1e-12)
    assert float(modulus.constant) >= largest * (1 - 1e-12)


@pytest.mark.parametrize("norm", ["2", "inf"])
@pytest.mark.parametrize("dimension", [3, 13])
def test_differences_of_clipped_images_are_within_it(norm: Norm, dimension: int) -> None:
    linear, quadratic = random_generator(1, 6, dimension)
    modulus = quadratic_modulus(linear, quadratic, 2, norm)
    rng = np.random.default_rng(2)
    latents = 2 * rng.standard_normal((2, 5000, dimension))
    latents[1] = latents[0] + rng.uniform(0, 1, (5000, 1)) * (latents[1] - latents[0])

    def images(z: np.ndarray) -> np.ndarray:
        clipped = np.clip(z, -2, 2)
        return np.asarray(clipped @ linear.T + np.einsum("kij,ni,nj->nk", quadratic, clipped, clipped))

    sizes = np.linalg.norm(images(latents[1]) - images(latents[0]), ord=2 if norm == "2" else np.inf, axis=1)
    assert (sizes <= float(modulus.constant) * np.linalg.norm(latents[1] - latents[0], axis=1) * (1 + 1e-9)).all()


def test_beyond_12_variables_it_is_by_flattening_and_no_better_than_vertices() -> None:
    linear, quadratic = random_generator(3, 5, 13)
    modulus = quadratic_modulus(linear, quadratic, 1)
    assert "flattening" in modulus.source
    rng = np.random.default_rng(4)
    assert float(modulus.constant) >= max(
        derivative_norm(linear, quadratic, z, "2") for z in rng.choice([-1, 1], (200, 13))
    )
    # The same generator, of which one variable does nothing, with the vertices of the others.
    linear[:, 12] = 0
    quadratic[:, 12] = quadratic[:, :, 12] = 0
    at_vertices = quadratic_modulus(linear[:, :12], quadratic[:, :12, :12], 1)
    assert quadratic_modulus(linear, quadratic, 1).constant >= at_vertices.constant


def test_without_a_quadratic_part_it_is_linear() -> None:
    linear = [["1/2", 2], [3, "-1/7"], [0, 1]]
    none = np.zeros((3, 2, 2), int)
    for norm in get_args(Norm):
        constant = float(linear_modulus(linear, norm).constant)
        assert float(quadratic_modulus(linear, none, 5, norm).constant) == pytest.approx(constant, rel=1e-8)
    assert quadratic_modulus([[0]], [[[0]]], 1).constant == 0


def test_a_larger_box_has_a_larger_modulus() -> None:
    linear, quadratic = random_generator(5, 3, 3)
    constants = [quadratic_modulus(linear, quadratic, size).constant for size in ("1/10", 1, 2, 10)]
    assert constants == sorted(constants)


@pytest.mark.parametrize(
    ("quadratic", "box", "message"),
    [
        ([[[1, 0], [0, 1]]], 1, "expected a quadratic part of shape"),
        ([[[1]], [[1]]], 1, "expected a quadratic part of shape"),
        ([[1]], 1, "the quadratic part"),
        ([[["nan"]]], 1, "an entry of the quadratic part"),
        ([[[1]]], 0, "expected intervals with low < high as box"),
        ([[[1]]], -1, "expected intervals with low < high as box"),
        ([[[1]]], [(0, 1), (0, 1)], "expected at most 1 intervals"),
        ([[[1]]], [], "expected 1 intervals as box"),
        ([[[1]]], [(1, 0)], "expected intervals with low < high as box"),
        ([[[1]]], [(0,)], "expected an interval"),
        ([[[1]]], [(0, float("inf"))], "expected a finite number as an end of an interval"),
        ([[[1]]], float("nan"), "box|intervals"),
    ],
)
def test_what_makes_no_sense_is_refused(quadratic: object, box: object, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        quadratic_modulus([[1]], quadratic, box)
