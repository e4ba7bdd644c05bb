"""The modulus of any generator, estimated from random pairs of points."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.arguments import finite, one_of, seed_number, shown, whole
from polyproof_gym.errors import BadInput
from polyproof_gym.robustness.arrays import real_array
from polyproof_gym.robustness.modulus import MAX_DIMENSION, Modulus, Norm
from polyproof_gym.robustness.status import Status

MAX_PAIRS = 10_000_000
"""Most pairs of points."""

BATCH = 1000
"""Pairs that the generator is asked for at once."""


def sampled_modulus(
    generator: Callable[[NDArray[np.float64]], Any],
    dimension: int,
    *,
    pairs: int = 10_000,
    distance: float = 0.1,
    norm: Norm = "2",
    seed: int = 0,
) -> Modulus:
    """The largest ratio ``|g(z) - g(z')| / |z - z'|`` of random pairs: an estimate, which is too small.

    So a limit that is made from it is too strong in image distance, and nothing that follows from it is certified.

    Args:
        generator: Takes latent points, shape ``(points, latent variables)``, to images, one row for each.
        dimension: The number of latent variables.
        pairs: How many pairs are drawn: a standard normal point and a second one in a random direction from it.
        distance: How far apart the points of a pair are.
        norm: The norm of images.
        seed: Of the random numbers.

    Raises:
        BadInput: If a number makes no sense, or the generator does not return a finite row for each point.
    """
    norm = one_of(norm, "norm", get_args(Norm))
    dimension = whole(dimension, "dimension", 1, MAX_DIMENSION)
    pairs = whole(pairs, "pairs", 1, MAX_PAIRS)
    apart = finite(distance, "distance", 1e-9, 1e9)
    if not callable(generator):
        raise BadInput(f"expected a function of latent points as generator, got {shown(generator)}")
    rng = np.random.default_rng(seed_number(seed))
    largest = 0.0
    for start in range(0, pairs, BATCH):
        count = min(BATCH, pairs - start)
        points, directions = rng.standard_normal((2, count, dimension))
        steps = apart * directions / np.linalg.norm(directions, axis=1, keepdims=True)
        differences = _images(generator, points + steps) - _images(generator, points)
        sizes = np.linalg.norm(differences, ord=2 if norm == "2" else np.inf, axis=1)
        largest = max(largest, float(sizes.max()) / apart)
    return Modulus(Fraction(largest), Status.ESTIMATED, f"largest ratio among {pairs} random pairs", norm=norm)


def _images(generator: Callable[[NDArray[np.float64]], Any], points: NDArray[np.float64]) -> NDArray[np.float64]:
    images = real_array(generator(points))
    if images is None or images.ndim < 2 or len(images) != len(points) or not np.isfinite(images).all():
        raise BadInput(f"expected a generator that returns a finite row for each of {len(points)} points")
    return images.reshape(len(points), -1)
