from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.special import erf, expit

from polyproof_gym import BadInput
from polyproof_gym.robustness import ACTIVATIONS, Factors, Status, network_modulus
from polyproof_gym.robustness.moduli.network import convolution_norm_above

RNG = np.random.default_rng(0)

FUNCTIONS = {
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "gelu": lambda x: x * (1 + erf(x / math.sqrt(2))) / 2,
    "gelu by tanh": lambda x: x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2,
    "identity": lambda x: x,
    "leaky-relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": expit,
    "silu": lambda x: x * expit(x),
    "softplus": lambda x: np.logaddexp(x, 0),
    "tanh": np.tanh,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_activations_have_no_larger_slope(name: str) -> None:
    x = np.linspace(-10, 10, 200_001)
    slopes = np.abs(np.diff(FUNCTIONS[name](x)) / np.diff(x))
    bound = float(ACTIVATIONS[name.partition(" ")[0]])
    assert slopes.max() <= bound * (1 + 1e-9)
    assert slopes.max() >= 0.99 * bound


def test_all_activations_are_tested() -> None:
    assert {name.partition(" ")[0] for name in FUNCTIONS} == {*ACTIVATIONS}


def test_differences_of_images_are_within_it() -> None:
    first, second = RNG.standard_normal((20, 4)), RNG.standard_normal((30, 20))
    scale = RNG.uniform(0.5, 2, 20)
    modulus = network_modulus([first, "relu", Factors(scale), second, "sigmoid"])
    assert modulus.status is Status.CERTIFIED
    z = RNG.standard_normal((2, 2000, 4))

    def images(points: np.ndarray) -> np.ndarray:
        return np.asarray(expit(scale * np.maximum(points @ first.T + 0.3, 0) @ second.T))

    ratios = np.linalg.norm(images(z[0]) - images(z[1]), axis=1) / np.linalg.norm(z[0] - z[1], axis=1)
    product = np.linalg.norm(first, 2) * scale.max() * np.linalg.norm(second, 2) / 4
    assert ratios.max() <= float(modulus.constant)
    assert product <= float(modulus.constant) <= 1.02 * product


def dense_convolution(kernel: np.ndarray, size: int, stride: int, dilation: int, padding: int) -> np.ndarray:
    """A convolution with zeros around, in two dimensions, as a matrix."""
    outputs, inputs, height, width = kernel.shape
    places = [
        p for p in range(-padding, size + padding, stride) if p + dilation * (max(height, width) - 1) < size + padding
    ]
    matrix = np.zeros((outputs, len(places), len(places), inputs, size, size))
    for (a, p), (b, q) in itertools.product(enumerate(places), repeat=2):
        for h, w in itertools.product(range(height), range(width)):
            row, column = p + dilation * h, q + dilation * w
            if 0 <= row < size and 0 <= column < size:
                matrix[:, a, b, :, row, column] += kernel[:, :, h, w]
    return matrix.reshape(outputs * len(places) ** 2, inputs * size**2)


@pytest.mark.parametrize(("stride", "dilation", "padding"), [(1, 1, 0), (1, 1, 1), (2, 1, 1), (1, 2, 2), (3, 2, 0)])
@pytest.mark.parametrize("shape", [(3, 2, 3, 3), (1, 4, 2, 2), (4, 1, 3, 3), (2, 2, 1, 1)])
def test_convolutions_are_bounded(shape: tuple[int, ...], stride: int, dilation: int, padding: int) -> None:
    for kernel in (RNG.standard_normal(shape), np.ones(shape), np.abs(RNG.standard_normal(shape))):
        norm = np.linalg.norm(dense_convolution(kernel, 8, stride, dilation, padding), 2)
        bound = convolution_norm_above(kernel)
        assert norm <= bound
        adjoint = kernel.transpose(1, 0, 2, 3)  # what a transposed convolution with the same entries is stored as
        assert norm <= convolution_norm_above(adjoint)
        assert bound <= shape[2] * shape[3] * np.linalg.norm(kernel) * (1 + 1e-9)


def test_convolutions_along_one_axis_and_of_one_tap() -> None:
    matrix = RNG.standard_normal((5, 3))
    norm = np.linalg.norm(matrix, 2)
    assert norm <= float(network_modulus([matrix[:, :, None]]).constant) <= 1.01 * norm
    assert float(network_modulus([np.ones((1, 1, 4))]).constant) == pytest.approx(4)
    assert float(network_modulus([np.ones((1, 1, 2, 2, 2))]).constant) == pytest.approx(8)


def test_no_layers_change_nothing() -> None:
    assert network_modulus([]).constant == 1
    assert network_modulus([np.zeros((2, 2)), "relu"]).constant == 0


def test_power_iteration_would_be_below() -> None:
    # Two singular values of the same size: a few steps from a bad start stop below the larger one.
    matrix = np.diag([1.0, 0.999])
    vector = np.array([0.01, 1.0])
    for _ in range(20):
        vector = matrix.T @ (matrix @ vector)
        vector /= np.linalg.norm(vector)
    assert np.linalg.norm(matrix @ vector) < 1
    assert network_modulus([matrix]).constant >= 1


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (["swish"], "expected one of .* as layer 0"),
        ([np.eye(2), None], "layer 1: expected the name of an activation or an array"),
        ([np.array(2.0)], "layer 0: expected the name of an activation or an array"),
        ([[[1.0], [1.0, 2.0]]], "layer 0: expected the name"),
        ([np.full((2, 2), np.nan)], "layer 0: expected finite numbers"),
        ([np.full((99, 99), 1e308)], "layer 0: expected an array whose norm"),
        ([np.ones((0, 3))], "layer 0: expected"),
        ([np.eye(2), np.full(2, 1e-3)], "^layer 1: expected no array of 1 dimension; biases are left out"),
        ([[0.5, 0.5]], "^layer 0: expected no array of 1 dimension"),
        ([Factors(np.eye(2))], "^layer 0: expected factors of 1 dimension, got 2$"),
        ([Factors("relu")], "^layer 0: expected"),
        ([Factors([math.inf])], "^layer 0: expected finite numbers"),
        ([np.ones((1,) * 6)], "layer 0: expected"),
        ("relu", "expected a list of layers"),
        (np.ones((3, 3)), "expected a list of layers, got a single array"),
    ],
)
def test_what_is_no_layer_is_refused(layers: object, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        network_modulus(layers)  # type: ignore[arg-type]
