from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from polyproof_gym import BadInput
from polyproof_gym.robustness import ProjectedClassifier

Floats = NDArray[np.float64]

LATENTS = np.linspace(-4, 4, 2001)[:, None]


def curve(latents: Floats) -> Floats:
    return np.concatenate([latents, 1.5 * np.sin(2 * latents)], axis=1)


CURVE = curve(LATENTS)
TREE = cKDTree(CURVE)


def nearest(images: Floats) -> Floats:
    return np.asarray(LATENTS[TREE.query(images)[1]])


def right_of(images: Floats) -> NDArray[np.int64]:
    """Which images are to the right of 0.3, except that everything off the curve gets a label of its own."""
    labels = (images[:, 0] > 0.3).astype(np.int64)
    labels[TREE.query(images)[0] > 1e-9] = 2
    return labels


def test_it_is_at_least_half_as_robust_off_the_data_as_on_them() -> None:
    projected = ProjectedClassifier(right_of, curve, nearest)
    labels = right_of(CURVE)
    assert (projected(CURVE) == labels).all()
    others = {label: cKDTree(CURVE[labels != label]) for label in (0, 1)}
    grid = np.stack(np.meshgrid(np.linspace(-4, 4, 401), np.linspace(-3, 3, 301)), axis=-1).reshape(-1, 2)
    grid_labels = projected(grid)
    off = {label: cKDTree(np.concatenate([grid[grid_labels != label], CURVE[labels != label]])) for label in (0, 1)}
    ratios = []
    for point, label in zip(CURVE[::10], labels[::10], strict=True):
        inside = others[int(label)].query(point)[0]
        unconstrained = off[int(label)].query(point)[0]
        assert unconstrained <= inside
        assert unconstrained >= projected.unconstrained_at_least(inside)
        ratios.append(unconstrained / inside)
    assert min(ratios) < 0.7  # so that the bound was near
    assert (right_of(CURVE[::10] + np.array([0, 1e-3])) == 2).all()  # while the classifier itself is not robust


def test_a_rough_projection_costs_more() -> None:
    projected = ProjectedClassifier(right_of, curve, nearest, slack="1/2")  # type: ignore[arg-type]
    assert projected.unconstrained_at_least(1.0) == pytest.approx(0.4)
    assert projected.unconstrained_at_least(0.1) <= 0.1 / 2.5


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(BadInput, match="expected a function as nearest"):
        ProjectedClassifier(right_of, curve, None)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="expected a number of at least 0 as slack"):
        ProjectedClassifier(right_of, curve, nearest, slack=-1)  # type: ignore[arg-type]
    for radius in (-1, math.nan, math.inf):
        with pytest.raises(BadInput, match="as in-distribution robustness"):
            ProjectedClassifier(right_of, curve, nearest).unconstrained_at_least(radius)
