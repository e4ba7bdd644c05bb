"""The modulus of a neural network, given by the arrays of its layers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.arguments import has_methods, members, one_of, shown
from polyproof_gym.errors import BadInput
from polyproof_gym.robustness.arrays import real_array
from polyproof_gym.robustness.moduli.operator_norms import spectral_norm_above
from polyproof_gym.robustness.modulus import Modulus
from polyproof_gym.robustness.rounding import float_above, root_above
from polyproof_gym.robustness.status import Status

MAX_LAYERS = 10_000
"""Most layers of a network."""

ACTIVATIONS = MappingProxyType(
    {
        "elu": Fraction(1),
        "gelu": Fraction(113, 100),  # largest slope 1.1290 at sqrt(2), also of the approximation by tanh
        "identity": Fraction(1),
        "leaky-relu": Fraction(1),
        "relu": Fraction(1),
        "sigmoid": Fraction(1, 4),
        "silu": Fraction(11, 10),  # largest slope 1.0998
        "softplus": Fraction(1),
        "tanh": Fraction(1),
    }
)
"""The activations that are known, with bounds of their slopes (of two for parameters up to 1)."""


@dataclass(frozen=True)
class Factors:
    """A layer that multiplies every entry or channel by a number of its own.

    Batch normalisation at inference has the factors ``gamma / sqrt(variance + epsilon)``. They are said to be factors,
    since an array of 1 dimension might as well be a bias, whose size has nothing to do with a modulus.

    Attributes:
        values: An array of 1 dimension.
    """

    values: Any


def network_modulus(layers: Iterable[Any]) -> Modulus:
    """The modulus of a network: the product of the norms of its layers, each bounded from above.

    Arrays stand for the numbers that their floats hold. What is proved is said of the network in real arithmetic; its
    evaluation in floats is another function, which is not even continuous.

    Args:
        layers: In order, each of them one of

            * the name of an activation (:data:`ACTIVATIONS`), applied to every entry;
            * :class:`Factors` of the entries or channels;
            * an array of 2 dimensions: a dense layer, shape ``(out, in)``;
            * an array of 3 to 5 dimensions: a convolution along 1 to 3 axes, shape ``(out, in, ...)``, or a transposed
              one, shape ``(in, out, ...)``, with any stride and dilation, and padding by zeros or none.

            Biases, reshaping and cropping change nothing and are left out; an array of 1 dimension is an error.

    Raises:
        BadInput: If a layer is none of these, or has entries that are not finite; or a single array was given.
    """
    if has_methods(layers, "__array__"):  # its rows would be taken for layers
        raise BadInput(f"expected a list of layers, got a single array, {shown(layers)}")
    given = members(layers, "layers", MAX_LAYERS)
    constant = Fraction(1)
    for number, layer in enumerate(given):
        constant *= _layer_norm(layer, f"layer {number}")
        constant = _rounded(constant)
    return Modulus(constant, Status.CERTIFIED, f"product of the norms of {len(given)} layers")


def _layer_norm(layer: Any, what: str) -> Fraction:
    if isinstance(layer, str):
        return ACTIVATIONS[one_of(layer, what, ACTIVATIONS)]
    if isinstance(layer, Factors):
        values = _read_floats(layer.values, what)
        if values.ndim != 1:
            raise BadInput(f"{what}: expected factors of 1 dimension, got {values.ndim}")
        return Fraction(float(np.abs(values).max()))
    array = _read_floats(layer, what)
    if array.ndim == 1:
        raise BadInput(f"{what}: expected no array of 1 dimension; biases are left out, and factors given as Factors")
    norm = spectral_norm_above(array) if array.ndim == 2 else convolution_norm_above(array)
    if not math.isfinite(norm):
        raise BadInput(f"{what}: expected an array whose norm is within the range of floats")
    return Fraction(norm)


def convolution_norm_above(kernel: NDArray[np.float64]) -> float:
    """At least the spectral norm of a convolution with zeros or nothing around, for all sizes, strides and dilations.

    The least of three bounds:

    * the root of the largest sum of absolute values over what one output sees times that over what sees one input;
    * the sum of the spectral norms of the matrices ``kernel[:, :, h, w]``, each of a shift times a matrix;
    * the root of the number of these times the spectral norm of all side by side, as an input occurs in that many
      patches at most. Side by side is taken along either axis.

    Args:
        kernel: The kernel, shape ``(out, in, ...)``; that of the adjoint, a transposed convolution, has the same norm.
    """
    taps = kernel.reshape(kernel.shape[0], kernel.shape[1], -1)
    count = taps.shape[2]
    sizes = np.abs(taps)
    slack = Fraction(1) + Fraction(4 * (taps.size + 8), 2**53)  # more than the rounding of the sums of sizes
    by_output, by_input = (Fraction(float(sizes.sum(axis=axes).max())) * slack for axes in ((1, 2), (0, 2)))
    matrices = [spectral_norm_above(taps[:, :, k]) for k in range(count)]
    side_by_side = [
        spectral_norm_above(taps.reshape(taps.shape[0], -1)),
        spectral_norm_above(taps.transpose(0, 2, 1).reshape(-1, taps.shape[1])),
    ]
    if not all(map(math.isfinite, (*matrices, *side_by_side))):
        return math.inf
    return min(
        float_above(root_above(by_output * by_input)),
        float_above(sum(map(Fraction, matrices), Fraction(0))),
        *(float_above(root_above(Fraction(count) * Fraction(norm) ** 2)) for norm in side_by_side),
    )


def _read_floats(value: Any, what: str) -> NDArray[np.float64]:
    array = real_array(value)
    if array is None or not 1 <= array.ndim <= 5 or not array.size:
        raise BadInput(
            f"{what}: expected the name of an activation or an array of floats of 2 to 5 dimensions, got {shown(value)}"
        )
    if not np.isfinite(array).all():
        raise BadInput(f"{what}: expected finite numbers, got {shown(value)}")
    return array


def _rounded(number: Fraction) -> Fraction:
    """A number that is a little larger and has few digits."""
    above = float_above(number)
    return Fraction(above) if math.isfinite(above) else number
