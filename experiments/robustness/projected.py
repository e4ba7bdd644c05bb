"""Robustness to changes within the data against any changes, and what projecting on the data first gives.

A change within the data is one of the latent point; an unconstrained one may leave the data. The *projected* classifier
gives a point the class of the nearest data. Where data are an affine space, it is exactly as robust to all changes as
to those within the data; where they are curved, at least half as robust.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from experiments.robustness.linear import LinearScores
from polyproof_gym.robustness.maps import FloatArray
from polyproof_gym.robustness.models import load_model
from polyproof_gym.robustness.projected import ProjectedClassifier


@dataclass(frozen=True)
class Projection:
    """One classifier on the data of one generator: mean distances to another class.

    Attributes:
        data: The classifier and the generator.
        points: Number of random data.
        within: By changes within the data.
        unconstrained: By any changes.
        projected: By any changes, of the projected classifier.
        least_ratio: The least of ``projected / within`` over the points, which is at least 1/2.
        computed: How the distances were.
    """

    data: str
    points: int
    within: float
    unconstrained: float | None
    projected: float
    least_ratio: float
    computed: str


@dataclass(frozen=True)
class Projections:
    """The result of this section; see :class:`Projection`."""

    rows: tuple[Projection, ...]


def on_affine_space(
    name: str, scores: LinearScores, matrix: FloatArray, shift: FloatArray, points: FloatArray
) -> Projection:
    """A classifier with linear scores on data ``matrix z + shift``: all distances are formulas."""
    axes, lengths, turn = np.linalg.svd(matrix, full_matrices=False)
    data = points @ matrix.T + shift
    within = scores.after(axes, shift).distances(points @ (turn.T * lengths))
    projection = axes @ axes.T
    projected = LinearScores(scores.weights @ projection, scores.bias + scores.weights @ (shift - projection @ shift))
    around = projected.distances(data)
    return Projection(
        data=name,
        points=len(points),
        within=float(within.mean()),
        unconstrained=float(scores.distances(data).mean()),
        projected=float(around.mean()),
        least_ratio=float((around / within).min()),
        computed="formula",
    )


def on_curve(samples: int, spacing: float, rng: np.random.Generator) -> Projection:
    """Two classes of data on a curve in the plane, ``(z, 3/2 sin 2z)``, one for ``z > 3/10``: distances on a grid."""
    latents = np.arange(-6, 6, spacing / 2)
    curve, labels = _on_curve(latents), latents > BOUNDARY
    sides = {bool(side): cKDTree(curve[labels != side]) for side in (False, True)}
    plane = np.stack(np.meshgrid(np.arange(-6, 6, spacing), np.arange(-4, 4, spacing)), axis=-1).reshape(-1, 2)
    tree = cKDTree(curve)
    classes = ProjectedClassifier(
        classifier=lambda images: (images[:, 0] > BOUNDARY).astype(np.int64),
        generator=_on_curve,
        nearest=lambda images: latents[tree.query(images)[1]],
    )(plane)
    regions = {bool(side): cKDTree(plane[classes != side]) for side in (False, True)}
    points = rng.normal(size=samples)
    own = points > BOUNDARY
    data = _on_curve(points)
    within = np.array([sides[bool(side)].query(x)[0] for x, side in zip(data, own, strict=True)])
    around = np.array([regions[bool(side)].query(x)[0] for x, side in zip(data, own, strict=True)])
    far = within > 10 * spacing  # nearer ones say nothing, on the grid
    return Projection(
        data="half of a curve in the plane",
        points=samples,
        within=float(within.mean()),
        unconstrained=None,
        projected=float(around.mean()),
        least_ratio=float((around[far] / within[far]).min()),
        computed="grid",
    )


BOUNDARY = 0.3
"""Where the class changes along the curve."""


def _on_curve(latents: FloatArray) -> FloatArray:
    return np.stack([latents, 1.5 * np.sin(2 * latents)], axis=1)


def measure(
    *, samples: int = 2000, latents: tuple[int, ...] = (4, 8, 20), spacing: float = 0.01, seed: int = 0
) -> Projections:
    """Compare on the digits with linear scores, for several numbers of latent variables, and on a curve."""
    rng = np.random.default_rng(seed)
    rows = []
    for latent in latents:
        model = load_model("digits-linear", latent=latent)
        scores = LinearScores.of(model.classifier.scores_at, model.classifier.num_inputs)
        generator = LinearScores.of(model.generator, latent)
        points = rng.normal(size=(samples, latent))
        name = f"digits, linear scores, {latent} latent variables"
        rows.append(on_affine_space(name, scores, generator.weights, generator.bias, points))
    return Projections((*rows, on_curve(samples, spacing, rng)))
